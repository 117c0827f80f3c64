"""A role that dies takes nothing with it: cached look-ups go on, and what it knew is back."""

import os
import signal
import socket
import threading
import time

import pytest

from waiting import wait_stored, wait_until

CACHED = "OK secure match=mx.good.example servername=hostname"


class Asker:
    """Asks for one domain, again and again, reconnecting as Postfix does, until it is stopped."""

    def __init__(self, port, key):
        self._address = ("127.0.0.1", port)
        self._request = f"QUERY {key}".encode()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.answers = {}
        self.longest = 0.0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(10)

    def _run(self):
        stream = None
        while not self._stop.is_set():
            begun = time.monotonic()
            answer = None
            while answer is None and time.monotonic() - begun < 10:
                stream = stream or self._connect()
                answer = self._ask(stream)
                if answer is None:
                    stream = None
            self.longest = max(self.longest, time.monotonic() - begun)
            self.answers[answer] = self.answers.get(answer, 0) + 1
            time.sleep(0.001)

    def _connect(self):
        s = socket.create_connection(self._address, timeout=10)
        return s.makefile("rwb")

    def _ask(self, stream):
        try:
            stream.write(b"%d:%s," % (len(self._request), self._request))
            stream.flush()
            length = b""
            while (byte := stream.read(1)) not in (b":", b""):
                length += byte
            text = stream.read(int(length) + 1) if length else b""
            return text[:-1].decode() if text.endswith(b",") else None
        except OSError:
            return None


def alive(pid):
    """True for a process that runs; one that is dead and not waited for has no program."""
    try:
        return bool(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return False


@pytest.mark.parametrize("role", ("resolver", "keeper", "front"))
def test_killed_role_is_back(new_waxwingd, role):
    daemon = new_waxwingd()
    assert daemon.lookup("good.example") == CACHED
    wait_stored(daemon, "good.example")
    with Asker(daemon.port, "good.example") as asker:
        wait_until(daemon, lambda: asker.answers)
        for _ in range(3):
            begun = time.monotonic()
            gone = daemon.kill_role(role)
            assert gone
            daemon.wait_role(role, gone)
            assert time.monotonic() - begun < 2
            time.sleep(0.3)
    assert set(asker.answers) == {CACHED}, asker.answers
    assert asker.answers[CACHED] > 100
    assert asker.longest < 2


def test_new_domain_after_killed_resolver(new_waxwingd):
    daemon = new_waxwingd()
    daemon.wait_role("resolver", daemon.kill_role("resolver"))
    assert daemon.lookup("wildcard.example").startswith("OK secure")


def test_new_policy_is_stored_after_killed_keeper(new_waxwingd):
    daemon = new_waxwingd()
    daemon.wait_role("keeper", daemon.kill_role("keeper"))
    assert daemon.lookup("wildcard.example").startswith("OK secure")
    wait_stored(daemon, "wildcard.example")


def test_look_up_in_flight_survives_its_resolver(new_waxwingd):
    """The flight is begun again with the new resolver; the client gets an answer within the deadline."""
    daemon = new_waxwingd()
    answers = []
    thread = threading.Thread(target=lambda: answers.append(daemon.lookup("silent.example")))
    thread.start()
    time.sleep(0.2)
    daemon.kill_role("resolver")
    thread.join(15)
    assert answers == ["OK dane"]  # nobody knows what its MX hosts promise


def test_all_roles_die_with_the_supervisor(new_waxwingd):
    daemon = new_waxwingd()
    roles = [pid for pids in daemon.roles().values() for pid in pids]
    assert len(roles) >= 3
    os.kill(daemon.pid, signal.SIGKILL)

    wait_until(daemon, lambda: not any(map(alive, roles)))
    daemon.start()
    assert daemon.lookup("good.example") == CACHED


def test_clean_stop(new_waxwingd):
    daemon = new_waxwingd()
    daemon.lookup("good.example")
    assert daemon.stop() == 0
