"""libwaxwing as its users have it: installed, found by pkg-config, linked by the example, against a running waxwingd."""

import glob
import os
import re
import signal
import subprocess

import pytest

from conftest import ROOT
from lab import table
from waiting import explain

DOMAINS = [d for d in table.load().values() if not d.waits]

# A look-up that nobody answers ends so soon.
SHORT = ["-d", "300"]

# By the daemon: the lab's TTLs of a second decide which.
ANSWERED = re.compile(r"good\.example: secure \((cache|live)\): ")


@pytest.fixture(scope="module")
def program(build, tmp_path_factory):
    """The example, compiled with what pkg-config says of an installed library; its environment finds that."""
    if not os.path.exists(os.path.join(build, "meson-info")):
        pytest.skip(f"{build} was not made by Meson: there is no library to install")
    stage = str(tmp_path_factory.mktemp("library"))
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--destdir", stage], check=True, stdout=subprocess.DEVNULL)
    described = glob.glob(stage + "/**/pkgconfig/waxwing.pc", recursive=True)
    assert len(described) == 1
    where = os.path.dirname(described[0])
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "waxwing"], check=True, capture_output=True, text=True,
                           env={**os.environ, "PKG_CONFIG_LIBDIR": where, "PKG_CONFIG_SYSROOT_DIR": stage}).stdout.split()
    binary = os.path.join(stage, "may-deliver")
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-o", binary, os.path.join(ROOT, "examples/may-deliver.c"), *flags],
                   check=True)
    return [binary], {**os.environ, "LD_LIBRARY_PATH": os.path.dirname(where)}


class Conversation:
    """One `may-deliver -`: it keeps its connection, and what it has heard, from line to line."""

    def __init__(self, program, address, *options):
        command, environment = program
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([*command, "-a", address, *options, "-"], stdin=subprocess.PIPE, env=environment,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def ask(self, domain, *hosts):
        """What is printed: what went wrong, the decision, then each host."""
        self.process.stdin.write(" ".join([domain, *hosts]) + "\n")
        self.process.stdin.flush()
        lines = []
        while not lines or lines[-1] != "\n":
            lines.append(self.process.stdout.readline())
            assert lines[-1], lines
        return "".join(lines)

    def end(self):
        out, _ = self.process.communicate(timeout=30)
        assert out == ""
        return self.process.returncode


@pytest.fixture(params=[[], ["-p"]], ids=["blocking", "poll"])
def talk(request, program, waxwingd):
    """talk(*options) begins a conversation, by the Unix socket unless an address is given."""
    begun = []

    def begin(*options, address=None):
        begun.append(Conversation(program, address or f"unix:{waxwingd.unix_socket}", *request.param, *options))
        return begun[-1]

    yield begin
    for one in begun:
        one.process.kill()
        one.process.communicate()


def matched(known):
    """The patterns that Postfix is told; where DANE leaves only some hosts to MTA-STS, these hosts."""
    told = re.search(r" match=(\S+)", known["postfix"]["QUERY"]).group(1)
    return [re.sub(r"^\.", "*.", pattern) for pattern in told.split(":")]


def run(program, *arguments):
    command, environment = program
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, env=environment, timeout=60)


def test_says_of_every_domain_what_the_daemon_decides(waxwingd, talk):
    by_unix, by_inet = talk(), talk(address=f"inet:127.0.0.1:{waxwingd.port}")
    for d in DOMAINS:
        told = by_unix.ask(d.name)
        known = explain(waxwingd, d.name)
        assert told.startswith(f"{d.name}: {known['level']} (")
        assert f": {known['why']} [{known['section']}]\n" in told
        if known["mode"] == "enforce" and known["level"] != "hold":
            patterns = [line.removeprefix("  mx ") for line in told.splitlines() if line.startswith("  mx ")]
            wanted = matched(known) if known["level"] == "secure" else known["mx"]
            assert patterns == wanted or known["truncated"] and patterns[:100] == wanted[:100]
        if known["dane"] and known["dane"]["mx"] == "secure":
            for host in known["dane"]["hosts"]:
                assert f"  TLSA of {host['host']}: {host['dane']}\n" in told
        assert by_inet.ask(d.name).startswith(f"{d.name}: {known['level']} (")
    assert (by_unix.end(), by_inet.end()) == (0, 0)


