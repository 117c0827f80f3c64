"""A domain's life under one clock: added, in testing, enforced, a host more, a host less, another certificate, retired. At
each step those who send judge it: a Postfix with a Waxwing of its own, and a thousand with Waxwing's cache who look when
they have mail, and hold what they have found for as long as it said. Nobody's mail is refused, though max_age is 30 days;
and `waxwing check` finds no error.

What the wrong orders come to is in test_publish_wrong_order.py."""

import contextlib
import datetime
import itertools
import json
import os
import shutil
import time

import pytest
from crowd import SENDERS, Crowd

from lab import proc
from lab.clock import DAY
from lab.waxwingd import Waxwingd

NAME = "plain-rollout.example"
_MAX_AGE = 30 * DAY
_PORT = 8561
_ROUNDS = 45
_STUCK = 20  # of these, in which the operator is waited for in vain


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class World:
    """What there is for one domain: who publishes, who sends, and the clock of both."""

    def __init__(self, lab, build, publishing, domain):
        self.lab, self.publishing, self.domain, self.clock = lab, publishing, domain, lab.clock
        trusted = publishing.trusted()
        self.publisher = Waxwingd(lab, build, name="publisher", port=_PORT, clock=lab.clock, settings={
            "fetch": {"ca_file": trusted},
            "publish": {
                "enabled": True,
                "https": [f"inet:{domain.policy_address}:443"],
                "http": [f"inet:{domain.policy_address}:80"],
                "dns_server": [domain.server],
                "dns_key": publishing.key_file,
                "dns_ttl": "1s",
                "acme": publishing.acme.directory,
                "acme_contact": "postmaster@" + domain.name,
            }})
        self.waxwing = Waxwingd(lab, build, name="senders", port=_PORT + 1, clock=lab.clock,
                                settings={"fetch": {"ca_file": trusted}, "cache": {"recheck": "1s"}})
        self.crowd = Crowd(build, domain, trusted)
        self.crowd.hosts.update(domain.hosts[:1])
        self.checked = []
        self.said = {}
        self.postfix = None
        self.certificates = os.path.join(os.path.dirname(self.publisher.store), "publish", "certificates",
                                         domain.policy_host)

    def start(self, stack):
        stack.callback(self.crowd.stop)
        for daemon in (self.publisher, self.waxwing):
            stack.callback(daemon.stop)
            daemon.start()
        self.postfix = self.lab.sender(self.waxwing.map, clock=self.clock)
        stack.callback(self.postfix.stop)

    def publish(self, command, *arguments, status=0):
        """What `waxwing publish COMMAND` says of the domain, as JSON."""
        done = self.publisher.waxwing("publish", command, "--config", self.publisher.conf, "--json", *arguments,
                                      self.domain.name)
        assert done.returncode == status, done.stdout + done.stderr + self.publisher.log()[-3000:]
        return json.loads(done.stdout.splitlines()[-1]) if status == 0 else done.stderr

    def look(self):
        """The domain is looked at, and again while something is due within seconds; what it is like then."""
        self.publish("look", "--no-wait")
        rows = []

        def calm():
            rows.append(self.publish("show"))
            return not rows[-1]["tending"] and seconds(rows[-1]["next_at"]) > self.clock.now() + 5

        proc.wait_for("a look at the domain", calm, log=self.publisher.log_file, seconds=60)
        return rows[-1]

    def until(self, reached, what):
        """Looks, and lets time pass where it is waited for, until the row is as it should be; who sends judges each time."""
        stuck = 0
        for _ in range(_ROUNDS):
            row = self.look()
            self.judge()
            self.check(row)
            if reached(row):
                return row
            if row["needs_operator"] or row["trouble"]:  # a resolver may remember for a second what was so before
                stuck += 1
                assert stuck < _STUCK, f"{what}: {row}"
                time.sleep(1)
            elif row["until"]:
                self.clock.advance_to(min(seconds(row["until"]), self.clock.now() + 10 * DAY))
        raise AssertionError(f"{what}: {row}")

    def set_mx(self, hosts):
        self.crowd.hosts.update(hosts)
        self.publishing.set_mx(self.domain, hosts)
        self.judge()

    def judge(self):
        self.said = self.crowd.see(self.clock.now())
        assert self.said["refusing"] == self.said["refused"] == 0, self.said

    def check(self, row):
        """What `waxwing check` finds wherever a policy or a state is new: no error."""
        state = row["state"], row["served"] and row["served"][-1]["id"]
        if row["needs_operator"] or row["trouble"] or state in self.checked[-1:]:
            return
        done = self.publisher.waxwing("check", "--config", self.publisher.conf, "--json", self.domain.name)
        seen = json.loads(done.stdout)
        assert done.returncode == 0 and not seen["counts"]["error"], (row, seen["findings"])
        assert seen["mode"] == row["mode"], (row, seen)
        self.checked.append(state)

    def mail_arrives(self):
        delivery = self.postfix.send("someone@" + self.domain.name, wait=30)
        assert delivery.status == "sent", (delivery, self.waxwing.lookup(self.domain.name))


