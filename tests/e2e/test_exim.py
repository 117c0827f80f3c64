"""Debian's Exim with Waxwing's files (packaging/exim4) as the sender: the same attacks as Postfix has to stand.

Each deferral that Waxwing causes has its counterpart: without Waxwing the same mail goes out.
"""

import pytest
from test_overrides import put
from waiting import wait_until

from lab import table
from lab.zones import ATTACKER_MX

# Hosts that make every look-up wait have a test of their own: test_policy_hosts.py.
FATES = [d for d in table.load().values() if d.mx and not d.waits]
# Where Exim does otherwise than Postfix, and why.
OTHERWISE = {
    # The whole policy does not go into a line that Exim can take, and half of it would be another policy.
    "huge.example": ("deferred", "lists more MX hosts than Exim can be told"),
    # A null MX is none of the hosts that the policy names: it could be forged, and a bounce is for ever.
    "null-mx-sts.example": ("deferred", "none of the MX hosts"),
    # Exim does DANE for each host by itself: the second has none, and MTA-STS allows it.
    "dane-sts-half.example": ("sent", "mx2.dane-sts-half.example"),
    # With GnuTLS Exim compares no name below a DANE-TA record (docs/exim.md).
    "dane-ta-wrong-name.example": ("sent", ""),
}
# What Exim says where Postfix says that.
WORDS = {
    "Verified TLS": ("CV=yes", "CV=dane"),
    "Untrusted TLS": ("CV=no",),
    "Server certificate not verified": ("certificate verification failed", "none of the MX hosts"),
    "untrusted issuer": ("certificate invalid",),
    "self-signed certificate": ("certificate invalid",),
    "certificate has expired": ("certificate invalid",),
    "TLS is required, but was not offered": ("a TLS session is required",),
    "Name service error": ("host lookup did not complete", "does not stand up to DNSSEC"),
    "Host or domain name not found": ("Unrouteable address",),
    "does not accept mail": ("no SMTP service",),
    "relay=mx2.dane-conflict-spare.example": ("H=mx2.dane-conflict-spare.example",),
}
FATE = {d.name: OTHERWISE.get(d.name, (d.fate, d.why)) for d in FATES}
# Without name service nobody delivers, with Waxwing or without; and where TLSA records do not fit, Exim itself does not.
HELD = [d for d in FATES if FATE[d.name][0] == "deferred" and d.served and d.dns != "bogus" and
        "null" not in d.name and not d.name.endswith("-mismatch.example")]


def send_all(exim, domains):
    """A host that failed with the mail of another domain is not tried again at once: a delivery that is forced does."""
    sent = exim.send_all(["user@" + d.shown for d in domains], wait=120)
    for delivery in sent:
        if "retry time not reached" in delivery.reason:
            exim.retry(delivery)
    return {d.name: delivery for d, delivery in zip(domains, sent)}


@pytest.fixture(scope="module")
def fates(_exim, waxwingd):
    """What becomes of a mail to each domain, all at once."""
    _exim.use(waxwingd.line_socket)
    told = send_all(_exim, FATES)
    _exim.clear()
    return told


@pytest.mark.parametrize("d", FATES, ids=[d.name for d in FATES])
def test_fate(fates, d):
    delivery = fates[d.name]
    fate, why = FATE[d.name]
    assert delivery.status == fate, delivery.log
    assert any(delivery.shows(words) for words in WORDS.get(why, (why,))), delivery.log


def test_fate_without_waxwing(lab, exim):
    exim.use(None)
    for name, delivery in send_all(exim, HELD).items():
        assert delivery.status == "sent", (name, delivery.log)
        assert lab.mx.arrived(delivery).domain == name


def held(exim, domain, why):
    """Sends a mail that must stay in the queue, for that reason."""
    delivery = exim.send("user@" + domain, wait=40)
    assert delivery.status == "deferred", delivery.log
    assert why in delivery.reason, delivery.reason
    assert exim.queued(delivery)
    return delivery


def delivered(lab, exim, domain):
    delivery = exim.send("user@" + domain, wait=40)
    assert delivery.status == "sent", delivery.log
    return lab.mx.arrived(delivery)


NO_TLS = "a TLS session is required"
NO_HOST = "none of the MX hosts"
NOT_VERIFIED = "certificate verification failed"


def test_starttls_stripped(lab, waxwingd, exim):
    exim.use(waxwingd.line_socket)
    with lab.attack("strip-starttls", "stripped.example"):
        delivery = held(exim, "stripped.example", NO_TLS)
    assert exim.retry(delivery).status == "sent"
    assert lab.mx.arrived(delivery).tls
    exim.use(None)
    with lab.attack("strip-starttls", "stripped.example"):
        assert not delivered(lab, exim, "stripped.example").tls


