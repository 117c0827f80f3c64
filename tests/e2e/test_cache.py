"""waxwing cache: what an operator sees and changes of a running daemon's cache."""

import contextlib
import json
import os
import pty
import signal
import sqlite3
import subprocess

import pytest
from waiting import stored, wait_stored, wait_until

NAME = "changing.example"
ENFORCED = "good.example"
NONE = "no-record.example"


def cache(daemon, command, *arguments, status=0):
    done = daemon.waxwing("cache", command, "--config", daemon.conf, *arguments)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def items(daemon, command, *arguments, status=0):
    return [json.loads(line) for line in cache(daemon, command, "--json", *arguments, status=status).stdout.splitlines()]


def names(daemon, *arguments):
    return {item["domain"] for item in items(daemon, "list", *arguments)}


def know(daemon, *domains):
    """Has the daemon look them up, and waits until those with a policy are in the store."""
    for domain in domains:
        if daemon.lookup(domain).startswith("OK "):
            wait_stored(daemon, domain)


@pytest.fixture
def daemon(new_waxwingd):
    return new_waxwingd(cache={"recheck": "1h"}, fetch={"deadline": "2s"})


def test_list_and_its_filters(daemon):
    assert items(daemon, "list") == []
    assert cache(daemon, "list").stdout == ""
    know(daemon, NAME, ENFORCED, NONE, "testing.example")
    assert names(daemon) == {NAME, ENFORCED, NONE, "testing.example"}
    assert names(daemon, "--mode", "enforce") == {NAME, ENFORCED}
    assert names(daemon, "--mode", "testing", "--mode", "no-policy") == {"testing.example", NONE}
    assert names(daemon, "--expiring", "1s") == set()
    assert names(daemon, "--expiring", "300d") == {NAME, ENFORCED, "testing.example"}
    assert names(daemon, "--failing") == set()
    assert names(daemon, "chang*", "no-rec*") == {NAME, NONE}
    head, *rows = [line.split("\t") for line in cache(daemon, "list").stdout.splitlines()]
    assert head == ["DOMAIN", "MODE", "ID", "FETCHED", "EXPIRES", "LAST OUTCOME", "NEXT CHECK"]
    assert [row[:2] for row in rows] == sorted([[NAME, "enforce"], [ENFORCED, "enforce"], [NONE, "-"],
                                                ["testing.example", "testing"]])
    cache(daemon, "list", "--mode", "strict", status=1)
    cache(daemon, "list", "--expiring", "soon", status=64)


def test_show_tells_all(daemon):
    done = cache(daemon, "show", NAME, status=1)
    assert "nothing is known" in done.stderr and NAME in done.stderr
    know(daemon, NAME)
    text = cache(daemon, "show", NAME).stdout
    assert "  mode         enforce\n" in text and "    version: STSv1\n" in text and "  last use" in text
    (item,) = items(daemon, "show", NAME)
    assert item["body"].startswith("version: STSv1") and item["in_force"] and item["source"] == "cache"
    assert item["postfix"]["QUERY"].startswith("OK secure ")
    assert len(items(daemon, "show", NAME, "unknown.example", status=1)) == 1
    cache(daemon, "show", "not a domain", status=64)


def test_refresh_follows_the_lab_and_keeps_what_is_in_force(lab, daemon):
    old = lab.domain(NAME).policy
    try:
        (item,) = items(daemon, "refresh", NAME)
        assert item["outcome"] == "policy" and item["before"] is None and item["after"]["mode"] == "enforce"
        lab.publish(NAME, record=["v=STSv1; id=other;"], policy=old.replace("enforce", "testing"))
        (item,) = items(daemon, "refresh", NAME)
        assert item["before"]["mode"] == "enforce" and item["after"]["mode"] == "testing"
        # The record comes from a cache until its TTL has ended.
        wait_until(daemon, lambda: items(daemon, "refresh", NAME)[0]["after"]["id"] == "other")
        lab.publish(NAME, record=["v=STSv1; id=back;"], policy=old)
        text = cache(daemon, "refresh", NAME).stdout
        assert "  before   testing, id other, until " in text and "  now      enforce, id " in text
        with lab.attack("block-policy", NAME):
            for _ in range(2):  # no pause after the failure
                (item,) = items(daemon, "refresh", NAME, status=1)
                assert item["outcome"] == "fetch-failure" and item["error"]
                assert item["after"]["mode"] == "enforce" and item["after"]["in_force"]
            assert names(daemon, "--failing") == {NAME}
        assert [item["domain"] for item in items(daemon, "refresh", "--all-failing")] == [NAME]
        assert names(daemon, "--failing") == set()
        assert cache(daemon, "refresh", "--all-failing").stdout == ""
        assert " cache-refreshed domain=changing.example " in daemon.log()
    finally:
        lab.publish(NAME, record=["v=STSv1; id=1;"], policy=old)


