"""Load on a waxwingd, each answer compared: tests/load/hammer.c."""

import contextlib
import os
import subprocess

import pytest

from conftest import BUILD

HAMMER = os.path.join(BUILD, "tests", "load", "hammer")
# Each is the end of its connection; what may yet become a request is none of these.
NO_REQUESTS = ("x", ":", "-1:x,", "007:QUERY a,", "10001:", "99999999999:", "3:abcd", "13:QUERY a.exampleX", "GET / HTTP/1.1")


class Load:
    """A running hammer; `result()` waits for its end and gives what it has counted."""

    def __init__(self, process):
        self._process = process

    def stop(self):
        self._process.terminate()

    def running(self):
        return self._process.poll() is None

    def result(self, seconds=300):
        out, err = self._process.communicate(timeout=seconds)
        assert out, err
        counts = {name: int(number) for name, number in (word.split("=") for word in out.split())}
        return {**counts, "said": err}


@contextlib.contextmanager
def load(daemon, answers, connections, lookups, rate=0, drops=0):
    """answers: what each request must be answered with. drops: of a thousand turns, so many end their connection."""
    if not os.access(HAMMER, os.X_OK):
        pytest.skip(f"no {HAMMER}: set WAXWING_BUILD to a build directory")
    path = os.path.join(daemon.state, "cases")
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(f"ask\t{request}\t{answer}\n" for request, answer in answers.items())
        if drops:
            f.writelines(f"raw\t{text}\n" for text in NO_REQUESTS)
    where = f"inet:{daemon.port},unix:{daemon.unix_socket}"
    command = [HAMMER, where, *map(str, (connections, lookups, rate, drops)), path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Load(process)
        finally:
            process.kill()
