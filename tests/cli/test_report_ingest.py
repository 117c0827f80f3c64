#!/usr/bin/python3
"""test_report_ingest.py WAXWING: `waxwing report ingest` against an intake that says what it is told to."""
import gzip
import json
import os
import pty
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

WAXWING = sys.argv.pop(1)
REPORT = b'{"report-id":"1"}'
MAIL = b"From: a@example.com\nSubject: a report\n\nhello\n"
SEPARATOR = b"From a@example.com Sun Nov 29 22:23:14 2026\n"
NEW = {"taken": "new", "number": 7, "why": None}


class Intake:
    """Answers each submission with what `answer` gives for it: (status, JSON) or octets; None hangs up."""

    def __init__(self, folder, answer):
        self.path = os.path.join(folder, "submit")
        self.answer, self.taken, self.connections = answer, [], 0
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer, peer.makefile("rb") as stream:
            while True:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    try:
                        line = stream.readline()
                    except ConnectionError:
                        return
                    if not line:
                        return
                    head += line
                lines = head.decode("ascii").split("\r\n")
                headers = dict(line.split(": ", 1) for line in lines[1:] if line)
                body = stream.read(int(headers["Content-Length"]))
                with self.lock:
                    self.taken.append((lines[0], headers, body))
                    answer = self.answer(len(self.taken), body)
                if answer is None:
                    return
                if isinstance(answer, tuple):
                    text = json.dumps(answer[1]).encode()
                    answer = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (answer[0], len(text), text)
                peer.sendall(answer)


