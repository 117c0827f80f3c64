"""SIGHUP takes over a changed configuration while look-ups go on."""

import os
import signal

from load import load
from test_roles import CACHED
from waiting import wait_until

CONNECTIONS = 50
A_SECOND = 5000


def reload(daemon, wanted="info reloaded"):
    before = daemon.log().count(wanted)
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(daemon, lambda: daemon.log().count(wanted) > before)


def write_settings(daemon, good, turn):
    """Another configuration each time: the fifth one is broken, others touch the resolvers, or nothing."""
    more = "nonsense = 1\n" if turn == 4 else f'dns {{ timeout = "{4 + turn % 3}s" }}\nanswer_deadline = "{5 + turn}s"\n'
    with open(daemon.conf, "w", encoding="utf-8") as f:
        f.write(good + more)
    return "reload-failed" if turn == 4 else "info reloaded"


def test_look_ups_notice_nothing(new_waxwingd):
    daemon = new_waxwingd()
    keys = ("good.example", "wildcard.example", "testing.example", "nothing.example", ".example", "[192.0.2.1]")
    requests = [(name, key) for name in ("QUERY", "QUERYwithTLSRPT") for key in keys]
    for name, key in requests:
        daemon.lookup(key, name=name)
    answers = {f"{name} {key}": daemon.lookup(key, name=name) for name, key in requests}
    assert answers["QUERY good.example"] == CACHED
    with open(daemon.conf, encoding="utf-8") as f:
        good = f.read()
    front, resolvers = daemon.roles()["front"], daemon.roles()["resolver"]
    with load(daemon, answers, CONNECTIONS, 10**9, rate=A_SECOND) as asker:
        for turn in range(10):
            reload(daemon, write_settings(daemon, good, turn))
            assert asker.running()
        asker.stop()
        counts = asker.result()
    assert counts["wrong"] == counts["lost"] == 0, counts
    assert counts["answers"] / counts["ms"] * 1000 > 0.98 * A_SECOND, counts
    assert counts["longest_ms"] < 1000, counts
    assert daemon.roles()["front"] == front and not set(daemon.roles()["resolver"]) & set(resolvers)
    assert f"{daemon.conf}:{len(good.splitlines()) + 1}: no such option" in daemon.log()
    assert daemon.lookup("unsigned.example").startswith("OK secure")


def test_testing_may(new_waxwingd):
    daemon = new_waxwingd()
    assert daemon.lookup("testing.example", name="QUERYwithTLSRPT").startswith("NOTFOUND")
    with open(daemon.conf, "a", encoding="utf-8") as f:
        f.write('testing = "may"\n')
    reload(daemon)
    wait_until(daemon, lambda: daemon.lookup("testing.example", name="QUERYwithTLSRPT").startswith("OK may"))
