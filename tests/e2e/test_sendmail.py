"""Debian's Sendmail that asks Waxwing: what becomes of a mail to every domain of the table, and of attacks.

Each deferral that Waxwing causes has its counterpart: without Waxwing the same mail goes out.
"""

import pytest
from lab import table
from lab.socketmap import Socketmap
from lab.zones import ATTACKER_MX

NO_TLS = "other side does not support STARTTLS"
WRONG_NAME = "certificate is not for"
NOT_LISTED = "is not among the MX hosts of the policy"
UNTRUSTED = "authentication failed"

DOMAINS = [d for d in table.load().values() if d.mx and not d.waits]
# DANE, which this Sendmail does not do, would decide otherwise: what MTA-STS alone comes to.
WITHOUT_DANE = {
    "dane-mismatch.example": "sent",
    "dane-ta-wrong-name.example": "sent",
    "dane-testing-mismatch.example": "sent",
    "dane-sts-mismatch.example": "sent",
    "dane-sts-half.example": "sent",
    "dane-sts-wrong-name.example": "deferred",
}
WHY = {
    "wrong-name.example": WRONG_NAME,
    "untrusted.example": UNTRUSTED,
    "self-signed.example": UNTRUSTED,
    "expired.example": UNTRUSTED,
    "no-starttls.example": NO_TLS,
    "not-listed.example": NOT_LISTED,
    "deep.example": NOT_LISTED,
    "sibling.example": WRONG_NAME,
    "second-best.example": "relay=mx2.second-best.example",
    "first-unlisted.example": "relay=mx2.first-unlisted.example",
    "dane-sts-wrong-name.example": WRONG_NAME,
    "dane-conflict.example": NOT_LISTED,
    "dane-sts-all-unusable.example": WRONG_NAME,
}


def fate(d):
    return WITHOUT_DANE.get(d.name, d.fate)


# Without name service nobody delivers, with Waxwing or without.
HELD = [d for d in DOMAINS if fate(d) == "deferred" and d.served and d.dns != "bogus"]


@pytest.fixture(scope="module")
def hanging(_sendmail):
    """A mail, and a Waxwing that does not answer: nobody waits for it before its test."""
    with Socketmap(otherwise=None) as silent:
        _sendmail.use(silent.sendmail_socket)
        yield _sendmail.send("user@host-ipv4.example", wait=0)


@pytest.fixture(scope="module")
def delivered(waxwingd, hanging, _sendmail):
    """A mail to each domain, all at once."""
    _sendmail.use(waxwingd.sendmail_socket)
    deliveries = _sendmail.send_all([f"user@{d.name}" for d in DOMAINS], wait=120)
    return {d.name: delivery for d, delivery in zip(DOMAINS, deliveries)}


@pytest.mark.parametrize("d", DOMAINS, ids=[d.name for d in DOMAINS])
def test_fate(delivered, d):
    delivery = delivered[d.name]
    assert delivery.status == fate(d), delivery.reason
    assert delivery.shows(WHY.get(d.name, "")), delivery.log
    if delivery.status == "sent" and d.finds == "enforce":
        assert delivery.tls == "Verified", delivery.log


def test_waxwing_hangs(hanging, sendmail):
    assert sendmail.wait(hanging, 60).status == "deferred", hanging.reason
    assert hanging.shows("no answer from Waxwing for host-ipv4.example") and sendmail.queued(hanging)


def test_fate_without_waxwing(lab, sendmail):
    sendmail.use(None)
    for d, delivery in zip(HELD, sendmail.send_all([f"user@{d.name}" for d in HELD])):
        assert delivery.status == "sent", delivery.reason
        assert lab.mx.arrived(delivery).domain == d.name


def test_dane_domains_get_tls(lab, waxwingd, sendmail):
    """No DANE, but no less than TLS where all of the hosts have TLSA records."""
    sendmail.use(waxwingd.sendmail_socket)
    assert waxwingd.lookup("dane-ee-wrong-name.example", "sts").startswith("OK encrypt ")
    with lab.attack("strip-starttls", "dane-ee-wrong-name.example"):
        held = sendmail.send("user@dane-ee-wrong-name.example")
    assert held.status == "deferred" and NO_TLS in held.reason
    assert sendmail.retry(held).status == "sent"
    assert lab.mx.arrived(held).tls


