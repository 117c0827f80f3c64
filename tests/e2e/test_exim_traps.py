"""What Exim makes of each answer, and what is a trap in Exim alone. See packaging/exim4."""

import contextlib
import os
import re
import shlex
from datetime import datetime

import guide
import pytest
from line_server import LineServer

from lab import proc
from lab.waxwingd import PORT, built

FAKE = PORT + 90
SOCKET = f"inet:127.0.0.1:{FAKE}"
STAMP = "%d-%b-%Y %H:%M:%S"  # of exim_dumpdb

# Answers under which a mail to a good host must not go out.
UNKNOWN = [
    "",
    "\n",
    "mode=\n",
    "mode=bogus mxre=^(?i)(.*)$\n",
    "mode=enforce\n",
    "mode=secure\n",
    "mode=enforce mxre=\n",
    "mode=enforce mxre=.*\n",
    "mode=enforce mxre=^(?i)(mx\\.go",
    "xmode=none\n",
    "mode=nonesuch\n",
    "HTTP/1.1 400 Bad Request\r\n\r\n",
    "OK secure match=mx.good.example\n",
    "mode=temperr reason=\"the lab says so\"\n",
]


@pytest.fixture
def answers(exim):
    """The answers by their domains, from a daemon that is none; SOCKET asks it."""
    said = {}
    with LineServer(("127.0.0.1", FAKE), lambda line: said[line.removeprefix("sts ").rstrip("\n")]) as server:
        said["lines"] = server.lines
        yield said


def test_only_what_is_known_is_obeyed(exim, answers):
    """One domain for each answer: Exim asks once for a domain, whatever the number of messages is."""
    domains = [f"d{i}.good.example" for i in range(len(UNKNOWN))]
    answers.update({domain: answer.encode() for domain, answer in zip(domains, UNKNOWN)})
    exim.use(SOCKET)
    for said, delivery in zip(UNKNOWN, exim.send_all(["user@" + domain for domain in domains])):
        assert delivery.status == "deferred", (said, delivery.log)
        assert "R=waxwing_hold" in delivery.log[-1], (said, delivery.log)
    assert "the lab says so" in delivery.reason


def test_without_dnssec_on_the_way(exim, answers):
    """What is known to have DANE, where Exim's resolver has no word of it: a valid certificate takes its place."""
    answers.update({domain: b"mode=dane\n" for domain in ("good.example", "none.example", "no-starttls.example")})
    exim.use(SOCKET)
    good, wrong, clear = exim.send_all(["user@good.example", "user@none.example", "user@no-starttls.example"])
    assert good.status == "sent" and good.tls == "yes", good.log
    assert wrong.status == "deferred" and "certificate verification failed" in wrong.reason, wrong.log
    assert clear.status == "deferred" and "a TLS session is required" in clear.reason, clear.log


def test_nobody_answers(exim, answers):
    """Neither a daemon that is down nor one that hangs lets a mail out. Whether an address may be verified does not
    depend on it."""
    exim.use("inet:127.0.0.1:1")
    delivery = exim.send("user@good.example")
    assert delivery.status == "deferred" and "Connection refused" in delivery.reason, delivery.log
    assert "verified" in exim.run("exim4", "-bv", "user@good.example")
    answers["good.example"] = None
    exim.use(SOCKET, WAXWING_ASK_TIMEOUT="1s")
    hung = exim.send("user@good.example")
    assert hung.status == "deferred" and "timed out" in hung.reason, hung.log
    exim.use(None)
    assert exim.retry(delivery).status == "sent"


def test_connections_are_not_shared(lab, waxwingd, exim):
    """testing.example and sts-shared.example have the same MX host, whose certificate is for another name. Both wait
    for it, and over the connection that is good enough for the one the other must not be sent."""
    def both():
        with exim.holding():
            pair = [exim.send("user@" + name, wait=0) for name in ("testing.example", "sts-shared.example")]
        exim.run_queue()
        return [exim.wait(delivery) for delivery in pair]

    exim.use(waxwingd.line_socket)
    testing, enforced = both()
    assert testing.status == "sent", testing.log
    assert enforced.status == "deferred" and "certificate verification failed" in enforced.reason, enforced.log
    assert lab.mx.arrived(testing).domain == "testing.example"
    exim.clear()
    exim.use(None)
    assert [delivery.status for delivery in both()] == ["sent", "sent"]


def test_a_failure_of_one_domain_delays_others_little(waxwingd, exim):
    """A policy names the host of somebody else, and fails there: mail of others to this host waits for minutes."""
    exim.use(waxwingd.line_socket)
    assert exim.send("user@sts-shared.example").status == "deferred"
    records = exim.run("exim_dumpdb", "/var/spool/exim4", "retry")
    hosts = re.findall(r"T:mx\.testing\.example:\S+ .*\n(\S+ \S+)  (\S+ \S+)  (\S+ \S+)", records)
    assert len(hosts) == 2, records
    for _, last, following in hosts:
        wait = datetime.strptime(following, STAMP) - datetime.strptime(last, STAMP)
        assert 0 < wait.total_seconds() <= 120, records


def options(exim, transport):
    """What a transport comes to, by the names of its options; one that is not set has "no_" before its name."""
    lines = exim.run("exim4", "-bP", "transport", transport).splitlines()
    return dict((line.split(" = ", 1) + [""])[:2] for line in lines if line)


