#!/usr/bin/python3
"""The supervisor from outside: test_supervisor.py PROGRAM fake|real [CLASS...]

Runs waxwingd (with roles that do nothing, or the real ones) in a network namespace of its own.
"""

import errno
import fcntl
import os
import pathlib
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
import unittest

SKIPPED = 77
READY = "supervisor info ready"
RESOLVERS = 2

# Those that there are in any case; the others are there where they are configured.
STEADY = {"waxwingd: " + name for name in ("collector", "control", "decoder", "front", "keeper")}
RENEWED = {"waxwingd: intake", "waxwingd: resolver-0", "waxwingd: resolver-1"}  # they look things up
ROLES = len(STEADY | RENEWED)

program = None
fake = False
root = os.geteuid() == 0
# Inside a user namespace only the own user exists, as root.
mapped = os.environ.get("WAXWING_TEST_MAPPED") == "1"


def enter_namespace():
    """Starts this script again inside a network namespace."""
    command = ["unshare", "-n"] if root else ["unshare", "-r", "-n"]
    if subprocess.run(command + ["true"], stderr=subprocess.DEVNULL).returncode != 0:
        print("skipped: no network namespace can be made here")
        sys.exit(SKIPPED)
    os.environ["WAXWING_TEST_INSIDE"] = "1"
    os.environ["WAXWING_TEST_MAPPED"] = "0" if root else "1"
    os.execvp(command[0], command + [sys.executable] + sys.argv)


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        siocsifflags, iff_up = 0x8914, 1
        fcntl.ioctl(s, siocsifflags, struct.pack("16sh14x", b"lo", iff_up))


def children_of(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(p) for p in text.split()}


def max_processes(pid):
    """How many a process may begin, as it is confined; "0" for who may run nothing."""
    [line] = [line for line in pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines() if "Max processes" in line]
    return line.split()[2]


def name_of(pid):
    """As it calls itself; empty when it is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()
    except (FileNotFoundError, ProcessLookupError):  # gone before it was opened, or before it was read
        return ""


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before it was opened, or before it was read
        return False


def wait_for(condition, seconds=30.0):
    """The seconds until condition() is true; fails after too many."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise AssertionError("waited too long")
        time.sleep(0.01)
    return time.monotonic() - start


class Notifications:
    """A service manager's socket."""

    def __init__(self, address):
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address.replace("@", "\0"))
        self.lines = []

    def environment(self, **more):
        return {"NOTIFY_SOCKET": self.address, **more}

    def has(self, line):
        try:
            while True:
                self.lines += self.socket.recv(1000, socket.MSG_DONTWAIT).decode().split("\n")
        except BlockingIOError:
            return line in self.lines

    def wait(self, line):
        wait_for(lambda: self.has(line))

    def count(self, line):
        self.has(line)
        return self.lines.count(line)


# Hands descriptors over as a service manager does: from 3 on, and announced in the environment.
ACTIVATE = """
import os, sys
fds = [int(fd) for fd in sys.argv[1].split(",")]
for i, fd in enumerate(fds):
    os.dup2(fd, 3 + i, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)), LISTEN_FDNAMES=":".join(sys.argv[2].split(",")))
os.execv(sys.argv[3], sys.argv[3:])
"""