def test_purge_survives_a_restart(daemon):
    know(daemon, NAME, ENFORCED, NONE)
    done = cache(daemon, "purge", NAME, NONE, status=1)
    assert "1 of them stay" in done.stderr and "--force" in done.stderr
    assert names(daemon) == {NAME, ENFORCED}
    assert cache(daemon, "purge", "--force", NAME).stdout == "forgotten: 1 domain, 1 of mode enforce\n"
    assert stored(daemon) == {ENFORCED}
    assert f" cache-purged which=named domain={NAME} domains=1 enforced=1 uid={os.geteuid()}" in daemon.log()
    cache(daemon, "purge", NAME, status=1)  # not known any more
    daemon.restart()
    assert names(daemon) == {ENFORCED}
    assert items(daemon, "purge", "--expired")[0]["forgotten"] == 0
    cache(daemon, "purge", "--all", status=1)
    assert names(daemon) == {ENFORCED}
    assert items(daemon, "purge", "--all", "--force")[0]["forgotten"] == 1
    assert names(daemon) == set() and stored(daemon) == set()
    daemon.restart()
    assert names(daemon) == set()


def test_purge_says_that_the_store_is_in_trouble(daemon):
    know(daemon, NAME)
    with sqlite3.connect(daemon.store, isolation_level=None) as db:
        db.execute("BEGIN EXCLUSIVE")
        done = cache(daemon, "purge", "--force", NAME, status=1)
        assert "another process holds the lock" in done.stderr and "comes back" in done.stderr
        assert names(daemon) == set()
        db.execute("ROLLBACK")
    db.close()
    wait_until(daemon, lambda: NAME not in stored(daemon), seconds=60)


def test_a_cache_moves_to_another_daemon(daemon, new_waxwingd, tmp_path):
    other = new_waxwingd()
    know(daemon, NAME, ENFORCED, NONE, "testing.example")
    path = str(tmp_path / "cache.jsonl")
    assert cache(daemon, "export", "--output", path).stdout == ""
    with open(path, encoding="ascii") as f:
        lines = f.read().splitlines()
    assert json.loads(lines[0])["waxwing-cache"] == 1
    assert json.loads(lines[-1]) == {"policies": 3}
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert cache(other, "import", "--check", path).stdout.startswith("would take 3 of 3 policies")
    assert names(other) == set()
    (counts,) = items(other, "import", path)
    assert counts == {"read": 3, "taken": 3, "expired": 0, "older": 0, "wrong": 0, "check": False}
    assert items(other, "import", path)[0]["older"] == 3
    assert stored(other) == {NAME, ENFORCED, "testing.example"}
    assert other.lookup(NAME) == daemon.lookup(NAME)
    assert sorted(cache(other, "export").stdout.splitlines()[1:]) == sorted(lines[1:])
    other.restart()
    (was,), (now) = items(daemon, "show", NAME), items(other, "show", NAME)[0]
    assert [was[key] for key in ("id", "body", "fetched", "expires")] == [
        now[key] for key in ("id", "body", "fetched", "expires")]
    cache(daemon, "export", "--output", str(tmp_path / "missing" / "cache"), status=70)
    cache(other, "import", str(tmp_path / "missing"), status=66)


BODY = "version: STSv1\nmode: enforce\nmx: mx.import.example\nmax_age: 86400\n"
HEAD = '{"waxwing-cache":1}'


def line(**changed):
    policy = {"domain": "import.example", "id": "1", "body": BODY, "fetched": "2020-01-01T00:00:00Z",
              "expires": "2020-01-01T10:00:00Z", "checked": "2020-01-01T00:00:00Z"}
    policy.update(changed)
    return json.dumps({key: value for key, value in policy.items() if value is not None})


