#!/usr/bin/python3
"""test_received.py WAXWING: `waxwing report list` and its like against a daemon that says what it is told to."""
import base64
import contextlib
import csv
import gzip
import http.server
import json
import os
import re
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import fake_control
from fake_control import END

WAXWING = sys.argv.pop(1)
EVIL = "\033[2J\u009b31m\r\n"
ROW = {"number": 12, "domain": "example.com", "sender": "google.com", "verified": True, "organization": "Google Inc.",
       "report_id": "2026-11-27_example.com", "begin": "2026-11-27T00:00:00Z", "end": "2026-11-27T23:59:59Z",
       "came": "2026-11-28T09:10:00Z", "channel": "lmtp", "policies": 2, "success": 1200, "failure": 3, "findings": 1}
DKIM = {"result": "pass", "domain": "google.com", "selector": "20230601", "aligned": True, "detail": None}
FAILURE = {"result": "validation-failure", "sessions": 3, "receiving_mx": "mx3.example.com", "receiving_ip": "192.0.2.7",
           "sending_ip": "198.51.100.3", "helo": "mx3.example.com", "reason": "mx-mismatch", "info": "https://why.example",
           "known": ["this sender still uses the policy of 2026-01-03", "the policy in force names mx3.example.com"]}
FULL = {**ROW, "contact": "tls@google.com", "submitter": "google.com", "mail_from": "noreply@google.com",
        "message_id": "<a@google.com>", "peer": "bounces@google.com", "dkim": DKIM,
        "findings": [{"id": "report-date-space", "severity": "warning", "count": 2, "at": "date-range",
                      "message": "a date has a space for the T", "source": "RFC 8460 section 4.4"}],
        "policies": [{"domain": "example.com", "type": "sts", "policy_domain": "example.com",
                      "strings": ["version: STSv1", "mode: enforce"], "mx_hosts": ["mx1.example.com", "mx2.example.com"],
                      "success": 1200, "failure": 3, "failures": [FAILURE]},
                     {"domain": "example.com", "type": "tlsa", "policy_domain": "mx1.example.com", "strings": [],
                      "mx_hosts": [], "success": 0, "failure": 0, "failures": []}]}
EXPORTED = {**{key: ROW[key] for key in ("number", "domain", "sender", "verified", "organization", "report_id", "begin", "end",
                                         "came", "success", "failure")},
            "policy_type": "sts", "policy_domain": "example.com", "result": "validation-failure", "sessions": 3,
            "receiving_mx": "mx3.example.com", "receiving_ip": "192.0.2.7", "sending_ip": None, "helo": "=1+1",
            "reason": "-2, \"quoted\"", "info": "caf\u00e9"}
HELD = {"number": 3, "domain": None, "organization": None, "report_id": None, "came": "2026-11-28T09:10:00Z",
        "channel": "lmtp", "peer": "a@b.example", "mail": True, "mail_from": "a@b.example", "size": 1234,
        "why": {"id": "report-date-range-missing", "message": "the report has no date range", "at": "date-range"},
        "dkim": {**DKIM, "result": "fail", "aligned": False, "detail": "body hash did not verify"}}


def run(command, *answer, **options):
    """Its run, and what it asked."""
    return fake_control.run([WAXWING, "report", *command], *answer, **options)


def octets(text):
    """As the daemon tells them: in pieces."""
    return [{"base64": base64.b64encode(part).decode()} for part in (text[:4], text[4:])]


@contextlib.contextmanager
def intake(answers):
    """Where reports are handed in: the settings that say so, and what was handed in. answers: by the octets."""
    got = []

    class Taker(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, self.headers["Content-Type"], body))
            answer = json.dumps(answers[body]).encode()
            self.send_response(200 if "taken" in answers[body] else 413)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def address_string(self):
            return "-"

        def log_message(self, *_):
            pass

    with tempfile.TemporaryDirectory() as folder, \
            socketserver.ThreadingUnixStreamServer(os.path.join(folder, "submit"), Taker) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever).start()
        yield f'intake {{{{\n  submit = {{{{"unix:{folder}/submit"}}}}\n}}}}\n', got
        server.shutdown()


def days_ago(days):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - days * 86400))


def by_day(*days):
    return [{"key": days_ago(ago), "reports": 2, "success": good, "failure": bad, "verified_success": good,
             "verified_failure": bad, "senders": 2, "domains": 1} for ago, good, bad in days]


