"""Policies that were used are refreshed without a look-up."""

import sqlite3

from waiting import pause_for_recheck, wait_stored, wait_until

NAME = "changing.example"
SHORT = "version: STSv1\r\nmode: enforce\r\nmx: mx.changing.example\r\nmax_age: 20\r\n"


def stored_expiry(daemon):
    """From the store, as asking the daemon would be a use."""
    with sqlite3.connect(f"file:{daemon.store}?mode=ro", uri=True) as db:
        return db.execute("SELECT expires FROM policy WHERE domain = ?", (NAME,)).fetchone()[0]


def lines(daemon, event):
    return [line for line in daemon.log().splitlines() if f" {event} " in line and f"domain={NAME}" in line]


def test_refreshed_ahead_of_expiry(lab, new_waxwingd):
    """A use, then none for longer than the policy lives; then the policy host goes away, and comes back."""
    old = lab.domain(NAME).policy
    daemon = new_waxwingd(cache={"recheck": "1s"}, fetch={"deadline": "1s"})
    idle = new_waxwingd(cache={"recheck": "1s", "refresh_used_within": "1s"})
    try:
        lab.publish(NAME, record=["v=STSv1; id=short;"], policy=SHORT)
        for one in daemon, idle:
            assert one.lookup(NAME).startswith("OK secure match=mx.changing.example ")
            wait_stored(one, NAME)
        first, first_idle = stored_expiry(daemon), stored_expiry(idle)
        wait_until(daemon, lambda: stored_expiry(daemon) >= first + 8)
        with lab.attack("block-policy", NAME):
            wait_until(daemon, lambda: lines(daemon, "refresh-failed"))
            pause_for_recheck(daemon, NAME, "unchanged")
            assert daemon.lookup(NAME).startswith("OK secure match=mx.changing.example ")
            assert stored_expiry(idle) == first_idle
        lab.publish(NAME, record=["v=STSv1; id=back;"])
        wait_until(daemon, lambda: daemon.lookup(NAME) and lines(daemon, "refresh-recovered"))
        assert len(lines(daemon, "refresh-failed")) == len(lines(daemon, "refresh-recovered")) == 1
        assert daemon.lookup(NAME).startswith("OK secure match=mx.changing.example ")
    finally:
        lab.publish(NAME, record=["v=STSv1; id=1;"], policy=old)
