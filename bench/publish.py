"""waxwingd with 5,000 published domains, each with a certificate of its own, beside nginx with the same files."""

import os
import shutil
import string
import time
import urllib.request

from lab import proc

from . import processes, table

_DOMAINS = 5000
_CONNECTIONS = 50
_ADDRESS = "127.0.0.1"
_PORTS = {"waxwing": 8443, "nginx": 8444}
_METRICS = 8470
_RATE = table.at_least(0.7)
# nginx reads all certificates before it serves: on a busy machine that takes minutes.
_PATIENCE = 600
# Kernel memory of sockets, and the files, which lie in memory, too
_ROOM = 1 << 30
_POLICY = "version: STSv1\r\nmode: testing\r\nmx: mx.{domain}\r\nmax_age: 86400\r\n"
_SERVER = """
    server {{
        listen {address}:{port} ssl{options};
        server_name mta-sts.{domain};
        ssl_certificate {folder}/mta-sts.{domain}/fullchain.pem;
        ssl_certificate_key {folder}/mta-sts.{domain}/privkey.pem;
        root {files}/{domain};
    }}"""


def bench(programs, options, out):
    processes.demand_room(programs.state, _ROOM)
    proc.require("nginx")
    folder = os.path.join(programs.state, "publish")
    for name in ("certificates", "challenges"):
        os.makedirs(os.path.join(folder, name))
    programs.run("certificates", os.path.join(folder, "certificates"), _DOMAINS, seconds=_PATIENCE)
    sides = {"waxwing": _Waxwing(programs, folder), "nginx": _Nginx(programs, folder)}
    try:
        starts = {name: side.start() for name, side in sides.items()}
        _rates(programs, options, out, sides)
        memory = {name: side.memory() for name, side in sides.items()}
        whole = sides["waxwing"].all_memory()
    finally:
        for side in sides.values():
            side.stop()
    out.add(f"publish {_DOMAINS:,} domains: ms to the first answer", [starts["waxwing"]], [starts["nginx"]])
    out.add(f"publish {_DOMAINS:,} domains: KiB in memory", [memory["waxwing"] / 1024], [memory["nginx"] / 1024])
    out.note(f"publish: all certificates were loaded {sides['waxwing'].all_loaded:,.0f} ms after the start of waxwingd, whose roles "
             f"had {whole / 1024:,.0f} KiB in all")


def _rates(programs, options, out, sides):
    got = {(name, kind): [] for name in sides for kind in ("full", "kept")}
    for turn in range(options.rounds):
        for kind in ("full", "kept"):
            for name in table.in_turn(sides, turn):
                got[name, kind].append(_measure(programs, sides[name], _PORTS[name], kind, options.seconds))
    for kind, words in (("full", "handshakes with one answer"), ("kept", "answers over kept connections")):
        ours, limits = got["waxwing", kind], got["nginx", kind]
        slow = out.is_slow("publish", kind, [r["rate"] for r in limits])
        out.add(f"publish {kind}: {words} a second", [r["rate"] for r in ours], [r["rate"] for r in limits], _RATE, slow)
        out.add(f"publish {kind}: a second of processor time", [1 / r["cpu"] for r in ours], [1 / r["cpu"] for r in limits],
                _RATE)
        out.add(f"publish {kind}: p99 ms", [r["p99"] for r in ours], [r["p99"] for r in limits])


def _measure(programs, side, port, kind, seconds):
    """The load takes more of the machine than the server does: what the server itself takes says more."""
    before = processes.cpu_seconds(side.worker)
    rate, _, p99 = programs.run("handshakes", _ADDRESS, port, _DOMAINS, _CONNECTIONS, seconds, kind, seconds=seconds)
    return {"rate": rate, "p99": p99, "cpu": (processes.cpu_seconds(side.worker) - before) / (rate * seconds)}


