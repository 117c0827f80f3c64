"""Overrides: what a real Postfix does under them, and what becomes of them when processes die and the store fails."""

import json
import os
import sqlite3
import time

import pytest
from test_reload import reload
from waiting import explain, wait_until


def override(daemon, *arguments):
    return daemon.waxwing("override", *arguments[:1], "--config", daemon.conf, *arguments[1:])


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def put(daemon, *arguments):
    """Sets one, and waits until it is in force."""
    done = override(daemon, "set", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def listed(daemon):
    done = override(daemon, "list", "--json")
    assert done.returncode == 0, done.stderr
    return {one["key"]: one for one in map(json.loads, done.stdout.splitlines())}


def answers(daemon, domain, start, name="QUERY"):
    wait_until(daemon, lambda: daemon.lookup(domain, name=name).startswith(start))


def is_sent(sender, domain):
    delivery = sender.send("user@" + domain, wait=40)
    assert delivery.status in ("sent", "deferred"), delivery.reason
    return delivery.status == "sent"


@pytest.fixture
def daemon(new_waxwingd):
    return new_waxwingd()


def test_may_delivers_what_the_policy_holds(daemon, sender):
    sender.use(daemon.map)
    assert not is_sent(sender, "wrong-name.example")
    put(daemon, "wrong-name.example", "may", "--reason", "ticket 4711")
    answers(daemon, "wrong-name.example", "OK may")
    assert is_sent(sender, "wrong-name.example")
    assert override(daemon, "remove", "wrong-name.example").returncode == 0
    answers(daemon, "wrong-name.example", "OK secure")
    assert not is_sent(sender, "wrong-name.example")


@pytest.mark.parametrize("level", ["secure", "enforce-testing"])
def test_testing_policies_can_be_enforced(daemon, sender, level):
    sender.use(daemon.map)
    assert is_sent(sender, "testing.example")
    put(daemon, "testing.example", level)
    answers(daemon, "testing.example", "OK secure match=mx.testing.example servername=hostname")
    assert not is_sent(sender, "testing.example")


def test_secure_without_a_policy(daemon, sender):
    """With patterns of its own the certificate has to be for one of them, without any for the domain itself."""
    sender.use(daemon.map)
    put(daemon, "no-record.example", "secure", "--mx", "mx.no-record.example")
    answers(daemon, "no-record.example", "OK secure match=mx.no-record.example servername=hostname")
    with_patterns = is_sent(sender, "no-record.example")
    put(daemon, "no-record.example", "secure")
    answers(daemon, "no-record.example", "OK secure servername=hostname")
    assert is_sent(sender, "no-record.example") == with_patterns


def test_encrypt_and_off(daemon, sender):
    sender.use(daemon.map)
    put(daemon, "wrong-name.example", "encrypt")
    put(daemon, "no-starttls.example", "encrypt")
    answers(daemon, "no-starttls.example", "OK encrypt")
    assert is_sent(sender, "wrong-name.example")
    assert not is_sent(sender, "no-starttls.example")
    put(daemon, "no-starttls.example", "off")
    answers(daemon, "no-starttls.example", "NOTFOUND")
    assert is_sent(sender, "no-starttls.example")


def test_tlsrpt_is_not_told_of_a_policy_that_is_not_applied(daemon):
    with_policy = daemon.lookup("good.example", name="QUERYwithTLSRPT")
    assert "policy_type=sts" in with_policy
    put(daemon, "good.example", "secure", "--mx", "mx.good.example")
    answers(daemon, "good.example", "OK secure match=mx.good.example", name="QUERYwithTLSRPT")
    assert "policy_" not in daemon.lookup("good.example", name="QUERYwithTLSRPT")
    put(daemon, "good.example", "secure")
    wait_until(daemon, lambda: daemon.lookup("good.example", name="QUERYwithTLSRPT") == with_policy)


def test_it_ends_by_itself(daemon, sender):
    sender.use(daemon.map)
    said = put(daemon, "wrong-name.example", "may", "--for", "8s", "--reason", "short")
    assert "until" in said
    answers(daemon, "wrong-name.example", "OK may")
    until = listed(daemon)["wrong-name.example"]["until"]
    wait_until(daemon, lambda: daemon.lookup("wrong-name.example").startswith("OK secure"), seconds=30)
    assert time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) >= until
    assert not is_sent(sender, "wrong-name.example")
    wait_until(daemon, lambda: "override-ended key=wrong-name.example" in daemon.log())
    assert "reason=short" in daemon.log()
    assert listed(daemon) == {}