class Daemon:
    """A folder, a configuration, and a waxwingd that runs on it."""

    def __init__(self, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="waxwing-test-"))
        self.folder.chmod(0o755)
        self.conf = self.folder / "waxwing.conf"
        self.socket = self.folder / "socketmap"
        self.log_path = self.folder / "log"
        self.process = None
        user = "root" if mapped else "nobody"
        self.settings = {
            "listen": f'{{"inet:127.0.0.1:8461", "inet:[::1]:8461", "unix:{self.socket}"}}',
            "store": f'"{self.folder}/state/waxwing.db"',
            "user": f'"{user}"',
            "resolvers": RESOLVERS,
        }
        self.more = ""
        self.touched = False
        self.configure(**settings)

    def configure(self, **settings):
        self.settings.update(settings)
        lines = [f"{name} = {value}\n" for name, value in self.settings.items()]
        # In one step: a reload may be reading it.
        new = self.folder / "waxwing.conf.new"
        new.write_text("".join(lines) + 'dns { forward = {"127.0.0.1"} }\n' +
                             ('dns { timeout = "6s" }\n' if self.touched else "") + self.more)
        new.rename(self.conf)

    def reload(self, wanted="supervisor info reloaded"):
        before = self.log().count(wanted)
        self.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.log().count(wanted) > before)

    def touch_resolvers(self):
        """Changes a setting of the resolvers, so that a reload replaces them."""
        self.touched = not self.touched
        self.configure()

    def start(self, *arguments, ready=True, environment=None, inherited=None, **options):
        """inherited: listening sockets by the names under which they are handed over."""
        launcher = []
        if inherited:
            fds = [fcntl.fcntl(s, fcntl.F_DUPFD, 20) for s in inherited.values()]
            launcher = [sys.executable, "-c", ACTIVATE, ",".join(map(str, fds)), ",".join(inherited)]
            options["pass_fds"] = fds
        before = self.log().count(READY) if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*launcher, program, "-c", self.conf, *arguments],
                stderr=log,
                stdout=log,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
                **options,
            )
        for fd in options.get("pass_fds", []) if inherited else []:
            os.close(fd)
        if ready:
            wait_for(lambda: self.log().count(READY) > before)
        return self

    def log(self):
        return self.log_path.read_text()

    def roles(self):
        names = {pid: name_of(pid) for pid in children_of(self.process.pid)}
        return {name: pid for pid, name in names.items() if name}

    def all_back(self, old):
        """Every role lives, and none of the old ones."""
        now = self.roles()
        named = all(name.startswith("waxwingd: ") for name in now)
        return named and len(now) == ROLES and old not in now.values()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(10)

    def remove(self):
        if self.process is not None and self.process.poll() is None:
            roles = children_of(self.process.pid)
            self.process.kill()
            self.process.wait()
            wait_for(lambda: not any(alive(p) for p in roles))
        shutil.rmtree(self.folder)


def unchanged(before, after):
    """The names of the roles that are still the same process."""
    return {name for name, pid in before.items() if after.get(name) == pid}


def connect(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(5)
    s.connect(address)
    return s


def ask(address=("127.0.0.1", 8461)):
    """One look-up that front answers: the fake one says what it sees, the real one that a literal has no policy."""
    with connect(address) as s:
        if not fake:
            s.sendall(b"18:QUERY [192.0.2.25],")
        return s.recv(1000).decode()


def is_refused(address):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        return s.connect_ex(address) == errno.ECONNREFUSED


def answers():
    try:
        return ask() != ""
    except OSError:
        return False


class Arguments(unittest.TestCase):
    def run_it(self, *arguments):
        done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=20)
        return done.returncode, done.stdout, done.stderr

    def with_text(self, text, *arguments):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
            f.write(text)
            f.flush()
            status, out, err = self.run_it("-c", f.name, *arguments, "--check")
            return status, out, err.replace(f.name, "FILE")

    def test_check(self):
        cases = [
            ('user = "a"\n', [], 0, ""),
            ("", [], 0, ""),
            ('\nuser = ""\nresolvers = x\n', [], 78,
             'FILE:2: user: "": it must not be empty\nFILE:3: resolvers: "x": a number of 0 to 64 is wanted\n'),
            ("nonsense = 1\n", [], 78, "FILE:1: no such option 'nonsense'\n"),
            ('user = "a"', ["-o", "resolvers=2"], 0, ""),
            ('user = "a"', ["-o", "dns.timeout=2s"], 0, ""),
            ('user = "a"', ["-o", "resolvers=2", "-o", "dns.timeout=2"], 78,
             '-o:2: dns.timeout: "2": a time of 1s to 1m is wanted, such as "30s", "5m" or "1h"\n'),
        ]
        for text, arguments, status, words in cases:
            with self.subTest(text=text, arguments=arguments):
                self.assertEqual(self.with_text(text, *arguments), (status, "", words))

    def test_file_missing(self):
        status, _, err = self.run_it("--config", "/nonexistent/waxwing.conf", "--check")
        self.assertEqual(status, 78)
        self.assertEqual(err, "/nonexistent/waxwing.conf: No such file or directory\n")

    def test_usage(self):
        for arguments in (["--nonsense"], ["word"], ["-c"], ["--role", "front"], ["--role", "nobody", "0"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.run_it(*arguments)[0], 64)
        self.assertEqual(self.run_it("--help")[0], 0)
        status, out, _ = self.run_it("--version")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"^waxwingd \d+\.\d+\.\d+\n$")


