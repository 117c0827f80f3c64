"""Waiting for what a waxwingd comes to know, instead of sleeping and hoping."""

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


def wait_stored(daemon, domain):
    """Waits until the policy is in the store."""
    def stored():
        try:
            with sqlite3.connect(f"file:{daemon.store}?mode=ro", uri=True) as db:
                return db.execute("SELECT 1 FROM policy WHERE domain = ?", (domain,)).fetchone()
        except sqlite3.OperationalError:
            return None
    wait_until(daemon, stored)
