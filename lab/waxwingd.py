"""The daemon under test: a configuration for the lab, a store of its own, and ways to hurt it."""

import os
import pwd
import signal
import socket
import subprocess

from . import namespace, proc

PORT = 8461
_MAX_REPLY = 100_000


def built(build):
    """The directory with the two programs, or Unavailable. They lie where Meson puts them, or side by side."""
    for daemon, command in (("src/daemon/waxwingd", "src/cli/waxwing"), ("waxwingd", "waxwing")):
        paths = os.path.join(build, daemon), os.path.join(build, command)
        if os.access(paths[0], os.X_OK):
            return paths
    raise namespace.Unavailable(f"no waxwingd in {build}: build it, or set WAXWING_BUILD")


class Waxwingd:
    """One waxwingd. `settings` are those of waxwing.conf, sections as dicts; they go over the lab's own. With a clock
    (clock.py) it and its command run by that, and it is not confined."""

    def __init__(self, lab, build, name="waxwing", port=PORT, settings=None, clock=None):
        self.program, self.command = built(build)
        self._environment = {**os.environ, **clock.environment} if clock else None
        self.state = os.path.join(lab.state, name)
        self.port = port
        self.unix_socket = os.path.join(self.state, "socketmap")
        self.store = os.path.join(self.state, "store", "waxwing.db")
        self.conf = os.path.join(self.state, "waxwing.conf")
        self.log_file = os.path.join(self.state, "log")
        self.user = _user()
        self._process = None
        self._make_directories()
        self.settings = _merged({**self._defaults(lab), **({"confine": False} if clock else {})}, settings or {})
        self.configure(self.settings)

    def configure(self, settings):
        """Writes waxwing.conf; the daemon reads it when it starts next."""
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(_render(settings))

    @property
    def map(self):
        """For smtp_tls_policy_maps."""
        return f"socketmap:inet:127.0.0.1:{self.port}:QUERY"

    @property
    def map_with_tlsrpt(self):
        return self.map + "withTLSRPT"

    @property
    def line_socket(self):
        """For Exim's ${readsocket."""
        return f"inet:127.0.0.1:{self.port}"

    @property
    def sendmail_socket(self):
        """For FEATURE(sts) of Sendmail."""
        return f"inet:{self.port}@127.0.0.1"

    @property
    def pid(self):
        return self._process.pid

    def start(self, through=()):
        """On return look-ups are answered. through: a program that starts it, with its arguments."""
        self._process = proc.start([*through, self.program, "-c", self.conf], self.log_file, start_new_session=True,
                                   env=self._environment)
        proc.wait_for("waxwingd", self._answers, self._process, self.log_file)

    def stop(self):
        """SIGTERM; returns the exit status."""
        proc.stop_group(self._process)
        return self._process.returncode if self._process else None

    def kill(self):
        """SIGKILL for the supervisor and all roles at once."""
        os.killpg(self._process.pid, signal.SIGKILL)
        proc.stop_group(self._process)

    def restart(self):
        self.stop()
        self.start()

    def roles(self):
        """Process ids by role: {"front": [..], "resolver": [..], "keeper": [..]}."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", encoding="utf-8") as f:
                    title = f.read().split("\0")[0]
                with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
                    parent = int(f.read().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if title.startswith("waxwingd: ") and parent == self._process.pid:
                found.setdefault(title.removeprefix("waxwingd: ").split("-")[0], []).append(int(pid))
        return found

    def kill_role(self, role):
        """SIGKILL for every process of the role; returns their ids."""
        pids = self.roles().get(role, [])
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return pids

    def wait_role(self, role, gone=(), seconds=5):
        """Waits until the role runs in processes that are none of `gone`; returns their ids."""
        def back():
            pids = self.roles().get(role, [])
            return pids if pids and not set(pids) & set(gone) else None
        return proc.wait_for(f"role {role}", back, self._process, self.log_file, seconds)

    def lookup(self, key, name="QUERY", seconds=15):
        """What the socketmap answers, as Postfix reads it: "OK …", "NOTFOUND ", "TEMP …"."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as s:
            request = f"{name} {key}".encode()
            s.sendall(b"%d:%s," % (len(request), request))
            return _read_netstring(s.makefile("rb"))

    def waxwing(self, *arguments):
        """Runs the command with this configuration's environment; the finished subprocess."""
        return subprocess.run([self.command, *arguments], capture_output=True, text=True, check=False, timeout=60,
                              env=self._environment)

    def log(self):
        try:
            with open(self.log_file, encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def _answers(self):
        try:
            return self.lookup("[up]").startswith("NOTFOUND")
        except (OSError, ValueError):
            return False

    def _make_directories(self):
        os.makedirs(os.path.dirname(self.store))
        if self.user:
            uid = pwd.getpwnam(self.user).pw_uid
            os.chown(os.path.dirname(self.store), uid, -1)

    def _defaults(self, lab):
        settings = {
            "listen": [f"inet:127.0.0.1:{self.port}", "unix:" + self.unix_socket],
            "store": self.store,
            "log_level": "debug",
            "dns": {"root_hints": lab.dns.root_hints, "trust_anchor": lab.dns.trust_anchor},
            "fetch": {"ca_file": lab.pki.ca, "allow_addresses": [namespace.NET4, namespace.NET6]},
        }
        return {**settings, "user": self.user} if self.user else settings


def _user():
    """Whom the roles run as: a user that exists and can be become here, or None for ourselves."""
    return next((name for name in ("waxwing", "nobody") if not namespace.missing_user(name)), None)


def _merged(base, over):
    result = dict(base)
    for key, value in over.items():
        result[key] = _merged(base.get(key, {}), value) if isinstance(value, dict) else value
    return result


def _render(settings):
    lines = []
    for key, value in settings.items():
        if isinstance(value, dict):
            lines += [key + " {", *("    " + line for line in _render(value).splitlines()), "}"]
        else:
            lines.append(f"{key} = {_literal(value)}")
    return "\n".join(lines) + "\n"


def _literal(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "{" + ", ".join(_literal(one) for one in value) + "}"
    return str(value) if isinstance(value, int) else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _read_netstring(stream):
    length = b""
    while (byte := stream.read(1)) != b":":
        if not byte.isdigit() or len(length) > 6:
            raise ValueError(f"no netstring: {length + byte!r}")
        length += byte
    body = stream.read(int(length))
    if len(body) != int(length) or stream.read(1) != b"," or len(body) > _MAX_REPLY:
        raise ValueError("netstring is cut short or too long")
    return body.decode()