class Living(unittest.TestCase):
    def daemon(self, **settings):
        d = Daemon(**settings)
        self.addCleanup(d.remove)
        return d

    def assert_answers(self, address=("127.0.0.1", 8461)):
        if fake:
            self.assertRegex(ask(address), rf"^pid=\d+ uid=\d+ resolvers={RESOLVERS} open=no\n$")
        else:
            self.assertEqual(ask(address), "9:NOTFOUND ,")

    def assert_clean(self, d, status):
        self.assertEqual(status, 0, d.log())
        self.assertNotIn("role-ended", d.log())
        self.assertNotIn(" error ", d.log())


class Life(Living):
    def test_starts_and_stops(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                d = self.daemon().start()
                self.assert_answers()
                self.assert_answers(("::1", 8461))
                self.assert_answers(str(d.socket))
                self.assertEqual(stat.S_IMODE(d.socket.stat().st_mode), 0o666)
                roles = d.roles()
                self.assertEqual(set(roles), STEADY | RENEWED)
                self.assert_clean(d, d.stop(number))
                self.assertFalse(any(alive(p) for p in roles.values()))
                self.assertFalse(d.socket.exists())

    def test_whole_group_is_interrupted(self):
        """As a terminal does it: the roles wait for the supervisor's word."""
        d = self.daemon().start()
        os.killpg(d.process.pid, signal.SIGINT)
        self.assert_clean(d, d.process.wait(10))

    def test_confined(self):
        d = self.daemon().start()
        for name, pid in d.roles().items():
            with self.subTest(role=name):
                status = pathlib.Path(f"/proc/{pid}/status").read_text()
                self.assertIn("NoNewPrivs:\t1\n", status)
                self.assertIn("Seccomp:\t2\n", status)
                self.assertIn("CapEff:\t0000000000000000\n", status)
                self.assertEqual(os.stat(f"/proc/{pid}/status").st_uid, 0, "it could be dumped")
                if root and not mapped:
                    self.assertIn("Uid:\t65534\t65534\t65534\t65534\n", status)

    @unittest.skipIf(not root or mapped, "only root sees the descriptors of confined processes")
    def test_nothing_is_inherited(self):
        secret = os.open("/etc/passwd", os.O_RDONLY)
        self.addCleanup(os.close, secret)
        d = self.daemon().start(pass_fds=[secret])
        for name, pid in d.roles().items():
            links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
            files = [link for link in links if link.startswith("/") and not link.startswith(str(d.folder))]
            with self.subTest(role=name):
                self.assertEqual(files, ["/dev/null", f"/proc/{pid}/statm"])
                self.assertFalse([link for link in links if "memfd" in link])

    def test_connection_waits_for_front(self):
        d = self.daemon().start()
        front = d.roles()["waxwingd: front"]
        os.kill(front, signal.SIGSTOP)
        with connect(("127.0.0.1", 8461)) as s:
            os.kill(front, signal.SIGKILL)
            if not fake:
                s.sendall(b"18:QUERY [192.0.2.25],")
            self.assertNotEqual(s.recv(1000), b"")

    def test_all_roles_killed_again_and_again(self):
        d = self.daemon().start()
        for _ in range(4):
            for pid in d.roles().values():
                os.kill(pid, signal.SIGKILL)
            wait_for(answers)
            self.assert_answers()
        self.assertEqual(d.stop(), 0)

    def test_place_is_taken(self):
        first = self.daemon().start()
        for listen in ("inet:127.0.0.1:8461", f"unix:{first.socket}"):
            with self.subTest(listen=listen):
                second = self.daemon(listen=f'{{"{listen}"}}').start(ready=False)
                self.assertEqual(second.process.wait(10), 1)
                self.assertIn("somebody else listens there already", second.log())
        self.assert_answers(str(first.socket))

    def test_file_in_the_way_is_kept(self):
        d = self.daemon()
        d.socket.write_text("precious")
        d.start(ready=False)
        self.assertEqual(d.process.wait(10), 1)
        self.assertIn("listen-failed", d.log())
        self.assertEqual(d.socket.read_text(), "precious")

    def test_control_socket_that_cannot_be_opened(self):
        """Look-ups do not need it; a reload tries again."""
        d = self.daemon()
        folder = d.folder / "later"
        d.configure(control=f'"unix:{folder}/control"')
        d.start()
        self.assertRegex(d.log(), 'error listen-failed .*there is no directory .* done="look-ups are answered without it')
        self.assert_answers()
        d.reload()
        folder.mkdir()
        d.reload()
        self.assertTrue((folder / "control").is_socket())
        self.assert_answers()
        self.assertEqual(d.stop(), 0)

    @unittest.skipIf(mapped, "a user namespace has one user")
    def test_user_is_missing(self):
        d = self.daemon(user='"no-such-user"').start(ready=False)
        self.assertEqual(d.process.wait(10), 1)
        self.assertIn("useradd --system", d.log())

    def test_option_counts_more_than_the_file(self):
        d = self.daemon().start("-o", 'listen={"inet:127.0.0.1:8462"}')
        self.assert_answers(("127.0.0.1", 8462))
        self.assertEqual(d.stop(), 0)

    def test_store_folder_is_made(self):
        d = self.daemon().start()
        folder = d.folder / "state"
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o750)
        if root and not mapped:
            self.assertEqual(folder.stat().st_uid, 65534)

    def test_publishing(self):
        """Its roles are there where it is configured, with their folder; a listener outlives who serves on it."""
        names = ("waxwingd: publisher", "waxwingd: steward", "waxwingd: clerk")
        d = self.daemon()
        d.more = 'publish { enabled = true https = {"inet:127.0.0.1:8443"} }\n'
        d.configure()
        d.start()
        for folder in ("publish", "publish/certificates", "publish/challenges"):
            st = (d.folder / "state" / folder).stat()
            self.assertEqual(stat.S_IMODE(st.st_mode) & 0o777, 0o750)
            self.assertEqual(st.st_uid, 65534 if root and not mapped else os.geteuid())
        may = {name: max_processes(d.roles()[name]) for name in names}
        if may["waxwingd: publisher"] == "0":  # else it is a build whose leak checker needs a process
            self.assertEqual(may["waxwingd: steward"], "0")
            self.assertNotEqual(may["waxwingd: clerk"], "0")
        for name in names:
            victim = d.roles()[name]
            os.kill(victim, signal.SIGKILL)
            with socket.create_connection(("127.0.0.1", 8443), 10):
                wait_for(lambda: d.roles().get(name, victim) != victim)
        d.more = f'publish {{ enabled = true folder = "{d.folder}/elsewhere" }}\n'
        d.configure()
        before = d.roles()["waxwingd: publisher"]
        d.reload()
        self.assertIn("restart-needed setting=publish.folder ", d.log())
        self.assertFalse((d.folder / "elsewhere").exists())
        self.assertEqual(d.roles()["waxwingd: publisher"], before)
        if not fake:  # which keep what they have
            wait_for(lambda: is_refused(("127.0.0.1", 8443)))
        d.more = ""
        d.configure()
        d.reload()
        wait_for(lambda: not set(names) & set(d.roles()))
        self.assertEqual(d.stop(), 0)

    def test_role_that_cannot_start(self):
        if not fake:
            self.skipTest("the fake roles fail when asked to")
        d = self.daemon().start(ready=False, environment={"WW_FAKE_FAIL": "1"})
        self.assertEqual(d.process.wait(10), 1)
        self.assertIn("role-died name=resolver-1", d.log())

    def test_reload_that_changes_nothing(self):
        d = self.daemon().start()
        before = d.roles()
        for _ in range(3):
            d.configure(answer_deadline='"4s"')
            d.reload()
        self.assertEqual(before, d.roles())
        self.assert_answers()
        self.assertEqual(d.stop(), 0)

    def test_reload_reads_the_files_of_resolvers(self):
        if fake:
            self.skipTest("the fake roles read no files")
        d = self.daemon()
        authorities = d.folder / "ca.pem"
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", authorities)
        d.more = f'fetch {{ ca_file = "{authorities}" }}\n'
        d.configure()
        d.start()
        before = d.roles()
        d.reload()
        self.assertEqual(before, d.roles())
        authorities.touch()
        d.reload()
        wait_for(lambda: d.all_back(before["waxwingd: intake"]))
        self.assertEqual(unchanged(before, d.roles()), STEADY)
        authorities.unlink()
        d.reload("a resolver could not start with it")
        self.assertEqual(d.stop(), 0)

    def test_reload_replaces_those_alone_who_look_things_up(self):
        d = self.daemon().start()
        before = d.roles()
        d.touch_resolvers()
        d.reload()
        wait_for(lambda: d.all_back(before["waxwingd: intake"]))
        after = d.roles()
        self.assertEqual(sorted(before), sorted(after))
        kept = {name for name in before if before[name] == after[name]}
        self.assertEqual(kept, STEADY)
        self.assert_answers()
        for name, pid in after.items():
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: d.all_back(pid))
        self.assert_answers()
        self.assertEqual(d.log().count("role-died"), ROLES)
        self.assertEqual(d.stop(), 0)

    def test_reload_renews_who_looks_things_up(self):
        d = self.daemon()
        d.more = 'report { contact = "postmaster@example.com" }\n'
        d.configure()
        d.start()
        before = d.roles()
        d.reload()
        self.assertEqual(before, d.roles())
        d.touch_resolvers()
        d.reload()
        wait_for(lambda: set(before) <= set(d.roles()) and unchanged(before, d.roles()) == STEADY)
        self.assertNotIn("role-died", d.log())
        self.assertEqual(d.stop(), 0)

    def test_reload_of_a_broken_file(self):
        d = self.daemon().start()
        before = d.roles()
        with d.conf.open("a") as f:
            f.write("nonsense = 1\n")
        lines = len(d.conf.read_text().splitlines())
        d.reload("reload-failed")
        self.assertIn(f'detail="{d.conf}:{lines}: no such option \'nonsense\'"', d.log())
        d.conf.unlink()
        d.reload("No such file")
        self.assertEqual(before, d.roles())
        self.assert_answers()
        self.assertEqual(d.stop(), 0)

    def test_reload_that_no_resolver_can_use(self):
        if fake:
            self.skipTest("the fake roles read no files")
        d = self.daemon().start()
        before = d.roles()
        d.more = 'fetch { ca_file = "/nonexistent/ca.pem" }\n'
        d.configure(listen='{"inet:127.0.0.1:8462"}', log_level='"debug"')
        d.reload("a resolver could not start with it")
        self.assertEqual(before, d.roles())
        self.assert_answers()
        self.assertRaises(OSError, ask, ("127.0.0.1", 8462))
        d.more = ""
        d.configure()
        d.reload()
        self.assert_answers(("127.0.0.1", 8462))
        self.assertEqual(d.stop(), 0)

    def test_reload_changes_listeners(self):
        if fake:
            self.skipTest("the fake front keeps what it has")
        d = self.daemon().start()
        other = d.folder / "other"
        with connect(("127.0.0.1", 8461)) as stays, connect(str(d.socket)) as removed:

            def both_are_answered():
                for s in (stays, removed):
                    s.sendall(b"18:QUERY [192.0.2.25],")
                    self.assertEqual(s.recv(1000), b"9:NOTFOUND ,")

            both_are_answered()  # so that they are accepted before their listener goes
            d.configure(listen=f'{{"inet:127.0.0.1:8461", "inet:127.0.0.1:8462", "unix:{other}"}}')
            d.reload()
            for address in (("127.0.0.1", 8461), ("127.0.0.1", 8462), str(other)):
                self.assert_answers(address)
            self.assertFalse(d.socket.exists())
            self.assertRaises(OSError, ask, ("::1", 8461))
            both_are_answered()
        front = d.roles()["waxwingd: front"]
        os.kill(front, signal.SIGKILL)
        wait_for(lambda: d.all_back(front))
        self.assert_answers(str(other))
        self.assertEqual(d.stop(), 0)
        self.assertFalse(other.exists())

    def test_reload_that_cannot_listen(self):
        d = self.daemon().start()
        with socket.create_server(("127.0.0.1", 8463)):
            listen = d.settings["listen"]
            d.configure(listen=f'{{"inet:127.0.0.1:8464", "unix:{d.socket}", "inet:127.0.0.1:8463"}}')
            d.reload("reload-failed")
        self.assert_answers()
        self.assert_answers(str(d.socket))
        self.assertRaises(OSError, ask, ("127.0.0.1", 8464))
        d.configure(listen=listen)
        d.reload()
        self.assert_answers(str(d.socket))
        self.assertEqual(d.stop(), 0)

    def test_reload_keeps_what_needs_a_restart(self):
        d = self.daemon().start()
        d.configure(store=f'"{d.folder}/it\'s/other.db"', user='"somebody"', resolvers=5, confine="false",
                    socket_mode='"0600"', socket_owner='"nobody"', socket_group='"nogroup"')
        for _ in range(2):
            d.reload()
        for setting in ("store", "user", "resolvers", "confine", "socket_mode", "socket_owner", "socket_group"):
            self.assertEqual(d.log().count(f"restart-needed setting={setting} "), 2)
        keeper = d.roles()["waxwingd: keeper"]
        os.kill(keeper, signal.SIGKILL)
        wait_for(lambda: d.all_back(keeper))
        self.assert_answers()
        self.assertEqual(d.stop(), 0)

    def test_reload_of_the_log(self):
        d = self.daemon().start()
        d.configure(log_format='"json"')
        d.reload('"event":"reloaded"')
        d.configure(log_format='"text"', log_level='"error"')
        d.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        lines = len(d.log().splitlines())
        self.assertEqual(d.stop(), 0)
        self.assertEqual(len(d.log().splitlines()), lines)

    def test_reload_again_and_again(self):
        manager = self.notifications("@waxwing-test")
        d = self.daemon().start(environment=manager.environment())
        manager.wait("READY=1")
        for _ in range(20):
            d.touch_resolvers()
            d.process.send_signal(signal.SIGHUP)
            time.sleep(0.01)
            manager.has("READY=1")  # reads: a queue takes ten messages
        wait_for(lambda: manager.lines and manager.has("READY=1") and manager.lines[-1] == "STATUS=Running"
                 and manager.count("RELOADING=1") > 1 and manager.count("READY=1") > 1)
        self.assertTrue(any(line.startswith("MONOTONIC_USEC=") for line in manager.lines))
        # Not by the log, which does not repeat itself so often.
        begun = manager.count("RELOADING=1")
        d.process.send_signal(signal.SIGHUP)
        wait_for(lambda: manager.count("RELOADING=1") > begun and manager.lines[-1] == "STATUS=Running")
        self.assert_answers()
        wait_for(lambda: len(d.roles()) == ROLES)
        self.assertNotIn(" error ", d.log())
        self.assertEqual(d.stop(), 0)

    def service_manager(self, d, *names):
        """Listening sockets as a service manager has opened them for the daemon."""
        unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        unix.bind(str(d.socket))
        unix.listen()
        opened = {"tcp": socket.create_server(("127.0.0.1", 8461)), "unix": unix,
                  "other": socket.create_server(("127.0.0.1", 8469)), "http": socket.create_server(("127.0.0.1", 8463)),
                  "datagrams": socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
                  "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM)}
        for s in opened.values():
            self.addCleanup(s.close)
        return {name: opened[name] for name in names}

    def test_inherited_sockets(self):
        d = self.daemon(http='{"inet:127.0.0.1:8463"}')
        manager = self.service_manager(d, "other", "unix", "datagrams", "udp", "tcp", "http")
        for _ in range(2):
            d.start(inherited=manager)
            for address in (("127.0.0.1", 8461), ("::1", 8461), str(d.socket)):
                self.assert_answers(address)
            self.assertRegex(d.log(), "warning socket-unused name=other listener=inet:127.0.0.1:8469 .*does not name it")
            self.assertRegex(d.log(), "warning socket-unused name=datagrams detail=.*does not name it")
            self.assertRegex(d.log(), "warning socket-unused name=udp .*detail=.*no socket that listens")
            self.assertEqual(d.log().count("socket-unused"), 3)
            for pid in d.roles().values():
                self.assertNotIn(b"LISTEN_", pathlib.Path(f"/proc/{pid}/environ").read_bytes())
            os.kill(d.roles()["waxwingd: front"], signal.SIGKILL)
            wait_for(answers)
            self.assert_answers(str(d.socket))
            self.assertEqual(d.stop(), 0)
            # Who comes meanwhile waits for the next start.
            self.assertTrue(d.socket.exists())
            with connect(str(d.socket)), connect(("127.0.0.1", 8461)), connect(("127.0.0.1", 8463)):
                d.log_path.unlink()

    def test_reload_keeps_inherited_sockets(self):
        if fake:
            self.skipTest("the fake front keeps what it has")
        d = self.daemon()
        d.start(inherited=self.service_manager(d, "tcp", "unix"))
        listen = d.settings["listen"]
        d.reload()
        self.assert_answers(str(d.socket))
        d.configure(listen='{"inet:127.0.0.1:8462"}')
        d.reload()
        self.assertTrue(d.socket.exists())
        d.configure(listen=listen)
        d.reload()
        for address in (("127.0.0.1", 8461), ("::1", 8461), str(d.socket)):
            self.assert_answers(address)
        self.assert_clean(d, d.stop())
        self.assertTrue(d.socket.exists())

    def test_stop_during_a_reload(self):
        for pause in (0, 0.005, 0.02, 0.05):
            with self.subTest(pause=pause):
                d = self.daemon().start()
                d.touch_resolvers()
                d.process.send_signal(signal.SIGHUP)
                time.sleep(pause)
                self.assert_clean(d, d.stop())

    def notifications(self, address):
        n = Notifications(address)
        self.addCleanup(n.socket.close)
        return n

    def test_service_manager_is_told(self):
        d = self.daemon()
        for address in (str(d.folder / "notify"), "@waxwing-test"):
            with self.subTest(address=address):
                manager = self.notifications(address)
                d.start(environment=manager.environment())
                manager.wait("READY=1")
                self.assertTrue(manager.has("STATUS=Running"))
                for pid in d.roles().values():
                    self.assertNotIn(b"NOTIFY_SOCKET", pathlib.Path(f"/proc/{pid}/environ").read_bytes())
                os.kill(d.roles()["waxwingd: keeper"], signal.SIGKILL)
                manager.wait("STATUS=Waiting for keeper")
                wait_for(lambda: manager.count("STATUS=Running") == 2)
                self.assertEqual(d.stop(), 0)
                self.assertTrue(manager.has("STOPPING=1"))
                self.assertEqual(manager.count("READY=1"), 1)
                self.assertEqual(manager.count("WATCHDOG=1"), 0)

    def test_service_manager_without_time(self):
        """Its queue is full when it should be told: it is told later, the last message of each kind."""
        manager = self.notifications("@waxwing-test")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stuffing:
            stuffing.setblocking(False)
            with self.assertRaises(BlockingIOError):
                while True:
                    stuffing.sendto(b"STUFFED=1", "\0waxwing-test")
        d = self.daemon().start(environment=manager.environment())
        for _ in range(3):
            d.reload()
        self.assertEqual(set(manager.lines), set())
        manager.wait("READY=1")
        manager.wait("STATUS=Running")
        self.assertEqual(set(manager.lines[:manager.lines.count("STUFFED=1")]), {"STUFFED=1"})
        self.assertEqual(manager.count("READY=1"), 1)
        wait_for(lambda: manager.has("STATUS=Running") and manager.lines[-1] == "STATUS=Running")
        self.assertEqual(d.stop(), 0)
        manager.wait("STOPPING=1")

    def test_watchdog(self):
        cases = [
            ({"WATCHDOG_USEC": "200000"}, True),
            ({"WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"}, False),
            ({"WATCHDOG_USEC": "soon"}, False),
        ]
        for i, (variables, wanted) in enumerate(cases):
            with self.subTest(variables=variables):
                manager = self.notifications(f"@waxwing-test-{i}")
                d = self.daemon().start(environment=manager.environment(**variables))
                if wanted:
                    wait_for(lambda: manager.count("WATCHDOG=1") >= 3)
                else:
                    time.sleep(0.65)
                    self.assertEqual(manager.count("WATCHDOG=1"), 0, manager.lines)
                self.assertEqual(d.stop(), 0)

    def test_watchdog_waits_for_every_role(self):
        if not fake:
            self.skipTest("the fake roles wait when asked to")
        manager = self.notifications("@waxwing-test")
        d = self.daemon().start(ready=False,
                                environment=manager.environment(WATCHDOG_USEC="100000", WW_FAKE_STUCK="1"))
        time.sleep(0.5)
        self.assertEqual(manager.count("WATCHDOG=1") + manager.count("READY=1"), 0)
        # The stuck role would not notice by itself, should it not have come as far as to ask for a signal.
        for pid in [d.process.pid, *children_of(d.process.pid)]:
            os.kill(pid, signal.SIGKILL)


class InTime(Living):
    """They measure time, so they run alone."""

    def test_killed_roles_come_back(self):
        d = self.daemon().start()
        for name in sorted(d.roles()):
            with self.subTest(role=name):
                victim = d.roles()[name]
                others = set(d.roles().values()) - {victim}
                start = time.monotonic()
                os.kill(victim, signal.SIGKILL)
                wait_for(lambda: d.all_back(victim))
                wait_for(answers)
                self.assertLess(time.monotonic() - start, 1.0)
                self.assert_answers()
                self.assertLess(others, set(d.roles().values()), "nobody else was started again")
        self.assertEqual(d.log().count("role-died"), ROLES)
        self.assertEqual(d.log().count('status="signal KILL"'), ROLES)
        self.assertEqual(d.stop(), 0)

    def test_nothing_survives_the_supervisor(self):
        d = self.daemon().start()
        roles = d.roles().values()
        d.process.kill()
        d.process.wait()
        self.assertLess(wait_for(lambda: not any(alive(p) for p in roles)), 1.0)
        self.assertTrue(d.socket.exists())
        again = d.start()
        self.assert_answers()
        self.assert_answers(str(d.socket))
        self.assertEqual(again.stop(), 0)

    def test_stuck_role_is_killed_at_the_deadline(self):
        d = self.daemon().start()
        os.kill(d.roles()["waxwingd: resolver-0"], signal.SIGSTOP)
        start = time.monotonic()
        d.process.terminate()
        self.assertEqual(d.process.wait(10), 0)
        self.assertLess(time.monotonic() - start, 7)
        self.assertIn("stop-forced", d.log())


if __name__ == "__main__":
    if "WAXWING_TEST_INSIDE" not in os.environ:
        enter_namespace()
    loopback_up()
    program, fake = sys.argv[1], sys.argv[2] == "fake"
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