SENDERS = [{"key": f"sender{n}.example", "reports": n, "success": n * 10, "failure": n, "verified_success": 0,
            "verified_failure": 0, "senders": 1, "domains": 1} for n in range(1, 7)]


def statistics(rows):
    """Answers each request by its `by`."""
    return lambda asked: [*(SENDERS if asked["by"] == "sender" else rows), END]


class Received(unittest.TestCase):
    def shown(self, command, *answer, **options):
        done, asked = run(command, *answer, END, **options)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(len(asked), 1)
        return done.stdout.decode(), asked[0]

    def test_list(self):
        week = {**ROW, "number": 13, "verified": False, "begin": "2026-11-20T00:00:00Z", "end": "2026-11-27T00:00:00Z",
                "channel": "https"}
        shifted = {**ROW, "number": 14, "begin": "2026-11-26T19:00:00Z", "end": "2026-11-27T19:00:00Z"}
        out, asked = self.shown(["list", "--domain", "EXAMPLE.com", "--sender", "google.com", "--since", "2026-11-01",
                                 "--until", "2026-12-01T05:00:00Z", "--failed", "--result", "validation-failure"],
                                shifted, week, ROW)
        self.assertEqual({key: asked[key] for key in ("command", "domain", "sender", "since", "until", "failed", "result")},
                         {"command": "received-list", "domain": "example.com", "sender": "google.com", "failed": True,
                          "since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z", "result": "validation-failure"})
        self.assertEqual(out.splitlines(), [
            "NUMBER\tDAY\tDOMAIN\tSENDER\tVERIFIED\tOK\tFAILED\tCHANNEL\tFINDINGS",
            "14\t2026-11-27\texample.com\tgoogle.com\tyes\t1200\t3\tlmtp\t1",
            "13\t2026-11-20, 7 days\texample.com\tgoogle.com\tno\t1200\t3\thttps\t1",
            "12\t2026-11-27\texample.com\tgoogle.com\tyes\t1200\t3\tlmtp\t1"])
        self.assertIn("No report has come yet", self.shown(["list"])[0])
        self.assertIn("none such", self.shown(["list", "--failed"])[0])
        out, asked = self.shown(["list", "--since", "30d", "--json"], ROW)
        self.assertEqual((json.loads(out), asked["since"]), (ROW, days_ago(30) + "T00:00:00Z"))

    def test_list_on_a_narrow_terminal(self):
        """Who has sent it is worth more than by which channel."""
        row = {**ROW, "domain": "a.domain.of.example.com", "sender": "mail.example.org"}
        for width, seen in ((80, False), (100, True)):
            done, _ = run(["list"], row, END, terminal=True, width=width)
            out = done.stdout.decode().split("\r\n")
            self.assertIn("mail.example.org", out[1])
            self.assertEqual(("CHANNEL" in out[0], "FINDINGS" in out[0], "lmtp" in out[1]), (seen, seen, seen))
            self.assertTrue(all(len(re.sub("\033\\[[0-9;]*m", "", line)) <= width for line in out), out)

    def test_how_many(self):
        out, asked = self.shown(["list", "--limit", "2"], ROW, ROW, ROW, ROW)
        self.assertEqual((len(out.splitlines()), asked["max"]), (3, 3))
        done, _ = run(["list"], *[ROW] * 1002, END)
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (0, 1001))
        self.assertIn(b"There are more", done.stderr)
        self.assertEqual(len(self.shown(["list", "--json"], *[ROW] * 1002)[0].splitlines()), 1002)

    def test_show(self):
        out, asked = self.shown(["show", "12"], FULL)
        self.assertEqual((asked["command"], asked["number"]), ("received-show", 12))
        for words in ("report 12 about example.com\n", "2026-11-27\n", "google.com, verified\n", "Google Inc.",
                      "  1200 went well, 3 failed\n", " by LMTP, from bounces@google.com\n",
                      "the signature is good: google.com, selector 20230601\n",
                      "warning: a date has a space for the T [report-date-space]; 2 times, first at date-range\n",
                      "MTA-STS policy of example.com: 1200 went well, 3 failed\n", "MX hosts: mx1.example.com, mx2.example.com\n",
                      "as the sender has it: version: STSv1; mode: enforce\n",
                      "3 sessions: validation-failure at mx3.example.com [192.0.2.7], from 198.51.100.3",
                      "reason: mx-mismatch\n", "information: https://why.example\n",
                      "        => this sender still uses the policy of 2026-01-03\n",
                      "DANE of mx1.example.com, for mail to example.com: 0 went well, 0 failed\n"):
            self.assertIn(words, out)
        for result, words in (("none", "there is no signature"), ("fail", "is not that of this mail"), ("no-key", "no key"),
                              ("not-now", "could not be looked up"), ("unusable", "breaks a rule")):
            dkim = {**DKIM, "result": result, "aligned": False, "detail": "because"}
            out, _ = self.shown(["show", "12"], {**FULL, "verified": False, "dkim": dkim})
            for expected in (words, "which is not the domain of From (because)\n", "not verified: it is no evidence"):
                self.assertIn(expected, out)
        self.assertEqual(json.loads(self.shown(["show", "12", "--json"], FULL)[0]), FULL)
        done, _ = run(["show", "9"], {"end": True, "error": {"id": "not-known", "message": "m", "detail": None}})
        self.assertEqual((done.returncode, done.stderr), (1, b"waxwing report show: 9: m\n"))

    def test_on_a_narrow_terminal(self):
        """What does not fit into its line goes on below its own beginning."""
        done, _ = run(["show", "12"], FULL, END, terminal=True, width=50, environment={"NO_COLOR": "1"})
        out = done.stdout.decode().replace("\r\n", "\n")
        for words in ("    warning: a date has a space for the T\n             [report-date-space]; 2 times, first\n"
                      "             at date-range\n",
                      "      MX hosts: mx1.example.com, mx2.example.com\n",
                      "      as the sender has it: version: STSv1; mode:\n        enforce\n",
                      "      3 sessions: validation-failure at\n                  mx3.example.com [192.0.2.7],\n",
                      "        => this sender still uses the policy of\n           2026-01-03\n"):
            self.assertIn(words, out)

    def test_a_failure_without_a_type(self):
        policy = {**FULL["policies"][0], "failures": [{**FAILURE, "result": None}]}
        out, _ = self.shown(["show", "12"], {**FULL, "policies": [policy]})
        self.assertIn("3 sessions: not told why at mx3.example.com", out)

    def test_a_large_one(self):
        more = {**FAILURE, "sessions": 4, "known": []}
        policy = {**FULL["policies"][1], "place": 9, "policy_domain": "mx9.example.com"}
        out, _ = self.shown(["show", "12"], FULL, {"continues": 12, "policies": [{"place": 1, "failures": [more]}, policy]})
        self.assertRegex(out, r"DANE of mx1[^\n]*\n      4 sessions: validation-failure [^\n]*\n(        [^\n]*\n)*\n  DANE of mx9")
        self.assertEqual(out.count("report 12"), 1)

    def test_raw(self):
        text = json.dumps({"organization-name": "caf\u00e9", "contact-info": EVIL}, ensure_ascii=False).encode()
        out, asked = self.shown(["show", "--raw", "12"], *octets(gzip.compress(text)))
        self.assertEqual((asked["command"], out.encode()), ("received-raw", text + b"\n"))
        done, _ = run(["show", "--raw", "12"], *octets(gzip.compress(text)), END, terminal=True)
        self.assertTrue(all(c in b"\r\n" or 32 <= c < 127 for c in done.stdout), done.stdout)
        self.assertEqual(json.loads(done.stdout), json.loads(text))
        done, _ = run(["show", "--raw", "12"], *octets(b"no gzip"), END)
        self.assertEqual((done.returncode, done.stdout), (70, b""))
        done, _ = run(["show", "--raw", "12"], {"base64": "?"}, END)
        self.assertEqual((done.returncode, done.stdout), (70, b""))
        done, _ = run(["show", "--raw", "12"], END)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"it is not kept as it came any more", done.stderr)

    def test_remove(self):
        out, asked = self.shown(["remove", "12"])
        self.assertEqual((asked["command"], asked["number"], out), ("received-remove", 12, "report 12 counts no more\n"))


