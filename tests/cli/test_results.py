#!/usr/bin/python3
"""test_results.py WAXWING: `waxwing results` from the outside: what it reads, follows over rotations and restarts, sends
and listens to. The logs are made up here; tests/e2e/test_results.py has real ones."""
import contextlib
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

WAXWING = sys.argv.pop(1)
ENVIRONMENT = {**os.environ, "TZ": "UTC"}
JOURNALCTL = """#!/bin/sh
echo "$@" >> "$FAKE/arguments"
cat "$FAKE/entries"
[ -e "$FAKE/ends" ] || exec sleep 1000
"""


def waxwing(*args, stdin=b"", **options):
    return subprocess.run([WAXWING, "results", *args], input=stdin, capture_output=True, check=False, env=ENVIRONMENT,
                          timeout=60, **options)


def begun(n):
    """The first line of a session."""
    return (f"2026-11-29T11:00:00+00:00 out postfix/smtp[{n}]: Trusted TLS connection established to "
            f"mx.d{n}.example[198.18.0.1]:25: TLSv1.3\n")


def ended(n):
    """The last one, which makes the event."""
    return (f"2026-11-29T11:00:01+00:00 out postfix/smtp[{n}]: {n:08X}: to=<u@d{n}.example>, "
            f"relay=mx.d{n}.example[198.18.0.1]:25, delay=1, status=sent (ok)\n")


def sessions(*numbers):
    return "".join(begun(n) + ended(n) for n in numbers)


def entry(n, line):
    """As journalctl prints it."""
    stamp, host, tag, message = re.fullmatch(r"(\S+) (\S+) postfix/(\w+)\[\d+\]: (.*)\n", line).groups()
    return json.dumps({"__CURSOR": f"s=1;i={n}", "__REALTIME_TIMESTAMP": "1795950000000000", "_HOSTNAME": host,
                       "SYSLOG_IDENTIFIER": "postfix/" + tag, "_PID": str(n), "MESSAGE": message}) + "\n"


def numbers(output):
    """The sessions whose events these lines tell."""
    lines = output.decode().splitlines()
    assert all(line.startswith("waxwing-result 1 ") for line in lines), lines
    return [int(re.search(r" domain=d(\d+)\.example ", line)[1]) for line in lines]


