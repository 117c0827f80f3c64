"""Reports that come back: Postfix, as docs/reports.md sets it up, takes them, learns from the recipient's host that there is no
such user, and pipes its bounces to `waxwing report bounce`; after three the destination gets no more."""

import contextlib
import os
import pwd
import sqlite3
import time

import guide
import pytest
from test_courier import read, states
from waiting import wait_until

MAIL_FROM = "tls-reports@sender.net"
DOMAINS = ["good.example", "testing.example", "wrong-name.example"]
LATE = "unsigned.example"
GONE = "gone@good.example"
GIVEN_UP = 3
T_REFUSED, T_SUPPRESSED = 2, 4


@pytest.fixture(name="asking")
def _asking(lab):
    """All want their reports at an address that there is not."""
    domains = [lab.domain(name) for name in (*DOMAINS, LATE)]
    before = [d.tlsrpt for d in domains]
    for d in domains:
        d.tlsrpt = [f"v=TLSRPTv1; rua=mailto:{GONE}"]
    lab.dns.publish(*domains)
    yield
    for d, records in zip(domains, before):
        d.tlsrpt = records
    lab.dns.publish(*domains)


def put(daemon):
    """Reports that are due tomorrow, unless they are sent by hand."""
    now = int(time.time())
    with contextlib.closing(sqlite3.connect(daemon.store, timeout=10)) as db, db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(report)")]
        for domain in (*DOMAINS, LATE):
            row = {"domain": domain, "day": now // 86400 - 1, "id": f"1.{domain}.9f86d081884c7d65@sender.net", "made": now,
                   "due": now + 86400, "contact": MAIL_FROM, "organization": "The lab", "record": "", "detail": "",
                   "policies": 1, "success": 3, "content": b"x"}
            row = {c: row.get(c, 0) for c in columns if c != "number"}
            db.execute(f"INSERT INTO report ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def send(daemon, *domains):
    """Those, of which nothing is left to be done then."""
    for domain in domains:
        done = daemon.waxwing("report", "outbox", "send", "--config", daemon.conf, domain)
        assert done.returncode == 0, done.stderr
    wait_until(daemon, lambda: {states(daemon)[domain] for domain in domains} == {GIVEN_UP}, 30)


def targets(daemon):
    return read(daemon, "SELECT r.domain, t.state, t.detail FROM report_target t JOIN report r USING (number)")


def test_three_bounces_are_enough(lab, sender, new_waxwingd, asking):
    daemon = new_waxwingd(start=False, report={"contact": MAIL_FROM, "smtp": f"127.0.0.1:{sender.port}"})
    control = os.path.join(os.path.dirname(daemon.store), "control")
    page = guide.Guide("reports.md").commands("Bounces")
    begin = page.index("postfix reload") + 1

    def run(which):
        for command in which:
            guide.run(command, {"tls-reports@example.org": MAIL_FROM, "user=waxwing ": f"user={daemon.user or 'nobody'} ",
                                "/usr/bin/waxwing report bounce": f"{daemon.command} report bounce --config {daemon.conf}"},
                      daemon, MAIL_CONFIG=sender.config_directory)
        sender.reloaded()
    sender.use(None)
    run(page[:begin])
    daemon.start()
    # Whoever starts it owns the socket: systemd has the user waxwing start it.
    os.chown(control, pwd.getpwnam(daemon.user or "nobody").pw_uid, -1)
    put(daemon)
    send(daemon, *DOMAINS[:2])  # the destination gets two at a time
    send(daemon, *DOMAINS[2:])
    for domain, state, detail in targets(daemon):
        assert state == T_REFUSED and detail.startswith("bounced: 550 5.1.1"), (domain, detail)
    assert daemon.log().count(" report-bounced ") == 3
    assert daemon.log().count(" report-destination-suppressed ") == 1
    send(daemon, LATE)
    assert [(state, detail[:9]) for domain, state, detail in targets(daemon) if domain == LATE] == [(T_SUPPRESSED, "bounced: ")]
    wait_until(daemon, lambda: not sender.queue())
    run(page[begin:])
