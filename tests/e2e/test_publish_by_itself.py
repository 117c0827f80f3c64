"""A published domain for which Waxwing does everything: certificate by ACME, policy, records by DNS updates, each in its
turn, as it was seen from outside before the next."""

import json
import os
import signal
import subprocess

import pytest
from waiting import wait_until

from lab import proc


def publish(daemon, what, *arguments):
    """What `waxwing publish` prints."""
    done = daemon.waxwing("publish", what, "--config", daemon.conf, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def comes_to(daemon, name, condition, seconds=120):
    """Waits until what is shown of the domain is so, and returns it."""
    found = []
    wait_until(daemon, lambda: found.append(json.loads(publish(daemon, "show", "--json", name))) or condition(found[-1]),
               seconds)
    return found[-1]


def texts(server, name):
    """The TXT records that one name server shows."""
    done = subprocess.run(["dig", "+short", f"@{server}", name, "TXT"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture(scope="module", params=["rollout.example", "plain-rollout.example"])
def domain(lab, request):
    publishing = lab.publishing()
    one = publishing.domains[request.param]
    publishing.reset(one)
    yield one
    publishing.reset(one)


@pytest.fixture
def daemon(lab, new_waxwingd, domain):
    publishing = lab.publishing()
    clock = None if domain.signed else lab.clock  # that of its name server
    return new_waxwingd(clock=clock, fetch={"ca_file": publishing.trusted()}, publish={
        "enabled": True,
        "https": [f"inet:{domain.policy_address}:443"],
        "http": [f"inet:{domain.policy_address}:80"],
        "interval": "10s",
        "dns_server": [domain.server],
        "dns_key": publishing.key_file,
        "acme": publishing.acme.directory,
    })


def test_killed_clerk(lab, new_waxwingd):
    """An order that a killed clerk had is given to the next one: nothing goes on without it, and nothing is lost."""
    publishing = lab.publishing()
    domain = publishing.domains["rollout.example"]
    publishing.reset(domain)
    daemon = new_waxwingd(fetch={"ca_file": publishing.trusted()}, publish={
        "enabled": True, "interval": "1d", "dns_server": [domain.server], "dns_key": publishing.key_file})
    [clerk] = daemon.roles()["clerk"]
    os.kill(clerk, signal.SIGSTOP)
    publish(daemon, "add", "--no-wait", "--mx", domain.hosts[0], "--dns", "update", "--host", "elsewhere", domain.name)
    row = comes_to(daemon, domain.name, lambda d: d["tending"])
    assert row["looked_at"] is None  # its certificate comes first, and that is the clerk's to see
    gone = daemon.kill_role("clerk")
    daemon.wait_role("clerk", gone)
    row = comes_to(daemon, domain.name, lambda d: d["hosts"] and d["hosts"][0]["tls"] == "good")
    assert row["looked_at"] and row["trouble"] is None
    assert "role-died name=clerk" in daemon.log()
    publishing.reset(domain)


def test_to_enforce(daemon, domain):
    name = domain.name
    publish(daemon, "add", "--no-wait", "--mx", domain.hosts[0], "--rua", f"mailto:tls@{name}", "--dns", "update",
            "--certificate", "acme", name)
    row = comes_to(daemon, name, lambda d: d["hosts"][0]["tls"] == "good")
    assert row["state"] == "draft" and row["certificate_until"] is None and not row["served"]
    publish(daemon, "start", name)
    row = comes_to(daemon, name, lambda d: d["record"] and d["state"] == "testing" and not d["needs_operator"] and
                   texts(next(iter(domain.servers.values())), f"_smtp._tls.{name}"))
    [testing] = row["served"]
    assert testing["mode"] == "testing" and testing["mx"] == domain.hosts[:1] and row["certificate_until"]
    assert row["record"]["id"] == row["shown"]["id"] == testing["id"]
    for server in domain.servers.values():
        proc.wait_for("a secondary", lambda: texts(server, f"_mta-sts.{name}") == [f'"v=STSv1; id={testing["id"]};"'])
        assert texts(server, f"_smtp._tls.{name}") == [f'"v=TLSRPTv1; rua=mailto:tls@{name};"']

    publish(daemon, "promote", name)
    row = comes_to(daemon, name, lambda d: d["state"] == "enforce" and d["record"]["id"] != testing["id"])
    assert row["served"][-1]["mode"] == "enforce" and row["served"][-1]["max_age"] == 604800
    assert row["record"]["id"] == row["shown"]["id"] == row["served"][-1]["id"] > testing["id"]
    assert row["trouble"] is None and not row["refusals"]
    events = [word for word in daemon.log().split() if word in ("certificate-made", "publish-served", "dns-changed")]
    assert events[:3] == ["certificate-made", "publish-served", "dns-changed"]
    check = json.loads(daemon.waxwing("check", "--config", daemon.conf, "--json", name).stdout)
    assert [f for f in check["findings"] if f["severity"] == "error"] == []
