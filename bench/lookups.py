"""Cached look-ups a second and how long they take, beside a bare epoll loop with the same reads and writes."""

from lab import proc

from . import processes, table

CONNECTIONS = (1, 50, 500)
# The targets are for this many: as many as a busy Postfix has.
BUSY = 50


class Echo:
    """The limit, on both transports."""

    _PORT = 18462
    dane_every = 0

    def __init__(self, programs):
        self._ends = {"unix": f"unix:{programs.state}/echo", "tcp": f"inet:{self._PORT}"}
        self._processes = {name: programs.start("echo", end) for name, end in self._ends.items()}
        proc.wait_for("echo", lambda: proc.port_open("127.0.0.1", self._PORT), self._processes["tcp"])

    def where(self, transport):
        return self._ends[transport]

    def cpu_seconds(self):
        return sum(processes.cpu_seconds(process.pid) for process in self._processes.values())

    def stop(self):
        for process in self._processes.values():
            proc.stop(process)


def measure(programs, server, transport, connections, domains, seconds):
    """The load generator's numbers, and the CPU that a look-up took on the server, in microseconds."""
    before = server.cpu_seconds()
    got = programs.ask(server, transport, connections, domains, seconds)
    return {**got, "cpu": (server.cpu_seconds() - before) / (got["rate"] * seconds) * 1e6}


def bench(programs, options, out, daemon, domains, without=None):
    """Rows for a running daemon that has so many domains cached; `without` is another that does no DANE."""
    echo = Echo(programs)
    for transport in ("unix", "tcp"):
        for connections in CONNECTIONS:
            servers = {"limit": echo, "value": daemon}
            if without and connections == BUSY:
                servers["without"] = without
            runs = {name: [] for name in servers}
            for i in range(options.rounds):
                for name, server in table.in_turn(servers.items(), i):
                    runs[name].append(measure(programs, server, transport, connections, domains, options.seconds))
            _rows(out, runs, transport, connections, f"lookups {transport} {connections} conn {domains:,}")
    echo.stop()


def _rows(out, runs, transport, connections, name):
    def column(which, key):
        return [run[key] for run in runs[which]]
    busy = connections == BUSY
    slow = out.is_slow("lookups", f"{transport} {connections}", column("limit", "rate"))
    out.add(f"{name}: a second", column("value", "rate"), column("limit", "rate"), table.at_least(0.9) if busy else None,
            slow)
    out.add(f"{name}: p50 us", column("value", "p50"), column("limit", "p50"))
    out.add(f"{name}: p99 us", column("value", "p99"), column("limit", "p99"), table.at_most(1.3) if busy else None,
            slow)
    if busy:
        out.add(f"{name}: cpu us", column("value", "cpu"), column("limit", "cpu"))
    if "without" in runs:
        table.add_without_dane(out, name, runs["value"], runs["without"], "cpu us")
