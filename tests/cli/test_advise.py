#!/usr/bin/python3
"""test_advise.py WAXWING: `waxwing advise` against a daemon that says what it is told to."""
import json
import os
import pty
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

WAXWING = sys.argv.pop(1)
EVIL = "\033[2J\u009b31m\r\n"
END = {"end": True, "error": None}
SENDER = {"sender": "a.example", "verified": True, "first": "2026-11-01", "last": "2026-11-28", "days": 28, "reports": 29,
          "success": 123258, "failure": 5252}
QUIET = dict(SENDER, sender="b.example", last="2026-11-20", success=9, failure=0)
CAUSE = {"result": "certificate-expired", "mx": "mx2.example.com", "policy_type": "sts", "policy": "current",
         "policy_id": "20261020", "verdict": "counts", "sender": "a.example", "senders": 2, "sessions": 5252,
         "recent": 5252, "first": "2026-11-25", "last": "2026-11-28", "known": ["mx2.example.com showed nothing wrong"]}
BREAK = {"id": "mx-expired", "source": "inspection", "where": "mx2.example.com [192.0.2.2]",
         "words": "the certificate has ended", "sessions": 0, "senders": 0, "last": None, "since": "2026-11-25T10:00:00Z"}
REPORTED = {"id": "certificate-expired", "source": "reports", "where": None, "words": "the certificate had expired",
            "sessions": 5252, "senders": 2, "last": "2026-11-28", "since": None}
REASONS = [{"id": f"r-{severity}", "severity": severity, "words": f"a reason that is {severity}", "sessions": 0, "senders": 0,
            "days": 0, "until": None} for severity in ("error", "warning", "ok", "info")]
EVIDENCE = {"days": {"with_reports": 28, "of": 30, "recent": 14, "recent_of": 14}, "success": 123267, "failure": 5252,
            "senders": [SENDER, QUIET], "causes": [CAUSE], "silent": [QUIET],
            "not_counted": {"reports": 0, "senders": 0, "success": 0, "failure": 0},
            "left_out": {"senders": 0, "causes": 0}}
ANSWER = {"domain": "example.com", "at": "2026-11-29T12:00:00Z", "days": 30, "recommendation": "fix",
          "words": "Do not enforce yet.", "next": "Mend what breaks.", "until": None,
          "policy": {"mode": "testing", "id": "20261020", "since": "2026-10-20T00:00:00Z", "max_age": 604800, "mx": []},
          "inspected": {"at": "2026-11-29T11:00:00Z", "by": "watch", "outlook": "testing"}, "reasons": REASONS,
          "breaks": [BREAK, REPORTED], "breaks_left_out": 3, "evidence": EVIDENCE}


def netstring(value):
    text = json.dumps(value).encode()
    return b"%d:%s," % (len(text), text)


def run(command, *answer, terminal=False, more=""):
    """Its run, and what it asked."""
    asked = []
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = os.path.join(folder, "control")
        listener.bind(path)
        listener.listen()

        def serve():
            while True:
                peer, _ = listener.accept()
                with peer:
                    request = b""
                    while not request.endswith(b","):
                        part = peer.recv(65536)
                        if not part:
                            return
                        request += part
                    asked.append(json.loads(request[request.index(b":") + 1:-1]))
                    peer.sendall(b"".join(map(netstring, answer)))
        thread = threading.Thread(target=serve)
        thread.start()
        config = os.path.join(folder, "waxwing.conf")
        with open(config, "w", encoding="ascii") as out:
            out.write(f'control = "unix:{path}"\nstore = "{folder}/waxwing.db"\n{more}')
        command = [WAXWING, "advise", *command, "--config", config]
        if terminal:
            ours, theirs = pty.openpty()
            done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, check=False)
            os.close(theirs)
            done.stdout = b""
            while True:
                try:
                    part = os.read(ours, 65536)
                except OSError:  # the other end is closed, and all is read
                    break
                done.stdout += part
            os.close(ours)
        else:
            done = subprocess.run(command, capture_output=True, check=False)
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(path)
        thread.join()
    return done, asked