def wait(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it has not come about")
        time.sleep(0.01)


class Program:
    """`waxwing results ARGUMENTS` running in a folder, its output in a file."""

    def __init__(self, folder, *arguments, environment=None):
        self.output = folder / f"output-{time.monotonic_ns()}"
        self.errors = folder / "errors"
        with open(self.output, "wb") as out, open(self.errors, "ab") as err:
            self._process = subprocess.Popen([WAXWING, "results", *arguments], stdout=out, stderr=err,
                                             env=environment or ENVIRONMENT)

    def numbers(self):
        return numbers(self.output.read_bytes())

    def wait_for(self, *wanted):
        wait(lambda: self.numbers() == list(wanted))

    def end(self, how=signal.SIGTERM):
        self._process.send_signal(how)
        return self._process.wait(30)

    def wait(self):
        return self._process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


class Folder(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.log = self.folder / "mail.log"
        self.state = self.folder / "state"
        self.socket = self.folder / "s"
        self.addCleanup(self._folder.cleanup)

    def write(self, text, path=None):
        with open(path or self.log, "a", encoding="utf-8") as f:
            f.write(text)

    def follow(self, *arguments):
        return Program(self.folder, "follow", "--file", str(self.log), "--state", str(self.state), *arguments)

    def kept(self):
        return json.loads(self.state.read_text()) if self.state.exists() else {"file": {"offset": -1}}

    def wait_kept(self, path=None):
        """Until the state says that the log was taken to its end."""
        size = os.path.getsize(path or self.log)
        wait(lambda: self.kept()["file"]["offset"] == size)


class Read(Folder):
    def test_forms(self):
        plain = sessions(1).encode()
        wall = re.sub(rb"2026-11-29T(\S+)\+00:00", rb"Nov 29 \1", plain)
        short = plain.replace(b"+00:00 out", b"+0000 out")
        entries = "".join(entry(1, line) for line in sessions(1).splitlines(keepends=True)).encode()
        for text in (plain, wall, short, entries, plain.rstrip(b"\n"), b"x\n\n\0\n" + plain):
            done = waxwing("read", "-", stdin=text)
            self.assertEqual((done.returncode, numbers(done.stdout)), (0, [1]), (text, done))
            self.assertIn(b" result=success mx=mx.d1.example ip=198.18.0.1 tls=trusted mta=postfix", done.stdout)

    def test_lines_of_the_protocol(self):
        told = b"waxwing-result 1 time=5 domain=d1.example result=tlsa-invalid \n"
        exim = b"waxwing-exim 1 time=5 event=dane:fail domain=d2.example text=tlsa-invalid\n"
        silent = b"waxwing-exim 1 time=5 event=msg:delivery domain=d3.example\n"
        done = waxwing("read", "-", stdin=told + exim + silent)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout, b"waxwing-result 1 time=5 domain=d1.example result=tlsa-invalid\n"
                         b"waxwing-result 1 time=5 domain=d2.example result=tlsa-invalid policy=tlsa text=tlsa-invalid "
                         b"mta=exim\n")
        self.assertEqual(waxwing("read", "-", stdin=done.stdout).stdout, done.stdout)

    def test_a_time_without_year_is_no_time_to_come(self):
        for hours in (-2, 2, 30 * 24):
            moment = time.gmtime(time.time() + hours * 3600)
            text = re.sub("2026-11-29T[0-9:]+[+]00:00", time.strftime("%b %e %H:%M:%S", moment), sessions(1))
            found = int(re.search(rb" time=(\d+) ", waxwing("read", "-", stdin=text.encode()).stdout)[1])
            self.assertLess(found, time.time() + 86400 + 60)
            self.assertGreater(found, time.time() - 366 * 86400)

    def test_json(self):
        done = waxwing("read", "--json", "-", stdin=sessions(1, 2).encode())
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([event["domain"] for event in events], ["d1.example", "d2.example"])
        self.assertEqual((events[0]["version"], events[0]["time"], events[0]["policy"]), (1, "2026-11-29T11:00:01Z", None))

    def test_exit_statuses(self):
        quiet = begun(1).replace("Trusted TLS connection established to", "connect to")
        broken = "waxwing-result 1 domain=a\n" + sessions(1)
        for text, status, words in ((quiet, 1, "smtp_tls_loglevel"), ("no log\n", 65, "no line of a log"),
                                    ("", 65, "no line of a log"), (broken, 65, "1 lines break the rules")):
            self.log.write_text(text)
            done = waxwing("read", str(self.log))
            self.assertEqual(done.returncode, status, done)
            self.assertIn(words, done.stderr.decode())
        self.assertEqual(waxwing("read", str(self.folder / "none")).returncode, 66)
        self.assertEqual(waxwing("read", str(self.folder)).returncode, 66)
        for wrong in (["read"], ["read", "a", "b"], ["read", "--x", "a"], ["write"], [], ["follow", "x"],
                      ["follow", "--to", "inet:127.0.0.1:1"], ["follow", "--file", "x", "--journal"],
                      ["follow", "--to", "unix:/x", "--json"], ["listen"], ["listen", "/x"], ["listen", "--mode", "9", "unix:/x"]):
            self.assertEqual(waxwing(*wrong).returncode, 64, wrong)
        for command in ([], ["read"], ["follow"], ["listen"]):
            done = waxwing(*command, "--help")
            self.assertEqual((done.returncode, done.stdout[:7], done.stderr), (0, b"usage: ", b""), command)

    def test_a_terminal_is_not_steered(self):
        evil = "waxwing-result 1 time=5 domain=d1.example result=tlsa-invalid text=\"\\x1b[31m\\xc2\\x9b31m \\\\ Gr\\xc3\\xbc\"\n"
        self.log.write_text(evil)
        leader, follower = pty.openpty()
        with contextlib.closing(os.fdopen(leader, "rb", buffering=0)) as shown:
            subprocess.run([WAXWING, "results", "read", str(self.log)], stdout=follower, check=True,
                           env={**ENVIRONMENT, "NO_COLOR": "1", "TERM": "xterm"})
            text = shown.read(65536)
            os.close(follower)
        self.assertIn(b"tlsa-invalid", text)
        self.assertRegex(text, rb"TIME +DOMAIN +RESULT")
        self.assertEqual([c for c in text if not 32 <= c < 127 and c not in b"\r\n"], [], text)


class Follow(Folder):
    def test_from_now_on(self):
        self.write(sessions(1))
        with self.follow() as program:
            self.wait_kept()
            self.write(sessions(2))
            program.wait_for(2)
            self.write(begun(3) + ended(3)[:20])
            self.write(ended(3)[20:])
            program.wait_for(2, 3)
            self.assertEqual(program.end(), 0)

    def test_from_the_start(self):
        self.write(sessions(1))
        with self.follow("--from-start") as program:
            program.wait_for(1)
            self.assertEqual(program.end(signal.SIGINT), 0)

    def test_a_file_that_comes_later(self):
        with self.follow() as program:
            wait(self.state.exists)
            self.assertIn(b"it is not there, and is waited for", program.errors.read_bytes())
            self.write(sessions(1))
            program.wait_for(1)

    def test_renamed(self):
        """The log daemon goes on writing to the old file until it opens the new one."""
        self.write("")
        with self.follow() as program:
            self.wait_kept()
            self.write(sessions(1) + begun(2))
            program.wait_for(1)
            old = self.log.rename(self.folder / "mail.log.1")
            self.write(ended(2) + sessions(3), old)
            program.wait_for(1, 2, 3)
            self.write("")
            self.write(sessions(4) + begun(5), old)
            program.wait_for(1, 2, 3, 4)
            self.write(ended(5) + sessions(6))
            program.wait_for(1, 2, 3, 4, 5, 6)
            os.remove(old)
            self.write(sessions(7))
            program.wait_for(*range(1, 8))

    def copy_away(self, name):
        (self.folder / name).write_bytes(self.log.read_bytes())
        os.truncate(self.log, 0)

    def test_copied_and_emptied(self):
        self.write("")
        with self.follow() as program:
            self.wait_kept()
            self.write(sessions(1) + begun(2))
            program.wait_for(1)
            self.copy_away("mail.log.1")
            self.write(ended(2) + sessions(3))
            program.wait_for(1, 2, 3)
            # It grows beyond where it was before anybody looks: it begins otherwise.
            self.copy_away("mail.log.1")
            self.write(sessions(*range(4, 20)))
            program.wait_for(*range(1, 20))

    def test_emptied(self):
        self.write(sessions(1))
        with self.follow("--from-start") as program:
            program.wait_for(1)
            os.truncate(self.log, 0)
            wait(lambda: b"it was emptied" in program.errors.read_bytes())
            self.write(sessions(2))
            program.wait_for(1, 2)

    def restarted(self, between, how=signal.SIGTERM):
        """Ends while a session is open, lets something happen to the log, begins again; what the second has told."""
        self.write("")
        with self.follow() as program:
            self.wait_kept()
            self.write(sessions(1) + begun(2))
            program.wait_for(1)
            self.wait_kept()
            self.assertEqual(program.end(how), 0 if how == signal.SIGTERM else -how)
        last = between()
        with self.follow() as program:
            wait(lambda: program.numbers()[-1:] == [last])
            self.assertEqual(program.errors.read_bytes(), b"")
            return program.numbers()

    def test_restart(self):
        def grow():
            self.write(ended(2) + sessions(3))
            return 3
        self.assertEqual(self.restarted(grow), [2, 3])

    def test_killed(self):
        def grow():
            self.write(ended(2) + sessions(3))
            return 3
        self.assertEqual(self.restarted(grow, signal.SIGKILL), [2, 3])

    def test_renamed_meanwhile(self):
        def rotate():
            self.write(ended(2))
            self.log.rename(self.folder / "mail.log.1")
            self.write(sessions(3))
            return 3
        self.assertEqual(self.restarted(rotate), [2, 3])

    def test_renamed_twice_meanwhile(self):
        def rotate():
            self.write(ended(2))
            self.log.rename(self.folder / "mail.log-20261129")
            self.write(sessions(3))
            self.log.rename(self.folder / "mail.log-20261130")
            (self.folder / "mail.log-20261128.gz").write_bytes(b"\x1f\x8b")
            (self.folder / "mail.logic").write_text(sessions(8))
            self.write(sessions(4))
            # Time stamps that are the same say nothing about the order.
            for day, name in ((1, "mail.log-20261129"), (2, "mail.log-20261130"), (3, "mail.log")):
                os.utime(self.folder / name, (day * 86400, day * 86400))
            return 4
        self.assertEqual(self.restarted(rotate), [2, 3, 4])

    def test_copied_and_emptied_meanwhile(self):
        def rotate():
            self.write(ended(2))
            self.copy_away("mail.log.1")
            self.write(sessions(3))
            return 3
        self.assertEqual(self.restarted(rotate), [2, 3])

    def test_gone_meanwhile(self):
        self.write("")
        with self.follow() as program:
            self.wait_kept()
            self.write(sessions(1))
            program.wait_for(1)
            self.wait_kept()
            program.end()
        os.remove(self.log)
        self.write(sessions(2))
        with self.follow() as program:
            program.wait_for(2)
            self.assertIn(b"is gone: it begins with this file", program.errors.read_bytes())

    def test_a_state_of_no_use(self):
        self.write(sessions(1))
        for text, words in (("", "no JSON"), ("{}", "another version"), ('{"version": 2}', "another version"),
                            ('{"version": 1}', "damaged"), ('{"version": 1, "file": {"inode": "x"}}', "damaged"),
                            ('{"version": 1, "file": {}, "processes": [{"waiting": ["x"]}]}', "damaged"),
                            ('{"version": 1, "journal": {"cursor": "x"}}', "not of a log file")):
            self.state.write_text(text)
            with self.follow() as program:
                self.assertEqual(program.wait(), 65, text)
                self.assertIn(words, program.errors.read_text())
            self.assertEqual(self.state.read_text(), text)

    def test_what_cannot_be_read_or_written(self):
        self.assertEqual(waxwing("follow", "--file", str(self.folder)).returncode, 66)
        self.write("")
        done = waxwing("follow", "--file", str(self.log), "--state", str(self.folder / "none/state"))
        self.assertEqual(done.returncode, 70)


class Receiver:
    """Listens, and answers each line as `answer(line)` says: None closes the connection instead."""

    def __init__(self, path, answer):
        self.lines = []
        self._answer = answer
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._path = path
        self._thread = threading.Thread(target=self._serve)
        self._ending = False
        self._thread.start()

    def _serve(self):
        while True:
            peer, _ = self._socket.accept()
            with peer, peer.makefile("rb") as lines:
                if self._ending:
                    return
                with contextlib.suppress(OSError):
                    self._talk(peer, lines)

    def _talk(self, peer, lines):
        for line in lines:
            answer = self._answer(line)
            if answer is None:
                return
            self.lines.append(line)
            peer.sendall(answer)

    def close(self):
        self._ending = True
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(self._path))
        self._thread.join()
        self._socket.close()


