"""One wall clock for all that runs by it: it goes as the real one does, and can be set forward. libfaketime has programs
take it for theirs; their timers go by another clock, and stay real.

Pebble is in Go, which libfaketime does not reach; signatures of zones live long enough (dns.py). A confined role could
not read the clock, so a waxwingd that has one is not confined."""

import glob
import os
import time

from . import namespace

DAY = 86400
_LIBRARY = "/usr/lib/*/faketime/libfaketime.so.1"


class Clock:
    """`environment` is for programs that are to run by it."""

    def __init__(self, path):
        found = glob.glob(_LIBRARY)
        if not found:
            raise namespace.Unavailable("libfaketime is not installed")
        self._path = path
        self._ahead = 0
        self.environment = {
            "LD_PRELOAD": found[0],
            "FAKETIME_TIMESTAMP_FILE": path,
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        self._write()

    def now(self):
        """Unix seconds."""
        return time.time() + self._ahead

    def advance(self, seconds):
        """From now on all see so much later a time. It never goes back."""
        assert seconds >= 0
        self._ahead += int(seconds)
        self._write()

    def advance_to(self, at):
        """The same, to a time in Unix seconds; nothing happens when that has passed."""
        self.advance(max(0, at - self.now() + 1))

    def _write(self):
        with open(self._path + ".new", "w", encoding="ascii") as f:
            f.write(f"+{self._ahead}\n")
        os.replace(self._path + ".new", self._path)
