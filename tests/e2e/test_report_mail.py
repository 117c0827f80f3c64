"""The delivery service for report mail that docs/reports.md sets up in Postfix, by the commands that stand there: such a
mail goes out where a policy holds all others, and what TLS it meets with is no result."""

import contextlib
import json
import os
import socket
import subprocess

import pytest

import guide

MAIL_FROM = "tls-reports@sender.net"
# Whose mail Waxwing has Postfix hold: by MTA-STS for the certificate's name, for want of STARTTLS, and by DANE.
HELD = ["wrong-name.example", "no-starttls.example", "dane-mismatch.example"]


@pytest.fixture(params=["sender", "sender13"])
def sender(request):
    """Of Debian 12, which knows no TLS-Required, and of Debian 13."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def asking(lab):
    """The domains ask for reports, or Postfix has nothing to tell."""
    domains = [lab.domain(name) for name in HELD]
    for d in domains:
        d.tlsrpt = ["v=TLSRPTv1; rua=mailto:tlsrpt@" + d.name]
    lab.dns.publish(*domains)
    yield
    for d in domains:
        d.tlsrpt = []
    lab.dns.publish(*domains)


@pytest.fixture
def datagrams(sender):
    """Whom the datagrams that Postfix has sent are on; from 3.10 on there are some."""
    path = os.path.join(sender.queue_directory, "tlsrpt")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        os.chmod(path, 0o666)
        s.setblocking(False)

        def taken():
            found = []
            with contextlib.suppress(BlockingIOError):
                while True:
                    found.append(json.loads(s.recv(200_000))["d"])
            return found
        yield taken
    os.unlink(path)


@pytest.fixture
def commands(waxwingd, sender, asking, datagrams):
    """Those that set it up, and those that undo it; run as they stand, but for the names."""
    if sender.version() >= (3, 10):
        sender.use(waxwingd.map_with_tlsrpt, smtp_tlsrpt_enable="yes", smtp_tlsrpt_socket_name="tlsrpt")
    else:
        sender.use(waxwingd.map)
    page = guide.Guide("reports.md").commands("Report mail in Postfix")
    begin = page.index("postfix reload") + 1
    inside = ["chroot", sender.root] if sender.root else []

    def run(which):
        for command in which:
            guide.run(command, {"tls-reports@example.org": MAIL_FROM}, waxwingd, inside,
                      MAIL_CONFIG=sender.config_directory)
        sender.reloaded()
    return run, page[:begin], page[begin:]


def test_report_mail_goes_out_and_is_no_result(build, lab, sender, commands, datagrams):
    run, set_up, undo = commands
    run(set_up)
    begin = len(sender.log())
    reports = [sender.send("tlsrpt@" + domain, wait=0, sender=MAIL_FROM) for domain in HELD]
    for delivery in reports:
        sender.wait(delivery, 40)
    assert datagrams() == []
    others = [sender.send("user@" + domain, wait=0) for domain in HELD]
    for delivery in others:
        sender.wait(delivery, 40)
    assert set(datagrams()) == (set(HELD) if sender.version() >= (3, 10) else set())
    assert [(d.recipient, d.status) for d in others] == [("user@" + domain, "deferred") for domain in HELD]
    assert [(d.recipient, d.status) for d in reports] == [("tlsrpt@" + domain, "sent") for domain in HELD]
    assert [d.tls != "" for d in reports] == [True, False, True]
    for delivery, domain in zip(reports, HELD):
        assert lab.mx.arrived(delivery).domain == domain

    log = sender.log()[begin:]
    assert "postfix/waxwing-report/smtp[" in log
    read = subprocess.run([os.path.join(build, "src", "cli", "waxwing"), "results", "read", "-"], input=log, text=True,
                          capture_output=True, check=True).stdout
    assert {word.split("/")[0] for word in read.split() if word.startswith("session=")} == {
        "session=" + delivery.queue_id for delivery in others}

    run(undo)
    again = sender.send("tlsrpt@" + HELD[0], sender=MAIL_FROM)
    assert again.status == "deferred", again.reason
