"""Statistics over a million reports of others, as `waxwing report stats` tells them, beside a bare scan of what they are
about; and how SQLite goes about each."""

import os
import sqlite3
import subprocess
import time

from lab import proc

from . import processes, table

# Octets of the store with its journal: a kilobyte of content a report, and as much of rows and indexes
ROOM = 4000
# As received_fill names them
_DOMAIN, _SENDER = "d17.example", "sender7.example"
_ALL = ["--since", "2000-01-01"]
_QUERIES = [(f"by {by}{of}", ["--by", by, *more, *_ALL])
            for by in ("day", "domain", "sender", "result", "mx")
            for of, more in (("", []), (", one domain", ["--domain", _DOMAIN]))]
_QUERIES += [("by day, one sender", ["--by", "day", "--sender", _SENDER, *_ALL]),
             ("by domain, one sender", ["--by", "domain", "--sender", _SENDER, *_ALL])]


def bench(programs, options, out):
    processes.demand_room(programs.state, ROOM * options.reports)
    path = os.path.join(programs.state, "received.db")
    _run([programs.path("received_fill"), path, str(options.reports)], 3600)
    plans = _run([programs.path("received_plans"), path], processes.PATIENCE)
    daemon = processes.Daemon(programs, "stats", settings={"resolvers": 1, "intake": {"keep": "3660d", "keep_raw": "3660d"}})
    daemon.take_store(path)
    daemon.start()
    times = {name: [] for name, _ in _QUERIES}
    scans = []
    for _ in range(options.rounds):
        scans.append(_scan(daemon.store, options.reports))
        for name, arguments in _QUERIES:
            times[name].append(_ask(daemon, arguments))
    daemon.stop()
    for name, got in times.items():
        out.add(f"stats {options.reports:,} {name}: ms", got, scans)
        if max(got) > 1000:
            out.note(f"stats {name} took {max(got):,.0f} ms: the target is a second")
    for line in plans.splitlines():
        out.note("plan of stats by " + line)


def _run(arguments, seconds):
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=seconds)
    if done.returncode != 0:
        raise proc.StartError(f"{os.path.basename(arguments[0])}: {done.stderr.strip()}")
    return done.stdout


def _scan(path, due):
    """What no answer can do without that reads each report: SQLite adds them all up, ms."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        began = time.monotonic()
        count = db.execute("SELECT count(*), total(success), total(failure) FROM received_domain").fetchone()[0]
        took = (time.monotonic() - began) * 1000
    finally:
        db.close()
    if count < due:
        raise proc.StartError(f"the store has {count} of {due} reports")
    return took


def _ask(daemon, arguments):
    """As whoever sits before a terminal waits for it, the start of the command included, ms."""
    began = time.monotonic()
    done = daemon.waxwing("report", "stats", "--json", "--config", daemon.conf, *arguments)
    took = (time.monotonic() - began) * 1000
    if done.returncode != 0 or not done.stdout.strip():
        raise proc.StartError(f"waxwing report stats {' '.join(arguments)}: {done.stderr.strip() or 'no row'}")
    return took
