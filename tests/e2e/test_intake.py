"""Reports go from one host to another, through real Postfixes, by LMTP, through the pipe of an alias and by HTTPS, and come
out as the numbers that they were made of. The receiving side is set up by the commands of docs/intake.md."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket

import guide
import pytest
from prometheus import Metrics
from test_anchors import FAKETIME, start_at
from test_reports import SELECTOR, make_key, sessions
from waiting import wait_until

DOMAIN = "good.example"
MAILED, PIPED, POSTED = "reported.example", "reported-wrong-name.example", "reported-dane.example"
PIPE, HTTPS, METRICS = "tls-pipe", 8443, 8470
ASKING = {
    MAILED: f"mailto:tls-reports@{MAILED}",
    PIPED: f"mailto:{PIPE}@{PIPED}",
    POSTED: f"https://mta-sts.{POSTED}:{HTTPS}/v1?who=lab",
}
CHANNELS = {MAILED: "lmtp", PIPED: "local", POSTED: "https"}
_ALIAS = re.compile(r'`("\|/usr/bin/waxwing report ingest --socket [^`]+")`')

pytestmark = pytest.mark.skipif(not os.path.exists(FAKETIME), reason="needs the package faketime")


# ---- The host that sends ----

def sts(domain, *failures):
    return {"policy-type": 2, "policy-domain": domain, "mx-host": ["mx." + domain, "*." + domain], "t": len(failures),
            "f": int(bool(failures)), "failure-details": list(failures),
            "policy-string": ["version: STSv1", "mode: enforce", f"mx: mx.{domain}", f"mx: *.{domain}", "max_age: 86400"]}


def tlsa(host, *failures):
    return {"policy-type": 1, "policy-domain": host, "policy-string": ["3 1 1 " + "5a" * 32, "2 1 1 " + "a5" * 32],
            "t": len(failures), "f": int(bool(failures)), "failure-details": list(failures)}


def deliveries():
    """What an MTA could tell of a day: (domain, policies of one session)."""
    wrong = {"c": 202, "s": "192.0.2.1", "n": "mx." + PIPED, "r": "198.51.100.7", "h": "250 mx", "f": 'not "mx"'}
    expired = {"c": 204, "s": "192.0.2.1", "n": "mx2." + PIPED, "r": "2001:db8::7"}
    mismatch = {"c": 205, "s": "2001:db8::1", "n": "mx." + POSTED, "f": "no TLSA record matches"}
    return [
        *[(MAILED, [sts(MAILED)])] * 5,
        *[(PIPED, [sts(PIPED)])] * 2, *[(PIPED, [sts(PIPED, wrong)])] * 3, (PIPED, [sts(PIPED, wrong, expired)]),
        *[(POSTED, [sts(POSTED)])] * 2, *[(POSTED, [sts(POSTED), tlsa("mx." + POSTED, mismatch)])] * 2,
        (POSTED, [tlsa("mx2." + POSTED)]),
    ]


def tell(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect(path)
        for domain, policies in deliveries():
            s.send(json.dumps({"dpv": "1", "d": domain, "pr": "v=TLSRPTv1; rua=" + ASKING[domain],
                               "policies": policies}).encode())


def objects(daemon, *arguments):
    done = daemon.waxwing("report", *arguments, "--config", daemon.conf)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def outbox(daemon):
    return {row["domain"]: row for line in objects(daemon, "outbox", "list", "--json") for row in line.values()}


@pytest.fixture(name="asking")
def asking_(lab, tmp_path, build):
    """The domains ask for their reports where ASKING says, and the key of who sends them is in DNS; its path."""
    path, strings = make_key(tmp_path, build, DOMAIN)
    assert all(len(s) < 256 for s in strings)
    record = f"{SELECTOR}._domainkey TXT " + " ".join(f'"{s}"' for s in strings)
    domains = [lab.domain(name) for name in (*ASKING, DOMAIN)]
    before = [(d, d.tlsrpt, d.also) for d in domains]
    for d in domains[:-1]:
        d.tlsrpt = ["v=TLSRPTv1; rua=" + ASKING[d.name]]
    domains[-1].also = [*domains[-1].also, record]
    lab.dns.publish(*domains)
    yield path
    for d, d.tlsrpt, d.also in before:
        pass
    lab.dns.publish(*domains)


@pytest.fixture
def sending(lab, new_waxwingd, sender, sender13, asking):
    """A daemon that has a day's results, and mails its reports through Debian 13's Postfix, which hands them on to
    `sender`."""
    there = f"smtp:[127.0.0.1]:{sender.port}"
    sender13.use(None, transport_maps="inline:{" + f"{MAILED}={there}, {PIPED}={there}" + "}")
    daemon = new_waxwingd(start=False)
    path = os.path.join(os.path.dirname(daemon.store), "datagrams")
    daemon.configure({**daemon.settings, "collect": {"datagrams": ["unix:" + path], "look": False}, "report": {
        "contact": "reports@" + DOMAIN, "organization": "The lab", "spread": "0s", "smtp": f"127.0.0.1:{sender13.port}",
        "dkim_key": asking, "dkim_selector": SELECTOR, "allow_addresses": ["198.18.0.0/15"]}})
    daemon.start()
    tell(path)
    wait_until(daemon, lambda: {d: (r["success"], r["failure"]) for d, r in outbox(daemon).items()} == {
        MAILED: (5, 0), PIPED: (2, 4), POSTED: (5, 2)})
    daemon.stop()
    return daemon


# ---- The host that receives ----

# What all of them come to, by domain and by result; the numbers behind are those of verified reports alone.
SUMS = {"domain": {MAILED: (5, 0, 5, 0), PIPED: (2, 4, 2, 4), POSTED: (5, 2, 0, 0)},
        "result": {"certificate-host-mismatch": (4, 4), "certificate-expired": (1, 1), "validation-failure": (2, 0)}}
# Postfix's reasons are sentences, and one session has failed in two ways.
FINDINGS = {MAILED: set(), PIPED: {"report-reason-text", "report-details-sum"}, POSTED: {"report-reason-text"}}


def taking(new_waxwingd, **intake):
    """A daemon that is to take reports, and a folder for its sockets where everybody gets to."""
    daemon = new_waxwingd(start=False)
    folder = os.path.join(daemon.state, "run")
    os.mkdir(folder)
    shutil.chown(folder, daemon.user or "root")
    daemon.configure({**daemon.settings, "metrics": [f"inet:127.0.0.1:{METRICS}"], "intake": {
        "submit": [f"unix:{folder}/submit"], "lmtp": [f"unix:{folder}/lmtp"], **intake}})
    return daemon, folder


@pytest.fixture
def receiving(lab, new_waxwingd, sender):
    """A daemon for LMTP, HTTPS and the pipe, and the function that runs commands of the guide in `sender`."""
    address = next(a for a in lab.domain(POSTED).listening_addresses if ":" not in a)
    pair = lab.pki.path("web-" + POSTED, "")
    daemon, folder = taking(
        new_waxwingd, certificate=pair + "pem", key=pair + "key", https=[f"inet:{address}:{HTTPS}"],
        lmtp=["inet:127.0.0.1:8464", f"unix:{sender.queue_directory}/waxwing/lmtp"])
    aliases = os.path.join(daemon.state, "aliases")
    pipe, = _ALIAS.findall(guide.Guide("intake.md").sections["A pipe from an alias"])
    pipe = pipe.replace("/usr/bin/waxwing", daemon.command).replace("/run/waxwing", folder)
    with open(aliases, "w", encoding="utf-8") as f:
        f.write(f"{PIPE}: {pipe}\n")
    table = "hash:" + aliases
    sender.use(None, alias_maps=table, alias_database=table, mydestination=f"{MAILED}, {PIPED}")
    replaced = {"example.com": MAILED, "/etc/aliases": aliases, "-o waxwing ": f"-o {daemon.user or 'root'} ",
                "/var/spool/postfix": sender.queue_directory}

    def run(commands):
        for command in commands:
            guide.run(command, replaced, daemon, MAIL_CONFIG=sender.config_directory)
        if "postfix reload" in commands:
            sender.reloaded()
    return daemon, run


def received(daemon):
    return {row["domain"]: row for row in objects(daemon, "list", "--json")}


def metrics():
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", METRICS, timeout=30)) as connection:
        connection.request("GET", "/metrics")
        return Metrics(connection.getresponse().read().decode())


def outcomes(outcome):
    """How many submissions came to that, by channel."""
    return {channel: metrics().value("waxwing_report_submissions_total", channel=channel, outcome=outcome)
            for channel in CHANNELS.values()}


def freeze(daemon, role, sig):
    for pid in daemon.roles()[role]:
        os.kill(pid, sig)


# ---- What was told, and what has arrived ----

_NAMES = {"result-type": "result", "failed-session-count": "sessions", "receiving-mx-hostname": "receiving_mx",
          "receiving-ip": "receiving_ip", "sending-mta-ip": "sending_ip", "receiving-mx-helo": "helo",
          "failure-reason-code": "reason", "additional-information": "info"}


def told(report):
    return sorted((p["policy"]["policy-type"], p["policy"]["policy-domain"], p["policy"]["policy-string"],
                   p["policy"].get("mx-host", []), *sessions(p),
                   sorted(sorted((_NAMES[name], value) for name, value in failure.items())
                          for failure in p.get("failure-details", []))) for p in report["policies"])


def understood(shown):
    return sorted((p["type"], p["policy_domain"], p["strings"], p["mx_hosts"], p["success"], p["failure"],
                   sorted(sorted((name, failure[name]) for name in _NAMES.values() if failure.get(name))
                          for failure in p["failures"])) for p in shown["policies"])


def sums(daemon):
    """What `report stats` says by domain and by result: its numbers of sessions, by the key."""
    return {by: {row["key"]: tuple(row[name] for name in names) for row in objects(daemon, "stats", "--json", "--by", by)}
            for by, names in (("domain", ("success", "failure", "verified_success", "verified_failure")),
                              ("result", ("sessions", "verified_sessions")))}


def push_all(sender):
    """Has Postfix try again what it could not deliver."""
    for mail in sender.queue():
        if mail["queue_name"] == "deferred":
            sender.push(mail["queue_id"])


def in_hand(daemon, number):
    wait_until(daemon, lambda: metrics().value("waxwing_report_submissions_under_way") == number, 30)


def kill_with_all_in_hand(daemon, sending, sender):
    """The intake dies while it has all three reports, and then, when they have come once more, the decoder."""
    freeze(daemon, "decoder", signal.SIGSTOP)
    start_at(sending, 2)
    in_hand(daemon, 3)
    daemon.wait_role("intake", daemon.kill_role("intake"))
    wait_until(sending, lambda: " report-failed " in sending.log())
    objects(sending, "outbox", "send", "--json", POSTED)
    wait_until(daemon, lambda: push_all(sender) or metrics().value("waxwing_report_submissions_under_way") == 3, 30)
    assert not received(daemon)
    assert {mail["recipients"][0]["address"] for mail in sender.queue()} == {
        f"tls-reports@{MAILED}", f"{PIPE}@{PIPED}"}
    daemon.wait_role("decoder", daemon.kill_role("decoder"))


def test_the_same_numbers(sender, sending, receiving):
    daemon, run = receiving
    page = guide.Guide("intake.md")
    make_directory, *by_socket = page.commands("Postfix by a Unix socket")
    run([make_directory])
    start_at(daemon, 2)
    run(page.commands("Postfix by LMTP"))

    kill_with_all_in_hand(daemon, sending, sender)
    wait_until(daemon, lambda: set(received(daemon)) == set(ASKING), 30)
    wait_until(sending, lambda: {row["state"] for row in outbox(sending).values()} == {"sent"})
    wait_until(daemon, lambda: not sender.queue())
    came = received(daemon)
    assert len(objects(daemon, "list", "--json")) == 3 and not objects(daemon, "quarantine", "list", "--json")
    for domain, row in came.items():
        report, = objects(sending, "outbox", "preview", "--raw", domain)
        shown, = objects(daemon, "show", "--json", str(row["number"]))
        assert understood(shown) == told(report)
        assert (row["report_id"], shown["contact"]) == (report["report-id"], "reports@" + DOMAIN)
        assert row["channel"] == CHANNELS[domain]
        assert {f["id"] for f in shown["findings"]} == FINDINGS[domain], shown["findings"]
        assert row["verified"] == (domain != POSTED), shown["dkim"]
        assert row["sender"] == (DOMAIN if row["verified"] else "the lab")
    told_before = sums(daemon)
    assert told_before == SUMS
    # Once more, now through the Unix socket.
    run(by_socket)
    for domain in ASKING:
        objects(sending, "outbox", "send", "--json", domain)
    wait_until(daemon, lambda: outcomes("again") == dict.fromkeys(CHANNELS.values(), 1), 30)
    assert sums(daemon) == told_before and received(daemon) == came