def test_starttls_stripped(lab, waxwingd, sendmail):
    sendmail.use(waxwingd.sendmail_socket)
    with lab.attack("strip-starttls", "stripped.example"):
        held = sendmail.send("user@stripped.example")
        assert held.status == "deferred" and NO_TLS in held.reason
        assert sendmail.queued(held)
    assert sendmail.retry(held).status == "sent"
    assert not sendmail.queued(held) and lab.mx.arrived(held).tls
    sendmail.use(None)
    with lab.attack("strip-starttls", "stripped.example"):
        gone = sendmail.send("user@stripped.example")
    assert gone.status == "sent" and not lab.mx.arrived(gone).tls


def test_mx_swapped(lab, waxwingd, sendmail):
    """The attacker's MX has a valid certificate, but for its own name."""
    sendmail.use(waxwingd.sendmail_socket)
    with lab.attack("swap-mx", "swapped.example"):
        held = sendmail.send("user@swapped.example")
        assert held.status == "deferred" and f"{ATTACKER_MX} {NOT_LISTED}" in held.reason
        sendmail.use(None)
        assert lab.mx.arrived(sendmail.send("user@swapped.example")).host == ATTACKER_MX


def test_waxwing_in_trouble(new_waxwingd, sendmail):
    daemon = new_waxwingd()
    with Socketmap(otherwise="TEMP later") as later:
        sendmail.use(later.sendmail_socket)
        assert sendmail.send("user@host-ipv4.example").status == "deferred"
        sendmail.use(daemon.sendmail_socket)
        daemon.stop()
        down = sendmail.send("user@host-ipv4.example")
        assert down.status == "deferred" and "no answer from Waxwing for host-ipv4.example" in down.reason
        daemon.start()
        assert sendmail.retry(down).status == "sent"


@pytest.mark.parametrize("lax, strict", (("shares-untrusted.example", "untrusted.example"),
                                         ("shares-clear.example", "no-starttls.example")))
def test_a_shared_mx_host(lab, waxwingd, sendmail, lax, strict):
    """Sendmail makes one connection for all recipients at the same MX host, and for all messages of a queue run. The
    recipient whose domain demands something gets what it demands, and keeps nothing from the other."""
    sendmail.use("inet:1@127.0.0.1")
    waiting = sendmail.send_all(["user@" + lax, "user@" + strict])
    assert [d.status for d in waiting] == ["deferred", "deferred"]
    sendmail.use(waxwingd.sendmail_socket)
    sendmail.run_queue()
    outcomes = [tuple(sendmail.wait(d, attempts=2) for d in waiting),
                tuple(sendmail.send_to(["user@" + lax, "user@" + strict])),
                tuple(reversed(sendmail.send_to(["user@" + strict, "user@" + lax])))]
    for delivered_one, held in outcomes:
        assert delivered_one.status == "sent", delivered_one.reason
        assert held.status == "deferred" and WHY[strict] in held.reason, held.reason
        assert lab.mx.arrived(delivered_one).domain == lax and sendmail.queued(held)
        assert held.subject not in [m.subject for m in lab.mx.messages(strict)]


def test_override(waxwingd, sendmail):
    sendmail.use(waxwingd.sendmail_socket)
    for level, expected in (("may", "sent"), ("encrypt", "sent"), ("secure", "deferred")):
        done = waxwingd.waxwing("override", "set", "--config", waxwingd.conf, "untrusted.example", level)
        assert done.returncode == 0, done.stderr
        delivery = sendmail.send("user@untrusted.example")
        assert delivery.status == expected, (level, delivery.reason)
    assert waxwingd.waxwing("override", "remove", "--config", waxwingd.conf, "untrusted.example").returncode == 0


def test_dry_run(new_waxwingd, sendmail):
    daemon = new_waxwingd(dry_run=True)
    sendmail.use(daemon.sendmail_socket)
    deliveries = sendmail.send_all([f"user@{name}.example" for name in ("no-starttls", "not-listed", "untrusted")])
    assert [d.status for d in deliveries] == ["sent"] * 3
