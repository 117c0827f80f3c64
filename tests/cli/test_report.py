#!/usr/bin/python3
"""test_report.py WAXWING: `waxwing report outbox` against a daemon that says what it is told to."""
import json
import subprocess
import sys
import unittest

import fake_control
from fake_control import END

WAXWING = sys.argv.pop(1)
EVIL = "\033[2J\u009b31m\r\n"
MAIL = {"uri": "mailto:tls@example.com", "state": "waiting", "tries": 3, "first_try": "2026-11-29T00:10:00Z",
        "tried": "2026-11-29T01:10:00Z", "due": "2026-11-29T02:10:00Z", "insecure": False, "redirected": False,
        "detail": "450 4.2.0 later"}
WEB = {"uri": "https://tls.example.com/v1", "state": "sent", "tries": 0, "first_try": None,
       "tried": "2026-11-29T01:10:00Z", "due": None, "insecure": True, "redirected": False, "detail": "201 Created"}
REPORT = {"number": 7, "domain": "example.com", "day": "2026-11-28", "part": 2, "id": "2026-11-28.2@reporter.example",
          "state": "waiting", "made": "2026-11-29T00:05:00Z", "due": "2026-11-29T02:10:00Z", "ended": None, "detail": None,
          "contact": "tls@reporter.example", "organization": "Reporter", "record": "v=TLSRPTv1; rua=mailto:tls@example.com",
          "policies": 2, "success": 10, "failure": 3, "size": 812,
          "look_up": {"done": True, "tries": 0, "first_try": None, "tried": None}, "destinations": [MAIL, WEB]}
OPEN = {"domain": "example.net", "day": "2026-11-29", "part": 1, "state": "collecting", "last": "2026-11-29T09:00:00Z",
        "success": 5, "unverified": 1, "failure": 2}
DESTINATION = {"uri": "mailto:tls@example.com", "suppressed": True, "until": None, "since": "2026-11-29T00:00:00Z",
               "refusals": 3, "by": None, "reason": "550 no such user"}


SETTINGS = ('report {{\n  contact = "tls@reporter.example"\n  dkim_key = "/nonexistent/key"\n'
            '  dkim_selector = "s"\n}}\n')


def run(command, *answer, group=("outbox",), **options):
    """Its run, and what it asked."""
    return fake_control.run([WAXWING, "report", *group, *command], *answer, settings=SETTINGS, **options)


