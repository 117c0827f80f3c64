#!/usr/bin/python3
"""TLS results through a whole daemon, from outside: test_collector.py PROGRAM WAXWING

The daemon has the real supervisor, collector and control; its keeper writes the sums of what is folded to a file.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

import test_supervisor
from test_supervisor import Daemon, alive, children_of, enter_namespace, loopback_up, name_of, wait_for

POLICY = {"policy-type": 2, "policy-domain": "example.com",
          "policy-string": ["version: STSv1", "mode: enforce", "mx: mx.example.com", "max_age: 86400"],
          "mx-host": ["mx.example.com"], "t": 0, "f": 0}
GOOD = json.dumps({"dpv": "1", "d": "example.com", "pr": "v=TLSRPTv1;rua=mailto:reports@example.com",
                   "policies": [POLICY]}).encode()
SUMS = struct.Struct("16sQQqqqQQ")
QUEUE = pathlib.Path("/proc/sys/net/unix/max_dgram_qlen")

waxwing = None


def send(path, data=GOOD):
    """As Postfix does: a socket for each; but waits where the queue is full."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect(str(path))
        s.send(data)


def lines(path, text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.settimeout(10)
        s.connect(str(path))
        s.sendall(text.encode())
        s.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: s.recv(4096), b"")).decode()


