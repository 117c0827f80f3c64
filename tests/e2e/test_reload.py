"""SIGHUP takes over a changed configuration while look-ups go on."""

import contextlib
import os
import signal

from test_roles import CACHED, Asker
from waiting import wait_until


def reload(daemon, wanted="info reloaded"):
    before = daemon.log().count(wanted)
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(daemon, lambda: daemon.log().count(wanted) > before)


def test_look_ups_notice_nothing(new_waxwingd):
    daemon = new_waxwingd()
    assert daemon.lookup("good.example") == CACHED
    with open(daemon.conf, encoding="utf-8") as f:
        good = f.read()
    with contextlib.ExitStack() as stack:
        askers = [stack.enter_context(Asker(daemon.port, "good.example")) for _ in range(4)]
        wait_until(daemon, lambda: all(asker.answers for asker in askers))
        front = daemon.roles()["front"]
        for turn in range(10):
            broken = turn == 4
            with open(daemon.conf, "w", encoding="utf-8") as f:
                f.write(good + ("nonsense = 1\n" if broken else ""))
            reload(daemon, "reload-failed" if broken else "info reloaded")
        assert daemon.roles()["front"] == front
    for asker in askers:
        assert set(asker.answers) == {CACHED}, asker.answers
        assert asker.longest < 1
    assert f"{daemon.conf}:{len(good.splitlines()) + 1}: no such option" in daemon.log()
    assert daemon.lookup("wildcard.example").startswith("OK secure")


def test_testing_may(new_waxwingd):
    daemon = new_waxwingd()
    assert daemon.lookup("testing.example", name="QUERYwithTLSRPT").startswith("NOTFOUND")
    with open(daemon.conf, "a", encoding="utf-8") as f:
        f.write('testing = "may"\n')
    reload(daemon)
    wait_until(daemon, lambda: daemon.lookup("testing.example", name="QUERYwithTLSRPT").startswith("OK may"))
