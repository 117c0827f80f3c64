"""A dry run: nothing is held, and the log says what would have been."""

import json

import pytest
from test_overrides import answers, override, put, write
from test_reload import reload
from waiting import explain, wait_until


@pytest.fixture
def daemon(new_waxwingd):
    return new_waxwingd(dry_run=True)


def lines(daemon, domain):
    return [line for line in daemon.log().splitlines() if f"dry-run domain={domain} " in line]


def verdict(daemon, domain):
    """The line about the domain, once it is there."""
    assert daemon.lookup(domain) == "NOTFOUND "
    wait_until(daemon, lambda: lines(daemon, domain))
    return lines(daemon, domain)[0]


@pytest.mark.parametrize("domain", ["not-listed.example", "wrong-name.example", "no-starttls.example"])
def test_nothing_is_held(daemon, sender, domain):
    sender.use(daemon.map)
    delivery = sender.send("user@" + domain, wait=40)
    assert delivery.status == "sent", delivery.reason


def test_a_host_that_is_not_listed_would_fail(daemon):
    line = verdict(daemon, "not-listed.example")
    assert " warning dry-run " in line and "would=fail" in line
    assert "patterns=mx.not-listed.example" in line
    # Once in cache.recheck, however often it is asked for.
    for _ in range(20):
        assert daemon.lookup("not-listed.example", name="QUERYwithTLSRPT") == "NOTFOUND "
    assert len(lines(daemon, "not-listed.example")) == 1


def test_listed_hosts_would_do(daemon):
    line = verdict(daemon, "good.example")
    assert " info dry-run " in line and "would=deliver" in line and "mx=mx.good.example" in line
    assert "unmatched" not in line


def test_overrides_too(daemon):
    put(daemon, "no-record.example", "secure", "--mx", "mx.elsewhere.example")
    put(daemon, "good.example", "may")
    wait_until(daemon, lambda: explain(daemon, "good.example")["level"] == "may")
    assert daemon.lookup("good.example") == "NOTFOUND "
    line = verdict(daemon, "no-record.example")
    assert "would=fail" in line and "override=no-record.example" in line
    assert override(daemon, "remove", "good.example").returncode == 0


def test_testing_demands_nothing(daemon):
    assert daemon.lookup("testing.example") == "NOTFOUND "
    assert "good.example" in verdict(daemon, "good.example")
    assert not lines(daemon, "testing.example")


def test_explained(daemon):
    explained = explain(daemon, "good.example")
    assert explained["dry_run"] and explained["level"] == "secure"
    assert set(explained["postfix"].values()) == {"NOTFOUND "}
    assert explained["would_answer"]["QUERY"].startswith("OK secure match=mx.good.example")
    for way in ([], ["--direct"]):
        said = daemon.waxwing("query", "--config", daemon.conf, *way, "good.example")
        assert said.returncode == 0, said.stderr
        assert "dry run" in said.stdout and "OK secure" in said.stdout
        told = json.loads(daemon.waxwing("query", "--json", "--config", daemon.conf, *way, "good.example").stdout)
        assert told["dry_run"]


def test_a_reload_ends_it(daemon):
    assert daemon.lookup("good.example") == "NOTFOUND "
    with open(daemon.conf, encoding="utf-8") as f:
        dry = f.read()
    write(daemon.conf, dry.replace("dry_run = true", "dry_run = false"))
    reload(daemon)
    answers(daemon, "good.example", "OK secure")
    write(daemon.conf, dry)
    reload(daemon)
    answers(daemon, "good.example", "NOTFOUND")
