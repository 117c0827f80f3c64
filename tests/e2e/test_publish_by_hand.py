"""Published domains whose policy another web server serves and whose records the operator sets: Waxwing says what has to be
done, and sees by looking that it was."""

import json
import pathlib
import shutil

import pytest
from waiting import wait_until

NAME = "changing.example"
PATTERN = "*.changing.example"


def policy(mode="testing", max_age=86400):
    return f"version: STSv1\r\nmode: {mode}\r\nmx: {PATTERN}\r\nmax_age: {max_age}\r\n"


def publish(daemon, what, *arguments):
    """What `waxwing publish` prints."""
    done = daemon.waxwing("publish", what, "--config", daemon.conf, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shown(daemon):
    return json.loads(publish(daemon, "show", "--json", NAME))


def comes_to(daemon, condition):
    """Waits until what is shown of the domain is so, and returns it. It is looked at now, and not when it is its turn."""
    found = []
    publish(daemon, "look", "--no-wait", NAME)
    wait_until(daemon, lambda: found.append(shown(daemon)) or condition(found[-1]), seconds=90)
    return found[-1]


@pytest.fixture
def nothing(lab):
    """The domain without record and policy; as it was, afterwards."""
    before = lab.domain(NAME)
    lab.publish(NAME, record=[], policy="")
    yield
    lab.publish(NAME, record=before.record, policy=before.policy)


@pytest.mark.usefixtures("nothing")
@pytest.mark.parametrize("host", ["elsewhere", "tree"])
def test_to_enforce(lab, new_waxwingd, host):
    daemon = new_waxwingd(start=False)
    tree = pathlib.Path(daemon.state, "tree")
    tree.mkdir()
    if daemon.user:
        shutil.chown(tree, daemon.user)
    daemon.configure({**daemon.settings, "publish": {"enabled": True, "interval": "10s", "tree": str(tree)}})
    daemon.start()
    publish(daemon, "add", "--no-wait", "--mx", PATTERN, "--host", host, "--dns", "hand", "--certificate", "files", NAME)
    [mx] = comes_to(daemon, lambda d: d["hosts"])["hosts"]
    assert mx["tls"] == "good" and mx["gone_at"] is None
    assert shown(daemon)["state"] == "draft"
    publish(daemon, "start", NAME)
    ids = []
    for mode, max_age, state in ("testing", 86400, "testing"), ("enforce", 604800, "enforce"):
        if mode == "enforce":
            publish(daemon, "promote", NAME)
        row = comes_to(daemon, lambda d: d["served"] and d["served"][-1]["mode"] == mode)
        ids.append(row["served"][-1]["id"])
        # Before it is there, nobody is told of it.
        row = comes_to(daemon, lambda d: "https://mta-sts." + NAME in (d["waits"] or ""))
        assert ids[-1] not in row["waits"] and (row["shown"] is None or row["shown"]["id"] != ids[-1])
        if host == "tree":
            body = (tree / f"mta-sts.{NAME}" / ".well-known" / "mta-sts.txt").read_bytes().decode()
            assert body == policy(mode, max_age)
        else:
            assert row["needs_operator"]
        lab.publish(NAME, policy=policy(mode, max_age))
        row = comes_to(daemon, lambda d: ids[-1] in (d["waits"] or ""))
        assert row["needs_operator"] and f'_mta-sts.{NAME}. 300 IN TXT "v=STSv1; id={ids[-1]};"' in row["waits"]
        lab.publish(NAME, record=[f"v=STSv1; id={ids[-1]};"])
        row = comes_to(daemon, lambda d: d["state"] == state and d["record"] and d["record"]["id"] == ids[-1])
        assert row["shown"]["id"] == ids[-1] and not row["needs_operator"] and row["trouble"] is None
        check = daemon.waxwing("check", "--config", daemon.conf, "--json", NAME)
        assert json.loads(check.stdout)["mode"] == mode
    assert ids == sorted(set(ids))
