"""The command `bench/run`."""

import argparse
import os
import sys
import tomllib

from lab import namespace, proc, waxwingd

from . import check, cold, collect, ingest, lookups, memory, processes, publish, servers, stats, table

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = ("lookups", "cold", "memory", "check", "collect", "ingest", "stats", "publish")
FEW = 2000


def _parser():
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures waxwingd beside the limits of the "
                                     "machine, in a network namespace; docs/benchmarks.md says how to read it.")
    parser.add_argument("build", nargs="?", default="build", help="the build directory (default: build)")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part alone; may be repeated")
    parser.add_argument("--long", action="store_true", help="20,000 cold domains as well; longer and more runs")
    parser.add_argument("--rounds", type=int, help="runs of each value (default: 3; long: 7)")
    parser.add_argument("--seconds", type=int, help="of each run (default: 1; long: 3)")
    parser.add_argument("--mails", type=int, default=20_000, help="how many ingest takes in (default: 20000)")
    parser.add_argument("--reports", type=int, default=1_000_000, help="how many stats adds up (default: 1000000)")
    parser.add_argument("--json", metavar="FILE", help="where the numbers go (default: bench.json in the build directory)")
    return parser


def _options(argv):
    options = _parser().parse_args(argv)
    options.only = options.only or list(PARTS)
    options.rounds = options.rounds or (7 if options.long else 3)
    options.seconds = options.seconds or (3 if options.long else 1)
    options.cold = [2000, 20000] if options.long else [2000]
    options.json = options.json or os.path.join(options.build, "bench.json")
    return options


def main(argv=None):
    options = _options(argv)
    try:
        if namespace.inside():
            return _inside(options)
        reason = namespace.possible()
        if reason:
            raise namespace.Unavailable(reason)
        return namespace.enter([sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]])
    except (namespace.Unavailable, proc.StartError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 75 if isinstance(error, namespace.Unavailable) else 1
    except KeyboardInterrupt:
        return 130


def _inside(options):
    namespace.exit_on_signals()
    with open(os.path.join(HERE, "reference.toml"), "rb") as f:
        out = table.Table(tomllib.load(f))
    if set(options.only) & {"cold", "lookups", "check", "ingest"}:
        proc.require("knotd", "knotc")
    namespace.prepare()
    programs = processes.Programs(options.build)
    os.mkdir(programs.state)
    if "memory" in options.only or "lookups" in options.only:
        processes.demand_room(programs.state, memory.ROOM)
    _note_load(out)
    if not processes.can_confine():
        out.note("the roles were not confined: that needs root, or user ids in /etc/subuid")
    out.begin()
    if "cold" in options.only or "lookups" in options.only:
        with servers.Servers(programs, cold.domains_needed(options) if "cold" in options.only else FEW) as site:
            if "lookups" in options.only:
                _few(programs, options, out, site)
            if "cold" in options.only:
                cold.bench(programs, options, out, site)
    if "check" in options.only:
        check.bench(programs, options, out)
    if "collect" in options.only:
        collect.bench(programs, options, out)
    if "ingest" in options.only:
        ingest.bench(programs, options, out)
    if "stats" in options.only:
        stats.bench(programs, options, out)
    if "publish" in options.only:
        publish.bench(programs, options, out)
    if "memory" in options.only or "lookups" in options.only:
        _million(programs, options, out)
    out.end(options.json)
    return 0


def _few(programs, options, out, site):
    daemons = {}
    for i, dane in enumerate(("on", "off")):
        store = os.path.join(programs.state, f"few-{dane}.db")
        programs.fill(store, FEW)
        daemons[dane] = processes.Daemon(programs, f"few-{dane}", site, port=waxwingd.PORT + i, settings={
            "resolvers": 1, "cache": {"recheck": "1d"}, "dane": dane})
        daemons[dane].take_store(store)
        daemons[dane].start()
        daemons[dane].warm(FEW)
    lookups.bench(programs, options, out, daemons["on"], FEW, daemons["off"])
    for daemon in daemons.values():
        daemon.stop()


def _million(programs, options, out):
    out.note("a million domains are too many to be surveyed here: their rows are of dane = \"off\"")
    daemon = memory.million(programs)
    if "memory" in options.only:
        memory.bench(programs, options, out, daemon)
    else:
        daemon.start()
    if "lookups" in options.only:
        lookups.bench(programs, options, out, daemon, memory.DOMAINS)
    daemon.stop()


def _note_load(out):
    load, cores = os.getloadavg()[0], os.cpu_count()
    if load > cores / 2:
        out.note(f"the machine was busy before (load {load:.1f} on {cores} cores): read ratios, not values, and "
                 "measure again")