class Sender(threading.Thread):
    """Sends as fast as it is let, until it is told to end, or nobody takes it."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.accepted, self.ended = path, 0, False
        self.start()

    def run(self):
        while not self.ended:
            try:
                send(self.path)
                self.accepted += 1
            except OSError:
                return
            if self.accepted % 50 == 0:
                time.sleep(0.005)

    def end(self):
        self.ended = True
        self.join(20)
        return self.accepted


class Collected(unittest.TestCase):
    def daemon(self):
        d = Daemon()
        self.addCleanup(d.remove)
        self.state = d.folder / "state"
        self.datagrams, self.lines = self.state / "tlsrpt", self.state / "results"
        d.more = 'collect { journal = "4M" }\n'
        d.configure()
        return d

    def make_state(self):
        self.state.mkdir()
        if test_supervisor.root and not test_supervisor.mapped:
            os.chown(self.state, 65534, 65534)

    def count(self):
        with contextlib.suppress(FileNotFoundError):
            values = SUMS.unpack((self.state / "sums").read_bytes())
            return sum(values[3:6])
        return 0

    def assert_count(self, wanted):
        wait_for(lambda: self.count() >= wanted, 20)
        time.sleep(0.4)
        self.assertEqual(self.count(), wanted)

    def status(self):
        done = subprocess.run([waxwing, "status", "--json", "--socket", f"unix:{self.state}/control"], capture_output=True,
                              text=True, timeout=20, check=False)
        self.assertTrue(done.stdout, done.stderr)
        return json.loads(done.stdout)

    def kill_all(self, d):
        """The keeper does not get to fold before it goes."""
        roles = children_of(d.process.pid)
        d.process.kill()
        d.process.wait()
        wait_for(lambda: not any(alive(p) for p in roles))

    def pause_keeper(self, d):
        os.kill(d.roles()["waxwingd: keeper"], signal.SIGSTOP)

    def test_status(self):
        d = self.daemon().start()
        for data in (GOOD, b"nonsense", GOOD):
            send(self.datagrams, data)
        self.assertEqual(lines(self.lines, "waxwing-result 1 domain=example.com result=success\nx\n").splitlines()[0], "ok")
        self.assert_count(3)
        collect = self.status()["collect"]
        self.assertEqual([collect[key] for key in ("datagrams", "lines", "refused", "journal_full", "lag_seconds")],
                         [3, 1, 2, 0, 0])
        self.assertEqual(collect["journal_limit"], 4 << 20)
        shown = subprocess.run([waxwing, "status", "--socket", f"unix:{self.state}/control"], capture_output=True, text=True,
                               timeout=20, check=False).stdout
        self.assertRegex(shown, r"TLS results +3 datagrams, 1 lines; journal .* of 4\.0 MiB\n +2 refused")
        self.assertRegex(d.log(), rf"result-refused kind=datagram uid=\d+ pid={os.getpid()} error=datagram-json .* octet=0")
        self.assertEqual(d.log().count("queue-short"), int(QUEUE.read_text()) < 512)
        self.assertEqual(d.stop(), 0)
        self.assertFalse(self.datagrams.exists())

    def test_kill_of_everything(self):
        d = self.daemon().start()
        self.pause_keeper(d)
        for _ in range(100):
            send(self.datagrams)
        self.assertEqual(lines(self.lines, "waxwing-result 1 domain=example.com result=success\n"), "ok\n")
        wait_for(lambda: self.status()["collect"]["datagrams"] == 100)
        self.kill_all(d)
        self.assertEqual(self.count(), 0)
        d.start()
        self.assert_count(101)
        self.assertRegex(d.log(), "collector info journal-found records=101 recovered=0 discarded=0")

    def test_kills_of_the_collector(self):
        d = self.daemon().start()
        sender = Sender(self.datagrams)
        before = 0
        for _ in range(5):
            wait_for(lambda: self.status()["collect"]["datagrams"] > before)
            time.sleep(0.2)
            before = self.status()["collect"]["datagrams"]
            killed = d.roles()["waxwingd: collector"]
            os.kill(killed, signal.SIGKILL)
            wait_for(lambda: d.all_back(killed))
        self.assert_count(sender.end())

    def test_stop_and_start(self):
        d = self.daemon().start()
        accepted = 0
        for _ in range(3):
            sender = Sender(self.datagrams)
            wait_for(lambda: sender.accepted > 500)
            self.assertEqual(d.stop(), 0)
            accepted += sender.end()
            d.start()
        self.assert_count(accepted)

    def test_sockets_of_a_service_manager(self):
        """What is sent while all of Waxwing is dead is there when it is back."""
        d = self.daemon()
        self.datagrams, self.lines = d.folder / "tlsrpt", d.folder / "results"
        d.more = f'collect {{ journal = "1M"\ndatagrams = {{"unix:{self.datagrams}"}}\nlines = {{"unix:{self.lines}"}} }}\n'
        d.configure()
        manager = {"datagrams": socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), "lines": socket.socket(socket.AF_UNIX)}
        for s, path in zip(manager.values(), (self.datagrams, self.lines)):
            self.addCleanup(s.close)
            s.bind(str(path))
            path.chmod(0o666)
        manager["lines"].listen()
        sent = 0
        for end in (lambda: self.assertEqual(d.stop(), 0), lambda: self.kill_all(d)):
            for _ in range(8):
                send(self.datagrams)
            d.start(inherited=manager)
            send(self.datagrams)
            self.assertEqual(lines(self.lines, "waxwing-result 1 domain=example.com result=success\n"), "ok\n")
            sent += 10
            self.assert_count(sent)
            end()
        self.assertNotIn("socket-unused", d.log())
        self.assertTrue(self.datagrams.exists())

    def test_file_that_is_no_journal(self):
        d = self.daemon()
        self.make_state()
        (self.state / "results.journal").write_text("precious")
        d.start()
        send(self.datagrams)
        self.assert_count(1)
        self.assertEqual((self.state / "results.journal.old").read_text(), "precious")
        self.assertIn("supervisor warning journal-other", d.log())
        self.assertEqual(d.stop(), 0)

    def test_no_file_for_the_journal(self):
        d = self.daemon()
        self.make_state()
        (self.state / "results.journal").mkdir()
        (self.state / "results.journal.old").mkdir()
        d.start()
        send(self.datagrams)
        self.assert_count(1)
        self.assertIn("supervisor error journal-failed", d.log())
        self.assertIn("supervisor warning journal-in-memory", d.log())
        self.assertEqual(d.stop(), 0)

    def test_switched_off_and_on(self):
        d = self.daemon()
        d.more = "collect { enabled = false }\n"
        d.configure()
        d.start()
        self.assertNotIn("waxwingd: collector", d.roles())
        self.assertFalse(self.datagrams.exists())
        self.assertIsNone(self.status()["collect"])
        d.more = 'collect { journal = "1M" }\n'
        d.configure()
        d.reload()
        wait_for(lambda: "waxwingd: collector" in {name_of(pid) for pid in children_of(d.process.pid)})
        send(self.datagrams)
        self.assert_count(1)
        self.assertEqual(d.stop(), 0)


if __name__ == "__main__":
    if "WAXWING_TEST_INSIDE" not in os.environ:
        enter_namespace()
    loopback_up()
    test_supervisor.program, waxwing = sys.argv[1], sys.argv[2]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
