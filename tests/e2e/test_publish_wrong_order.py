"""Changes of a published policy in the wrong order, as they are made by hand on a domain that Waxwing does not manage. Those who
send are the same as in test_publish_story.py, and have held its policy for some time: a Postfix with a Waxwing of its own,
whose mail stays, and a thousand senders, of whom some or all would refuse."""

import contextlib
import itertools
import os

import pytest
from crowd import SENDERS, Crowd

from lab import table, web
from lab.clock import DAY, Clock
from lab.publishing import DAYS
from lab.waxwingd import Waxwingd

NAME = "plain-rollout.example"
_MAX_AGE = 30 * DAY
_PORT = 8563
_ALL = range(SENDERS, SENDERS + 1)
_MOST = range(SENDERS * 9 // 10, SENDERS + 1)
_SOME = range(SENDERS // 20, SENDERS // 2)


class ByHand:
    """The domain, its policy host, and those who send."""

    def __init__(self, lab, build):
        self.lab, self.build, self.publishing = lab, build, lab.publishing()
        self.clock = Clock(os.path.join(lab.state, "by-hand-clock"))  # it goes years ahead, which others need not
        self.domain = d = self.publishing.domains[NAME]
        self.hosts = d.hosts[:2]
        self.page = table.Domain(d.name, d.name, d.net, "", ip=(4,))
        self.web = web.Web(os.path.join(lab.state, "by-hand"), {d.name: self.page}, lab.pki, attacker=False)
        self.waxwing = Waxwingd(lab, build, name="by-hand-senders", port=_PORT, clock=self.clock,
                                settings={"cache": {"recheck": "1s"}})
        self.crowd = self.postfix = None
        self._ids = itertools.count(1)

    def start(self, stack):
        stack.callback(self.publishing.reset, self.domain)
        self.certify("good")
        for server in (self.web, self.waxwing):
            stack.callback(server.stop)
            server.start()
        self.postfix = self.lab.sender(self.waxwing.map, clock=self.clock)
        stack.callback(self.postfix.stop)

    def begin(self, stack):
        """One host, enforced for long; each sender holds the policy, or would get it."""
        first = self.hosts[:1]
        stack.callback(self.postfix.clear)
        self.publishing.set_mx(self.domain, first)
        self.serve(first)
        self.crowd = Crowd(self.build, self.domain, self.lab.pki.ca)
        stack.callback(self.crowd.stop)
        self.crowd.hosts.update(self.hosts)
        assert self.senders()["refusing"] == 0
        self.clock.advance(60 * DAY)
        said = self.senders()
        assert said["refused"] == said["refusing"] == 0
        assert said["bound"] == SENDERS
        assert self.waxwing.lookup(self.domain.name).startswith("OK secure match=" + first[0])
        assert self.send().status == "sent"

    def sees(self):
        """The Postfix's Waxwing looks at record and policy now, whatever comes of it: a look that is under way already counts for
        the first time."""
        for _ in range(2):
            self.waxwing.waxwing("cache", "refresh", "--config", self.waxwing.conf, self.domain.name)

    def senders(self):
        return self.crowd.see(self.clock.now())

    def send(self):
        return self.postfix.send("someone@" + self.domain.name, wait=30)

    def certify(self, kind):
        self.lab.pki.issue_all([(name, kind, *hosts) for name, _, *hosts in self.web.certificates()], days=DAYS)

    def serve(self, hosts, mode="enforce"):
        self.page.policy = "".join(f"{line}\r\n" for line in ("version: STSv1", f"mode: {mode}", *(f"mx: {h}" for h in hosts),
                                                              f"max_age: {_MAX_AGE}"))
        self.web.publish(self.page)
        self.publishing.set_record(self.domain, f"v=STSv1;id={next(self._ids)};")

    def move(self):
        """Another host takes the mail from now on, and the one before does not."""
        self.publishing.set_mx(self.domain, self.hosts[1:])


@pytest.fixture(scope="module")
def hand(lab, build):
    with contextlib.ExitStack() as stack:
        made = ByHand(lab, build)
        made.start(stack)
        yield made


def host_before_policy(hand, _):
    hand.move()


def policy_without_the_host(hand, _):
    hand.serve(hand.hosts[1:])


def all_deleted(hand, _):
    hand.publishing.set_record(hand.domain, None)
    hand.web.withdraw(hand.page)
    hand.move()


def none_for_a_day(hand, _):
    """To some it comes at the weekend."""
    hand.waxwing.stop()
    hand.serve([], "none")
    hand.senders()
    hand.clock.advance(DAY)
    hand.senders()
    all_deleted(hand, _)
    hand.waxwing.start()


def record_before_certificate(hand, stack):
    hand.web.stop()
    hand.certify("expired")
    hand.web.start()
    stack.callback(hand.web.start)
    stack.callback(hand.certify, "good")
    stack.callback(hand.web.stop)
    hand.serve(hand.hosts[1:])
    hand.move()


def certificate_for_another_name(hand, stack):
    stack.callback(hand.publishing.rotate, hand.domain)
    hand.publishing.rotate(hand.domain, "wrong-name")


def stays(delivery, host):
    """The mail is kept, as the host is not the one that the policy names."""
    assert (delivery.status, delivery.dsn) == ("deferred", "4.7.5"), delivery
    assert delivery.reason == "Server certificate not verified"
    assert delivery.relay.startswith(host)


# Which host the mail waits for, how many senders would refuse at once, and how many when their policies are over.
_WRONG = (
    (host_before_policy, "mx2", _ALL, SENDERS),
    (policy_without_the_host, "mx1", _SOME, SENDERS),
    (all_deleted, "mx2", _MOST, 0),
    (none_for_a_day, "mx2", _SOME, 0),
    (record_before_certificate, "mx2", _MOST, 0),
    (certificate_for_another_name, "mx1", _ALL, SENDERS),
)


@pytest.mark.parametrize(("wrong", "host", "at_once", "at_last"), _WRONG, ids=[row[0].__name__ for row in _WRONG])
def test_in_the_wrong_order(hand, wrong, host, at_once, at_last):
    with contextlib.ExitStack() as stack:
        hand.begin(stack)
        wrong(hand, stack)
        hand.sees()
        mail = hand.send()
        stays(mail, host)
        hand.sees()
        stays(hand.postfix.retry(mail), host)
        said = hand.senders()
        assert said["refusing"] in at_once and said["refusing"] <= said["bound"], said
        hand.postfix.clear()
        hand.clock.advance(_MAX_AGE + DAY)
        said = hand.senders()
        assert said["refusing"] == at_last and said["refused"] > SENDERS, said
        assert hand.send().status == ("deferred" if at_last else "sent")