class Send(Folder):
    def to(self):
        return "--to", f"unix:{self.socket}"

    def receiver(self, answer):
        made = Receiver(self.socket, answer)
        self.addCleanup(made.close)
        return made

    def test_a_receiver_that_is_away(self):
        """What waits is bounded: of the log no more is read. All comes in the end, in order, and once."""
        count = 2500
        self.write(sessions(*range(1, count + 1)))
        with self.follow("--from-start", *self.to()) as program:
            wait(lambda: len(self.kept().get("unsent", [])) > 900)
            kept = self.kept()
            self.assertLessEqual(len(kept["unsent"]), 1000)
            self.assertLess(kept["file"]["offset"], os.path.getsize(self.log))
            self.assertIn(b"No such file", program.errors.read_bytes())
            self.assertEqual(program.end(), 0)
        with self.follow(*self.to()) as program:
            receiver = self.receiver(lambda line: b"ok\n")
            wait(lambda: len(receiver.lines) >= count)
            wait(lambda: self.kept()["unsent"] == [])
            self.assertEqual(program.end(), 0)
        self.assertEqual(numbers(b"".join(receiver.lines)), list(range(1, count + 1)))

    def test_a_receiver_that_hangs_up(self):
        """What was not answered is sent again."""
        calls = []

        def answer(line):
            calls.append(line)
            return None if len(calls) == 7 else b"ok\n"
        receiver = self.receiver(answer)
        self.write(sessions(*range(1, 11)))
        with self.follow("--from-start", *self.to()):
            wait(lambda: b" domain=d10.example " in b"".join(receiver.lines))
        self.assertEqual(sorted(set(numbers(b"".join(receiver.lines)))), list(range(1, 11)))

    def test_a_receiver_that_refuses(self):
        self.receiver(lambda line: b"no good\x1b[31m\n" if b"=d2." in line else b"ok\n")
        self.write(sessions(1, 2, 3))
        with self.follow("--from-start", *self.to()) as program:
            wait(lambda: self.kept().get("unsent") == [] and self.kept()["file"]["offset"] > 0)
            program.end()
            self.assertIn(b"an event was refused: no good", program.errors.read_bytes())
            self.assertNotIn(b"\x1b", program.errors.read_bytes())

    def test_a_receiver_that_talks_nonsense(self):
        receiver = self.receiver(lambda line: b"x" * 1000)
        self.write(sessions(1))
        with self.follow("--from-start", *self.to()) as program:
            wait(lambda: b"none of this protocol" in program.errors.read_bytes())
            self.assertEqual(numbers(receiver.lines[0]), [1])
            program.end()
        self.assertEqual(len(self.kept()["unsent"]), 1)

    def test_to_the_listener(self):
        self.write(sessions(*range(1, 301)))
        with Program(self.folder, "listen", f"unix:{self.socket}") as listener, \
                self.follow("--from-start", *self.to()) as program:
            listener.wait_for(*range(1, 301))
            self.assertEqual(program.end(), 0)
            self.assertEqual(listener.end(), 0)
        self.assertEqual(self.kept()["unsent"], [])


