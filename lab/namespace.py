"""A place of its own for the lab: network, mount and process namespaces that vanish with it.

`enter()` starts a command as a child of a small init inside fresh namespaces; `prepare()` makes the
network there and is the guard that keeps the lab away from any other network. As root the namespaces are
plain ones; otherwise they hang on a user namespace, where only some users exist (see `missing_user`)."""

import ctypes
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading

NET4 = "198.18.0.0/15"
NET6 = "2001:2::/48"
CLIENT4 = "198.18.0.1"
CLIENT6 = "2001:2::1"
STATE = "/run/lab"

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    """The lab, or a part of it, cannot run here; the text is the reason to show."""


def die_with_parent():
    """For `preexec_fn`: the child is killed when its parent is gone."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def inside():
    """True in the process that `enter` has started, but not in those that it starts in turn."""
    if os.getppid() != 1:
        return False
    try:
        with open("/proc/1/cmdline", "rb") as f:
            return os.path.abspath(__file__).encode() in f.read().split(b"\0")
    except OSError:
        return False


def _unshare_command():
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
    if os.geteuid() != 0:
        command += ["--user", "--map-root-user"]
        if _has_subordinate_ids():
            command += ["--map-auto"]
    return command


def _has_subordinate_ids():
    if not shutil.which("newuidmap"):
        return False
    user = pwd.getpwuid(os.getuid()).pw_name
    try:
        with open("/etc/subuid", encoding="ascii") as uids, open("/etc/subgid", encoding="ascii") as gids:
            return all(any(line.startswith(user + ":") for line in f) for f in (uids, gids))
    except OSError:
        return False


def possible():
    """None, or the reason why this user cannot have the namespaces."""
    if not shutil.which("unshare"):
        return "the program unshare is missing"
    probe = subprocess.run(_unshare_command() + ["true"], capture_output=True, text=True, check=False)
    if probe.returncode == 0:
        return None
    return "no namespaces here: " + (probe.stderr.strip() or "unshare failed").splitlines()[-1]


def enter(argv):
    """Runs argv inside new namespaces and returns its exit status. Signals that end us end all of it."""
    alive, kept_open = os.pipe()
    init = [sys.executable, os.path.abspath(__file__), str(alive)]
    child = subprocess.Popen(_unshare_command() + init + argv, pass_fds=[alive])
    os.close(alive)
    try:
        return _wait_forwarding(child.pid, lambda sig: _signal_init(child.pid, sig))
    finally:
        os.close(kept_open)


def _signal_init(unshare_pid, sig):
    """unshare blocks SIGTERM and SIGINT while it waits: its only child, the init, gets them."""
    try:
        with open(f"/proc/{unshare_pid}/task/{unshare_pid}/children", encoding="ascii") as f:
            for pid in f.read().split():
                os.kill(int(pid), sig)
    except (OSError, ValueError):
        pass


def _wait_forwarding(pid, forward):
    for sig in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(sig, lambda number, _frame: forward(number))
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == pid:
            return _exit_code(status)


def _exit_code(status):
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def exit_on_signals():
    """Lets SIGTERM and SIGHUP leave as SIGINT does, so that `with` blocks clean up."""
    for sig in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, lambda number, _frame: sys.exit(128 + number))


def _init(alive, argv):
    """Process 1 of the namespace: starts argv, collects orphans, leaves when argv has ended. When it
    leaves, the kernel ends all others."""
    os.set_inheritable(alive, False)
    pid = os.fork()
    if pid == 0:
        os.execvp(argv[0], argv)
    threading.Thread(target=_leave_when_closed, args=(alive,), daemon=True).start()
    return _wait_forwarding(pid, lambda sig: os.kill(pid, sig))


def _leave_when_closed(alive):
    """The other end of the pipe closes with `enter`, even when that was killed outright. A death signal
    alone would not do: the kernel forgets it when a user namespace changes the credentials."""
    os.read(alive, 1)
    os._exit(137)


def check_fresh():
    """Raises Unavailable unless this is an unused network namespace: only lo, no address but loopback."""
    if not inside():
        raise Unavailable("not inside a lab namespace: start with lab/lab or tests/e2e/run")
    links = json.loads(_ip("-j", "link"))
    others = [link["ifname"] for link in links if link["ifname"] != "lo"]
    if others:
        raise Unavailable("this network namespace has other interfaces: " + " ".join(others))
    routes = _ip("route", "show").strip() + _ip("-6", "route", "show").strip()
    if routes:
        raise Unavailable("this network namespace is in use, it has routes: " + routes.splitlines()[0])


def _sysctl(name, value):
    with open("/proc/sys/" + name, "w", encoding="ascii") as f:
        f.write(value)


def prepare():
    """Makes network and state directory; call once, before anything else. Raises Unavailable."""
    for program in ("ip", "nft", "mount"):
        if not shutil.which(program):
            raise Unavailable(f"the program {program} is missing")
    check_fresh()
    _ip("link", "set", "lo", "up")
    # All of the range is local: any server can bind any address of it, and nothing ever has a way out.
    _ip("addr", "add", CLIENT4 + "/15", "dev", "lo")
    _ip("-6", "addr", "add", CLIENT6 + "/128", "dev", "lo", "nodad")
    _ip("-6", "route", "add", "local", NET6, "dev", "lo", "src", CLIENT6)
    # For IPv6 a local route is not enough to bind an address.
    _sysctl("net/ipv6/ip_nonlocal_bind", "1")
    # A new namespace has the kernel's 10; packaging/sysctl.d has this.
    _sysctl("net/unix/max_dgram_qlen", "512")
    resolv_conf = os.path.realpath("/etc/resolv.conf")
    _mount("-t", "tmpfs", "-o", "mode=755", "lab", "/run")
    # libfaketime names what it shares by process ids, which other labs have as well.
    _mount("-t", "tmpfs", "-o", "mode=1777", "lab", "/dev/shm")
    os.mkdir(STATE)
    return resolv_conf


def use_resolver(address, resolv_conf):
    """Points resolv.conf of this mount namespace at the lab's resolver, whose AD bit is to be believed."""
    own = os.path.join(STATE, "resolv.conf")
    with open(own, "w", encoding="ascii") as f:
        f.write(f"nameserver {address}\noptions trust-ad edns0 timeout:5 attempts:1\n")
    if resolv_conf.startswith("/run/"):
        os.makedirs(os.path.dirname(resolv_conf), exist_ok=True)
        shutil.copy(own, resolv_conf)
    else:
        _mount("--bind", own, resolv_conf)


def bind(source, target):
    """Shows the directory `source` at `target` too, in this mount namespace alone."""
    _mount("--rbind", source, target)


def join_tree(root):
    """Lets programs in the tree of another Debian see the lab as those of this system do."""
    for path in ("/run", "/dev", "/proc"):
        bind(path, root + path)
    target = os.path.realpath(root + "/etc/resolv.conf")
    with open(target, "a", encoding="ascii"):
        pass
    bind(os.path.join(STATE, "resolv.conf"), target)


def missing_user(name):
    """None when processes can become that user here, else the reason."""
    try:
        uid = pwd.getpwnam(name).pw_uid
    except KeyError:
        return f"there is no user {name}"
    probe = os.path.join(STATE, "owner-probe")
    with open(probe, "w", encoding="ascii"):
        pass
    try:
        os.chown(probe, uid, -1)
        return None
    except OSError:
        return f"user {name} does not exist in this user namespace (run as root, or set up /etc/subuid)"
    finally:
        os.unlink(probe)


def _ip(*arguments):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def _mount(*arguments):
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"mount {' '.join(arguments)}: {done.stderr.strip()}")


if __name__ == "__main__":
    sys.exit(_init(int(sys.argv[1]), sys.argv[2:]))
