"""Waiting for what a waxwingd comes to know, instead of sleeping and hoping."""

import contextlib
import json
import sqlite3

from lab import proc


def explain(daemon, domain):
    """What the daemon knows of a domain, as its EXPLAIN map says it."""
    answer = daemon.lookup(domain, name="EXPLAIN")
    assert answer.startswith("OK "), answer
    return json.loads(answer[3:])


def wait_until(daemon, condition, seconds=15):
    proc.wait_for("waxwingd to come to know it", condition, log=daemon.log_file, seconds=seconds)


def pause_for_recheck(daemon, domain, outcome):
    """Goes on asking until a re-check of the record has come to that outcome."""
    wait_until(daemon, lambda: daemon.lookup(domain) and explain(daemon, domain)["last"] == outcome)


def stored(daemon):
    """The domains whose policies are in the store; none when it cannot be read."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{daemon.store}?mode=ro", uri=True)) as db:
            return {domain for domain, in db.execute("SELECT domain FROM policy")}
    except sqlite3.DatabaseError:
        return set()


def wait_stored(daemon, domain, seconds=15):
    """Waits until the policy is in the store."""
    wait_until(daemon, lambda: domain in stored(daemon), seconds)
