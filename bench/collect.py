"""TLS results collected, beside a bare loop that receives and parses them: from the first datagram until all are in the
store; and what is lost of a burst that does not wait for room in the queue."""

import os
import sqlite3
import subprocess
import time

from lab import proc

from . import processes, table

BURST = 10_000
BURSTS = 5
# As packaging/sysctl.d/waxwing.conf has it
QUEUE = 512
_QUEUE_FILE = "/proc/sys/net/unix/max_dgram_qlen"
_SUM = "SELECT coalesce(sum(success + unverified + failure), 0) FROM result_policy"


def bench(programs, options, out):
    count = 1_000_000 if options.long else 200_000
    _set_queue(out)
    daemon = processes.Daemon(programs, "collect", settings={"resolvers": 1, "collect": {"look": False}})
    daemon.start()
    collector = _Collector(daemon)
    runs = {"limit": [], "value": []}
    for i in range(options.rounds):
        for which, got in table.in_turn(runs.items(), i):
            got.append(_limit(programs, count, "wait") if which == "limit" else collector.take(programs, count, "wait"))
    bursts = {"limit": [], "value": []}
    for i in range(max(options.rounds, BURSTS)):
        for which, got in table.in_turn(bursts.items(), i):
            run = _limit(programs, BURST, "burst") if which == "limit" else collector.take(programs, BURST, "burst")
            got.append(BURST - run["count"])
    daemon.stop()
    name = f"collect {count:,}"
    rates = _all(runs["limit"], "rate")
    slow = out.is_slow("collect", "rate", rates)
    out.add(f"{name}: datagrams a second", _all(runs["value"], "rate"), rates, table.at_least(0.6), slow)
    out.add(f"{name}: cpu us a datagram, all roles", _all(runs["value"], "cpu"), _all(runs["limit"], "cpu"))
    out.add(f"collect: lost of a burst of {BURST:,}", bursts["value"], bursts["limit"], table.at_most(1))


def _all(runs, what):
    return [run[what] for run in runs]


def _set_queue(out):
    """Of this network namespace, and of the sockets that are made from now on."""
    try:
        with open(_QUEUE_FILE, "w", encoding="ascii") as f:
            f.write(str(QUEUE))
    except OSError as error:
        out.note(f"net.unix.max_dgram_qlen stays as it is ({error.strerror}): of a burst more is lost, on both sides")


def _send(programs, path, count, how, *end):
    return int(programs.run("datagrams", path, count, how, *end, seconds=count / 2000)[0])


def _limit(programs, count, how):
    path = os.path.join(programs.state, "limit-collect")
    with subprocess.Popen([programs.path("collect"), path], stdout=subprocess.PIPE, text=True) as limit:
        proc.wait_for("collect", lambda: os.path.exists(path), limit)
        accepted = _send(programs, path, count, how, "end")
        received, seconds, cpu = map(float, limit.stdout.read().split())
    os.unlink(path)
    if received != accepted:
        raise proc.StartError(f"bench_collect had {received:.0f} of {accepted} datagrams")
    return {"count": accepted, "rate": received / seconds, "cpu": cpu}


class _Collector:
    """What a running daemon has in its store of what was sent to it."""

    def __init__(self, daemon):
        self._daemon = daemon
        self._path = os.path.join(os.path.dirname(daemon.store), "tlsrpt")
        self._sum = 0

    def take(self, programs, count, how):
        cpu, began = self._daemon.cpu_seconds(), time.monotonic()
        accepted = _send(programs, self._path, count, how)
        self._sum += accepted
        proc.wait_for("the store", lambda: self._stored() >= self._sum, seconds=processes.PATIENCE)
        seconds = time.monotonic() - began
        if self._stored() != self._sum:
            raise proc.StartError(f"the store has {self._stored()} results of {self._sum} that were sent")
        return {"count": accepted, "rate": accepted / seconds,
                "cpu": (self._daemon.cpu_seconds() - cpu) / accepted * 1e6}

    def _stored(self):
        db = sqlite3.connect(f"file:{self._daemon.store}?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(_SUM).fetchone()[0]
        finally:
            db.close()
