"""A domain's life under one clock: added, in testing, enforced, a host more, a host less, another certificate, retired. At
each step those who send judge it: a Postfix with a Waxwing of its own, and a thousand who hold what they have fetched at
one time or another for as long as it said. Nobody's mail is refused, though max_age is 30 days.

The same by hand in the wrong order has mail refused: that shows that they would see it."""

import contextlib
import datetime
import json
import os
import random
import re
import shutil
import time

import pytest

from lab import proc
from lab.clock import DAY
from lab.waxwingd import Waxwingd

NAME = "plain-rollout.example"
_MAX_AGE = 30 * DAY
_SENDERS = 1000
_PORT = 8561
_ROUNDS = 45
_STUCK = 20  # of these, in which the operator is waited for in vain


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def matches(pattern, host):
    return host == pattern or (pattern.startswith("*.") and host.partition(".")[2] == pattern[2:])


class Caches:
    """Senders that hold policies. Each looks for a new one when its own is over, or by chance; until then it keeps to what it
    has, whatever is published meanwhile."""

    def __init__(self):
        self._held = [None] * _SENDERS  # (policy, until)
        self._chance = random.Random(9)  # the same each time

    def look(self, policy, now):
        """The policy that is shown now, (mode, patterns, max_age), or None."""
        for i, held in enumerate(self._held):
            over = held is None or held[1] <= now
            if policy is not None and (over or self._chance.random() < 0.1):
                self._held[i] = policy, now + policy[2]
            elif over:
                self._held[i] = None

    def refused(self, hosts):
        """How many of them refuse one of the hosts."""
        return sum(any(not any(matches(p, host) for p in held[0][1]) for host in hosts)
                   for held in self._held if held is not None and held[0][0] == "enforce")


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
        self.caches = Caches()
        self.mx = domain.hosts[:1]
        self.postfix = None
        self.trusted = trusted
        self.certificates = os.path.join(os.path.dirname(self.publisher.store), "publish", "certificates",
                                         domain.policy_host)

    def start(self, stack):
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
        self.mx = hosts
        self.publishing.set_mx(self.domain, hosts)
        self.judge()

    def shown(self):
        """The policy that senders get now, or None: only where there is a record do they look for one."""
        if "v=STSv1" not in proc.run("dig", "+short", "@" + self.domain.server,
                                     "_mta-sts." + self.domain.name, "TXT"):
            return None
        text = proc.run("curl", "-sS", "--fail", "--cacert", self.trusted, "--max-time", "20",
                        f"https://{self.domain.policy_host}/.well-known/mta-sts.txt")
        fields = re.findall(r"^(\w+): (\S+)$", text, re.MULTILINE)
        return dict(fields)["mode"], [v for k, v in fields if k == "mx"], int(dict(fields)["max_age"])

    def judge(self):
        self.caches.look(self.shown(), self.clock.now())
        assert self.caches.refused(self.mx) == 0

    def mail_arrives(self):
        delivery = self.postfix.send("someone@" + self.domain.name, wait=30)
        assert delivery.status == "sent", (delivery, self.waxwing.lookup(self.domain.name))


@pytest.fixture(scope="module")
def publishing(lab):
    return lab.publishing()


@pytest.fixture(scope="module")
def world(lab, build, publishing):
    publishing.reset(publishing.domains[NAME])
    with contextlib.ExitStack() as stack:
        made = World(lab, build, publishing, publishing.domains[NAME])
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
    assert world.shown() is None
    world.mail_arrives()
    assert clock.now() - begun > 2 * _MAX_AGE


def test_in_the_wrong_order(publishing):
    """The same who send: had the second host come before those who hold the policy knew of it, they would have refused."""
    caches, hosts = Caches(), publishing.domains[NAME].hosts
    caches.look(("enforce", hosts[:1], _MAX_AGE), 0)
    assert caches.refused(hosts[:1]) == 0
    assert caches.refused(hosts[:2]) == _SENDERS
    caches.look(("enforce", hosts[:2], _MAX_AGE), DAY)
    assert 0 < caches.refused(hosts[:2]) < _SENDERS
    caches.look(("enforce", hosts[:2], _MAX_AGE), _MAX_AGE)
    assert caches.refused(hosts[:2]) == 0
