"""A domain that is left to evidence: two weeks of good reports lead to enforce; what one sender tells of it is to be mended;
what two tell leads back to testing, and everybody hears why. And who has mended a host is shown that at once."""

import functools
import json
import pathlib
import shutil
import smtplib
import tempfile

import pytest
from test_advise import LARGE, SMALL, mail_of, report_of, signing
from test_alerts import Post
from test_intake import taking
from waiting import wait_until

from lab.clock import DAY

NAME = "plain-rollout.example"

_COMMAND = """#!/usr/bin/python3
import socket, sys
with socket.create_connection(("127.0.0.1", {port})) as s:
    s.sendall(sys.stdin.buffer.read())
"""


@pytest.fixture(scope="module", name="domain")
def _domain(lab):
    publishing = lab.publishing()
    domain = publishing.domains[NAME]
    publishing.reset(domain)
    yield domain
    publishing.rotate(domain)
    publishing.reset(domain)


@pytest.fixture(scope="module", name="key")
def _key(lab, tmp_path_factory, build):
    with signing(lab, tmp_path_factory.mktemp("evidence"), build) as key:
        yield key


@pytest.fixture(name="post")
def _post():
    """Where alerts arrive; `command` is what brings them there."""
    post = Post()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="waxwing-evidence-"))
    folder.chmod(0o755)
    script = folder / "command"
    script.write_text(_COMMAND.format(port=post.port), encoding="utf-8")
    script.chmod(0o755)
    post.command = str(script)
    yield post
    post.stop()
    shutil.rmtree(folder)


@pytest.fixture(name="daemon")
def _daemon(lab, new_waxwingd, domain, post):
    publishing = lab.publishing()
    daemon, daemon.folder = taking(functools.partial(
        new_waxwingd, clock=lab.clock, alert={"command": post.command, "collect": "1s"},
        fetch={"ca_file": publishing.trusted()}, publish={
            "enabled": True,
            "https": [f"inet:{domain.policy_address}:443"],
            "http": [f"inet:{domain.policy_address}:80"],
            "dns_server": [domain.server],
            "dns_key": publishing.key_file,
            "dns_ttl": "1s",
            "acme": publishing.acme.directory,
        }))
    daemon.start()
    return daemon


def publish(daemon, what, *arguments):
    """What `waxwing publish` prints."""
    done = daemon.waxwing("publish", what, "--config", daemon.conf, *arguments, NAME)
    assert done.returncode == 0, done.stdout + done.stderr + daemon.log()[-3000:]
    return done.stdout


def shown(daemon):
    return json.loads(publish(daemon, "show", "--json"))


def look(daemon):
    """It is looked at twice, as what is known of its hosts counts from one look to the next; what it is like then."""
    publish(daemon, "look")
    publish(daemon, "look")
    return shown(daemon)


def comes_to(daemon, condition):
    """Looks until it is so, which takes some steps; what it is like then."""
    found = []
    wait_until(daemon, lambda: found.append(look(daemon)) or condition(found[-1]), seconds=120)
    return found[-1]


def is_published(row, mode):
    return row["mode"] == mode and row["record"] and row["record"]["id"] == row["id"]


class Senders:
    """They tell what became of their mail, by LMTP."""

    def __init__(self, daemon, clock, key):
        self._daemon, self._clock, self._key = daemon, clock, key
        self._number = 0

    def tell(self, row, *reports):
        """Each is (sender, days ago, failures…), of mail that went by the policy which is served in row."""
        policy = row["served"][-1]
        said = {"policy-type": "sts", "policy-domain": NAME, "mx-host": policy["mx"], "policy-string": [
            "version: STSv1", "mode: " + policy["mode"], *("mx: " + mx for mx in policy["mx"]),
            f"max_age: {policy['max_age']}"]}
        today = int(self._clock.now()) // DAY
        with smtplib.LMTP(f"{self._daemon.folder}/lmtp") as lmtp:
            for sender, days_ago, *failures in reports:
                self._number += 1
                lmtp.sendmail("reports@" + sender, "tls-reports@" + NAME, mail_of(
                    report_of(sender, today - days_ago, self._number, said, *failures), self._key))


