"""Starts and ends the lab's programs: each writes its output to a file and dies with the lab."""

import os
import shutil
import signal
import socket
import subprocess
import time

from . import namespace


class StartError(Exception):
    """A program did not start, or said no; the text holds the end of what it wrote."""


def require(*programs):
    """Raises namespace.Unavailable naming the first program that is not installed."""
    for program in programs:
        if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
            raise namespace.Unavailable(f"the program {program} is not installed")


def run(*command, text_in=None, env=None):
    """Runs to the end and returns what it printed; StartError when it fails."""
    done = subprocess.run(command, input=text_in, capture_output=True, text=True, check=False, env=env)
    if done.returncode != 0:
        raise StartError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def text_of(path, offset=0):
    """What stands in a file from a byte offset on; "" when there is none."""
    try:
        with open(path, "rb") as f:
            f.seek(offset)
            return f.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def start(command, log, **options):
    """Starts a server in the foreground, its output appended to the file `log`."""
    with open(log, "ab") as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                preexec_fn=namespace.die_with_parent, **options)


def stop(process, seconds=5):
    """SIGTERM, then SIGKILL when that does not help. A process that has ended already is fine."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def stop_group(process, seconds=5):
    """Like `stop` for a leader of a process group, and on return its whole group is gone: a child left over
    would still hold its sockets."""
    if process is None:
        return
    stop(process, seconds)
    deadline = time.monotonic() + seconds
    while _group_lives(process.pid):
        if time.monotonic() > deadline:
            os.killpg(process.pid, signal.SIGKILL)
            deadline += seconds
        time.sleep(0.005)


def _group_lives(group):
    try:
        os.killpg(group, 0)
        return True
    except ProcessLookupError:
        return False


def tail(path, lines=15):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-lines:])
    except OSError:
        return ""


def wait_for(what, ready, process=None, log=None, seconds=15):
    """Polls ready() until it returns something true, and returns that. StartError on time-out or when the
    process ends first."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = ready()
        if found:
            return found
        if process is not None and process.poll() is not None:
            raise StartError(f"{what}: ended with status {process.returncode}\n{tail(log)}")
        time.sleep(0.02)
    raise StartError(f"{what}: not ready after {seconds} s\n{tail(log) if log else ''}")


def port_open(address, port):
    """True when somebody accepts TCP connections there."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as s:
        s.settimeout(1)
        return s.connect_ex((address, port)) == 0
