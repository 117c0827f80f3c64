#!/usr/bin/python3
"""test_lint_report.py WAXWING FOLDER [sanitized]: `waxwing lint report` over the sample reports of FOLDER."""
import gzip
import json
import os
import pty
import resource
import subprocess
import sys
import unittest
from pathlib import Path

SANITIZED = sys.argv.pop(3) == "sanitized" if len(sys.argv) > 3 else False
FOLDER = Path(sys.argv.pop(2))
WAXWING = sys.argv.pop(1)
MEMBERS = ["result", "organization", "report_id", "policies", "success", "failure", "findings"]


def lint(*args, stdin=b"", **options):
    return subprocess.run([WAXWING, "lint", *args], input=stdin, capture_output=True, check=False, timeout=120, **options)


def report(octets, *args, **options):
    """Returns (exit code, the object); it is one line, whose members are always the same in the same order."""
    done = lint("report", *args, stdin=octets, **options)
    assert done.stdout.count(b"\n") == 1 and done.stdout.endswith(b"}\n") and done.stderr == b"", done
    answer = json.loads(done.stdout)
    assert list(answer) == MEMBERS, answer
    for finding in answer["findings"]:
        assert list(finding) == ["id", "severity", "count", "at", "message", "source"], finding
        assert finding["message"] and finding["count"] > 0, finding
    errors = [finding["severity"] == "error" for finding in answer["findings"]]
    assert errors == sorted(errors, reverse=True), answer
    assert (answer["result"] == "valid") == (not any(errors)) == (done.returncode == 0), done
    assert done.returncode in (0, 1), done
    return answer


def sample(name):
    return (FOLDER / f"{name}.json").read_bytes()


def ids(answer):
    return [finding["id"] for finding in answer["findings"]]


class Report(unittest.TestCase):
    PLAIN = {"result": "valid", "organization": "Example Post", "report_id": "2026-11-28T00:00:00Z_example.com",
             "policies": 1, "success": 5, "failure": 2, "findings": []}

    def test_exact_lines(self):
        self.assertEqual(
            lint("report", stdin=sample("plain")).stdout,
            b'{"result":"valid","organization":"Example Post","report_id":"2026-11-28T00:00:00Z_example.com",'
            b'"policies":1,"success":5,"failure":2,"findings":[]}\n')
        self.assertEqual(
            lint("report", stdin=sample("count-text")).stdout,
            b'{"result":"valid","organization":"Example Post","report_id":"2026-11-28T00:00:00Z_example.com",'
            b'"policies":1,"success":5,"failure":2,"findings":[{"id":"report-count-text","severity":"warning","count":3,'
            b'"at":"policies[0].summary.total-successful-session-count","message":"a count is a text",'
            b'"source":"RFC 8460 section 4.4"}]}\n')
        self.assertEqual(
            lint("report", stdin=b"[]").stdout,
            b'{"result":"invalid","organization":null,"report_id":null,"policies":0,"success":0,"failure":0,"findings":'
            b'[{"id":"report-not-object","severity":"error","count":1,"at":"line 1, column 1","message":'
            b'"the report is not one JSON object","source":"RFC 8460 section 4.4"}]}\n')

    def test_what_could_be_read(self):
        for name, wanted in {
                "count-negative": {"result": "invalid", "organization": "Example Post", "success": 5, "failure": 0},
                "count-overflow-exponent": {"result": "invalid", "policies": 1, "success": 0, "failure": 2},
                "count-largest": {"result": "valid", "success": 2**63 - 3},
                "organization-missing": {"result": "valid", "organization": None},
                "id-number": {"result": "valid", "report_id": None},
                "summary-missing": {"result": "invalid", "policies": 2},
                "utf8-invalid": {"result": "invalid", "policies": 0},
                "control-characters": {"result": "valid", "organization": "Ex [2J  ample"},
                "direction-characters": {"result": "valid", "organization": "Example  tsoP "},
        }.items():
            with self.subTest(name=name):
                answer = report(sample(name))
                self.assertEqual({key: answer[key] for key in wanted}, wanted)

    def test_packed(self):
        plain = sample("plain")
        half = len(plain) // 2
        for octets in (plain, gzip.compress(plain), gzip.compress(plain[:half]) + gzip.compress(plain[half:]),
                       gzip.compress(b"") + gzip.compress(plain) + gzip.compress(b"\n")):
            self.assertEqual(report(octets), self.PLAIN)
        for rest in (b"x", b"\0" * 300):
            answer = report(gzip.compress(plain) + rest)
            self.assertEqual([(f["id"], f["severity"]) for f in answer["findings"]], [("report-gzip-rest", "warning")])
            self.assertEqual({**answer, "findings": []}, self.PLAIN)
        for octets in (gzip.compress(plain)[:-9], b"\x1f\x8b", b"\x1f\x8b" + plain, gzip.compress(plain) + b"\x1f\x8b"):
            self.assertEqual(ids(report(octets)), ["gzip"])

    def test_options_and_files(self):
        path = str(FOLDER / "plain.json")
        for args in ([path], ["--json", path], ["-"]):
            self.assertEqual(report(sample("plain"), *args), self.PLAIN)
        done = lint("report", path + "x")
        self.assertEqual((done.returncode, done.stdout), (66, b""))
        self.assertEqual(lint("report", path, path).returncode, 64)
        self.assertEqual(lint("report", "--san", path).returncode, 64)

    def test_many_policies(self):
        entry = json.loads(sample("plain"))["policies"][0]
        whole = {**json.loads(sample("plain")), "policies": [entry] * 5000}
        answer = report(gzip.compress(json.dumps(whole).encode()))
        self.assertEqual((answer["policies"], answer["success"], answer["failure"], answer["findings"]),
                         (5000, 25000, 10000, []))


