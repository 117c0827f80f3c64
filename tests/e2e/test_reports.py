"""From deliveries to reports: what real Postfix 3.10 tells by datagrams and Postfix 3.7 by its log becomes, the next day, a
report that arrives as a mail and as a POST, signed and valid."""

import contextlib
import email
import email.policy
import gzip
import json
import os
import socket
import subprocess
import time
import unittest.mock

import guide
import pytest
import test_guide
from conftest import ROOT
from test_alerts import Hook
from test_anchors import FAKETIME, start_at
from waiting import wait_until

from lab import proc

dkim = pytest.importorskip("dkim")
jsonschema = pytest.importorskip("jsonschema")

SCHEMA = os.path.join(ROOT, "docs", "schema", "tlsrpt.json")
GOOD, BAD, DANE = "reported.example", "reported-wrong-name.example", "reported-dane.example"
CONTACT = "reports@sender.net"
SELECTOR = "report1"


def rows(daemon):
    """The reports and the days that are not over."""
    listed = daemon.waxwing("report", "outbox", "list", "--config", daemon.conf, "--json")
    return [next(iter(json.loads(line).values())) for line in listed.stdout.splitlines()]


def collecting(daemon):
    """Sessions (good, failed) of days that are not over, by domain."""
    return {row["domain"]: (row["success"], row["failure"]) for row in rows(daemon) if row["state"] == "collecting"}


def states(daemon):
    return {row["domain"]: row["state"] for row in rows(daemon)}


def report_of(mail):
    """The JSON of a report mail, which has a part for people as well."""
    message = email.message_from_bytes(mail, policy=email.policy.default)
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "tlsrpt"
    words, attached = message.iter_parts()
    assert words.get_content_type() == "text/plain" and attached.get_content_type() == "application/tlsrpt+gzip"
    return message, json.loads(gzip.decompress(attached.get_content()))


@contextlib.contextmanager
def following(daemon, sender):
    """The log is read for the daemon, from its present end on."""
    folder = os.path.dirname(daemon.store)
    state = os.path.join(folder, "follow")
    follower = proc.start([daemon.command, "results", "follow", "--file", sender.log_file, "--state", state,
                           "--to", f"unix:{folder}/results"], os.path.join(daemon.state, "follow.out"))
    try:
        proc.wait_for("a state of results follow", lambda: os.path.exists(state), follower)
        yield
    finally:
        proc.stop(follower)


def tell_both(path, domain):
    """One delivery that DANE and MTA-STS both concern: its datagram has both policies, with an end for each."""
    failure = {"c": 203, "n": "mx2." + domain, "f": "no TLSA record matches"}
    told = {"dpv": "1", "d": domain, "pr": "v=TLSRPTv1; rua=mailto:tlsrpt@" + GOOD, "policies": [
        {"policy-type": 2, "policy-domain": domain, "mx-host": ["*." + domain], "t": 0, "f": 0,
         "policy-string": ["version: STSv1", "mode: enforce", f"mx: *.{domain}", "max_age: 86400"]},
        {"policy-type": 1, "policy-domain": "mx2." + domain, "policy-string": ["3 1 1 " + "5a" * 32],
         "failure-details": [failure], "t": 1, "f": 1}]}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(json.dumps(told).encode(), path)


def by_type(report):
    return {p["policy"]["policy-type"]: p for p in report["policies"]}


def sessions(policy):
    summary = policy["summary"]
    return summary["total-successful-session-count"], summary["total-failure-session-count"]


def make_key(folder, build, domain):
    """A key for DKIM, and the strings of its record."""
    path = folder / "dkim.pem"
    made = subprocess.run([os.path.join(build, "src/cli/waxwing"), "report", "dkim-key", "--selector", SELECTOR,
                           "--domain", domain, str(path)], capture_output=True, text=True, check=True)
    path.chmod(0o644)
    for above in (folder, *folder.parents):
        if str(above).startswith("/tmp/"):
            above.chmod(above.stat().st_mode | 0o055)
    return str(path), made.stdout[made.stdout.index("(") + 1:made.stdout.index(")")].split('"')[1::2]


@pytest.fixture(name="key")
def _key(tmp_path, build):
    """The key, and the function that tells its record, as python3-dkim wants it."""
    path, strings = make_key(tmp_path, build, "sender.net")
    record = "".join(strings).encode()
    assert record.startswith(b"v=DKIM1") and b"s=tlsrpt" in record

    def tell(name, timeout=5):
        assert name == f"{SELECTOR}._domainkey.sender.net.".encode()
        return record
    return path, tell


