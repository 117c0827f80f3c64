"""`waxwing publish` as an operator uses it: the daemon publishes a domain of the lab, and what it cannot do it asks for."""

import json
import re
import subprocess

import pytest
from waiting import wait_until


def publish(daemon, *command, status=0, answers=None):
    """What `waxwing publish` prints."""
    done = subprocess.run([daemon.command, "publish", command[0], "--config", daemon.conf, *command[1:]], input=answers,
                          capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def shown(daemon, domain):
    return json.loads(publish(daemon, "show", "--json", domain))


@pytest.fixture(scope="module")
def publishing(lab):
    return lab.publishing()


@pytest.fixture
def daemon(publishing, new_waxwingd):
    """It can do all by itself for rollout.example."""
    domain = publishing.domains["rollout.example"]
    publishing.reset(domain)
    yield new_waxwingd(fetch={"ca_file": publishing.trusted()}, publish={
        "enabled": True, "https": [f"inet:{domain.policy_address}:443"], "http": [f"inet:{domain.policy_address}:80"],
        "dns_server": [publishing.server], "dns_key": publishing.key_file, "dns_ttl": "5s", "interval": "10s",
        "acme": publishing.acme.directory})
    publishing.reset(domain)


def test_from_the_wizard_to_the_end(publishing, daemon):
    """A few lines of answers lead to mode testing: certificate by ACME, records by updates. Then enforce, another host, and
    out again, as far as one gets in a day."""
    name, hosts = "rollout.example", publishing.domains["rollout.example"].hosts
    out = publish(daemon, "wizard", name, answers="\n\n\n\nn\ny\n\n")
    assert f"+ {hosts[0]}: takes mail by TLS" in out
    wait_until(daemon, lambda: "goes on to enforce" in (shown(daemon, name)["waits"] or ""), 60)
    out = publish(daemon, "status", name)
    assert re.findall(r"^  (.) (certificate|policy|record|reports) ", out, re.MULTILINE) == [
        ("+", "certificate"), ("+", "policy"), ("+", "record"), ("+", "reports")]
    assert "+ draft -- > testing -- - enforce" in out
    assert "it is started already" in publish(daemon, "start", name, status=1)
    assert f"waxwing publish retire {name} first" in publish(daemon, "remove", name, status=1)

    publish(daemon, "promote", name)
    wait_until(daemon, lambda: shown(daemon, name)["state"] == "enforce", 60)
    assert shown(daemon, name)["max_age"] == 7 * 86400

    publish(daemon, "mx", "--add", hosts[1], name)
    wait_until(daemon, lambda: "may go into the MX records" in (shown(daemon, name)["waits"] or ""), 60)
    assert len(shown(daemon, name)["served"]) == 3
    assert re.search(rf"^{hosts[1]} not yet +unknown may come in (7 d|6 d 23 h), ", publish(daemon, "status", name), re.MULTILINE)

    publish(daemon, "retire", name)
    wait_until(daemon, lambda: shown(daemon, name)["state"] == "retiring", 60)
    # Until mode none is seen from outside, nobody knows how long senders will have the one before.
    wait_until(daemon, lambda: shown(daemon, name)["shown"]["id"] == shown(daemon, name)["served"][-1]["id"], 60)
    assert "senders may hold its policy until 2" in publish(daemon, "remove", name, status=1)
    [row] = [json.loads(line) for line in publish(daemon, "list", "--json").splitlines()]
    assert (row["goal"], row["mode"]) == ("retire", "none")


def test_by_hand(lab, daemon):
    """Of a domain whose policy and records are somebody else's work: he is told what to do, and it is seen when it is done."""
    name = "changing.example"
    before = lab.domain(name).policy
    try:
        lab.publish(name, record=[])
        out = publish(daemon, "add", "--accept-mx", "--host", "elsewhere", "--dns", "hand", name)
        assert f"Taken. Next: `waxwing publish start {name}`" in out
        out = publish(daemon, "start", "--wait", "1m", name)
        assert f"  your turn   put the policy at https://mta-sts.{name}/.well-known/mta-sts.txt" in out
        policy = publish(daemon, "show", "--policy", name)
        assert "mode: testing" in policy
        lab.publish(name, policy=policy.replace("\n", "\r\n"))
        out = publish(daemon, "look", name)
        record = re.search(r'your turn   this record .*: _mta-sts\.changing\.example\. \d+ IN TXT "(v=STSv1; id=\w+;)"', out)
        assert record, out
        lab.publish(name, record=[record.group(1)])
        out = publish(daemon, "look", name)
        assert f"{name}: testing" in out
        assert "your turn" not in out
    finally:
        lab.publish(name, record=["v=STSv1; id=1;"], policy=before)