class Bombs(unittest.TestCase):
    def one_error(self, octets, error, at, **options):
        answer = report(octets, **options)
        self.assertEqual([(finding["id"], finding["at"]) for finding in answer["findings"]], [(error, at)])

    def test_gzip(self):
        self.one_error(gzip.compress(b"{" + b" " * (64 << 20), 1), "report-large", "")
        self.one_error(gzip.compress(b" " * (1 << 20), 1) * 65, "report-large", "")

    def test_size(self):
        self.one_error(b"{" + b" " * (64 << 20), "report-large", "line 1, column 1")

    def test_depth(self):
        self.one_error(b'{"a":' * 1000000, "report-deep", "line 1, column 161")
        self.one_error(b'{"policies":' + b"[" * 1000000, "report-deep", "line 1, column 44")

    def test_values(self):
        self.one_error(b'{"a":[' + b"[]," * 3000000, "report-values", "line 1, column 4500003")

    @unittest.skipIf(SANITIZED, "a sanitizer needs more address space than that")
    def test_memory(self):
        """The limit of whoever calls counts as well, and ends in a finding."""
        octets = b'{"a":[' + b",".join([b'{"b":{}}'] * 700000) + b"]}"
        self.one_error(octets, "no-memory", "",
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20)))
        self.assertNotIn("no-memory", ids(report(octets)))


class Terminal(unittest.TestCase):
    def on_terminal(self, name, *args):
        ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "dumb"}
        with subprocess.Popen([WAXWING, "lint", "report", *args, str(FOLDER / f"{name}.json")], stdout=theirs,
                              env=environment):
            os.close(theirs)
            text = b""
            while True:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # EIO: the other end is closed
                    break
                text += piece
        os.close(ours)
        return text.replace(b"\r\n", b"\n").decode()

    def test_words(self):
        self.assertEqual(
            self.on_terminal("count-text"),
            "valid: Example Post, report-id 2026-11-28T00:00:00Z_example.com, 1 policy, sessions: 5 successful, 2 failed\n"
            "warning policies[0].summary.total-successful-session-count: a count is a text [report-count-text] "
            "(RFC 8460 section 4.4), 3 times\n")
        self.assertEqual(
            self.on_terminal("not-object"),
            "invalid: nobody says whose it is, no report-id, 0 policies, sessions: 0 successful, 0 failed\n"
            "error line 1, column 1: the report is not one JSON object [report-not-object] (RFC 8460 section 4.4)\n")
        self.assertTrue(self.on_terminal("plain", "--json").startswith('{"result":"valid",'))

    def test_nothing_steers_the_terminal(self):
        for name in ("control-characters", "direction-characters", "keys-unknown", "text-long", "domain-unicode"):
            text = self.on_terminal(name)
            self.assertTrue(all(c == "\n" or " " <= c <= "~" for c in text), text)


if __name__ == "__main__":
    unittest.main()