class Outbox(unittest.TestCase):
    def shown(self, command, *answer):
        done, asked = run(command, *answer, END)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(len(asked), 1)
        return done.stdout.decode(), asked[0]

    def test_list(self):
        sent = dict(REPORT, number=6, part=1, state="sent", due=None, ended="2026-11-29T01:10:00Z", destinations=[WEB])
        new = dict(REPORT, number=8, destinations=[])
        out, asked = self.shown(["list", "--state", "waiting", "--domain", "EXAMPLE.com"],
                                {"collecting": OPEN}, {"report": new}, {"report": REPORT}, {"report": sent})
        self.assertEqual((asked["command"], asked["state"], asked["domain"]), ("report-list", "waiting", "example.com"))
        self.assertEqual(out.splitlines(), [
            "NUMBER\tDOMAIN\tDAY\tSTATE\tOK\tFAILED\tWHEN\tTO",
            "-\texample.net\t2026-11-29\tcollecting\t6\t2\t-\t-",
            "8\texample.com\t2026-11-28, part 2\twaiting\t10\t3\t2026-11-29T02:10:00Z\tas its record says",
            "7\texample.com\t2026-11-28, part 2\twaiting\t10\t3\t2026-11-29T02:10:00Z\tmailto:tls@example.com and 1 more",
            "6\texample.com\t2026-11-28\tsent\t10\t3\t2026-11-29T01:10:00Z\thttps://tls.example.com/v1"])
        self.assertIn("no reports yet", self.shown(["list"])[0])
        self.assertIn("none such", self.shown(["list", "--state", "held"])[0])
        out, _ = self.shown(["list", "--json"], {"report": REPORT})
        self.assertEqual(json.loads(out), {"report": REPORT})

    def test_show(self):
        out, asked = self.shown(["show", "7"], {"report": REPORT}, {"collecting": OPEN})
        self.assertEqual((asked["command"], asked["number"]), ("report-show", 7))
        for words in ("report 7 on example.com\n", "2026-11-28, part 2\n", "waiting, due 2026-11-29T02:10:00Z (",
                      "10 went well, 3 failed, under 2 policies\n", "812 octets, gzipped", "450 4.2.0 later",
                      "waiting, due 2026-11-29T02:10:00Z", "3 failed tries\n", "sent 2026-11-29T01:10:00Z",
                      "over a connection that nobody vouches for", "results of example.net", "1 that nobody verified"):
            self.assertIn(words, out)
        for state, words in (("held", "`waxwing report outbox send` sends it"), ("not-asked", "not asked for"),
                             ("given-up", "given up"), ("sent", "sent ")):
            self.assertIn(words, self.shown(["show", "example.com"], {"report": dict(REPORT, state=state)})[0])
        looked = {"done": False, "tries": 1, "first_try": None, "tried": "2026-11-29T01:10:00Z"}
        out, _ = self.shown(["show", "7"], {"report": dict(REPORT, look_up=looked, destinations=[], detail="SERVFAIL")})
        self.assertIn("1 look-up without an answer", out)
        self.assertIn("SERVFAIL", out)

    def test_preview(self):
        text = json.dumps({"organization-name": "caf\u00e9", "contact-info": EVIL}, ensure_ascii=False)
        pieces = [{"text": text[:9]}, {"text": text[9:]}]
        out, asked = self.shown(["preview", "example.com", "--open"], *pieces)
        self.assertEqual((asked["command"], asked["open"], asked["domain"]), ("report-content", True, "example.com"))
        self.assertEqual(out, text + "\n")
        done, _ = run(["preview", "7"], {"report": REPORT}, *pieces, END, terminal=True)
        self.assertTrue(all(c in b"\r\n" or 32 <= c < 127 for c in done.stdout), done.stdout)
        self.assertEqual(json.loads(done.stdout), json.loads(text))

    def test_the_mail(self):
        done, _ = run(["preview", "7", "--mail"], {"report": REPORT}, {"text": "{}"}, END)
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in (b"\r\nTo: tls@example.com\r\n", b"From: tls@reporter.example\r\n", b"TLS-Report-Domain: example.com\r\n"):
            self.assertIn(words, b"\r\n" + done.stdout)
        self.assertNotIn(b"DKIM-Signature", done.stdout)
        self.assertIn(b"without its signature", done.stderr)
        done, _ = run(["preview", "7", "--mail", "--to", "me@example.org"], {"report": REPORT}, {"text": "{}"}, END)
        self.assertIn(b"\r\nTo: me@example.org\r\n", b"\r\n" + done.stdout)
        unknown = dict(REPORT, destinations=[])
        done, _ = run(["preview", "7", "--mail"], {"report": unknown}, {"text": "{}"}, END)
        self.assertEqual((done.returncode, b"--to ADDRESS" in done.stderr), (1, True))

    def test_send_and_retry(self):
        out, asked = self.shown(["send", "7"], {"report": REPORT})
        self.assertEqual((asked["command"], asked["number"]), ("report-send", 7))
        self.assertIn("report 7 on example.com goes out now", out)
        out, asked = self.shown(["send", "--dry-run", "7"], {"report": REPORT})
        self.assertEqual(asked["command"], "report-show")
        self.assertIn("812 octets", out)
        self.assertIn("rua=mailto:tls@example.com", out)
        _, asked = self.shown(["retry", "example.com"], {"report": REPORT})
        self.assertEqual((asked["command"], asked["domain"]), ("report-retry", "example.com"))
        out, asked = self.shown(["retry", "--all"], {"done": 2})
        self.assertEqual((asked["all"], out), (True, "2 reports are tried again now\n"))
        self.assertIn("nothing to be tried", self.shown(["retry", "--all"], {"done": 0})[0])
        done, _ = run(["send", "7"], {"end": True, "error": {"id": "report-no-contact", "message": "m", "detail": None}})
        self.assertEqual((done.returncode, done.stderr), (1, b"waxwing report outbox send: 7: m\n"))

    def test_suppress(self):
        out, asked = self.shown(["suppress", "tls@example.com", "--for", "4h", "--reason", "they asked"],
                                {"destination": DESTINATION})
        self.assertEqual((asked["uri"], asked["for"], asked["reason"], asked["clear"]),
                         ("mailto:tls@example.com", 14400, "they asked", False))
        self.assertEqual(out, "mailto:tls@example.com: gets no reports\n")
        out, asked = self.shown(["suppress", "https://a.example/x", "--clear"],
                                {"destination": dict(DESTINATION, suppressed=False)})
        self.assertEqual((asked["uri"], asked["clear"], out), ("https://a.example/x", True, "mailto:tls@example.com: gets reports\n"))
        out, asked = self.shown(["suppress"], {"destination": DESTINATION})
        self.assertEqual(asked["command"], "report-suppressed")
        self.assertIn("mailto:tls@example.com\tfor ever\t2026-11-29T00:00:00Z\twaxwingd: it refuses\t550 no such user", out)
        self.assertIn("All destinations get reports", self.shown(["suppress"])[0])

    def test_usage(self):
        for command in (["list", "x"], ["list", "--state", "none"], ["list", "--domain", "_"], ["list", "--open"], ["show"],
                        ["show", "a_b"], ["show", "0"], ["show", "-1"], ["show", "7", "8"], ["preview"],
                        ["preview", "--open", "7"], ["preview", "--open", "--mail", "example.com"], ["send"],
                        ["send", "--all", "7"], ["retry"], ["retry", "--all", "7"], ["suppress", "--clear"],
                        ["suppress", "a@b.example", "--for", "4h", "--clear"], ["suppress", "a@b.example", "--for", "x"],
                        ["suppress", "a@b.example", "c@d.example"], ["none"], []):
            with self.subTest(command=command):
                done = subprocess.run([WAXWING, "report", "outbox", *command, "--socket", "unix:/nonexistent/x"]
                                      if command else [WAXWING, "report", "outbox"], capture_output=True, check=False)
                self.assertEqual((done.returncode, done.stdout), (64, b""))
                self.assertTrue(done.stderr)

    def test_help(self):
        for command in ("list", "show", "preview", "send", "retry", "suppress"):
            done = subprocess.run([WAXWING, "report", "outbox", command, "--help"], capture_output=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(b"usage: waxwing report outbox " + command.encode(), done.stdout)
            self.assertTrue(all(len(line) <= 120 for line in done.stdout.splitlines()), done.stdout)

    def test_what_steers_a_terminal(self):
        nested = {"uri": EVIL, "state": EVIL, "detail": EVIL, "tried": EVIL, "due": EVIL, "tries": EVIL, "done": EVIL}
        for value in (None, 7, [], {}, EVIL, nested, [nested], [7]):
            item = dict.fromkeys(("domain", "day", "part", "id", "state", "made", "due", "ended", "detail", "contact",
                                  "organization", "record", "policies", "success", "failure", "size", "look_up", "last",
                                  "destinations", "uri", "suppressed", "until", "since", "by", "reason", "unverified",
                                  "number", "done"), value)
            for command in (["list"], ["show", "7"], ["send", "7"], ["send", "--dry-run", "7"], ["retry", "--all"],
                            ["suppress"], ["suppress", "a@b.example"], ["preview", "7", "--mail"]):
                done, _ = run(command, {"report": item}, {"collecting": item}, {"destination": item}, item, END)
                self.assertIn(done.returncode, (0, 1, 70), done.stderr)
                shown = done.stdout + done.stderr
                self.assertTrue(all(c in b"\r\n\t" or 32 <= c < 127 for c in shown), (command, shown))


MESSAGE_ID = "<2026-11-28.1.example.com.9f86.0123456789abcdef@mx.reporter.example>"
BOUNCE = f"""From MAILER-DAEMON Sun Nov 29 10:00:00 2026
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reporter.example

Final-Recipient: rfc822; tls@example.com
Original-Recipient: rfc822;tls@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no \033[2Juser

--b
Content-Type: text/rfc822-headers

Message-ID: {MESSAGE_ID}

--b--
""".encode()


class Bounce(unittest.TestCase):
    def taken(self, result, *options, **members):
        told = {"result": result, "report": 7, "domain": "example.com", "uri": "mailto:tls@example.com", "suppressed": False}
        done, asked = run(options, {"bounce": {**told, **members}}, END, group=("bounce",), stdin=BOUNCE)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(len(asked), 1)
        return done.stdout.decode(), asked[0]

    def test_a_bounce(self):
        out, asked = self.taken("taken")
        self.assertEqual(out, "report 7 on example.com has come back from mailto:tls@example.com\n")
        self.assertEqual((asked["command"], asked["message_id"], asked["recipient"], asked["words"]),
                         ("report-bounce", MESSAGE_ID, "tls@example.com", "550 5.1.1 no \\027[2Juser"))
        self.assertIn("which gets no more", self.taken("taken", suppressed=True)[0])
        for result in ("unknown", "elsewhere", "not-sent", "again"):
            self.assertIn("nothing is changed", self.taken(result)[0])
        self.assertEqual(json.loads(self.taken("again", "--json")[0])["bounce"]["result"], "again")

    def test_other_mail(self):
        mails = (b"", b"Subject: Thanks\n\nfor your report.\n", BOUNCE.replace(b"Action: failed", b"Action: delayed"),
                 BOUNCE.replace(b"Status: 5", b"Status: 4"), BOUNCE.replace(b"Message-ID", b"X"),
                 b"Content-Type: message/rfc822\n\n" * 50000)
        for mail in mails:
            done, asked = run((), group=("bounce",), stdin=mail)
            self.assertEqual((done.returncode, done.stderr, asked), (0, b"", []))
            self.assertIn(b"nothing is changed: it ", done.stdout)
        done, _ = run(("--json",), group=("bounce",), stdin=b"")
        self.assertEqual(json.loads(done.stdout)["bounce"]["result"], "none")

    def test_the_mail_comes_again(self):
        early = {"bounce": {"result": "early", "report": 7, "domain": "d.example", "uri": None, "suppressed": False}}
        self.assertEqual(run((), early, END, group=("bounce",), stdin=BOUNCE)[0].returncode, 75)
        trouble = {"end": True, "error": {"id": "store-failed", "message": "m", "detail": None}}
        self.assertEqual(run((), trouble, group=("bounce",), stdin=BOUNCE)[0].returncode, 75)
        command = [WAXWING, "report", "bounce", "--socket", "unix:/nonexistent/x"]
        self.assertEqual(subprocess.run(command, input=BOUNCE, capture_output=True, check=False).returncode, 75)
        done = subprocess.run(command, input=BOUNCE + b"x" * 3_000_000, capture_output=True, check=False)
        self.assertEqual(done.returncode, 75)
        self.assertEqual(subprocess.run([*command, "a", "b"], capture_output=True, check=False).returncode, 64)
        self.assertEqual(subprocess.run([*command, "/nonexistent/a"], capture_output=True, check=False).returncode, 66)


if __name__ == "__main__":
    unittest.main()