class Statistics(unittest.TestCase):
    def drawn(self, command, rows, width=80, environment=None):
        done, asked = run(["stats", *command], statistics(rows), terminal=True, width=width,
                          environment={"TERM": "xterm", "NO_COLOR": "1", "LC_ALL": "C", **(environment or {})})
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode().replace("\r\n", "\n"), asked

    def test_days(self):
        out, asked = self.drawn(["--since", "9d"], by_day((8, 40, 0), (6, 10, 10), (2, 0, 4)))
        self.assertEqual([(a["command"], a["by"], a["since"]) for a in asked],
                         [("received-stats", by, days_ago(9) + "T00:00:00Z") for by in ("day", "sender")])
        lines = out.splitlines()
        self.assertEqual(lines[0].split(), ["DAY", "OK", "FAILED", "RATE", "REPORTS", "SENDERS"])
        bars = {line[:10]: re.sub(r" {2,}", " ", line[10:]).strip() for line in lines[1:lines.index("")]}
        longest = len(re.search("#+", bars[days_ago(8)])[0])
        self.assertEqual(bars[days_ago(9)], "no report")
        self.assertEqual(bars[days_ago(8)], "#" * longest + " 40 0 0.0 % 2 2")
        self.assertEqual(bars[days_ago(7)], "no report")
        mixed = re.fullmatch("(#+)(x+) 10 10 50.0 % 2 2", bars[days_ago(6)])
        self.assertLess(abs(len(mixed[1]) - longest / 4), 1)
        self.assertLess(abs(len(mixed[2]) - longest / 4), 1)
        self.assertRegex(bars[days_ago(2)], "^x+ 0 4 100.0 % 2 2$")
        self.assertEqual([bars[days_ago(ago)] for ago in (5, 3, 1, 0)], ["no report", "no report", "no report yet", "no report yet"])
        self.assertIn("64 sessions in 6 reports: 50 went well, 14 failed (21.9 %).", out)
        self.assertIn("sender6.example (6 reports, 66 sessions, 9.1 % failed), ", " ".join(out.split()))
        self.assertIn("and 2 more: see --by sender", " ".join(out.split()))
        self.assertTrue(all(len(line) <= 80 for line in lines), out)

    def test_nobody_vouches(self):
        rows = [{**row, "verified_success": 0, "verified_failure": 0} for row in by_day((2, 7, 1))]
        out, _ = self.drawn(["--since", "3d"], rows)
        self.assertIn("None of them are from senders that a DKIM signature vouches for.", " ".join(out.split()))

    def test_days_to_come(self):
        out, _ = self.drawn(["--since", "3d", "--until", days_ago(-9)], by_day((2, 1, 0)))
        self.assertIn(f"{days_ago(0)}  no report yet\n\nTotal ", out)

    def test_a_long_gap(self):
        out, _ = self.drawn(["--since", "30d"], by_day((29, 1, 0), (2, 1, 0)))
        self.assertIn(f"{days_ago(28)}  no report\n   ...      and on 24 days more\n{days_ago(3)}  no report\n", out)

    def test_a_terminal_with_all(self):
        rows = by_day((3, 700, 0), (2, 100000, 1))
        for width in (60, 80, 120, 250):
            out, _ = self.drawn([], rows, width, {"NO_COLOR": "", "LC_ALL": "C.UTF-8"})
            self.assertIn("\033[31m\u2593\033[0m", out)
            plain = re.sub("\033\\[[0-9]*m", "", out)
            self.assertTrue(all(len(line) <= min(width, 140) for line in plain.splitlines()), plain)
            self.assertIn("<0.1 %", plain)

    def test_by(self):
        rows = [{"key": key, "sessions": n, "verified_sessions": n, "senders": 1, "domains": 1, "last": "2026-11-27T00:00:00Z"}
                for key, n in (("starttls-not-supported", 5), ("certificate-expired", 50))]
        out, asked = self.drawn(["--by", "result"], rows)
        self.assertEqual(len(asked), 2)
        lines = out.splitlines()
        self.assertEqual(lines[0].split(), ["RESULT", "FAILED", "VERIFIED", "SENDERS", "DOMAINS", "LAST"])
        self.assertRegex(lines[1], "^certificate-expired +x+ +50 +50 +1 +1  2026-11-27$")
        self.assertRegex(lines[2], "^starttls-not-supported +x+ +5 +5 +1 +1  2026-11-27$")
        out, _ = self.drawn(["--by", "domain"], [{**SENDERS[0], "key": "a-very-long.name." * 8}])
        self.assertTrue(all(len(line) <= 80 for line in out.splitlines()), out)

    def test_for_programs(self):
        rows = [{"key": "mx1.example.com", "sessions": 5, "verified_sessions": 4, "senders": 3, "domains": 2,
                 "last": "2026-11-27T00:00:00Z"}]
        self.assertEqual(run(["stats", "--by", "mx"], statistics(rows))[0].stdout.decode().splitlines(), [
            "KEY\tFAILED\tVERIFIED\tSENDERS\tDOMAINS\tLAST", "mx1.example.com\t5\t4\t3\t2\t2026-11-27"])
        done, asked = run(["stats", "--until", "2026-11-30"], statistics(by_day((2, 3, 4))))
        self.assertEqual(done.stdout.decode().splitlines(), ["KEY\tOK\tFAILED\tREPORTS\tSENDERS\tVERIFIED OK\tVERIFIED FAILED",
                                                             f"{days_ago(2)}\t3\t4\t2\t2\t3\t4"])
        self.assertEqual((len(asked), asked[0]["since"]), (1, "2026-10-31T00:00:00Z"))
        done, _ = run(["stats", "--json", "--by", "mx"], statistics(by_day((2, 3, 4))))
        self.assertEqual(json.loads(done.stdout), by_day((2, 3, 4))[0])
        done, _ = run(["stats"], END)
        self.assertEqual((done.returncode, done.stdout), (0, b"There is no report of these days.\n"))