OWN = {"debug_print", "hosts_require_tls", "hosts_try_dane", "tls_verify_hosts", "tls_try_verify_hosts",
       "tls_verify_cert_hostnames", "tls_verify_certificates", "tls_sni", "multi_domain", "no_multi_domain",
       "connection_max_messages"}


def test_transports_take_what_debians_takes(exim, waxwingd):
    """All but what they are for is as in remote_smtp, from the macros that Debian has for it."""
    macros = {"DKIM_DOMAIN": "sender.net", "DKIM_SELECTOR": "s1", "DKIM_PRIVATE_KEY": "/etc/exim4/dkim.key",
              "DKIM_CANON": "relaxed", "DKIM_IDENTITY": "@sender.net", "DKIM_STRICT": "1", "DKIM_TIMESTAMPS": "86400",
              "DKIM_SIGN_HEADERS": "from:to", "REMOTE_SMTP_HELO_DATA": "helo.sender.net",
              "REMOTE_SMTP_INTERFACE": "<; 127.0.0.1", "REMOTE_SMTP_RETURN_PATH": "bounces@sender.net",
              "REMOTE_SMTP_HEADERS_REWRITE": "*@a.example *@sender.net f", "TLS_DH_MIN_BITS": "2048",
              "REMOTE_SMTP_TLS_CERTIFICATE": "/etc/exim4/client.crt", "REMOTE_SMTP_PRIVATEKEY": "/etc/exim4/client.key",
              "REMOTE_SMTP_TRANSPORTS_HEADERS_REMOVE": "X-Lab", "IGNORE_SMTP_LINE_LENGTH_LIMIT": "1"}
    exim.use(waxwingd.line_socket, **macros)
    debian = options(exim, "remote_smtp")
    assert debian["dkim_domain"] == "sender.net" and debian["interface"] == "<; 127.0.0.1"
    for transport in ("waxwing_enforce", "waxwing_testing", "waxwing_override"):
        ours = options(exim, transport)
        differ = {name for name in debian.keys() | ours.keys() if debian.get(name) != ours.get(name)}
        assert differ <= OWN, {name: (debian.get(name), ours.get(name)) for name in differ - OWN}


def test_unix_socket(exim, waxwingd):
    """Root asks for the way, the user Debian-exim asks nobody."""
    exim.use(waxwingd.unix_socket)
    good, wrong = exim.send_all(["user@good.example", "user@wrong-name.example"])
    assert good.status == "sent" and good.tls == "yes", good.log
    assert wrong.status == "deferred", wrong.log


# Result, policy, mode and TLS of the events, as docs/results.md has them.
RESULTS = {
    "good.example": {"success sts enforce verified"},
    "wrong-name.example": {"certificate-host-mismatch sts enforce"},
    "untrusted.example": {"certificate-not-trusted sts enforce"},
    "expired.example": {"certificate-not-trusted sts enforce"},  # GnuTLS does not say why it is invalid
    "no-starttls.example": {"starttls-not-supported sts enforce none"},
    "not-listed.example": {"validation-failure sts enforce"},
    "second-best.example": {"certificate-host-mismatch sts enforce", "success sts enforce verified"},
    "testing.example": {"validation-failure sts testing untrusted"},
    "dane.example": {"success tlsa verified"},
    "dane-mismatch.example": {"validation-failure tlsa"},
    "dane-sts-mismatch.example": {"validation-failure tlsa enforce"},
    "no-record.example": {"success no-policy-found untrusted"},
    "shares-clear.example": {"starttls-not-supported no-policy-found none"},
}


def told_of(lines):
    """By their domains."""
    found = {}
    for words in map(shlex.split, lines):
        event = dict(word.split("=", 1) for word in words[2:])
        short = " ".join(event[key] for key in ("result", "policy", "mode", "tls") if key in event)
        found.setdefault(event["domain"], set()).add(short)
    return found


def test_results(build, exim, waxwingd, tmp_path):
    """Each session is told of, those with domains that demand nothing too, and so is a delivery that has come to none."""
    path, out = os.path.join(exim.state, "results"), str(tmp_path / "told")
    listener = proc.start([built(build)[1], "results", "listen", "--mode", "0666", "unix:" + path], out)
    try:
        proc.wait_for("the socket of results", lambda: os.path.exists(path), listener, out)
        exim.use(waxwingd.line_socket)
        for command in guide.Guide("exim.md").commands("TLS results"):
            guide.run(command, {"/run/waxwing/results": path}, waxwingd, ("chroot", exim.root))
        # Alone, as its host is that of another domain, which would have it wait.
        exim.send("user@shares-clear.example", wait=40)
        exim.send_all(["user@" + name for name in RESULTS if name != "shares-clear.example"])
        with contextlib.suppress(proc.StartError):
            proc.wait_for("the events", lambda: told_of(proc.text_of(out).splitlines()) == RESULTS, listener)
    finally:
        proc.stop(listener)
        exim.reset()
    assert told_of(proc.text_of(out).splitlines()) == RESULTS


def test_results_that_nobody_takes(exim, waxwingd):
    """Deliveries go on."""
    exim.use(waxwingd.line_socket, WAXWING_RESULTS=os.path.join(exim.state, "no-such-socket"))
    assert exim.send("user@good.example").status == "sent"
    path = os.path.join(exim.state, "silent")
    with LineServer(path, lambda line: None):
        os.chmod(path, 0o666)
        exim.use(waxwingd.line_socket, WAXWING_RESULTS=path)
        assert exim.send("user@testing.example", wait=40).status == "sent"
