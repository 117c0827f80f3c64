"""What Exim tells of its sessions becomes a report; and the way of report mail that docs/reports.md sets up in Exim, by the
files that stand there: such a mail goes out where a policy holds all others, and is told of to nobody."""

import json
import os
import re
import textwrap

import guide
import pytest
from waiting import wait_until

MAIL_FROM = "tls-reports@sender.net"
# Whose mail Exim holds: by MTA-STS for the certificate's name, for want of STARTTLS, and by DANE.
HELD = ["wrong-name.example", "no-starttls.example", "dane-mismatch.example"]
# Policy type, sessions that went well and that failed at each address, and how; of HELD without the last.
REPORTED = {
    "good.example": ("sts", True, set()),
    "wrong-name.example": ("sts", False, {"certificate-host-mismatch"}),
    "no-starttls.example": ("sts", False, {"starttls-not-supported"}),
    "dane-mismatch.example": ("tlsa", False, {"validation-failure"}),
}
# A file that the page says the content of.
_FILE = re.compile(r"`(/etc/exim4/[^`]+)`:\n\n((?:    .*\n|\n(?=    ))+)")


@pytest.fixture
def telling(exim, new_waxwingd):
    """A daemon that hears of Exim's sessions, with Exim set up as both guides say."""
    path = os.path.join(exim.state, "results")
    daemon = new_waxwingd(collect={"lines": ["unix:" + path], "look": False})
    exim.use(daemon.line_socket)
    files = _FILE.findall(guide.Guide("reports.md").sections["Report mail in Exim"])
    assert len(files) == 2
    for name, text in files:
        with open(exim.state + name, "w", encoding="utf-8") as f:
            f.write(textwrap.dedent(text).replace("tls-reports@example.org", MAIL_FROM))
    for command in guide.Guide("exim.md").commands("TLS results"):
        guide.run(command, {"/run/waxwing/results": path}, daemon, ("chroot", exim.root))
    yield daemon
    exim.reset()


def outbox(daemon, *arguments):
    done = daemon.waxwing("report", "outbox", *arguments, "--config", daemon.conf)
    assert done.returncode == 0, done.stderr
    return done.stdout


def collecting(daemon):
    rows = [next(iter(json.loads(line).values())) for line in outbox(daemon, "list", "--json").splitlines()]
    return {row["domain"] for row in rows}


def test_reports(lab, exim, telling):
    reports = [exim.send("tlsrpt@" + domain, wait=0, sender=MAIL_FROM) for domain in HELD]
    for delivery, domain in zip(reports, HELD):
        exim.wait(delivery, 40)
        assert delivery.status == "sent" and "R=waxwing_report T=waxwing_report" in delivery.log[-1], delivery.log
        assert lab.mx.arrived(delivery).domain == domain

    others = exim.send_all(["user@" + domain for domain in REPORTED])
    assert [d.status for d in others] == ["sent", "deferred", "deferred", "deferred"], [d.log for d in others]
    wait_until(telling, lambda: collecting(telling) == set(REPORTED))
    for domain, (kind, well, types) in REPORTED.items():
        report = json.loads(outbox(telling, "preview", "--open", "--raw", domain))
        policy, = report["policies"]
        assert policy["policy"]["policy-type"] == kind, report
        summary = policy["summary"]
        # Had one of the report mails been told of, this would be a session more, or another policy.
        failed = summary["total-failure-session-count"]
        assert summary["total-successful-session-count"] == int(well) and (failed > 0) != well, report
        assert {d["result-type"] for d in policy.get("failure-details", [])} == types, report