def _until_answered(programs, port, since):
    """Milliseconds until the first domain has its policy."""
    deadline = since + _PATIENCE
    while True:
        try:
            programs.run("handshakes", _ADDRESS, port, 1, 1, 0.01, "full")
            return (time.monotonic() - since) * 1000
        except proc.StartError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


class _Waxwing:
    """A daemon that has them in its store."""

    def __init__(self, programs, folder):
        self._programs = programs
        self._daemon = processes.Daemon(programs, "publish", settings={
            "resolvers": 1, "metrics": [f"inet:{_ADDRESS}:{_METRICS}"],
            "publish": {"enabled": True, "https": [f"inet:{_ADDRESS}:{_PORTS['waxwing']}"], "folder": folder}})
        path = os.path.join(programs.state, "publish.db")
        programs.run("publish_fill", path, _DOMAINS, seconds=_PATIENCE)
        self._daemon.take_store(path)
        for where, _, files in os.walk(folder):
            for name in ["", *files]:
                shutil.chown(os.path.join(where, name), self._daemon.user or "root")
        self.all_loaded = 0

    def start(self):
        since = time.monotonic()
        self._daemon.start()
        took = _until_answered(self._programs, _PORTS["waxwing"], since)
        while self._served() < _DOMAINS:
            if time.monotonic() > since + _PATIENCE:
                raise proc.StartError("the publisher has not loaded all certificates")
            time.sleep(0.1)
        self.all_loaded = (time.monotonic() - since) * 1000
        return took

    def _served(self):
        with urllib.request.urlopen(f"http://{_ADDRESS}:{_METRICS}/metrics", timeout=processes.PATIENCE) as f:
            return next((int(line.split()[1]) for line in f.read().decode().splitlines()
                         if line.startswith("waxwing_publish_served ")), 0)

    @property
    def worker(self):
        return self._daemon.roles()["publisher"][0]

    def memory(self):
        return processes.anonymous_bytes(self.worker)

    def all_memory(self):
        return self._daemon.anonymous_bytes()

    def stop(self):
        self._daemon.stop()


class _Nginx:
    def __init__(self, programs, folder):
        self._programs = programs
        self._state = os.path.join(programs.state, "publish-nginx")
        self._process = None
        files = os.path.join(self._state, "files")
        for i in range(_DOMAINS):
            well_known = os.path.join(files, f"d{i}.example", ".well-known")
            os.makedirs(well_known)
            with open(os.path.join(well_known, "mta-sts.txt"), "w", encoding="ascii", newline="") as f:
                f.write(_POLICY.format(domain=f"d{i}.example"))
        servers = "".join(_SERVER.format(domain=f"d{i}.example", address=_ADDRESS, port=_PORTS["nginx"], files=files,
                                         folder=os.path.join(folder, "certificates"),
                                         options=" backlog=4096" if i == 0 else "") for i in range(_DOMAINS))
        with open(os.path.join(os.path.dirname(__file__), "limit", "publish.conf"), encoding="ascii") as f:
            text = string.Template(f.read()).substitute(state=self._state, servers=servers,
                                                        user="user root;" if os.geteuid() == 0 else "")
        with open(self._conf, "w", encoding="ascii") as f:
            f.write(text)

    @property
    def _conf(self):
        return os.path.join(self._state, "nginx.conf")

    def start(self):
        since = time.monotonic()
        self._process = proc.start(["nginx", "-p", self._state, "-c", self._conf, "-e", self._programs.log("nginx")],
                                   self._programs.log("nginx"))
        return _until_answered(self._programs, _PORTS["nginx"], since)

    @property
    def worker(self):
        with open(f"/proc/{self._process.pid}/task/{self._process.pid}/children", encoding="ascii") as f:
            return int(f.read().split()[0])

    def memory(self):
        """Of the worker; what it shares with its master counts once."""
        return processes.anonymous_bytes(self.worker)

    def stop(self):
        if self._process:
            proc.stop(self._process)
