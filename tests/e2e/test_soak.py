"""A million look-ups on connections that end at any moment: nothing is lost, leaked or mixed up."""

import os
import pathlib
import socket

from load import load
from waiting import wait_until

CONNECTIONS = 500
LOOK_UPS = 1_000_000
WARM_UP = 100_000
UNKNOWN = 300
DESCRIPTORS = 48
DROPS = 25  # of a thousand turns

KEYS = ("good.example", "wildcard.example", "testing.example", "nothing.example", ".example", "[192.0.2.1]",
        "192.0.2.1", "good.example:25", "good.example:2525", "GOOD.example", "no_name", "a..b", "x" * 300)


def correct(daemon):
    """Answers as one connection alone gets them; the second time they come from the cache."""
    requests = [(name, key) for name in ("QUERY", "QUERYwithTLSRPT", "NOSUCHMAP") for key in KEYS]
    for name, key in requests:
        daemon.lookup(key, name=name)
    return {f"{name} {key}": daemon.lookup(key, name=name) for name, key in requests}


def resident(pid):
    """In kB."""
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0])


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def test_a_million_look_ups(new_waxwingd):
    daemon = new_waxwingd(log_level="info")
    answers = correct(daemon)
    assert len(set(answers.values())) > 4, answers
    answers.update({f"QUERY unknown-{i}.example": "NOTFOUND " for i in range(UNKNOWN)})
    front, = daemon.roles()["front"]
    before = {role: [descriptors(pid) for pid in pids] for role, pids in daemon.roles().items()}
    with load(daemon, answers, CONNECTIONS, WARM_UP, drops=DROPS) as warm:
        assert warm.result()["wrong"] == 0
    warm_size = resident(front)
    with load(daemon, answers, CONNECTIONS, LOOK_UPS, drops=DROPS) as soak:
        counts = soak.result()
    assert counts["wrong"] == counts["lost"] == 0, counts
    assert counts["answers"] >= LOOK_UPS and counts["dropped"] > LOOK_UPS / 1000, counts
    wait_until(daemon, lambda: {role: [descriptors(pid) for pid in pids]
                                for role, pids in daemon.roles().items()} == before)
    assert resident(front) < warm_size + 1024, (warm_size, resident(front))
    assert daemon.roles()["front"] == [front]
    assert " error " not in daemon.log() and " warning " not in daemon.log()


def test_descriptors_run_out(new_waxwingd):
    """Those that are connected are served, the others when there is room again."""
    daemon = new_waxwingd(start=False, log_level="info", resolvers=1)
    few = pathlib.Path(daemon.state, "few")
    few.write_text(f'#!/bin/sh\nulimit -n {DESCRIPTORS}\nexec {daemon.program} "$@"\n', encoding="utf-8")
    few.chmod(0o755)
    daemon.program = str(few)
    daemon.start()
    answers = correct(daemon)
    front, = daemon.roles()["front"]
    waiting = [socket.create_connection(("127.0.0.1", daemon.port), timeout=30) for _ in range(2 * DESCRIPTORS)]
    wait_until(daemon, lambda: "warning accept-failed" in daemon.log())
    request, wanted = b"18:QUERY good.example,", answers["QUERY good.example"].encode()
    # Each that goes makes room for one that has waited.
    for s in waiting:
        s.sendall(request)
    for s in waiting:
        assert wanted in s.recv(1000)
        s.close()
    with load(daemon, answers, 8, 10_000) as after:
        counts = after.result()
    assert counts["wrong"] == counts["lost"] == 0, counts
    assert daemon.roles()["front"] == [front]
    assert " error " not in daemon.log()
