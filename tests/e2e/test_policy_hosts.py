"""Policy hosts of every habit, against a waxwingd with a short deadline: what it finds there, which fault it names, and
that no host keeps it waiting longer than that.

All are looked up at once, so that the time of the slow ones passes once. The rows of lab/domains.toml say what is
expected."""

import concurrent.futures
import time

import pytest

from lab import table
from waiting import explain

HOSTS = [d for d in table.load().values() if d.web or d.ip != (4, 6)]
DEADLINE = 2
# What look-ups may take beyond it on a busy machine, DNS and all.
GRACE = 4
SETTINGS = {"fetch": {"deadline": f"{DEADLINE}s"}, "answer_deadline": "20s"}


def timed_explain(daemon, d):
    begun = time.monotonic()
    explained = explain(daemon, d.name)
    return explained, time.monotonic() - begun


@pytest.fixture(scope="module")
def look_ups(waxwingd):
    """Domain name to a future of (what EXPLAIN says, seconds)."""
    with concurrent.futures.ThreadPoolExecutor(len(HOSTS)) as pool:
        yield {d.name: pool.submit(timed_explain, waxwingd, d) for d in HOSTS}


def outcome(d):
    """How discovery must end."""
    if not d.error:
        return "policy"
    return "policy-invalid" if d.error.startswith(("policy-", "mx-")) else "fetch-failure"


@pytest.mark.parametrize("d", HOSTS, ids=[d.name for d in HOSTS])
def test_policy_host(look_ups, d):
    explained, seconds = look_ups[d.name].result()
    named = explained["error"]["id"] if explained["error"] else ""
    assert (explained["last"], named) == (outcome(d), d.error), explained["detail"]
    assert explained["mode"] == (None if d.finds == "nothing" else d.finds)
    assert d.detail in (explained["detail"] or ""), explained["detail"]
    assert seconds < DEADLINE + GRACE