def test_mx_swapped(lab, waxwingd, exim):
    """The attacker's MX has a valid certificate, but the policy does not name it."""
    with lab.attack("swap-mx", "swapped.example"):
        exim.use(waxwingd.line_socket)
        held(exim, "swapped.example", NO_HOST)
        exim.use(None)
        assert delivered(lab, exim, "swapped.example").host == ATTACKER_MX


def test_record_dropped_and_starttls_stripped(lab, waxwingd, exim):
    exim.use(waxwingd.line_socket)
    assert waxwingd.lookup("dropped.example").startswith("OK secure")
    with lab.attack("drop-record", "dropped.example"), lab.attack("strip-starttls", "dropped.example"):
        held(exim, "dropped.example", NO_TLS)


def policy(*patterns):
    lines = ["version: STSv1", "mode: enforce", *("mx: " + pattern for pattern in patterns), "max_age: 604800"]
    return "".join(line + "\r\n" for line in lines)


QUICK = {"cache": {"recheck": "1s"}}


def test_first_mx_outside_of_the_policy(lab, new_waxwingd, exim):
    """The second one is in it, and gets the mail."""
    name, old = "second-best.example", lab.domain("second-best.example").policy
    try:
        lab.publish(name, record=["v=STSv1; id=second;"], policy=policy("mx2." + name))
        exim.use(new_waxwingd(**QUICK).line_socket)
        assert delivered(lab, exim, name).host == "mx2." + name
        assert NOT_VERIFIED not in exim.log().rpartition("second-best")[0].rpartition("<=")[2], "the first was tried"
    finally:
        lab.publish(name, record=["v=STSv1; id=1;"], policy=old)


def test_200_patterns(lab, new_waxwingd, exim):
    name, old = "changing.example", lab.domain("changing.example").policy
    others = [f"mx-{i:03}.of-a-provider-with-many-hosts.{name}" for i in range(199)]
    daemon = new_waxwingd(**QUICK)
    exim.use(daemon.line_socket)
    try:
        lab.publish(name, record=["v=STSv1; id=many;"], policy=policy(*others, "mx." + name))
        assert delivered(lab, exim, name).tls
        lab.publish(name, record=["v=STSv1; id=others;"], policy=policy(*others, others[0]))
        wait_until(daemon, lambda: "mx." + name not in daemon.lookup(name).replace(":", " ").split())
        held(exim, name, NO_HOST)
    finally:
        lab.publish(name, record=["v=STSv1; id=1;"], policy=old)


def test_alias_into_the_policy(lab, new_waxwingd, exim):
    """The policy names a host, and the MX record another one, which is an alias of it and has a name of its own."""
    name, old = "sts-alias.example", lab.domain("sts-alias.example").policy
    try:
        lab.publish(name, record=["v=STSv1; id=target;"], policy=policy("mx.good.example"))
        exim.use(new_waxwingd(**QUICK).line_socket)
        held(exim, name, NO_HOST)
    finally:
        lab.publish(name, record=["v=STSv1; id=1;"], policy=old)


def test_overrides(lab, new_waxwingd, exim):
    """They go before policies and before DANE."""
    daemon = new_waxwingd()
    exim.use(daemon.line_socket)
    put(daemon, "wrong-name.example", "may")
    put(daemon, "dane-mismatch.example", "may")
    put(daemon, "self-signed.example", "encrypt")
    put(daemon, "no-starttls.example", "encrypt")
    put(daemon, "--mx", "*.no-record.example", "no-record.example", "secure")
    put(daemon, "--mx", "mx.dane-sts-mismatch.example", "dane-sts-mismatch.example", "secure")
    put(daemon, "--mx", "other.good.example", "good.example", "secure")
    sent = ["wrong-name.example", "dane-mismatch.example", "self-signed.example", "dane-sts-mismatch.example"]
    for delivery in exim.send_all(["user@" + name for name in sent]):
        assert delivery.status == "sent" and "T=waxwing_override" in delivery.log[-1], delivery.log
        assert lab.mx.arrived(delivery).tls
    held(exim, "no-starttls.example", NO_TLS)
    held(exim, "no-record.example", NOT_VERIFIED)
    held(exim, "good.example", NO_HOST)


def test_settings(lab, new_waxwingd, exim):
    """dane_conflict: DANE alone is enough; dry_run: nobody is held."""
    exim.use(new_waxwingd(dane_conflict="dane").line_socket)
    delivery = exim.send("user@dane-conflict.example", wait=40)
    assert delivery.status == "sent" and delivery.tls == "dane", delivery.log
    exim.use(new_waxwingd(dry_run=True).line_socket)
    assert delivered(lab, exim, "wrong-name.example").tls