BROKEN = {
    "empty": ([], "1: the first line does not name", 1),
    "no-head": ([line(), '{"policies":1}'], "1: the first line does not name", 1),
    "other-version": (['{"waxwing-cache":2}', '{"policies":0}'], "[import-version]", 1),
    "cut": ([HEAD, line()], ":3: the last line", 1),
    "fewer": ([HEAD, line(), '{"policies":2}'], ":3: the last line", 1),
    "after-the-end": ([HEAD, '{"policies":0}', line()], ":3: the line is no JSON object", 1),
    "no-json": ([HEAD, "{", '{"policies":1}'], ":2: the line is no JSON object", 1),
    "array": ([HEAD, "[]", '{"policies":1}'], ":2: the line is no JSON object", 1),
    "twice": ([HEAD, '{"domain":"a.example","domain":"b.example"}', '{"policies":1}'], "[import-line]", 1),
    "long": ([HEAD, '"' + "x" * 300000 + '"', '{"policies":1}'], ":2: the line is no JSON object", 1),
    "no-body": ([HEAD, line(body=None), '{"policies":1}'], "[import-line]", 1),
    "no-times": ([HEAD, line(fetched=None), '{"policies":1}'], "[import-times]", 1),
    "bad-time": ([HEAD, line(expires="soon"), '{"policies":1}'], "[import-times]", 1),
    "bad-domain": ([HEAD, line(domain="\033[2J.example"), '{"policies":1}'], "[dname-character]", 1),
    "upper-case": ([HEAD, line(domain="IMPORT.example"), '{"policies":1}'], "[import-domain]", 1),
    "bad-id": ([HEAD, line(id="a b"), '{"policies":1}'], "[sts-id]", 1),
    "bad-body": ([HEAD, line(body="mode: enforce"), '{"policies":1}'], "[policy-", 1),
    "large-body": ([HEAD, line(body=BODY + "x: " + "y" * 65536), '{"policies":1}'], "[policy-too-long]", 1),
    "lives-too-long": ([HEAD, line(expires="2020-01-03T00:00:00Z"), '{"policies":1}'], "[import-lifetime]", 1),
    "future": ([HEAD, line(fetched="9000-01-01T00:00:00Z", expires="9000-01-01T00:00:01Z"), '{"policies":1}'],
               "[import-future]", 1),
    "expired": ([HEAD, line(), '{"policies":1}'], "", 0),
}


def test_broken_lines_are_named_and_the_others_taken(daemon, tmp_path):
    know(daemon, NAME)
    template = json.loads(cache(daemon, "export").stdout.splitlines()[1])
    for name, (lines, words, status) in BROKEN.items():
        path = tmp_path / name
        path.write_text("".join(one + "\n" for one in lines), encoding="utf-8")
        done = cache(daemon, "import", str(path), status=status)
        assert words in done.stderr and "\033" not in done.stderr, (name, done.stderr)
        assert "taken: 0 of" in done.stdout or lines[:1] != [HEAD], name
    assert names(daemon) == {NAME}
    mixed = [HEAD, "{", json.dumps(template | {"domain": "moved.example"}), line(id=""), '{"policies":3}']
    path = tmp_path / "mixed"
    path.write_text("\n".join(mixed), encoding="utf-8")
    done = cache(daemon, "import", str(path), status=1)
    assert done.stdout == "taken: 1 of 2 policies; 0 expired, 0 not newer than here, 2 wrong\n"
    assert ":2: " in done.stderr and ":4: " in done.stderr and ":3: " not in done.stderr
    assert names(daemon) == {NAME, "moved.example"}


def test_hostile_text_stays_text(lab, daemon):
    """What a stranger wrote is shown, on a terminal too, without steering it."""
    old = lab.domain(NAME).policy
    try:
        know(daemon, NAME)
        lab.publish(NAME, record=["v=STSv1; id=evil;"], policy="version: STSv1\r\nmode: \033[2Jenforce\r\n")
        items(daemon, "refresh", NAME, status=1)
        for command in "list", "show", "refresh":
            ours, theirs = pty.openpty()
            pid = os.fork()
            if pid == 0:
                os.dup2(theirs, 1)
                os.execv(daemon.command,
                         ["waxwing", "cache", command, "--config", daemon.conf, NAME])
            os.close(theirs)
            seen = b""
            try:
                while more := os.read(ours, 65536):
                    seen += more
            except OSError:
                pass
            os.close(ours)
            os.waitpid(pid, 0)
            assert NAME.encode() in seen and b"\033[2J" not in seen, seen
    finally:
        lab.publish(NAME, record=["v=STSv1; id=1;"], policy=old)


def list_while_front_dies(daemon):
    """What a list says whose front is killed while it waits, if it had come so far."""
    front = daemon.wait_role("front", seconds=15)[0]
    os.kill(front, signal.SIGSTOP)
    with subprocess.Popen([daemon.command, "cache", "list", "--config", daemon.conf], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as command:
        with contextlib.suppress(subprocess.TimeoutExpired):
            command.wait(1)
        os.kill(front, signal.SIGKILL)
        errors = command.communicate(timeout=60)[1]
    daemon.wait_role("front", gone=[front], seconds=15)
    return command.returncode, errors


def test_a_front_that_dies_during_a_list_is_told_of(daemon):
    know(daemon, NAME)
    told = "waxwing cache list: the role at the other end is gone: the list has broken off\n"
    wait_until(daemon, lambda: list_while_front_dies(daemon) == (1, told), seconds=60)
