"""The recipe for Haraka, with a real one: what it delivers, and what it keeps back."""

import os

import pytest

import haraka_sender
from conftest import ROOT
from lab import proc

API = 8465
# Haraka cannot do DANE.
SETTINGS = {"http": [f"inet:127.0.0.1:{API}"], "dane": "blind", "cache": {"recheck": "1s"}}


@pytest.fixture(scope="module")
def haraka(lab, waxwingd):
    installed = os.path.join(os.environ.get("WAXWING_TREES", os.path.join(ROOT, "var")), "haraka")
    reason = haraka_sender.usable(installed)
    if reason:
        pytest.skip(reason)
    sender = haraka_sender.Haraka(lab, installed, API)
    sender.start()
    yield sender
    sender.stop()


FATES = {
    "good.example": ("sent", None),
    "unsigned.example": ("sent", None),
    "bücher.example": ("sent", None),
    "wildcard.example": ("sent", None),
    "deep.example": ("deferred", "MX lookup"),
    "wrong-name.example": ("deferred", "Tried all MXs"),
    "untrusted.example": ("deferred", "Tried all MXs"),
    "self-signed.example": ("deferred", "Tried all MXs"),
    "expired.example": ("deferred", "Tried all MXs"),
    "no-starttls.example": ("deferred", "No TLS available but required"),
    "not-listed.example": ("deferred", "MX lookup"),
    "second-best.example": ("sent", None),
    "testing.example": ("sent", None),
    "none.example": ("sent", None),
    "no-record.example": ("sent", None),
}


def test_what_it_delivers(lab, haraka):
    recipients = {f"user@{lab.domain(name).name}": name for name in FATES}
    for recipient, outcome in haraka.send_all(recipients).items():
        name = recipients[recipient]
        status, words = FATES[name]
        assert outcome["status"] == status, (name, outcome)
        if words:
            assert words in outcome["more"], (name, outcome)

    def demanded():
        return [m for m in lab.mx.messages() if m.subject == "by Haraka" and m.domain.startswith(("good", "second"))]

    proc.wait_for("what was taken to be there", lambda: len(demanded()) >= 2, seconds=60)
    assert {m.host for m in demanded()} == {"mx.good.example", "mx2.second-best.example"}
    assert all(m.tls for m in demanded())


def test_under_attack(lab, haraka):
    """The MX is swapped for one with a valid certificate for its own name; STARTTLS is stripped."""
    recipients = ["user@swapped.example", "user@stripped.example"]
    haraka.send_all(recipients)
    with lab.attack("swap-mx", "swapped.example"), lab.attack("strip-starttls", "stripped.example"):
        outcomes = haraka.send_all(recipients)
    assert {one["status"] for one in outcomes.values()} == {"deferred"}, outcomes


def test_without_waxwing(haraka, waxwingd):
    """Mail waits, for domains without a policy too, and is delivered when it is back."""
    waxwingd.stop()
    recipients = ["user@good.example", "user@no-record.example"]
    try:
        outcomes = haraka.send_all(recipients)
        assert {one["status"] for one in outcomes.values()} == {"deferred"}, outcomes
    finally:
        waxwingd.start()
    assert {one["status"] for one in haraka.send_all(recipients).values()} == {"sent"}