class Listen(Folder):
    def setUp(self):
        super().setUp()
        self.listener = Program(self.folder, "listen", f"unix:{self.socket}")
        self.addCleanup(self.listener.__exit__)
        wait(self.answers)

    def answers(self):
        with contextlib.suppress(ConnectionError, FileNotFoundError):
            return self.ask(b"") == b""
        return False

    def connect(self):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(30)
        try:
            s.connect(str(self.socket))
        except OSError:
            s.close()
            raise
        return s

    def ask(self, text):
        """What Exim's readsocket does: the request, no more from this side, all until the end."""
        with self.connect() as s:
            s.sendall(text)
            s.shutdown(socket.SHUT_WR)
            with s.makefile("rb") as answer:
                return answer.read()

    GOOD = b"waxwing-result 1 domain=d1.example result=success \n"

    def test_answers(self):
        for text, answer in ((self.GOOD, b"ok\n"), (self.GOOD * 3, b"ok\n" * 3), (self.GOOD.replace(b"\n", b"\r\n"), b"ok\n"),
                             (b"waxwing-exim 1 event=msg:delivery domain=d1.example\n", b"ok\n"),
                             (b"hello\n" + self.GOOD, b"no the line does not begin with waxwing-result or waxwing-exim\nok\n"),
                             (b"\n", b"no the line does not begin with waxwing-result or waxwing-exim\n"),
                             (self.GOOD[:-1], b""), (b"", b"")):
            self.assertEqual(self.ask(text), answer, text)
        self.assertEqual(len(self.listener.numbers()), 6)
        self.assertRegex(self.listener.output.read_bytes(), rb"^waxwing-result 1 time=\d{10} domain")

    def test_a_line_too_long(self):
        for n in (4096, 5000, 1 << 20):
            self.assertEqual(self.ask(self.GOOD + b"x" * n + b"\n" + self.GOOD), b"ok\nno longer than its limit\nok\n")
        self.assertRegex(self.ask(b"x" * 4095 + b"\n"), b"^no the line does not begin")

    def test_many_at_once(self):
        held = [self.connect() for _ in range(64)]
        threads = [threading.Thread(target=self.ask, args=(self.GOOD,)) for _ in range(40)]
        for thread in threads:
            thread.start()
        for s in held:
            s.close()
        for thread in threads:
            thread.join()
        self.listener.wait_for(*[1] * 40)

    def test_one_who_does_not_read(self):
        """No more is read from a client who leaves its answers where they are; others are served."""
        with self.connect() as s:
            s.setblocking(False)
            sent = 0
            with contextlib.suppress(BlockingIOError):
                while True:
                    sent += s.send(b"x\n" * 2000)
            self.assertEqual(self.ask(self.GOOD), b"ok\n")
            s.settimeout(30)
            s.shutdown(socket.SHUT_WR)
            with s.makefile("rb") as answer:
                self.assertEqual(sum(1 for _ in answer), sent // 2)

    def test_its_socket(self):
        self.assertEqual(os.stat(self.socket).st_mode & 0o777, 0o660)
        done = waxwing("listen", f"unix:{self.socket}")
        self.assertEqual(done.returncode, 73, done)
        self.listener.end(signal.SIGKILL)
        with Program(self.folder, "listen", "--mode", "0600", "--json", f"unix:{self.socket}") as after:
            wait(self.answers)
            self.assertEqual(os.stat(self.socket).st_mode & 0o777, 0o600)
            self.assertEqual(self.ask(self.GOOD), b"ok\n")
            self.assertEqual(json.loads(after.output.read_bytes())["domain"], "d1.example")
            self.assertEqual(after.end(), 0)
        self.assertFalse(self.socket.exists())
        (self.folder / "file").write_text("precious")
        self.assertEqual(waxwing("listen", f"unix:{self.folder / 'file'}").returncode, 73)
        self.assertEqual((self.folder / "file").read_text(), "precious")


class Journal(Folder):
    def setUp(self):
        super().setUp()
        self.entries = self.folder / "entries"
        program = self.folder / "bin/journalctl"
        program.parent.mkdir()
        program.write_text(JOURNALCTL)
        program.chmod(0o755)

    def journal(self, *arguments):
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        environment = {**ENVIRONMENT, "PATH": path, "FAKE": str(self.folder)}
        return Program(self.folder, "follow", "--journal", "--state", str(self.state), *arguments,
                       environment=environment)

    def asked(self):
        return (self.folder / "arguments").read_text().splitlines()[-1]

    def test_goes_on_behind_the_cursor(self):
        self.entries.write_text(entry(1, begun(1)) + entry(1, ended(1)) + entry(2, begun(2)))
        with self.journal("--from-start") as program:
            program.wait_for(1)
            wait(lambda: self.kept().get("journal") == {"cursor": "s=1;i=2"})
            self.assertEqual(program.end(), 0)
        self.assertIn("--output=json", self.asked())
        self.assertIn("--follow", self.asked())
        self.assertIn("--lines=all", self.asked())
        self.assertNotIn("cursor", self.asked())
        self.entries.write_text("no JSON\n" + entry(2, ended(2)))
        with self.journal() as program:
            program.wait_for(2)
            self.assertIn("--after-cursor=s=1;i=2", self.asked())
            program.end()

    def test_from_now_on(self):
        self.entries.write_text(entry(1, begun(1)) + entry(1, ended(1)))
        with self.journal() as program:
            program.wait_for(1)
            self.assertIn("--lines=0", self.asked())
            program.end()

    def test_an_end_of_journalctl(self):
        self.entries.write_text(entry(1, begun(1)) + entry(1, ended(1)))
        (self.folder / "ends").write_text("")
        with self.journal() as program:
            self.assertEqual(program.wait(), 75)
            self.assertEqual(program.numbers(), [1])
            self.assertIn(b"journalctl: it has ended", program.errors.read_bytes())

    def test_no_journalctl(self):
        environment = {**ENVIRONMENT, "PATH": str(self.folder)}
        with Program(self.folder, "follow", "--journal", environment=environment) as program:
            self.assertEqual(program.wait(), 75)
            self.assertIn(b"No such file", program.errors.read_bytes())


if __name__ == "__main__":
    unittest.main()