def alerts(post):
    """(what, kind, severity, words) of all alerts that have arrived, in their order."""
    bodies = [json.loads(octets) for octets in post.received]
    return [(item["check"], item["kind"], item["severity"], item["seen"]) for body in bodies for alert in body["alerts"]
            for item in alert["items"]]


def test_up_and_back(lab, daemon, domain, key, post):
    host, clock = domain.hosts[0], lab.clock
    senders = Senders(daemon, clock, key)
    publish(daemon, "add", "--no-wait", "--automatic", "--mx", host, "--rua", "mailto:tls-reports@" + NAME, "--dns", "update",
            "--certificate", "acme")
    publish(daemon, "start", "--no-wait")
    row = comes_to(daemon, lambda d: is_published(d, "testing") and not d["needs_operator"] and d["until"])
    assert "mode testing lasts until" in row["waits"]

    clock.advance(15 * DAY)
    row = look(daemon)
    assert row["mode"] == "testing" and "not enough for mode enforce yet" in row["waits"], row
    senders.tell(row, *((LARGE, days) for days in range(1, 15)), *((SMALL, days) for days in (2, 5, 9)))
    row = comes_to(daemon, lambda d: is_published(d, "enforce"))
    assert row["state"] == "enforce" and not row["faults"] and not row["needs_operator"], row

    # One sender alone may be attacked: enforce protects it. max_age, which would grow after a week, stays.
    clock.advance(8 * DAY)
    senders.tell(row, *((LARGE, days) for days in range(2, 8)), (LARGE, 1, "certificate-expired"), (SMALL, 1))
    row = look(daemon)
    assert (row["state"], row["max_age"], row["needs_operator"]) == ("enforce", 604800, True), row
    assert row["waits"].startswith("not all mail gets through as it should: " + host), row
    wait_until(daemon, lambda: len(alerts(post)) >= 1, seconds=60)
    (what, kind, severity, words), = alerts(post)
    assert (what, kind, severity) == ("publish-reported", "appeared", "warning")
    assert f"{host}: the certificate had expired: 20 sessions in 7 days, told by {LARGE}" in words

    # Two who tell the same are no attack on one path: their mail is refused, and that is what is ended.
    senders.tell(row, (SMALL, 1, "certificate-expired"))
    row = comes_to(daemon, lambda d: is_published(d, "testing"))
    why = f"mail is refused under mode enforce: {host}: the certificate had expired: 40 sessions in 7 days, told by 2 senders"
    assert row["goal"] == "enforce" and row["automatic"]
    assert any(note["what"].startswith("it goes back to mode testing: " + why) for note in row["log"]), row["log"]
    assert "publish-rolled-back domain=" + NAME in daemon.log()
    text = " ".join(publish(daemon, "status").split())
    assert f"{NAME} What was enforced is in mode testing again, as {why}" in text, text
    assert f"your turn mail would be refused under mode enforce: {host}: the certificate had expired: 40 sessions" in text
    wait_until(daemon, lambda: len(alerts(post)) >= 3, seconds=60)
    told = {alert[:3]: alert[3] for alert in alerts(post)}
    assert set(told) == {("publish-reported", "appeared", "warning"), ("publish-reported", "cleared", "warning"),
                         ("publish-rolled-back", "appeared", "warning")}
    assert why in told["publish-rolled-back", "appeared", "warning"]


def test_who_has_mended_a_host_sees_it(lab, daemon, domain):
    publishing = lab.publishing()
    publish(daemon, "add", "--no-wait", "--mx", domain.hosts[0])
    for kind, tls in ("good", "good"), ("wrong-name", "bad"), ("good", "good"), ("wrong-name", "bad"):
        publishing.rotate(domain, kind)
        publish(daemon, "look")
        row = shown(daemon)
        assert [host["tls"] for host in row["hosts"]] == [tls], row
        assert row["asked"] == row["answered"]
