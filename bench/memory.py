"""What a million cached domains take: bytes in memory, and time to load them at start."""

import os
import time

from lab import proc

from . import processes, table

DOMAINS = 1_000_000
# The store with its journal, and the cache, of all of them
ROOM = DOMAINS * 2000
BYTES = 400


def million(programs):
    """A daemon, not started, whose store holds a million policies."""
    store = os.path.join(programs.state, "million.db")
    programs.fill(store, DOMAINS)
    daemon = processes.Daemon(programs, "million", settings={"resolvers": 1, "cache": {"recheck": "1d"}})
    daemon.take_store(store)
    return daemon


def bench(programs, options, out, daemon):
    """Rows; on return the daemon runs."""
    empty = processes.Daemon(programs, "empty", settings={"resolvers": 1})
    empty.start()
    base = empty.anonymous_bytes()
    empty.stop()
    loads, scans = [], []
    for _ in range(options.rounds):
        daemon.stop()
        rows, _octets, ms = programs.run("scan", daemon.store)
        if rows != DOMAINS:
            raise proc.StartError(f"the store holds {rows:.0f} of {DOMAINS} policies")
        scans.append(ms)
        begin = time.monotonic()
        daemon.start()
        loads.append((time.monotonic() - begin) * 1000)
    out.add("memory: bytes a cached domain", [(daemon.anonymous_bytes() - base) / DOMAINS], [BYTES], table.at_most(1))
    out.add("memory: ms from start to the first answer", loads, scans, table.at_most(2))