@pytest.mark.skipif(not os.path.exists(FAKETIME), reason="needs the package faketime")
def test_the_whole_way(lab, build, sender, sender13, new_waxwingd, key):
    path, tell = key
    daemon = new_waxwingd(start=False, report={"contact": CONTACT, "organization": "The lab", "spread": "0s",
                                  "smtp": f"127.0.0.1:{sender13.port}", "dkim_key": path, "dkim_selector": SELECTOR,
                                  "allow_addresses": ["198.18.0.0/15"]},
                          collect={"datagrams": [f"unix:{sender13.queue_directory}/waxwing/tlsrpt"], "look": False})
    sender13.use(daemon.map_with_tlsrpt)
    make_directory, *tell_postfix = test_guide.page(sender13).commands("TLS reports")
    # The group of the same name has another number in the tree.
    test_guide.run(lab, daemon, sender13, make_directory.replace("-g postfix -m 0750", "-m 0755"))
    for command in tell_postfix:
        guide.run(command, {}, daemon, inside=("chroot", sender13.root), MAIL_CONFIG=sender13.config_directory)
    sender13.reloaded()
    daemon.start()
    sender.use(daemon.map)
    for domain in (GOOD, BAD, DANE):
        daemon.lookup(domain)

    sender13.send_all(["user@" + domain for domain in (GOOD, BAD, DANE)])
    # Both addresses of the host that fails are sessions.
    by_datagram = {GOOD: (1, 0), BAD: (0, 2), DANE: (1, 0)}
    wait_until(daemon, lambda: collecting(daemon) == by_datagram)
    sender13.clear()

    tell_both(f"{sender13.queue_directory}/waxwing/tlsrpt", DANE)
    with following(daemon, sender):
        sender.send_all(["user@" + domain for domain in (GOOD, BAD)])
        wait_until(daemon, lambda: collecting(daemon) == {GOOD: (2, 0), BAD: (0, 4), DANE: (2, 1)})
    sender.clear()
    preview = daemon.waxwing("report", "outbox", "preview", "--config", daemon.conf, "--open", "--raw", BAD)
    before = json.loads(preview.stdout)

    hook = Hook(lab, domain=GOOD)
    daemon.stop()
    start_at(daemon, 2)
    try:
        wait_until(daemon, lambda: states(daemon) == dict.fromkeys((GOOD, BAD, DANE), "sent"), 30)
        proc.wait_for("the mails", lambda: len(lab.mx.mails("tlsrpt@" + GOOD)) == 2 and lab.mx.mails("tlsrpt@" + BAD))
        (posted_to, headers, body), = hook.requests
        # What the reports' own deliveries came to is nobody's report; that of another mail, by the same Postfix, is.
        sender13.send("user@" + GOOD)
        wait_until(daemon, lambda: collecting(daemon))
        assert collecting(daemon) == {GOOD: (1, 0)}
    finally:
        hook.stop()

    with open(SCHEMA, encoding="utf-8") as f:
        schema = json.load(f)
    mails = {domain: (mail, *report_of(mail)) for to in (GOOD, BAD) for mail in lab.mx.mails("tlsrpt@" + to)
             for domain in [email.message_from_bytes(mail)["TLS-Report-Domain"]]}
    assert set(mails) == {GOOD, BAD, DANE}
    for domain, (mail, message, report) in mails.items():
        jsonschema.validate(report, schema)
        arrived = mail[mail.index(b"DKIM-Signature:"):]
        # The signatures are of the daemon's time, two days ahead.
        with unittest.mock.patch("time.time", return_value=time.time() + 3 * 86400):
            assert dkim.verify(arrived, dnsfunc=tell, tlsrpt="strict"), arrived.decode()
        assert message["TLS-Report-Submitter"] == "sender.net" and message["TLS-Required"] == "No"
        assert message["Subject"] == f"Report Domain: {domain} Submitter: sender.net Report-ID: <{report['report-id']}>"
    assert posted_to == "/tlsrpt?who=lab" and headers["Content-Type"] == "application/tlsrpt+gzip"
    assert json.loads(gzip.decompress(body)) == mails[GOOD][2]

    failed = by_type(mails[BAD][2])["sts"]
    assert sessions(failed) == (0, 4)
    assert failed["policy"]["mx-host"] == ["mx." + BAD] and "mode: enforce" in failed["policy"]["policy-string"]
    assert {d["result-type"] for d in failed["failure-details"]} == {"certificate-host-mismatch"}
    assert sum(d["failed-session-count"] for d in failed["failure-details"]) == 4
    assert before["policies"] == mails[BAD][2]["policies"]
    assert sessions(by_type(mails[GOOD][2])["sts"]) == (2, 0)
    both = sorted((p["policy"]["policy-type"], p["policy"]["policy-domain"], sessions(p)) for p in mails[DANE][2]["policies"])
    assert both == [("sts", DANE, (1, 0)), ("tlsa", "mx." + DANE, (1, 0)), ("tlsa", "mx2." + DANE, (0, 1))]
