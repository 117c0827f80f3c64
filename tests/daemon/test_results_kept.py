#!/usr/bin/python3
"""What was accepted is counted once, whatever happens: test_results_kept.py PROGRAM WAXWING

All of the daemon is real; what it has counted is read as an operator would read it. The sums are compared with what
was sent, not with times.
"""

import contextlib
import glob
import json
import os
import pathlib
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

import test_supervisor
from test_collector import GOOD, send
from test_supervisor import SKIPPED, Daemon, alive, children_of, loopback_up, name_of, wait_for

DOMAIN = "example.com"
KILLS = 100
FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)

waxwing = None


def is_sanitized(program):
    with open(program, "rb") as f:
        return b"libasan.so" in f.read()


def enter_namespaces():
    """Starts this script again where a network and file systems are its own."""
    command = ["unshare", "-n", "-m"] if test_supervisor.root else ["unshare", "-r", "-n", "-m"]
    if subprocess.run(command + ["true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: no namespaces can be made here")
        sys.exit(SKIPPED)
    os.environ["WAXWING_TEST_INSIDE"] = "1"
    os.environ["WAXWING_TEST_MAPPED"] = "0" if test_supervisor.root else "1"
    os.execvp(command[0], command + [sys.executable] + sys.argv)


class Senders:
    """Two that send without an end, and wait where the queue is full, as long as somebody has the socket."""

    def __init__(self, path):
        self.path, self.ended = path, False
        self.accepted = [0, 0]
        self.threads = [threading.Thread(target=self.run, args=(i,), daemon=True) for i in range(2)]
        for thread in self.threads:
            thread.start()

    def run(self, i):
        while not self.ended:
            try:
                send(self.path)
            except OSError:
                return
            self.accepted[i] += 1
            if self.accepted[i] % 20 == 0:
                time.sleep(0.01)

    def end(self):
        self.ended = True
        for thread in self.threads:
            thread.join(30)
        return sum(self.accepted)


class Kept(unittest.TestCase):
    def daemon(self, more='collect { journal = "2M" }\n'):
        d = Daemon()
        self.addCleanup(d.remove)
        self.state = d.folder / "state"
        self.datagrams = self.state / "tlsrpt"
        d.more = more
        d.configure(listen=f'{{"unix:{d.socket}"}}')
        return d

    def ask(self, *words):
        done = subprocess.run([waxwing, *words, "--socket", f"unix:{self.state}/control"], capture_output=True, text=True,
                              timeout=30, check=False)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def counted(self):
        """Sessions of the day that is not over, as the report would have them."""
        found = self.ask("report", "outbox", "preview", "--open", "--json", DOMAIN)
        return sum(sum(p["summary"].values()) for one in found for p in one.get("report", one).get("policies", []))

    def listed(self):
        return [next(iter(row.values())) for row in self.ask("report", "outbox", "list", "--json")]

    def assert_counted(self, wanted, seconds=20):
        wait_for(lambda: self.counted() >= wanted, seconds)
        self.assertEqual(self.counted(), wanted)

    def kill_all(self, d):
        roles = children_of(d.process.pid)
        for pid in (d.process.pid, *roles):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        d.process.wait()
        wait_for(lambda: not any(alive(p) for p in roles))

    def role(self, d, name):
        """Its process, or None while it is not there."""
        for pid in children_of(d.process.pid):
            if name_of(pid) == "waxwingd: " + name:
                return pid
        return None

    def status(self):
        return self.ask("status", "--json")[0]["collect"]

    def killed_again_and_again(self, d, kills):
        """Each comes while results come in, at whatever instruction it is."""
        senders = Senders(d.folder / "state" / "tlsrpt")
        choose = random.Random(kills)
        killed = None
        for _ in range(kills):
            wanted = sum(senders.accepted) + choose.randrange(1, 150)
            wait_for(lambda: sum(senders.accepted) >= wanted, 30)
            wait_for(lambda: self.role(d, "collector") not in (None, killed))
            killed = self.role(d, "collector")
            os.kill(killed, signal.SIGKILL)
        return senders.end()

    def test_kills_of_the_collector(self):
        """Several daemons at once: a role that dies again and again is started with pauses."""
        daemons = [self.daemon() for _ in range(5)]
        accepted = [0] * len(daemons)

        def run(i):
            accepted[i] = self.killed_again_and_again(daemons[i], KILLS // len(daemons))

        for d in daemons:
            d.start()
        threads = [threading.Thread(target=run, args=(i,)) for i in range(len(daemons))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for d, sent in zip(daemons, accepted):
            self.assertGreater(sent, KILLS // len(daemons))
            self.state = d.folder / "state"
            self.assert_counted(sent)
            self.assertEqual(d.log().count("role-died name=collector"), KILLS // len(daemons))

    def test_kills_of_everything(self):
        """With sockets that a service manager holds nothing is lost, though nobody is there."""
        d = self.daemon()
        path = d.folder / "tlsrpt"
        d.more = f'collect {{ journal = "1M"\ndatagrams = {{"unix:{path}"}}\nlines = {{}} }}\n'
        d.configure()
        held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(held.close)
        held.bind(str(path))
        path.chmod(0o666)
        senders = Senders(path)
        for _ in range(3):
            wanted = sum(senders.accepted) + 200
            d.start(inherited={"datagrams": held})
            wait_for(lambda: sum(senders.accepted) >= wanted, 30)
            self.kill_all(d)
        d.start(inherited={"datagrams": held})
        self.assert_counted(senders.end())

    def test_store_that_is_locked(self):
        """Until the journal is full: then senders wait."""
        d = self.daemon('collect { journal = "1M" }\n').start()
        send(self.datagrams)
        self.assert_counted(1)
        with contextlib.closing(sqlite3.connect(self.state / "waxwing.db", isolation_level=None)) as rival:
            rival.execute("BEGIN IMMEDIATE")
            senders = Senders(self.datagrams)
            wait_for(lambda: "collector error journal-full" in d.log(), 30)
            os.kill(self.role(d, "collector"), signal.SIGKILL)
            os.kill(self.role(d, "keeper"), signal.SIGKILL)
            wait_for(lambda: d.log().count("journal-full") == 2, 30)
            self.assertIn("error=store-busy", d.log())
            self.assertEqual(self.counted(), 1)
        wait_for(lambda: "collector info journal-room" in d.log(), 30)
        self.assert_counted(senders.end() + 1)

    def test_disk_that_is_full(self):
        d = self.daemon('collect { journal = "1M" }\n')
        self.state.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=777", "disk", self.state], check=False)
        if done.returncode != 0:
            self.skipTest("nothing can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.state], check=False)
        if test_supervisor.root and not test_supervisor.mapped:
            os.chown(self.state, 65534, 65534)
        d.start()
        send(self.datagrams)
        self.assert_counted(1)
        filler = self.state / "filler"
        with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as f:
            while True:
                f.write(b"x" * 4096)
        for i in range(200):
            send(self.datagrams, GOOD.replace(b"mx.example.com", b"mx%d.example.com" % i))
            send(self.datagrams)
        wait_for(lambda: "error=store-full" in d.log(), 30)
        wait_for(lambda: self.status()["datagrams"] == 401)
        self.kill_all(d)
        d.start()
        send(self.datagrams)
        filler.unlink()
        self.assert_counted(402, 30)
        self.assertEqual(d.stop(), 0)

    @contextlib.contextmanager
    def running_at(self, d, when):
        """By a clock that says so."""
        d.start(environment={"LD_PRELOAD": FAKETIME, "FAKETIME": "@" + when, "TZ": "UTC", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        yield
        self.assertEqual(d.stop(), 0)

    @unittest.skipUnless(FAKETIME, "needs the package faketime")
    @unittest.skipIf(is_sanitized(sys.argv[1]), "AddressSanitizer has to be loaded before the library that fakes the time")
    def test_clock(self):
        """Each day is reported once, and what comes later in a part of its own, wherever the clock goes."""
        d = self.daemon()
        made = []

        def reported():
            return sorted((r["day"], r["part"], r["success"]) for r in self.listed() if r["state"] == "held")

        def run(when, count, *reports):
            with self.running_at(d, when):
                made.extend(reports)
                wait_for(lambda: reported() == sorted(made), 20)
                for _ in range(count):
                    send(self.datagrams)
                wait_for(lambda: sum(r["success"] for r in self.listed() if r["state"] == "collecting") >= count, 20)

        run("2031-03-10 23:00:00", 5)
        run("2031-03-11 00:10:00", 2, ("2031-03-10", 1, 5))
        run("2031-03-10 12:00:00", 3)  # set back over midnight
        run("2031-03-20 12:00:00", 4, ("2031-03-10", 2, 3), ("2031-03-11", 1, 2))
        run("2031-03-13 12:00:00", 6)  # it was far ahead
        run("2031-03-21 00:10:00", 0, ("2031-03-13", 1, 6), ("2031-03-20", 1, 4))
        self.assertEqual(d.log().count("keeper info reports-made"), 3)

    def rss(self, d):
        text = pathlib.Path(f"/proc/{self.role(d, 'collector')}/smaps_rollup").read_text()
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Anonymous:"))

    def test_mutated_datagrams(self):
        """Of 100,000 some are whole. What is changed has another domain, should it be taken for a result at all."""
        d = self.daemon('collect { journal = "2M" }\n').start()
        choose = random.Random(7)
        mutant = GOOD.replace(b"example.com", b"mutant.net")
        pieces = [b"", b"\0", b"\xff\xfe", b"\xc3", b"{", b"}", b"[[[[", b'"', b"1e999", b"-1", b"18446744073709551616",
                  b"\\u0000", b"\\ud800", b'"dpv":"2",', b'"f":4294967295', b"x" * 3000, b"\n", b","]
        good, memory = 0, 0
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.connect(str(self.datagrams))
            for i in range(100_000):
                if i == 30_000:
                    memory = self.rss(d)
                if i % 10 == 0:
                    s.send(GOOD)
                    good += 1
                    continue
                octets = bytearray(mutant)
                for _ in range(choose.randrange(1, 4)):
                    at = choose.randrange(len(octets))
                    octets[at:at + choose.randrange(5)] = choose.choice(pieces)
                s.send(octets[:choose.randrange(len(octets))] if i % 10 == 1 else octets)
        self.assert_counted(good)
        taken = self.status()
        self.assertEqual(taken["datagrams"], 100_000)
        self.assertGreater(taken["refused"], 50_000)
        self.assertGreater(memory, 0)
        self.assertLess(self.rss(d), memory + 4096)
        self.assertNotIn("role-died", d.log())
        self.assertEqual(d.stop(), 0)


if __name__ == "__main__":
    if "WAXWING_TEST_INSIDE" not in os.environ:
        enter_namespaces()
    loopback_up()
    test_supervisor.program, waxwing = sys.argv[1], sys.argv[2]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