@pytest.mark.parametrize("domain, hosts, status", [
    ("good.example", {"mx.good.example": True, "mx.elsewhere.example": False}, 0),
    ("not-listed.example", {"spare.not-listed.example": False}, 1),
    ("deep.example", {"mx.far.deep.example": False, "mx.deep.example": True}, 0),
    ("testing.example", {"anything.example": True}, 0),
    ("no-record.example", {"anything.example": True}, 0),
    ("[192.0.2.1]", {"192.0.2.1": True}, 0),
])
def test_says_which_hosts_may_be_connected_to(program, waxwingd, domain, hosts, status):
    done = run(program, "-a", f"unix:{waxwingd.unix_socket}", domain, *hosts)
    assert done.stderr == ""
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines()[-len(hosts):])
    assert said == {host: "may be connected to" if may else "no" for host, may in hosts.items()}
    assert done.returncode == status


def test_what_was_heard_outlives_the_daemon(waxwingd, talk):
    """Down, and up again: the same program goes on, over a connection of its own making."""
    careful, careless = talk(), talk("-f", "none")
    for one in (careful, careless):
        assert ANSWERED.match(one.ask("good.example"))
    waxwingd.stop()
    for one in (careful, careless):
        told = one.ask("good.example", "mx.good.example", "mx.elsewhere.example")
        assert told.startswith("may-deliver: waxwingd cannot be connected to\ngood.example: secure (remembered): ")
        assert "mx.good.example: may be connected to\nmx.elsewhere.example: no\n" in told
    assert "never-asked.example: hold (fallback): waxwingd cannot" in careful.ask("never-asked.example")
    assert "never-asked.example: none (fallback): waxwingd cannot" in careless.ask("never-asked.example")
    waxwingd.start()
    for one in (careful, careless):
        assert ANSWERED.match(one.ask("good.example"))
    assert (careful.end(), careless.end()) == (0, 0)


def test_a_role_that_dies_is_asked_again(waxwingd, talk):
    """The connection ends with it; the listener stays, and the next process answers."""
    one = talk()
    assert ANSWERED.match(one.ask("good.example"))
    waxwingd.wait_role("front", waxwingd.kill_role("front"))
    assert ANSWERED.match(one.ask("good.example"))


def test_a_daemon_that_hangs_is_waited_for_until_the_deadline(waxwingd, talk):
    one = talk(*SHORT)
    assert ANSWERED.match(one.ask("good.example"))
    front = waxwingd.roles()["front"]
    for pid in front:
        os.kill(pid, signal.SIGSTOP)
    try:
        told = one.ask("good.example")
        assert told.startswith("may-deliver: waxwingd did not answer in time\ngood.example: secure (remembered): ")
        assert "hold (fallback): waxwingd did not answer in time" in one.ask("never-asked.example")
    finally:
        for pid in front:
            os.kill(pid, signal.SIGCONT)
    assert ANSWERED.match(one.ask("good.example"))


def test_mail_waits_where_nobody_answers(program):
    done = run(program, "-a", "inet:127.0.0.1:1", "good.example", "mx.good.example")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (75, "mx.good.example: no")
    assert done.stderr == "may-deliver: waxwingd cannot be connected to\n"


@pytest.mark.parametrize("arguments", [[], ["-x", "a.example"], ["-f", "perhaps", "a.example"], ["-a", "ftp:x", "a.example"]])
def test_refuses_wrong_usage(program, arguments):
    done = run(program, *arguments)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr != ""