def test_parents(daemon):
    put(daemon, ".example", "may")
    answers(daemon, "good.example", "OK may")
    assert daemon.lookup("example") == "NOTFOUND "
    put(daemon, "good.example", "encrypt")
    answers(daemon, "good.example", "OK encrypt")
    assert daemon.lookup("wrong-name.example") == "OK may"
    assert daemon.lookup("a.b.c.example") == "OK may"


def test_set_at_run_time_survives_kill_9(daemon):
    put(daemon, "good.example", "may", "--for", "7d", "--reason", "in the store")
    put(daemon, ".sub.example", "off")
    answers(daemon, "good.example", "OK may")
    before = listed(daemon)
    daemon.kill()
    daemon.start()
    # In force from the very first look-up on.
    assert daemon.lookup("good.example") == "OK may"
    assert listed(daemon)["good.example"]["reason"] == "in the store"
    assert {key: one["until"] for key, one in listed(daemon).items()} == {k: o["until"] for k, o in before.items()}


@pytest.mark.parametrize("role", ["front", "keeper"])
def test_a_role_that_dies_takes_none_along(daemon, role):
    put(daemon, "good.example", "may")
    put(daemon, "gone.example", "may")
    assert override(daemon, "remove", "gone.example").returncode == 0
    gone = daemon.kill_role(role)
    daemon.wait_role(role, gone, seconds=15)
    assert daemon.lookup("good.example") == "OK may"
    put(daemon, "testing.example", "encrypt")
    answers(daemon, "testing.example", "OK encrypt")
    wait_until(daemon, lambda: set(listed(daemon)) == {"good.example", "testing.example"})


def test_who_has_set_it(daemon):
    put(daemon, "good.example", "may", "--reason", "two words")
    one = listed(daemon)["good.example"]
    assert one["who"].endswith(f"(uid {os.geteuid()})")
    assert one["source"] == "run time" and one["counts"] and one["level"] == "may"
    explained = explain(daemon, "good.example")
    assert explained["level"] == "may"
    assert explained["override"]["applied"] and explained["override"]["reason"] == "two words"
    assert explained["override"]["who"] == one["who"]
    assert "override-set key=good.example level=may" in daemon.log()
    daemon.lookup("good.example")
    daemon.lookup("good.example")
    wait_until(daemon, lambda: listed(daemon)["good.example"]["used"] >= 2)
    assert daemon.log().count("override-used key=good.example") == 1
    said = daemon.waxwing("query", "--config", daemon.conf, "good.example")
    assert said.returncode == 0
    assert "whatever the certificate" in said.stdout and "two words" in said.stdout