class Advise(unittest.TestCase):
    def test_what_is_printed(self):
        done, asked = run(["--no-look", "EXAMPLE.com"], ANSWER, END)
        self.assertEqual((done.returncode, done.stderr), (1, b""))
        self.assertEqual(asked, [{"waxwing": 1, "command": "advise", "domain": "example.com", "days": 30}])
        lines = done.stdout.decode().splitlines()
        self.assertEqual(lines[:4], ["example.com: fix", "  Do not enforce yet.",
                                     "  mode testing since 2026-10-20, id 20261020 - inspected by the watch 1 h ago", ""])
        for line in ("  x a reason that is error", "  ? a reason that is warning", "  + a reason that is ok",
                     "  - a reason that is info", "What would break today", "  x mx2.example.com [192.0.2.2] mx-expired",
                     "    the certificate has ended (since 2026-11-25)", "  x at a host that is not told certificate-expired",
                     "    the certificate had expired", "  and 3 more", "    mx2.example.com showed nothing wrong",
                     "Evidence of 30 days: reports on 28 of them, 123,267 sessions went well, 5,252 failed",
                     "  Mend what breaks."):
            self.assertIn(line, lines)
        table = "\n".join(" ".join(line.split()) for line in lines)
        for words in ("a.example 28 29 123,258 5,252 2026-11-28\n", "b.example 28 29 9 0 2026-11-20, silent since\n",
                      "x certificate-expired at mx2.example.com - counts\n",
                      "5,252 sessions, told by 2 senders, the last on 2026-11-28\n"):
            self.assertIn(words, table + "\n")

    def test_little_is_known(self):
        nothing = dict(EVIDENCE, senders=[], causes=[], silent=[])
        answer = dict(ANSWER, recommendation="wait", policy=None, inspected=None, next=None, breaks=[], breaks_left_out=0,
                      evidence=nothing)
        done, _ = run(["--no-look", "example.com"], answer, END)
        out = done.stdout.decode()
        self.assertEqual(done.returncode, 1)
        self.assertIn("  not inspected\n", out)
        for words in ("Evidence", "SENDER", "What ", "null"):
            self.assertNotIn(words, out)

    def test_enforced(self):
        done, _ = run(["--no-look", "example.com"], dict(ANSWER, policy=dict(ANSWER["policy"], mode="enforce")), END)
        self.assertIn(b"\nWhat breaks today\n", done.stdout)

    def test_many_rows(self):
        many = dict(EVIDENCE, senders=[dict(SENDER, sender=f"s{i}.example") for i in range(20)], causes=[CAUSE] * 20,
                    left_out={"senders": 5, "causes": 7})
        done, _ = run(["--no-look", "example.com"], dict(ANSWER, evidence=many), END)
        self.assertIn(b"\nand 13 more senders; --json has them\n", done.stdout)
        self.assertIn(b"\nand 15 more kinds of failure; --json has them\n", done.stdout)

    def test_exit_status_and_json(self):
        for what, status in (("enforce", 0), ("keep", 0), ("wait", 1), ("fix", 1), ("back", 1), ("publish", 1)):
            answer = dict(ANSWER, recommendation=what)
            done, _ = run(["--no-look", "--json", "example.com"], answer, END)
            self.assertEqual((done.returncode, json.loads(done.stdout)), (status, answer))
        done, _ = run(["--no-look", "example.com"], {"end": True, "error": {"id": "x", "message": "m", "detail": None}})
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, b"", b"waxwing advise: example.com: m\n"))
        done, _ = run(["--no-look", "example.com"], END)
        self.assertEqual(done.returncode, 70)

    def test_usage(self):
        for command in ([], ["a.example", "b.example"], ["--days", "13", "a.example"], ["--days", "367", "a.example"],
                        ["--days", "x", "a.example"], ["--deadline", "4", "a.example"], ["--nonsense", "a.example"],
                        ["a..example"]):
            done = subprocess.run([WAXWING, "advise", *command], capture_output=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (64, b""), command)
        done = subprocess.run([WAXWING, "advise", "--help"], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        done = subprocess.run([WAXWING, "advise", "--no-look", "--socket", "unix:/nonexistent", "a.example"],
                              capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (75, b""))

    def test_strangers_words(self):
        evil = dict(ANSWER, breaks=[dict(BREAK, where=EVIL, words=EVIL, id=EVIL)], words=EVIL,
                    evidence=dict(EVIDENCE, senders=[dict(SENDER, sender=EVIL)],
                                  causes=[dict(CAUSE, result=EVIL, mx=EVIL, known=[EVIL], last=EVIL, policy=EVIL)]))
        for terminal in (False, True):
            done, _ = run(["--no-look", "example.com"], evil, END, terminal=terminal)
            self.assertNotIn(EVIL.encode(), done.stdout)
            self.assertNotIn(b"\033[2J", done.stdout)
            self.assertNotIn("\u009b".encode(), done.stdout)

    def test_what_was_seen_is_handed_in(self):
        """Where nothing answers, all that is seen is that; it is told all the same."""
        nowhere = 'dns {\n  forward = { "192.0.2.1" }\n  timeout = "1s"\n}\n'
        done, asked = run(["--deadline", "5", "--days", "60", "example.com"], ANSWER, END, more=nowhere)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(asked[0]["days"], 60)
        seen = asked[0]["inspection"]
        self.assertEqual(set(seen), {"at", "outlook", "mode", "id", "mx", "policy", "findings"})
        self.assertEqual((seen["outlook"], seen["mode"], seen["mx"]), ("unknown", "", ""))
        self.assertIsInstance(seen["findings"], list)


if __name__ == "__main__":
    unittest.main()
