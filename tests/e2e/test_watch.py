"""Watched domains: a fault appears, is told, clears; what changes is kept; a restart loses nothing."""

import contextlib
import json
import sqlite3

from waiting import wait_until

NAME = "changing.example"
OTHER = "good.example"


def policy(mode="enforce", mx="*.changing.example"):
    return f"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: 604800\r\n"


def watch(daemon, *arguments, status=0):
    """What `waxwing watch` prints."""
    done = daemon.waxwing("watch", arguments[0], "--config", daemon.conf, *arguments[1:])
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def rows(daemon, *arguments):
    return [json.loads(line) for line in watch(daemon, "list", "--json", *arguments).splitlines()]


def shown(daemon, what, name=NAME):
    """The findings, or the runs, of a domain."""
    lines = [json.loads(line) for line in watch(daemon, "show", "--json", name).splitlines()]
    return [line[what] for line in lines if what in line]


def findings(daemon, name=NAME):
    return {f["id"]: f for f in shown(daemon, "finding", name) if f["id"].startswith("history-")}


def alerts(daemon, kind):
    """The ids of the checks that alerts of this kind name, in the log."""
    lines = [line for line in daemon.log().splitlines() if " watch-alert " in line and f"kind={kind} " in line]
    return [word[len("check="):] for line in lines for word in line.split() if word.startswith("check=history-")]


def outbox(daemon):
    """How many alerts wait to be delivered."""
    with contextlib.closing(sqlite3.connect(f"file:{daemon.store}?mode=ro", uri=True)) as db:
        return db.execute("SELECT count(*) FROM watch_alert").fetchone()[0]


def role(daemon, name="watcher"):
    status = json.loads(daemon.waxwing("status", "--json", "--config", daemon.conf).stdout)
    return next((r for r in status["roles"] if r["role"] == name), None)


def test_a_fault_and_its_end(lab, new_waxwingd):
    """A policy gets weaker under the same id; somebody acknowledges that; then all is well again."""
    first = lab.domain(NAME).policy
    daemon = new_waxwingd()
    try:
        lab.publish(NAME, record=["v=STSv1; id=one;"], policy=policy())
        assert role(daemon) is None  # there is nothing to watch
        assert "1 domain watched from now on" in watch(daemon, "add", "--group", "acme", NAME)
        assert "already" in watch(daemon, "add", "--group", "acme", NAME)
        report = json.loads(watch(daemon, "check", "--json", NAME))
        assert report["mode"] == "enforce" and report["facts"]["id"] == "one"
        assert role(daemon)["ready"]
        [row] = rows(daemon, "--group", "acme")
        assert row["domain"] == NAME and row["last"]["mode"] == "enforce" and row["next"] > row["last"]["at"]
        assert not rows(daemon, "--group", "")
        assert not findings(daemon)

        lab.publish(NAME, policy=policy("testing"))
        text = watch(daemon, "check", NAME)
        assert "history-weaker" in text and "history-id-unchanged" in text
        assert set(alerts(daemon, "appeared")) == {"history-weaker", "history-id-unchanged"}
        watch(daemon, "check", NAME)  # it stays, and is not told again
        assert len(alerts(daemon, "appeared")) == 2
        waiting = outbox(daemon)
        assert waiting >= 1

        assert "1 finding acknowledged" in watch(daemon, "ack", "--for", "7d", "--reason", "known", NAME,
                                                 "history-weaker")
        assert findings(daemon)["history-weaker"]["acknowledged"]["reason"] == "known"
        assert "nothing stands" in watch(daemon, "ack", NAME, "no-such-check", status=1)
        assert f"{OTHER}: it is not watched" in watch(daemon, "show", OTHER, status=1)
        text = watch(daemon, "show", NAME)
        assert "- mode: enforce" in text and "+ mode: testing" in text and "acknowledged by" in text
        assert text.startswith(f"{NAME}: ") and "; acknowledged by" in text and "  fix  " in text

        daemon.restart()
        wait_until(daemon, lambda: (role(daemon) or {"ready": False})["ready"])
        assert outbox(daemon) == waiting
        assert findings(daemon)["history-weaker"]["acknowledged"]

        lab.publish(NAME, record=["v=STSv1; id=two;"], policy=policy())
        watch(daemon, "check", NAME)
        assert findings(daemon) and not findings(daemon)["history-weaker"]["found"]  # once is not enough
        watch(daemon, "check", NAME)
        assert not findings(daemon)
        assert set(alerts(daemon, "cleared")) == {"history-weaker", "history-id-unchanged"}
        assert len(shown(daemon, "run")) in (5, 6)  # however close they are; the first by itself, or asked for

        daemon.kill_role("watcher")
        wait_until(daemon, lambda: (role(daemon) or {"ready": False})["ready"])
        watch(daemon, "check", NAME)
        assert "1 domain not watched any more" in watch(daemon, "remove", NAME)
        assert "was not watched" in watch(daemon, "remove", NAME)
        wait_until(daemon, lambda: role(daemon) is None)
    finally:
        lab.publish(NAME, record=["v=STSv1; id=one;"], policy=first)


def test_the_schedule(lab, new_waxwingd):
    """Without anybody asking for it a domain is inspected again."""
    daemon = new_waxwingd(watch={"interval": "10s"})
    watch(daemon, "add", OTHER)
    wait_until(daemon, lambda: len(shown(daemon, "run", OTHER)) == 2, seconds=40)


def test_import(lab, new_waxwingd, tmp_path):
    """A thousand domains are on the list at once; a file with an error adds none of its lines."""
    daemon = new_waxwingd()
    names = tmp_path / "names"
    names.write_text("# a portfolio\n" + "".join(f"d{i}.example,group {i % 2}\n" for i in range(1000)))
    wrong = tmp_path / "wrong"
    wrong.write_text("fine.example\n\nnot..one.example,x\nfine2.example,\x01\n")
    told = watch(daemon, "import", str(wrong), status=1)
    assert f"{wrong}:3: " in told and f"{wrong}:4: " in told and "nothing was added" in told
    assert not rows(daemon)
    assert "1000 domains watched from now on" in watch(daemon, "import", str(names))
    assert len(rows(daemon)) == 1000
    assert len(rows(daemon, "--group", "group 1")) == 500
    assert "1000 were already" in watch(daemon, "import", str(names))
