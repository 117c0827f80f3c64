"""Runs the commands of docs/exim.md as they stand there, in their order, in a Debian with exim4."""

import os

import guide
import pytest

from lab import exim as lab_exim
from lab import proc

UNSPLIT = "The unsplit configuration"
UNDO = "Undo it"


@pytest.fixture
def debian(lab, waxwingd, exim):
    """Runs commands of the guide in an Exim that has nothing of Waxwing yet. `make install` has put the files where the
    lab has them."""
    share = os.path.join(exim.state, "share")
    proc.run("cp", "-aT", "--remove-destination", lab_exim.FILES, share)
    replaced = {
        "example.com": "good.example",
        "/usr/local/share/waxwing/exim4": share,
        "systemctl restart exim4": "true",  # there is no systemd; each delivery reads the configuration anew
    }

    def run(command):
        inside = () if command.startswith("waxwing ") else ("chroot", exim.root)
        return guide.run(command, replaced, waxwingd, inside)

    exim.reset()
    exim.use(None)
    yield run
    exim.reset()
    exim.use(None)


def obeys(lab, exim):
    good, wrong, dane, mismatch = exim.send_all(["user@" + name for name in (
        "good.example", "wrong-name.example", "dane.example", "dane-mismatch.example")])
    assert good.status == "sent" and good.tls == "yes", good.log
    assert wrong.status == "deferred" and "certificate verification failed" in wrong.reason, wrong.log
    assert dane.status == "sent" and dane.tls == "dane", dane.log
    assert mismatch.status == "deferred" and "certificate verification failed" in mismatch.reason, mismatch.log
    assert lab.mx.arrived(good).tls


def is_undone(debian, exim, page):
    for command in page.commands(UNDO):
        debian(command)
    undone = exim.send("user@self-signed.example")
    assert undone.status == "sent", undone.log


def test_guide(lab, debian, exim):
    exim.choose(split=True)
    page = guide.Guide("exim.md")
    said = {command: debian(command) for command in page.steps()}
    asked, *_, tried, queried = said.values()
    assert asked.startswith("mode=enforce id=1 mxre="), asked
    assert "router = waxwing_demand, transport = waxwing_enforce" in tried, tried
    assert "secure" in queried
    obeys(lab, exim)
    is_undone(debian, exim, page)


def test_unsplit(lab, debian, exim):
    exim.choose(split=False)
    page = guide.Guide("exim.md")
    steps = page.steps()
    for command in [step for step in steps if step.startswith("cp ")] + page.commands(UNSPLIT):
        debian(command)
    assert "router = waxwing_demand, transport = waxwing_enforce" in debian(steps[-2])
    obeys(lab, exim)
    is_undone(debian, exim, page)