def test_the_configuration_has_some_too(daemon):
    assert daemon.lookup("good.example").startswith("OK secure")
    with open(daemon.conf, encoding="utf-8") as f:
        plain = f.read()
    with_one = plain + 'override "good.example" {\n  level = "encrypt"\n  reason = "in the file"\n}\n'
    write(daemon.conf, with_one)
    reload(daemon)
    answers(daemon, "good.example", "OK encrypt")
    put(daemon, "good.example", "may", "--for", "1h")
    answers(daemon, "good.example", "OK may")
    done = override(daemon, "list")
    assert done.returncode == 0
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows[0][:2] == ["DOMAIN", "LEVEL"]
    assert sorted(row[1] for row in rows[1:]) == ["encrypt", "may"]
    write(daemon.conf, plain + 'override "good.example" {\n  level = "mya"\n}\n')
    reload(daemon, "reload-failed")
    assert f"{daemon.conf}:{len(plain.splitlines()) + 3}: override" in daemon.log()
    assert daemon.lookup("good.example") == "OK may"
    write(daemon.conf, with_one)
    assert override(daemon, "remove", "good.example").returncode == 0
    answers(daemon, "good.example", "OK encrypt")
    write(daemon.conf, plain)
    reload(daemon)
    answers(daemon, "good.example", "OK secure")


@pytest.mark.parametrize(
    "arguments, status, words",
    [
        (["set", "good.example"], 64, "which level"),
        (["set", "good.example", "maybe"], 1, "the level is not"),
        (["set", "good..example", "may"], 1, "a label is empty"),
        (["set", "good.example", "may", "--mx", "mx.good.example"], 1, "secure alone"),
        (["set", "good.example", "may", "--for", "soon"], 64, "--for wants"),
        (["set", "good.example", "may", "--until", "2020-01-01T00:00:00Z"], 1, "ended already"),
        (["set", "good.example", "may", "--for", "1h", "--until", "2099-01-01T00:00:00Z"], 64, "exclude"),
        (["set", "good.example", "may", "--reason", "x" * 201], 1, "longer than 200"),
        (["remove", "good.example"], 1, "no override is set"),
        (["remove"], 64, "which domain"),
        (["list", "--for", "1h"], 64, "go with set"),
        (["forget"], 64, "set, list or remove"),
    ],
)
def test_refused(waxwingd, arguments, status, words):
    done = override(waxwingd, *arguments)
    assert done.returncode == status, done.stderr
    assert words in done.stderr
    assert override(waxwingd, "list").stdout == "There are no overrides.\n"


def test_names_of_all_scripts(daemon):
    put(daemon, "bücher.example", "may")
    answers(daemon, "xn--bcher-kva.example", "OK may")
    assert override(daemon, "remove", "BÜCHER.example").returncode == 0


def test_store_trouble_names_the_way_out(daemon):
    put(daemon, "good.example", "may")
    answers(daemon, "good.example", "OK may")
    rival = sqlite3.connect(daemon.store, isolation_level=None)
    try:
        rival.execute("BEGIN IMMEDIATE")
        for what in (["set", "wrong-name.example", "may"], ["remove", "good.example"]):
            done = override(daemon, *what)
            assert done.returncode == 1
            assert "configuration file" in done.stderr
        assert daemon.lookup("good.example") == "OK may"
        assert daemon.lookup("wrong-name.example").startswith("OK secure")
    finally:
        rival.close()
    wait_until(daemon, lambda: override(daemon, "remove", "good.example").returncode == 0, seconds=60)
    answers(daemon, "good.example", "OK secure")


def test_a_lost_store_gets_them_back(daemon):
    put(daemon, "good.example", "may", "--reason", "kept in memory")
    answers(daemon, "good.example", "OK may")
    for suffix in ("", "-wal", "-shm"):
        os.unlink(daemon.store + suffix)
    # The next write finds out; it fails, or waits for the new store.
    override(daemon, "set", "testing.example", "encrypt")
    wait_until(daemon, lambda: override(daemon, "set", "testing.example", "encrypt").returncode == 0, seconds=60)

    def stored():
        try:
            with sqlite3.connect(f"file:{daemon.store}?mode=ro", uri=True) as db:
                return {key for (key,) in db.execute("SELECT domain FROM override")}
        except sqlite3.DatabaseError:
            return set()

    wait_until(daemon, lambda: stored() == {"good.example", "testing.example"}, seconds=60)
    assert daemon.lookup("good.example") == "OK may"
    daemon.restart()
    assert daemon.lookup("good.example") == "OK may"