class Export(unittest.TestCase):
    def test_json(self):
        done, asked = run(["export", "--failed"], EXPORTED, EXPORTED, END)
        self.assertEqual((done.returncode, asked[0]["command"], asked[0]["failed"]), (0, "received-export", True))
        self.assertEqual([json.loads(line) for line in done.stdout.splitlines()], [EXPORTED, EXPORTED])
        done, _ = run(["export", "--limit", "2"], *[EXPORTED] * 5, END)
        self.assertEqual(len(done.stdout.splitlines()), 2)

    def test_csv(self):
        done, _ = run(["export", "--csv"], EXPORTED, {**EXPORTED, "success": None, "failure": None, "verified": False}, END)
        self.assertTrue(done.stdout.endswith(b"\r\n"))
        first, second = csv.DictReader(done.stdout.decode().splitlines())
        self.assertEqual(list(first), ["number", "domain", "sender", "verified", "organization", "report_id", "begin", "end", "came",
                                       "policy_type", "policy_domain", "success", "failure", "result", "sessions", "receiving_mx",
                                       "receiving_ip", "sending_ip", "helo", "reason", "info"])
        self.assertEqual((first["number"], first["verified"], first["success"], first["sending_ip"], first["helo"], first["reason"],
                          first["info"]), ("12", "true", "1200", "", "'=1+1", "'-2, \"quoted\"", "caf\u00e9"))
        self.assertEqual((second["verified"], second["success"], second["sessions"]), ("false", "", "3"))

    def test_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "out.csv")
            done, _ = run(["export", "--csv", "--output", path], EXPORTED, END)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b"1 row\n"))
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            done, _ = run(["export", "--output", path], EXPORTED, {"end": True, "error": {"id": "x", "message": "m", "detail": None}})
            self.assertEqual((done.returncode, os.listdir(folder)), (1, ["out.csv"]))
            with open(path, encoding="utf-8") as f:
                self.assertIn("number,", f.read())