class Ingest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.at = Path(self.folder.name)

    def intake(self, answer=lambda n, body: (200, NEW)):
        intake = Intake(self.folder.name, answer)
        self.addCleanup(intake.listener.close)
        return intake

    def run_it(self, *arguments, stdin=b"", config="", socket_too=False):
        path = self.at / "waxwing.conf"
        path.write_text(f'store = "{self.at}/waxwing.db"\nintake {{\n  submit = {{"unix:{self.at}/submit"}}\n{config}}}\n',
                        encoding="ascii")
        where = ["--socket", f"unix:{self.at}/submit"] if socket_too else ["--config", str(path)]
        return subprocess.run([WAXWING, "report", "ingest", *where, *map(str, arguments)], input=stdin, check=False,
                              capture_output=True, timeout=120)

    def check(self, done, status, out=None, err=""):
        self.assertEqual(done.returncode, status, done)
        if out is not None:
            self.assertEqual(done.stdout.decode(), out, done)
        self.assertIn(err, done.stderr.decode())
        if not err:
            self.assertEqual(done.stderr, b"")

    def maildir(self):
        mails = self.at / "mails"
        for name in ("cur", "new", "tmp"):
            (mails / name).mkdir(parents=True)
        (mails / "cur/1.a:2,FT").write_bytes(MAIL + b"1")
        (mails / "cur/2.a:2,S").write_bytes(MAIL + b"2")
        (mails / "new/3.a").write_bytes(MAIL + b"3")
        (mails / "new/.hidden").write_bytes(b"none")
        (mails / "tmp/4.a").write_bytes(b"not there yet")
        return mails

    def files(self, folder):
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    def test_what_is_piped(self):
        """The line that the MTA puts in front is none of the mail; a line of the mail that looks like one stays."""
        cases = [(MAIL, [MAIL]), (REPORT, [REPORT]), (gzip.compress(REPORT, mtime=0), [gzip.compress(REPORT, mtime=0)]),
                 (SEPARATOR + MAIL, [MAIL]),
                 (SEPARATOR + MAIL + b"\nFrom Google with a report\n", [MAIL + b"\nFrom Google with a report\n"]),
                 (SEPARATOR + MAIL + b"\n>From here\n>>From there\n>no\n", [MAIL + b"\nFrom here\n>From there\n>no\n"]),
                 (SEPARATOR + MAIL + SEPARATOR, [MAIL + SEPARATOR]),
                 (SEPARATOR + MAIL + b"\n" + SEPARATOR + MAIL + b"\n", [MAIL + b"\n"] * 2),
                 (SEPARATOR + MAIL + b"\r\n" + SEPARATOR + MAIL, [MAIL + b"\r\n", MAIL]),
                 (SEPARATOR + b"x" * 40000 + b"From \n\n" + SEPARATOR + MAIL, [b"x" * 40000 + b"From \n\n", MAIL]),
                 (b"\0\n\0" * 50000, [b"\0\n\0" * 50000])]
        intake = self.intake()
        for n, (octets, wanted) in enumerate(cases):
            with self.subTest(n):
                self.check(self.run_it(*([] if n % 2 else ["-"]), stdin=octets), 0, f"{len(wanted)} new\n")
                self.assertEqual(sorted(body for _, _, body in intake.taken), sorted(wanted))
                self.assertEqual({line for line, _, _ in intake.taken}, {"POST /v1/submit HTTP/1.1"})
                self.assertIn("standard input:1" if octets.startswith(b"From ") else "standard input",
                              [headers["X-Waxwing-From"] for _, headers, _ in intake.taken])
                self.assertEqual(intake.taken[0][1]["Content-Type"], "application/octet-stream")
                intake.taken.clear()

    def test_where_it_is_read_from(self):
        mails, more = self.maildir(), self.at / "more"
        (more / "below").mkdir(parents=True)
        (more / "a.json.gz").write_bytes(gzip.compress(REPORT, mtime=0))
        (more / "b\033[2J\n").write_bytes(REPORT)
        (more / "below/c").write_bytes(b"not looked at")
        (self.at / "mbox").write_bytes(SEPARATOR + MAIL + b"\n" + SEPARATOR + MAIL)
        (self.at / "one").write_bytes(REPORT)
        intake = self.intake()
        self.check(self.run_it(mails, more, self.at / "mbox", self.at / "one"), 0, "8 new\n")
        names = sorted(headers["X-Waxwing-From"].removeprefix(str(self.at) + "/") for _, headers, _ in intake.taken)
        self.assertEqual(names, ["mails/cur/1.a:2,FT", "mails/cur/2.a:2,S", "mails/new/3.a", "mbox:1", "mbox:2",
                                 "more/a.json.gz", "more/b?[2J?", "one"])
        self.assertEqual(self.files(mails), ["cur/1.a:2,FT", "cur/2.a:2,S", "new/.hidden", "new/3.a", "tmp/4.a"])

    def test_seen(self):
        mails = self.maildir()
        intake = self.intake()
        self.check(self.run_it("--seen", mails), 0, "3 new\n")
        self.assertEqual(self.files(mails), ["cur/1.a:2,FST", "cur/2.a:2,S", "cur/3.a:2,S", "new/.hidden", "tmp/4.a"])
        self.assertEqual(len(intake.taken), 3)

    def test_delete(self):
        """What the daemon does not have stays, and an mbox does."""
        answers = {b"1": (200, NEW), b"2": (200, {"taken": "not-ours", "number": None, "why": None}),
                   b"3": (413, {"title": "too large", "detail": None})}
        mails = self.maildir()
        (self.at / "mbox").write_bytes(SEPARATOR + MAIL + b"1")
        (self.at / "file").write_bytes(REPORT + b"1")
        self.intake(lambda n, body: answers[body[-1:]])
        self.check(self.run_it("--delete", mails, self.at / "mbox", self.at / "file"), 66,
                   "3 new, 1 of other domains (intake.domains), 1 failed\n", "new/3.a: too large")
        self.assertEqual(self.files(mails), ["cur/2.a:2,S", "new/.hidden", "new/3.a", "tmp/4.a"])
        self.assertTrue((self.at / "mbox").exists())
        self.assertFalse((self.at / "file").exists())
        self.check(self.run_it("--delete", "--seen", mails), 64, "", "exclude each other")

    def test_answers(self):
        why = {"id": "received-json", "message": "no JSON", "at": "line 1"}
        answers = {b"1": NEW, b"2": {"taken": "again", "number": 7, "why": None},
                   b"3": {"taken": "quarantined", "number": 9, "why": why}}
        for name in "123":
            (self.at / f"report{name}").write_bytes(REPORT + name.encode())
        paths = [self.at / f"report{name}" for name in "123"]
        self.intake(lambda n, body: (200, answers[body[-1:]]))
        self.check(self.run_it(*paths), 0,
                   f"{paths[2]}: it cannot be read, and is kept in quarantine as 9: no JSON, at line 1\n"
                   "1 new, 1 there already, 1 in quarantine\n")
        done = self.run_it("--json", *paths, self.at / "missing")
        self.check(done, 66)
        told = {row["source"]: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(told[str(paths[2])], {"source": str(paths[2]), "error": None, **answers[b"3"]})
        self.assertEqual(told[str(self.at / "missing")]["error"], "No such file or directory")
        self.assertEqual(len(told), 4)

    def test_escapes(self):
        why = {"id": "x", "message": "\033[2J", "at": "\u009b31m"}
        (self.at / "a\033[2J").write_bytes(REPORT)
        (self.at / "b\033[2J").write_bytes(b"")
        self.intake(lambda n, body: (200, {"taken": "quarantined", "number": 9, "why": why}))
        for options in ([], ["--json"]):
            done = self.run_it(*options, self.at / "a\033[2J", self.at / "b\033[2J")
            self.check(done, 66, err="" if options else "it is empty")
            self.assertNotIn(b"\033", done.stdout + done.stderr)
            self.assertNotIn("\u009b".encode(), done.stdout)

    def test_what_cannot_be_read(self):
        (self.at / "large").write_bytes(b"x" * 65537)
        (self.at / "largest").write_bytes(b"x" * 65536)
        (self.at / "empty").write_bytes(b"")
        (self.at / "mbox").write_bytes(SEPARATOR + b"x" * 200000 + b"\n\n" + SEPARATOR + MAIL)
        intake = self.intake()
        done = self.run_it(*(self.at / name for name in ("large", "largest", "empty", "missing", "mbox")),
                           config='  max_size = "64K"\n')
        self.check(done, 66, "2 new, 4 failed\n", f"{self.at}/large: it is larger than one may be (intake.max_size)")
        for words in ("empty: it is empty", "missing: No such file", "mbox:1: it is larger"):
            self.assertIn(words, done.stderr.decode())
        self.assertEqual(sorted(len(body) for _, _, body in intake.taken), [len(MAIL), 65536])
        self.check(self.run_it(), 66, "1 failed\n", "standard input: it is empty")

    def test_many(self):
        mails = self.at / "many"
        mails.mkdir()
        for i in range(500):
            (mails / str(i)).write_bytes(b"%d" % i)
        intake = self.intake()
        self.check(self.run_it(mails), 0, "500 new\n")
        self.assertEqual({int(body) for _, _, body in intake.taken}, set(range(500)))
        self.assertEqual(len(intake.taken), 500)
        self.assertLessEqual(intake.connections, 32)

    def test_is_tried_again(self):
        """The daemon is full for a moment; hangs up on an idle connection; dies in the middle of one."""
        later = (503, {"title": "later", "detail": None})
        closing = b"HTTP/1.1 200 OK\r\nContent-Length: 43\r\nConnection: close\r\n\r\n" + \
            b'{"taken":"again","number":7,"why":null}    '
        for odd in (later, closing, None, b"HTTP/1.1 200 "):
            with self.subTest(odd):
                (self.at / "submit").unlink(missing_ok=True)

                def answer(n, body, odd=odd):
                    if n in (2, 5) and not isinstance(odd, bytes):
                        return odd
                    return closing if odd == closing else (200, NEW)
                intake = self.intake(answer)
                for i in range(6):
                    (self.at / f"report{i}").write_bytes(REPORT)
                done = self.run_it(*(self.at / f"report{i}" for i in range(6)))
                self.check(done, 0, "6 there already\n" if odd == closing else "6 new\n")
                self.assertGreaterEqual(len(intake.taken), 6)

    def test_stops(self):
        (self.at / "report").write_bytes(REPORT)
        self.check(self.run_it(self.at / "report"), 75, "", "No waxwingd takes reports there")
        self.check(self.run_it(self.at / "report", socket_too=True), 75, "", "No such file")
        self.check(self.run_it("--socket", "nowhere", self.at / "report"), 64, "", "an address such as")
        self.check(self.run_it(self.at / "report", config="  enabled = false\n"), 78, "", "no reports are taken in")
        strange = [b"220 mail.example.com ESMTP\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", (200, {"a": 1}), (200, []),
                   b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"x" * 9000]
        for answer in strange:
            with self.subTest(answer):
                (self.at / "submit").unlink(missing_ok=True)
                self.intake(lambda n, body, answer=answer: answer)
                self.check(self.run_it(self.at / "report"), 75, "", "the answer is none of waxwingd")

    def test_gives_up(self):
        (self.at / "report").write_bytes(REPORT)
        intake = self.intake(lambda n, body: (503, {"title": "later", "detail": None}))
        self.check(self.run_it("--delete", self.at / "report"), 75, "", "try again later")
        self.assertGreater(len(intake.taken), 3)
        self.assertTrue((self.at / "report").exists())

    def test_draws_a_bar(self):
        (self.at / "report").write_bytes(REPORT)
        self.intake()
        main, other = pty.openpty()
        with subprocess.Popen([WAXWING, "report", "ingest", "--socket", f"unix:{self.at}/submit", self.at / "report"],
                              stdout=subprocess.PIPE, stderr=other, env={**os.environ, "TERM": "xterm"}) as process:
            os.close(other)
            self.assertEqual(process.communicate(timeout=60)[0], b"1 new\n")
            self.assertIn(b"1/1", os.read(main, 4096))
            os.close(main)


if __name__ == "__main__":
    unittest.main()
