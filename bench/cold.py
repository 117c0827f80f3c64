"""Look-ups of domains that nothing is known of, beside a bare loop that asks and fetches the same; and what
they do to look-ups of cached domains meanwhile."""

import os
import time

from lab import proc

from . import lookups, processes, table

CONNECTIONS = 50
# Of the store, in the storm; beside these, domains are new to the daemon
CACHED = 2000
STORM_ROUND = 4000
# Short, so that a round's domains outlast the two runs in it.
STORM_SECONDS = 1
STORM_RATE = 1000
STORM_CONNECTIONS = 10


def domains_needed(options):
    return max(CACHED + options.rounds * STORM_ROUND, max(options.cold))


def bench(programs, options, out, servers):
    for count in options.cold:
        _bench_rate(programs, options, out, servers, count)
    _bench_storm(programs, options, out, servers)


def _bench_rate(programs, options, out, servers, count):
    runs = {"limit": [], "value": [], "without": []}
    settings = {"value": {}, "without": {"dane": "off"}}
    # A large number is an average by itself.
    for i in range(options.rounds if count <= 2000 else 1):
        for which, got in table.in_turn(runs.items(), i):
            got.append(_limit(programs, servers, count) if which == "limit" else
                       _daemon(programs, servers, count, f"cold-{count}-{i}-{which}", settings[which]))
    limits, values = runs["limit"], runs["value"]
    name = f"cold {CONNECTIONS} conn {count:,}"
    slow = out.is_slow("cold", "rate", [v["rate"] for v in limits])
    out.add(f"{name}: a second", [v["rate"] for v in values], [v["rate"] for v in limits], table.at_least(0.8), slow)
    out.add(f"{name}: cpu us a domain, all roles", [v["cpu"] for v in values], [v["cpu"] for v in limits])
    table.add_without_dane(out, name, values, runs["without"], "cpu us a domain")


def _limit(programs, servers, count):
    rate, cpu, failed = programs.run("cold", os.cpu_count(), CONNECTIONS, servers.DNS, servers.trust_anchor, servers.ca,
                                     count, seconds=count / 50)
    if failed:
        raise proc.StartError(f"the limit found no policy of {failed:.0f} domains")
    return {"rate": rate, "cpu": cpu}


def _daemon(programs, servers, count, name, settings):
    daemon = processes.Daemon(programs, name, servers, settings)
    daemon.start()
    daemon.wake()
    before = daemon.cpu_seconds()
    got = programs.ask(daemon, "tcp", CONNECTIONS, count, 0)
    cpu = (daemon.cpu_seconds() - before) / count * 1e6
    daemon.stop()
    return {"rate": got["rate"], "cpu": cpu}


def _bench_storm(programs, options, out, servers):
    """The echo meets the same storm: what becomes slow for it as well is the machine's share."""
    store = os.path.join(programs.state, "storm.db")
    programs.fill(store, CACHED)
    daemon = processes.Daemon(programs, "storm", servers, {"cache": {"recheck": "1d"}})
    daemon.take_store(store)
    daemon.start()
    daemon.warm(CACHED)
    echo = lookups.Echo(programs)
    runs = {(who, when): [] for who in ("daemon", "echo") for when in ("alone", "storm")}
    for i in range(options.rounds):
        _paced(programs, runs, "alone", daemon, echo)
        storm = programs.start("lookups", daemon.where("tcp"), CONNECTIONS, CACHED + i * STORM_ROUND, STORM_ROUND, 0,
                               daemon.dane_every)
        time.sleep(0.2)
        _paced(programs, runs, "storm", daemon, echo)
        if storm.poll() is not None:
            out.note("a cold storm was over before it had been measured: its p99 are too good")
        proc.stop(storm)
        time.sleep(0.5)
    echo.stop()
    daemon.stop()
    out.add("cached p99 us in a cold storm; limit: alone", runs["daemon", "storm"], runs["daemon", "alone"],
            table.at_most(3))
    out.add("  the same of the bare echo", runs["echo", "storm"], runs["echo", "alone"])


def _paced(programs, runs, when, daemon, echo):
    for who, server in (("daemon", daemon), ("echo", echo)):
        got = programs.ask(server, "tcp", STORM_CONNECTIONS, CACHED, STORM_SECONDS, STORM_RATE)
        runs[who, when].append(got["p99"])
