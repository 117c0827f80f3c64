"""Report mails taken in from a maildir, beside a bare loop that reads, verifies, inflates and parses the same ones; that a
second time changes nothing; and how long statistics over a million reports take."""

import json
import os
import resource
import sqlite3
import subprocess
import time

from lab import proc

from . import processes, servers, table

SENDERS = 20
_SUMS = "SELECT count(*), total(success), total(failure), total(verified) FROM received"


def bench(programs, options, out):
    mails = _Mails(programs, options.mails)
    runs = {"limit": [], "value": []}
    with servers.Servers(programs, 0, mails.records()) as site:
        for i in range(options.rounds):
            for which, got in table.in_turn(runs.items(), i):
                got.append(mails.limit() if which == "limit" else _take(programs, site, mails, f"ingest-{i}"))
    name = f"ingest {mails.count:,}"
    rates = _all(runs["limit"], "rate")
    slow = out.is_slow("ingest", "rate", rates)
    out.add(f"{name}: reports a second", _all(runs["value"], "rate"), rates, table.at_least(0.5), slow)
    out.add(f"{name}: the same ones again, a second", _all(runs["value"], "again"), rates)
    out.add(f"{name}: cpu us a report, all roles and the command", _all(runs["value"], "cpu"),
            _all(runs["limit"], "cpu"))
    for role in ("intake", "decoder", "keeper"):
        out.add(f"  peak memory of the {role}, MiB", _all(runs["value"], role), [0])


def _all(runs, what):
    return [run[what] for run in runs]


class _Mails:
    """A maildir of mails that are all signed, and what they say in sum."""

    def __init__(self, programs, count):
        self._programs = programs
        self.count = count
        self.folder = os.path.join(programs.state, "reports")
        made = subprocess.run([programs.path("report_mails"), self.folder, str(count)], capture_output=True, text=True,
                              check=False, timeout=600)
        if made.returncode != 0:
            raise proc.StartError(f"bench_report_mails: {made.stderr.strip()}")
        success, failure, self._record = made.stdout.strip().split(" ", 2)
        self.sums = count, float(success), float(failure), float(count)

    def records(self):
        """Of the zone: the key of each sender, in strings of a length that TXT has."""
        text = " ".join(f'"{self._record[i:i + 200]}"' for i in range(0, len(self._record), 200))
        return [f"ns A {servers.Servers.DNS}", *(f"k._domainkey.s{i} TXT {text}" for i in range(SENDERS))]

    def limit(self):
        """libopendkim takes keys of mail alone: without s=."""
        count, seconds, cpu = self._programs.run("ingest", os.path.join(self.folder, "new"),
                                                 self._record.replace("s=tlsrpt; ", ""), seconds=self.count / 50)
        if count != self.count:
            raise proc.StartError(f"bench_ingest took {count:.0f} of {self.count} mails")
        return {"rate": count / seconds, "cpu": cpu}


def _take(programs, site, mails, name):
    daemon = processes.Daemon(programs, name, site, {"resolvers": 1, "dane": "off", "intake": {"per_day": "10G"}})
    daemon.start()
    cpu = daemon.cpu_seconds()
    first = _ingest(daemon, mails)
    cpu = daemon.cpu_seconds() - cpu + first["cpu"]
    _compare(daemon, mails, first, {"new": mails.count})
    memory = {role: _peak(daemon, role) for role in ("intake", "decoder", "keeper")}
    again = _ingest(daemon, mails)
    _compare(daemon, mails, again, {"again": mails.count})
    daemon.stop()
    return {"rate": mails.count / first["seconds"], "again": mails.count / again["seconds"],
            "cpu": cpu / mails.count * 1e6, **memory}


def _ingest(daemon, mails):
    """What became of each, with the time and the processor time of the command."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([daemon.command, "report", "ingest", "--json", "--config", daemon.conf, mails.folder],
                          capture_output=True, text=True, check=False, timeout=processes.PATIENCE + mails.count / 20)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise proc.StartError(f"waxwing report ingest: status {done.returncode}: {done.stderr.strip()[-500:]}")
    fates = {}
    for line in done.stdout.splitlines():
        fate = json.loads(line).get("taken")
        fates[fate] = fates.get(fate, 0) + 1
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "cpu": cpu, "fates": fates}


def _compare(daemon, mails, run, fates):
    """One report too many or too few, or one session, ends the benchmark."""
    if run["fates"] != fates:
        raise proc.StartError(f"waxwing report ingest told {run['fates']}, and {fates} is due")
    db = sqlite3.connect(f"file:{daemon.store}?mode=ro", uri=True, timeout=10)
    try:
        sums = db.execute(_SUMS).fetchone()
    finally:
        db.close()
    if sums != mails.sums:
        raise proc.StartError(f"the store has {sums} of {mails.sums}: reports, sessions, failures, verified ones")


def _peak(daemon, role):
    """Of the largest process of the role, MiB."""
    return max(processes.peak_bytes(pid) for pid in daemon.roles()[role]) / (1 << 20)
