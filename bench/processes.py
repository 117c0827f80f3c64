"""The programs of a benchmark: where they are, how they are run, what they cost."""

import os
import shutil
import subprocess
import types

from lab import namespace, proc, waxwingd

# No run of a program takes longer than its own time and this; what hangs ends the benchmark.
PATIENCE = 60


class Programs:
    """The built programs of `build`, and a directory that is gone with the namespace."""

    NAMES = ("certificates", "check", "cold", "collect", "datagrams", "echo", "fill", "handshakes", "hosts", "ingest",
             "lookups", "publish_fill", "received_fill", "received_plans", "report_mails", "scan")

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.state = os.path.join(namespace.STATE, "bench")
        waxwingd.built(self.build)
        for name in self.NAMES:
            if not os.access(self.path(name), os.X_OK):
                raise namespace.Unavailable(f"no bench_{name} in {build}/bench: `make bench` builds it")

    def path(self, name):
        return os.path.join(self.build, "bench", "bench_" + name)

    def log(self, name):
        return os.path.join(self.state, name + ".log")

    def run(self, name, *arguments, seconds=0):
        """What the program printed, as numbers."""
        try:
            done = subprocess.run([self.path(name), *map(str, arguments)], capture_output=True, text=True, check=False,
                                  timeout=seconds + PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise proc.StartError(f"bench_{name}: no end after {error.timeout:.0f} s") from error
        if done.returncode != 0:
            raise proc.StartError(f"bench_{name}: status {done.returncode}: {done.stderr.strip()}")
        return [float(word) for word in done.stdout.split()]

    def start(self, name, *arguments):
        return proc.start([self.path(name), *map(str, arguments)], self.log(name))

    def ask(self, server, transport, connections, domains, seconds, rate=0):
        """Look-ups; see lookups.c. Each of them has to be answered by DANE or a policy, as it is due."""
        where = server.where(transport)
        words = self.run("lookups", where, connections, 0, domains, seconds, server.dane_every,
                         *([rate] if rate else []), seconds=seconds)
        result = dict(zip(("rate", "p50", "p99", "wrong"), words))
        if result["wrong"]:
            raise proc.StartError(f"{result['wrong']:.0f} answers of {where} were not the right ones")
        return result

    def fill(self, path, domains):
        proc.run(self.path("fill"), path, str(domains))


class Daemon(waxwingd.Waxwingd):
    """A waxwingd of the benchmark; `servers` is what it asks, or None when it is to ask nobody, and does no DANE."""

    def __init__(self, programs, name, servers=None, settings=None, port=waxwingd.PORT):
        settings = {**({} if servers else {"dane": "off"}), **(settings or {})}
        self.dane_every = 0 if settings.get("dane") == "off" else servers.DANE_EVERY
        nothing = types.SimpleNamespace(root_hints="", trust_anchor=servers.trust_anchor if servers else "")
        place = types.SimpleNamespace(state=programs.state, dns=nothing,
                                      pki=types.SimpleNamespace(ca=servers.ca if servers else ""))
        forward = {"dns": {"forward": [servers.DNS]}} if servers else {}
        super().__init__(place, programs.build, name, port,
                         {"log_level": "info", "confine": can_confine(), **forward, **settings})
        self._programs = programs

    def take_store(self, path):
        """Starts from this store; it is moved here."""
        owner = os.stat(os.path.dirname(self.store))
        os.replace(path, self.store)
        os.chown(self.store, owner.st_uid, owner.st_gid)

    def start(self, seconds=PATIENCE):
        self._process = proc.start([self.program, "-c", self.conf], self.log_file, start_new_session=True)
        proc.wait_for("waxwingd", self._answers, self._process, self.log_file, seconds)

    def wake(self):
        """Waits until the resolvers have tested their path: flights wait for that. The names fall to all of them."""
        for i in range(8 * (os.cpu_count() or 1)):
            self.lookup(f"nothing-{i}.example")

    def warm(self, domains):
        """On return DANE is known of so many domains: no store has it."""
        self.wake()
        self._programs.ask(self, "unix", 50, domains, 0)

    def where(self, transport):
        return "unix:" + self.unix_socket if transport == "unix" else f"inet:{self.port}"

    def cpu_seconds(self):
        """Of all roles."""
        return sum(cpu_seconds(pid) for pid in self.all_pids())

    def anonymous_bytes(self):
        """Memory that is no file's, of all roles."""
        return sum(anonymous_bytes(pid) for pid in self.all_pids())

    def all_pids(self):
        return [self.pid, *(pid for pids in self.roles().values() for pid in pids)]


def can_confine():
    """False in a user namespace that has no other user than ourselves: no role can become its own there."""
    return any(not namespace.missing_user(name) for name in ("waxwing", "nobody"))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        words = f.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def anonymous_bytes(pid):
    """Memory that is no file's."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("RssAnon:"))


def peak_bytes(pid):
    """What it had in memory when that was most."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmHWM:"))


def demand_room(path, octets):
    """Raises Unavailable unless memory and the file system of `path` have so much left."""
    with open("/proc/meminfo", encoding="ascii") as f:
        memory = next(int(line.split()[1]) * 1024 for line in f if line.startswith("MemAvailable:"))
    left = min(memory, shutil.disk_usage(path).free)
    if left < octets:
        raise namespace.Unavailable(f"this needs {octets >> 20} MB of memory, and {left >> 20} MB are left")
