"""Every domain of the table, with a real Postfix that asks Waxwing: what it is told, and what becomes of a mail.

Each deferral that Waxwing causes has its counterpart: without Waxwing the same mail goes out.
"""

import pytest

from lab import table

# Hosts that make every look-up wait have a test of their own: test_policy_hosts.py.
DOMAINS = [d for d in table.load().values() if not d.waits]
# What Postfix before 3.10.5 does not enforce, whatever it is told: test_postfix_limits.py.
LOOSE = ("deep.example", "sibling.example")
FATES = [d for d in DOMAINS if d.mx and d.name not in LOOSE]
# With its patterns twice more, the answer is longer than Postfix reads.
TOO_LONG = "huge.example"
# Without name service nobody delivers, with Waxwing or without.
HELD = [d for d in FATES if d.fate == "deferred" and d.served and d.dns != "bogus"]


def ids(domains):
    return {"argvalues": domains, "ids": [d.name for d in domains]}


@pytest.mark.parametrize("d", **ids(DOMAINS))
def test_answer(waxwingd, d):
    """Attributes of MTA-STS stand at level secure alone, and policy_failure, which would hold all mail, nowhere."""
    answer, with_tlsrpt = waxwingd.lookup(d.shown), waxwingd.lookup(d.shown, "QUERYwithTLSRPT")
    if d.told == "TEMP ":
        assert answer.startswith(f"TEMP {d.name}: ") and with_tlsrpt == answer
        return
    assert answer == d.told
    if d.name == TOO_LONG:
        assert with_tlsrpt.startswith(f"TEMP {d.name}: ")
        return
    assert with_tlsrpt.startswith(answer) and (with_tlsrpt == answer) != answer.startswith("OK secure")
    assert "policy_failure" not in with_tlsrpt


@pytest.mark.parametrize("d", **ids(FATES))
def test_fate(waxwingd, sender, d):
    sender.use(waxwingd.map)
    delivery = sender.send("user@" + d.shown, wait=40)
    assert delivery.status == d.fate, delivery.reason
    if d.why:
        assert delivery.shows(d.why), delivery.log
    if d.fate == "sent":
        assert sender.queued(delivery) is None
    if d.fate == "deferred":
        entry = sender.queued(delivery)
        assert entry["queue_name"] == "deferred"


@pytest.mark.parametrize("d", **ids(HELD))
def test_fate_without_waxwing(lab, sender, d):
    sender.use(None)
    delivery = sender.send("user@" + d.shown)
    assert delivery.status == "sent", delivery.reason
    assert lab.mx.arrived(delivery).domain == d.name


def test_policy_server_stopped_holds_mail(new_waxwingd, sender):
    """Postfix itself fails safe: a policy server that is configured and gone defers everything."""
    daemon = new_waxwingd()
    sender.use(daemon.map)
    daemon.stop()
    delivery = sender.send("user@good.example")
    assert delivery.status == "deferred"
    assert delivery.shows("client TLS configuration problem")