@pytest.fixture(scope="module")
def publishing(lab):
    return lab.publishing()


@pytest.fixture
def world(lab, build, publishing):
    d = publishing.domains[NAME]
    publishing.reset(d)
    with contextlib.ExitStack() as stack:
        stack.callback(publishing.reset, d)
        made = World(lab, build, publishing, d)
        made.start(stack)
        yield made


def may_enter(row, host):
    """When a host may go into the MX records, or None."""
    return next((seconds(h["may_enter_at"]) for h in row["hosts"] if h["name"] == host and h.get("may_enter_at")), None)


def test_the_story(world):
    d, clock = world.domain, world.clock
    first, second = d.hosts[:2]
    begun = clock.now()

    world.publish("add", "--accept-mx", "--max-age", "30d", "--rua", "mailto:tls@" + d.name)
    world.publish("start", "--no-wait")
    row = world.until(lambda r: r["state"] == "testing" and r["record"], "testing")
    assert row["mode"] == "testing" and row["mx_wanted"] == [first] and row["record"]["id"] == row["id"]
    world.mail_arrives()

    world.publish("promote", "--no-wait")
    world.until(lambda r: r["state"] == "enforce" and r["max_age"] == _MAX_AGE, "enforced, for a month")
    assert world.said["bound"] == SENDERS > world.said["holding"] > SENDERS / 2
    world.mail_arrives()
    assert world.waxwing.lookup(d.name).startswith("OK secure match=" + first)

    world.publish("mx", "--add", second, "--no-wait")
    row = world.until(lambda r: (may_enter(r, second) or clock.now() + 1) <= clock.now(), "the second host may come")
    world.set_mx([first, second])
    world.until(lambda r: r["state"] == "enforce", "two hosts")
    world.mail_arrives()

    world.set_mx([second])
    world.publish("mx", "--drop", first, "--no-wait")
    world.until(lambda r: r["state"] == "enforce" and r["served"][-1]["mx"] == [second], "the first host has left")
    world.mail_arrives()

    world.publishing.rotate(d)
    shutil.rmtree(world.certificates)
    world.until(lambda r: os.path.exists(world.certificates) and r["certificate_until"], "another certificate")
    world.mail_arrives()

    world.publish("retire", "--no-wait")
    world.until(lambda r: r["state"] == "gone", "gone")
    assert world.crowd.look().status == 0
    world.mail_arrives()
    assert clock.now() - begun > 2 * _MAX_AGE and world.said["mails"] > 100 * SENDERS
    states = [state for state, _ in itertools.groupby(world.checked, lambda checked: checked[0])]
    assert states == ["testing", "enforce", "changing", "enforce", "changing", "enforce", "retiring", "gone"]
