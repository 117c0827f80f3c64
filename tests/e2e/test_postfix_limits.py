"""What Postfix enforces of an answer, by its version. docs/postfix.md says it in words; this shows it.

Postfix before 3.10.5 compares the policy's patterns with the names in the certificate, at any depth, and not with the
name of the MX host. From 3.10.5 on, with the attributes of QUERYwithTLSRPT, it does both as RFC 8461 wants.
"""

import pytest

LOOSE = ("deep.example", "sibling.example")
ENFORCES_PATTERNS = (3, 10, 5)


@pytest.mark.parametrize("name", LOOSE)
def test_old_postfix_delivers(lab, waxwingd, sender, name):
    if sender.version() >= ENFORCES_PATTERNS:
        pytest.skip("this system's Postfix enforces MX patterns")
    sender.use(waxwingd.map)
    delivery = sender.send("user@" + name)
    assert delivery.status == "sent" and delivery.tls == "Verified", delivery.log
    assert lab.mx.arrived(delivery).tls


@pytest.mark.parametrize("name", LOOSE)
def test_new_postfix_holds(waxwingd, sender13, name):
    assert sender13.version() >= ENFORCES_PATTERNS
    sender13.use(waxwingd.map_with_tlsrpt)
    delivery = sender13.send("user@" + name)
    assert delivery.status == "deferred", delivery.log
    assert sender13.queued(delivery)["queue_name"] == "deferred"


@pytest.mark.parametrize("name", ("good.example", "wildcard.example", "extension.example", "many-mx.example",
                                  "bücher.example", "delegated.example"))
def test_new_postfix_takes_attributes(lab, waxwingd, sender13, name):
    """Nothing in a policy makes the answer one that Postfix cannot read."""
    sender13.use(waxwingd.map_with_tlsrpt)
    delivery = sender13.send("user@" + name)
    assert delivery.status == "sent" and delivery.tls == "Verified", delivery.log
    assert lab.mx.arrived(delivery).tls


@pytest.mark.parametrize("name, why", (("wrong-name.example", "Server certificate not verified"),
                                       ("no-starttls.example", "TLS is required, but was not offered")))
def test_new_postfix_defers(waxwingd, sender13, name, why):
    sender13.use(waxwingd.map_with_tlsrpt)
    delivery = sender13.send("user@" + name)
    assert delivery.status == "deferred" and why in delivery.reason, delivery.reason


def test_new_postfix_skips_unlisted_mx(waxwingd, sender13):
    sender13.use(waxwingd.map_with_tlsrpt)
    delivery = sender13.send("user@not-listed.example")
    assert delivery.status == "deferred", delivery.reason
    assert delivery.dsn == "4.3.0", delivery.reason


@pytest.mark.parametrize("which", ("sender", "sender13"))
def test_testing_mode_as_may(lab, new_waxwingd, request, which):
    """The setting testing = "may": the attributes go only to who asks QUERYwithTLSRPT, and mail flows."""
    sender = request.getfixturevalue(which)
    daemon = new_waxwingd(testing="may")
    assert daemon.lookup("testing.example") == "NOTFOUND "
    assert daemon.lookup("testing.example", "QUERYwithTLSRPT").startswith("OK may policy_type=sts ")
    sender.use(daemon.map if which == "sender" else daemon.map_with_tlsrpt)
    delivery = sender.send("user@testing.example")
    assert delivery.status == "sent", delivery.reason


def test_old_postfix_cannot_read_attributes(new_waxwingd, sender):
    """Why the guide warns: QUERYwithTLSRPT is not for Postfix before 3.10."""
    if sender.version() >= (3, 10):
        pytest.skip("this system's Postfix reads the attributes")
    daemon = new_waxwingd()
    sender.use(daemon.map_with_tlsrpt)
    delivery = sender.send("user@good.example")
    assert delivery.status == "deferred" and delivery.shows("client TLS configuration problem")
