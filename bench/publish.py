"""The publisher with the policies of 5,000 domains, each with a certificate of its own, beside nginx with the same files."""

import os
import socket
import string
import subprocess
import threading
import time

from lab import proc

from . import processes, table

_DOMAINS = 5000
_CONNECTIONS = 50
_ADDRESS = "127.0.0.1"
_PORTS = {"waxwing": 8443, "nginx": 8444}
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
    sides = {"waxwing": _Publisher(programs, folder), "nginx": _Nginx(programs, folder)}
    try:
        starts = {name: side.start() for name, side in sides.items()}
        _rates(programs, options, out, sides)
        memory = {name: side.memory() for name, side in sides.items()}
    finally:
        for side in sides.values():
            side.stop()
    out.add(f"publish {_DOMAINS:,} domains: ms to the first answer", [starts["waxwing"]], [starts["nginx"]])
    out.add(f"publish {_DOMAINS:,} domains: KiB in memory", [memory["waxwing"] / 1024], [memory["nginx"] / 1024])
    out.note(f"after {sides['waxwing'].all_loaded:,.0f} ms all certificates were loaded by the publisher")


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


class _Publisher:
    """The role as it is in waxwingd, but for a keeper that reads what to serve from its standard input."""

    def __init__(self, programs, folder):
        self._programs = programs
        self._folder = folder
        self._process = None
        self._listeners = []
        self._loaded = threading.Event()
        self._since = 0
        self.all_loaded = 0

    def start(self):
        self._listeners = [socket.create_server((_ADDRESS, port), backlog=4096) for port in (_PORTS["waxwing"], 8480)]
        fds = [s.fileno() for s in self._listeners]
        self._since = time.monotonic()
        with open(self._programs.log("publisher"), "wb") as log:
            self._process = subprocess.Popen([self._programs.path("publisher"), self._folder, *map(str, fds)], pass_fds=fds,
                                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        threading.Thread(target=self._watch, daemon=True).start()
        sites = "".join(f"site d{i}.example 1 testing\n" for i in range(_DOMAINS))
        self._process.stdin.write(f"sites\n{sites}done\n")
        self._process.stdin.flush()
        took = _until_answered(self._programs, _PORTS["waxwing"], self._since)
        if not self._loaded.wait(_PATIENCE):
            raise proc.StartError("the publisher has not loaded all certificates")
        return took

    def _watch(self):
        for i, _ in enumerate(self._process.stdout):
            if i + 1 == _DOMAINS:
                self.all_loaded = (time.monotonic() - self._since) * 1000
                self._loaded.set()

    @property
    def worker(self):
        return self._process.pid

    def memory(self):
        return processes.anonymous_bytes(self._process.pid)

    def stop(self):
        if self._process:
            self._process.stdin.close()
            self._process.wait(processes.PATIENCE)
        for s in self._listeners:
            s.close()


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
