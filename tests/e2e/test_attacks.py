"""What an attacker on the path can do, and cannot, once a policy is cached.

Every test that sees a mail held is followed by the same attack against a sender without protection: there the mail
goes out, so that the test shows what Waxwing does and nothing else.
"""

import pytest

from lab.zones import ATTACKER_MX
from waiting import pause_for_recheck, wait_stored, wait_until

QUICK = {"cache": {"recheck": "1s"}}


@pytest.fixture
def daemon(new_waxwingd, sender):
    """A waxwingd that looks at records again after a second, asked by the sender."""
    made = new_waxwingd(**QUICK)
    sender.use(made.map)
    return made


def prime(daemon, domain):
    """One look-up, so that the policy is cached."""
    answer = daemon.lookup(domain)
    assert answer.startswith("OK secure match="), answer


def held(sender, domain, why):
    """Sends a mail that must stay in the queue, for that reason."""
    delivery = sender.send("user@" + domain)
    assert delivery.status == "deferred", delivery.reason
    assert why in delivery.reason, delivery.reason
    assert sender.queued(delivery)["queue_name"] == "deferred"
    return delivery


def delivered(lab, sender, domain):
    delivery = sender.send("user@" + domain)
    assert delivery.status == "sent", delivery.reason
    return lab.mx.arrived(delivery)


NO_TLS = "TLS is required, but was not offered"
NOT_VERIFIED = "Server certificate not verified"


def test_starttls_stripped(lab, daemon, sender):
    with lab.attack("strip-starttls", "stripped.example"):
        delivery = held(sender, "stripped.example", NO_TLS)
    assert sender.retry(delivery).status == "sent"
    assert lab.mx.arrived(delivery).tls
    with lab.attack("strip-starttls", "stripped.example"):
        sender.use(None)
        assert not delivered(lab, sender, "stripped.example").tls


def test_mx_swapped(lab, daemon, sender):
    """The attacker's MX has a valid certificate, but for its own name."""
    with lab.attack("swap-mx", "swapped.example"):
        held(sender, "swapped.example", NOT_VERIFIED)
        sender.use(None)
        assert delivered(lab, sender, "swapped.example").host == ATTACKER_MX


def test_record_dropped(lab, daemon, sender):
    prime(daemon, "dropped.example")
    with lab.attack("drop-record", "dropped.example"), lab.attack("strip-starttls", "dropped.example"):
        pause_for_recheck(daemon, "dropped.example", "no-record")
        held(sender, "dropped.example", NO_TLS)


def test_record_dropped_before_first_contact(lab, new_waxwingd, sender):
    """Trust on first use: who never saw the policy is not protected by it."""
    fresh = new_waxwingd(**QUICK)
    sender.use(fresh.map)
    with lab.attack("drop-record", "dropped.example"), lab.attack("strip-starttls", "dropped.example"):
        assert not delivered(lab, sender, "dropped.example").tls


def test_policy_host_hijacked(lab, daemon, sender, new_waxwingd):
    """A new id makes Waxwing fetch; the hijacker's policy of mode none has no valid certificate."""
    prime(daemon, "hijacked.example")
    with lab.attack("hijack-policy", "hijacked.example"), lab.attack("strip-starttls", "hijacked.example"):
        lab.publish("hijacked.example", record=["v=STSv1; id=hijack;"])
        pause_for_recheck(daemon, "hijacked.example", "fetch-failure")
        held(sender, "hijacked.example", NO_TLS)
        sender.use(new_waxwingd(**QUICK).map)
        assert not delivered(lab, sender, "hijacked.example").tls
    lab.publish("hijacked.example", record=["v=STSv1; id=1;"])


def test_policy_host_blocked(lab, daemon, sender):
    prime(daemon, "hijacked.example")
    with lab.attack("block-policy", "hijacked.example"), lab.attack("strip-starttls", "hijacked.example"):
        lab.publish("hijacked.example", record=["v=STSv1; id=blocked;"])
        daemon.lookup("hijacked.example")
        held(sender, "hijacked.example", NO_TLS)
    lab.publish("hijacked.example", record=["v=STSv1; id=1;"])


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_restart_in_between(lab, daemon, sender, how):
    """The policy outlives the daemon, however it ended, though nothing of it can be fetched any more."""
    prime(daemon, "dropped.example")
    with lab.attack("drop-record", "dropped.example"), lab.attack("block-policy", "dropped.example"), \
            lab.attack("strip-starttls", "dropped.example"):
        wait_stored(daemon, "dropped.example")
        if how == "kill":
            daemon.kill()
            daemon.start()
        else:
            daemon.restart()
        assert daemon.lookup("dropped.example").startswith("OK secure match=")
        held(sender, "dropped.example", NO_TLS)


def test_name_server_blocked(lab, daemon):
    prime(daemon, "hijacked.example")
    with lab.attack("block-dns", "hijacked.example"):
        assert daemon.lookup("hijacked.example").startswith("OK secure match=")


def test_changed_id(lab, daemon, sender):
    """The first policy lists a host that is not there; the new one, under a new id, lists the right one."""
    name = "changing.example"
    old = lab.domain(name).policy
    wrong = "version: STSv1\r\nmode: enforce\r\nmx: other.changing.example\r\nmax_age: 604800\r\n"
    try:
        lab.publish(name, record=["v=STSv1; id=wrong;"], policy=wrong)
        delivery = held(sender, name, NOT_VERIFIED)
        lab.publish(name, record=["v=STSv1; id=right;"], policy=old)
        wait_until(daemon, lambda: "match=mx.changing.example " in daemon.lookup(name))
        assert sender.retry(delivery).status == "sent"
    finally:
        lab.publish(name, record=["v=STSv1; id=1;"], policy=old)


def test_unchanged_id_keeps_policy(lab, daemon):
    """A body that changes without its id is not looked at: the record says that nothing changed."""
    name = "changing.example"
    old = lab.domain(name).policy
    try:
        prime(daemon, name)
        lab.publish(name, policy="version: STSv1\r\nmode: none\r\nmax_age: 60\r\n")
        pause_for_recheck(daemon, name, "unchanged")
        assert daemon.lookup(name).startswith("OK secure match=")
    finally:
        lab.publish(name, policy=old)


def test_policy_withdrawn(lab, daemon, sender):
    """Mode none under a new id is the way out, and the only one."""
    name = "changing.example"
    old = lab.domain(name).policy
    try:
        prime(daemon, name)
        lab.publish(name, record=["v=STSv1; id=gone;"],
                    policy="version: STSv1\r\nmode: none\r\nmax_age: 60\r\n")
        wait_until(daemon, lambda: daemon.lookup(name) == "NOTFOUND ")
        with lab.attack("strip-starttls", name):
            assert not delivered(lab, sender, name).tls
    finally:
        lab.publish(name, record=["v=STSv1; id=1;"], policy=old)