class Quarantine(unittest.TestCase):
    def test_list_and_show(self):
        done, asked = run(["quarantine", "list"], HELD, END)
        self.assertEqual((done.returncode, asked[0]["command"]), (0, "quarantine-list"))
        self.assertEqual(done.stdout.decode().splitlines(), [
            "NUMBER\tCAME\tCHANNEL\tFROM\tDOMAIN\tOCTETS\tWHY",
            "3\t2026-11-28T09:10:00Z\tlmtp\ta@b.example\t\t1234\tthe report has no date range, at date-range"])
        self.assertIn(b"could be read", run(["quarantine", "list"], END)[0].stdout)
        why = {"id": "report-count", "message": "a count is neither an integer nor a text of decimal digits", "at": "policies[0]"}
        done, _ = run(["quarantine", "list"], {**HELD, "domain": "mail.example.com", "why": why}, END, terminal=True, width=80)
        self.assertIn(b"a@b.exa", done.stdout)
        self.assertIn(b"mail.exa", done.stdout)
        done, asked = run(["quarantine", "show", "3"], HELD, END)
        self.assertEqual((asked[0]["command"], asked[0]["number"]), ("quarantine-show", 3))
        narrow, _ = run(["quarantine", "show", "3"], HELD, END, terminal=True, width=50)
        self.assertIn(b"  why           the report has no date range, at\r\n                date-range\r\n", narrow.stdout)
        kept = {**HELD, "dkim": {"result": "pass", "domain": "google.com"}}
        self.assertIn(b"the signature is good: google.com\n", run(["quarantine", "show", "3"], kept, END)[0].stdout)
        for words in (b"the report has no date range, at date-range [report-date-range-missing]\n", b"1234 octets, a mail\n",
                      b"not that of this mail: google.com, selector 20230601, which is not the domain of From (body hash did"):
            self.assertIn(words, done.stdout)

    def test_export(self):
        raw = bytes(range(256))
        done, asked = run(["quarantine", "export", "3"], *octets(raw), END)
        self.assertEqual((done.stdout, asked[0]["command"], asked[0]["number"]), (raw, "quarantine-raw", 3))
        done, _ = run(["quarantine", "export", "3"], *octets(raw), END, terminal=True)
        self.assertEqual((done.returncode, done.stdout), (64, b""))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "mail")
            done, _ = run(["quarantine", "export", "3", "--output", path], *octets(raw), END, terminal=True)
            with open(path, "rb") as f:
                self.assertEqual((done.returncode, f.read()), (0, raw))

    def test_remove(self):
        done, asked = run(["quarantine", "remove", "3"], {"removed": 1}, END)
        self.assertEqual((done.stdout, asked[0]["command"], asked[0]["number"]), (b"number 3 is removed\n", "quarantine-remove", 3))
        done, asked = run(["quarantine", "remove", "--all"], {"removed": 4}, END)
        self.assertEqual((done.stdout, asked[0]["all"], "number" in asked[0]), (b"4 removed\n", True, False))


class Retry(unittest.TestCase):
    RAW = {3: b"From: a@b.example\n\nx", 4: b"\x1f\x8b", 5: b"{}", 6: b"{ }", 7: b"{  }"}
    WHY = {"id": "x", "message": "it has no end", "at": "policies[0]"}
    ANSWERS = {RAW[3]: {"taken": "new", "number": 17, "why": None}, RAW[4]: {"taken": "again", "number": 12, "why": None},
               RAW[5]: {"taken": "quarantined", "number": 5, "why": WHY}, RAW[6]: {"taken": "not-ours", "number": None, "why": None},
               RAW[7]: {"title": "that is too large"}}

    def answer(self, asked):
        if asked["command"] == "quarantine-list":
            return [*({**HELD, "number": number} for number in self.RAW), END]
        if asked["command"] == "quarantine-raw":
            return [*octets(self.RAW[asked["number"]]), END]
        return [{"removed": 1}, END]

    def retried(self, *options):
        with intake(self.ANSWERS) as (settings, got):
            done, asked = run(["quarantine", "retry", *options], self.answer, settings=settings)
        return done, [a["number"] for a in asked if a["command"] == "quarantine-remove"], got

    def test_one(self):
        done, removed, got = self.retried("3")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"number 3: it is report 17\n", b""))
        self.assertEqual((removed, [(path, body) for path, _, body in got]), ([3], [("/v1/submit", self.RAW[3])]))
        done, removed, _ = self.retried("4")
        self.assertEqual((done.returncode, removed, done.stdout), (0, [4], b"number 4: it was there already, as report 12\n"))
        for number, words in ((5, b"still cannot be read: it has no end, at policies[0]\n"), (6, b"(intake.domains)\n")):
            done, removed, _ = self.retried(str(number))
            self.assertEqual((done.returncode, removed, done.stdout.endswith(words)), (1, [], True), done.stdout)
        done, removed, _ = self.retried("7")
        self.assertEqual((done.returncode, removed, done.stdout), (1, [], b""))

    def test_all(self):
        done, removed, got = self.retried("--all", "--json")
        self.assertEqual((done.returncode, sorted(removed), len(got)), (1, [3, 4], 5))
        told = {row["number"]: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(told[3], {"number": 3, "taken": "new", "report": 17, "why": None})
        self.assertEqual(told[5], {"number": 5, "taken": "quarantined", "report": None, "why": self.WHY})

    def test_nothing(self):
        done, _ = run(["quarantine", "retry", "--all"], END)
        self.assertEqual((done.returncode, done.stdout), (0, b"There is nothing to be tried again.\n"))
        done, _ = run(["quarantine", "retry", "3"], self.answer, settings='intake {{ submit = {{"unix:/nonexistent/x"}} }}\n')
        self.assertEqual((done.returncode, done.stdout), (75, b""))
        done, _ = run(["quarantine", "retry", "3"], self.answer, settings='intake {{ enabled = "false" }}\n')
        self.assertEqual((done.returncode, done.stdout), (78, b""))
        gone = {"end": True, "error": {"id": "not-known", "message": "m", "detail": None}}
        with intake({}) as (settings, got):
            done, _ = run(["quarantine", "retry", "3"], gone, settings=settings)
        self.assertEqual((done.returncode, done.stderr, got), (1, b"waxwing report quarantine retry: 3: m\n", []))


class Everything(unittest.TestCase):
    def test_usage(self):
        for command in (["list", "x"], ["list", "--domain", "_"], ["list", "--since", "yesterday"], ["list", "--by", "day"],
                        ["list", "--since", "2026-11-02", "--until", "2026-11-02"], ["list", "--limit", "0"],
                        ["list", "--limit", "1000001"], ["list", "--raw"], ["show"], ["show", "0"], ["show", "-1"],
                        ["show", "example.com"], ["show", "1", "2"], ["show", "--raw", "--json", "1"], ["stats", "x"],
                        ["stats", "--by", "week"], ["stats", "--limit", "1"], ["export", "--csv", "--json"], ["export", "x"],
                        ["remove"], ["remove", "x"], ["remove", "--all"], ["quarantine"], ["quarantine", "none"],
                        ["quarantine", "show"], ["quarantine", "export"], ["quarantine", "remove"],
                        ["quarantine", "remove", "--all", "3"], ["quarantine", "retry"], ["list", "--sender", b"\xff"]):
            with self.subTest(command=command):
                options = ["--socket", "unix:/nonexistent/x"] if len(command) > 1 or command[0] != "quarantine" else []
                done = subprocess.run([WAXWING, "report", *command, *options], capture_output=True, check=False)
                self.assertEqual((done.returncode, done.stdout), (64, b""))
                self.assertTrue(done.stderr)

    def test_an_option_that_is_not_taken_is_named(self):
        done = subprocess.run([WAXWING, "report", "stats", "--json", "--result", "sts"], capture_output=True, check=False)
        self.assertIn(b"waxwing report stats: it does not take --result\n", done.stderr)

    def test_help(self):
        for command in ("list", "show", "stats", "export", "remove", "quarantine list", "quarantine show", "quarantine export",
                        "quarantine remove", "quarantine retry"):
            done = subprocess.run([WAXWING, "report", *command.split(), "--help"], capture_output=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(b"usage: waxwing report " + command.encode(), done.stdout)
            self.assertTrue(all(len(line) <= 110 for line in done.stdout.splitlines()), done.stdout)

    def test_no_daemon(self):
        done = subprocess.run([WAXWING, "report", "list", "--socket", "unix:/nonexistent/x"], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (75, b""))

    def test_what_steers_a_terminal(self):
        nested = {**dict.fromkeys(("result", "domain", "selector", "detail", "message", "at", "id", "severity", "count", "type",
                                   "policy_domain", "reason", "info", "helo"), EVIL),
                  "strings": [EVIL], "mx_hosts": [EVIL], "failures": [{"result": EVIL, "known": [EVIL, 7], "reason": EVIL}]}
        for value in (None, -7, EVIL, nested, [nested], [7]):
            item = dict.fromkeys((*FULL, *EXPORTED, *HELD, "key", "reports", "sessions", "verified_sessions", "verified_success",
                                  "verified_failure", "senders", "domains", "last", "removed", "base64"), value)
            item["number"] = 7
            for command in (["list"], ["show", "7"], ["stats"], ["stats", "--by", "mx"], ["export"], ["export", "--csv"],
                            ["quarantine", "list"], ["quarantine", "show", "7"], ["quarantine", "remove", "7"]):
                done, _ = run(command, {"number": value}, item, END, terminal=True, environment={"NO_COLOR": "1", "LC_ALL": "C"})
                self.assertIn(done.returncode, (0, 1, 70), done.stderr)
                shown = done.stdout + done.stderr
                self.assertTrue(all(c in b"\r\n\t" or 32 <= c < 127 for c in shown), (command, shown))


if __name__ == "__main__":
    unittest.main()
