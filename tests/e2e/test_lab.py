"""The lab does what its table says, as far as dig, curl and openssl can see, and as Postfix alone sees it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from conftest import ROOT

from lab import proc, table, zones
from lab.resolver import ADDRESS as RESOLVER
from lab.web import WELL_KNOWN

DOMAINS = list(table.load().values())
SERVED = [d for d in DOMAINS if d.served]
GOOD_DNS = [d for d in SERVED if d.dns != "bogus"]

# What curl must say about a policy host: its exit status, by `cert`, `tls` and `rude`; several for several versions.
CURL_CERT = dict.fromkeys(("expired", "not-yet-valid", "wrong-name", "untrusted", "self-signed", "incomplete-chain",
                           "partial-wildcard", "deep-wildcard", "client-only"), 60)
CURL_TLS = {"1.1": 35, "rejects": 35}
CURL_RUDE = {
    "silent": {28}, "reset": {7, 35, 56}, "closed": {35}, "no-tls": {35}, "tls-silent": {28}, "tls-reset": {55, 56},
    "tls-closed": {52}, "chunks-cut": {18}, "short": {18}, "http09": {1}, "http2": {1}, "drip": {28},
    "drip-headers": {28}, "endless": {28, 63}, "hints": {28, 56, 100}, "many-headers": {56, 100},
    "long-header": {27, 100}, "torn": {0, 56},
}
# What openssl must say about an MX host.
VERIFY = {
    "good": "Verification: OK", "wildcard": "Verification: OK", "anchored": "Verification: OK",
    "expired": "certificate has expired",
    "untrusted": "unable to get local issuer", "self-signed": "self-signed certificate",
    "wrong-name": "hostname mismatch", "sibling-name": "hostname mismatch", "anchored-wrong-name": "hostname mismatch",
}


def run(*command, text_in=""):
    """The finished command; line ends stay as they are."""
    if not shutil.which(command[0]):
        pytest.skip(f"the program {command[0]} is not installed")
    done = subprocess.run(command, input=text_in.encode(), capture_output=True, check=False, timeout=30)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def dig(*arguments):
    """(status, flags, answer lines)"""
    out = run("dig", "@" + RESOLVER, "+noauthority", "+tries=1", "+time=8", *arguments).stdout
    status = re.search(r"status: (\w+)", out)
    flags = re.search(r"flags: ([a-z ]*);", out)
    answers = [line.split(None, 4)[4] for line in out.splitlines() if line and line[0] != ";"]
    return status and status[1], flags[1].split() if flags else [], answers


def curl(lab, d, *arguments):
    return run("curl", "-sS", "--max-time", "3", "--cacert", lab.pki.ca, "--write-out", "\n%{http_code} %{content_type}",
               *arguments, f"https://{d.policy_host}{WELL_KNOWN}")


def ids(domains):
    return {"argvalues": domains, "ids": [d.name for d in domains]}


def test_table_is_sound():
    assert len(DOMAINS) > 50
    for d in DOMAINS:
        assert d.says.endswith("."), d.name
        assert d.finds in ("enforce", "testing", "none", "nothing"), d.name
        assert d.fate in ("sent", "deferred", "bounced"), d.name


def test_only_loopback(lab):
    assert os.listdir("/proc/sys/net/ipv4/conf") and run("ip", "-o", "link").stdout.count("\n") == 1
    assert "default" not in run("ip", "route").stdout + run("ip", "-6", "route").stdout


def test_lab_starts_in_fresh_namespace_alone(lab):
    """A second lab in the same namespace is refused: that network is in use."""
    code = "import lab\nwith lab.Lab(): pass"
    second = run(sys.executable, "-c", f"import sys; sys.path.insert(0, {ROOT!r})\n{code}")
    assert second.returncode != 0 and "Unavailable" in second.stderr


@pytest.mark.parametrize("d", **ids(GOOD_DNS))
def test_dns(lab, d):
    status, flags, answers = dig(d.name, "MX")
    assert status == "NOERROR"
    assert [a.split()[1].rstrip(".") for a in sorted(answers, key=lambda a: int(a.split()[0]))] == [h.name for h in d.listed]
    assert ("ad" in flags) == (d.dns == "signed")


@pytest.mark.parametrize("d", **ids(GOOD_DNS))
def test_record(lab, d):
    _, _, answers = dig("_mta-sts." + d.name, "TXT")
    texts = {a.replace('" "', "").strip('"') for a in answers if a.startswith('"')}
    if isinstance(d.record, dict):
        assert d.record["cname"] + "." in answers and texts == {table.RECORD}
    else:
        assert texts == {"".join(r) for r in d.record}


@pytest.mark.parametrize("name,status", [
    ("bogus.example", "SERVFAIL"), ("servfail.example", "SERVFAIL"), ("nxdomain.example", "NXDOMAIN"), ("nic.com", "NXDOMAIN"),
])
def test_broken_dns(lab, name, status):
    assert dig(name, "MX")[0] == status


def test_bogus_is_a_matter_of_validation_alone(lab):
    status, _, answers = dig("bogus.example", "MX", "+cdflag")
    assert status == "NOERROR" and answers == ["10 mx.bogus.example."]


def test_silent_dns(lab):
    silent = lab.domain("silent.example")
    assert "timed out" in run("dig", "@" + silent.ns_address, "+tries=1", "+time=1", "silent.example", "MX").stdout


def test_trust_anchor_and_hints(lab):
    """Another validator comes to the same from the exported files, from the root on."""
    anchor = open(lab.dns.trust_anchor, encoding="ascii").read().split()
    _, _, keys = dig(".", "DNSKEY")
    assert anchor[:4] == [".", "3600", "IN", "DS"] and len(keys) == 1
    assert zones.ROOT_ADDRESS in open(lab.dns.root_hints, encoding="ascii").read()
    conf = os.path.join(lab.state, "delv.keys")
    with open(conf, "w", encoding="ascii") as f:
        f.write('trust-anchors { . static-ds %s %s %s "%s"; };\n' % tuple(anchor[4:8]))
    assert "fully validated" in run("delv", "-a", conf, "@" + RESOLVER, "good.example", "MX").stdout


@pytest.mark.parametrize("d", **ids([d for d in GOOD_DNS if "rude" not in d.web]))
def test_policy_host(lab, d):
    if "address" in d.web:
        _, _, answers = dig(d.policy_host, "A")
        assert set(answers) <= set(d.web["address"])
        return
    got = curl(lab, d)
    body, _, meta = got.stdout.rpartition("\n")
    status, _, content_type = meta.partition(" ")
    if d.listening_addresses == ():
        assert got.returncode == 7
    elif d.dropped_addresses == d.web_addresses:
        assert got.returncode == 28
    elif d.web.get("cert") in CURL_CERT or d.web.get("tls") in CURL_TLS:
        assert got.returncode == CURL_CERT.get(d.web.get("cert")) or CURL_TLS[d.web["tls"]]
    elif d.web.get("tls") == "demands-certificate":
        assert status == "400"
    elif "status" in d.web or "redirect" in d.web:
        assert int(status) == d.web.get("status", 302)
    else:
        assert status == "200" and content_type == d.web.get("type", "text/plain")
        assert len(body) == d.web["pad"] if "pad" in d.web else body == d.web.get("body", d.policy)


@pytest.mark.parametrize("d", **ids([d for d in GOOD_DNS if "rude" in d.web]))
def test_rude_policy_host(lab, d):
    got = curl(lab, d, "--max-time", "1", "--http1.1", "-o", "/dev/null")
    assert got.returncode in CURL_RUDE.get(d.web["rude"], {0}), got.stderr


@pytest.mark.parametrize("version,answers", [("-tls1_1", True), ("-tls1_2", False), ("-tls1_3", False)])
def test_tls11_host_speaks_nothing_newer(lab, version, answers):
    d = lab.domain("host-tls11.example")
    got = run("openssl", "s_client", "-connect", d.web_addresses[0] + ":443", "-servername", d.policy_host, version,
              "-cipher", "DEFAULT@SECLEVEL=0", "-CAfile", lab.pki.ca, "-verify_return_error")
    assert (got.returncode == 0) == answers, got.stderr
    assert ("Protocol  : TLSv1.1" in got.stdout) == answers or not answers


def test_chains(lab):
    """The same authority between, sent and not sent."""
    def length(name):
        got = run("openssl", "s_client", "-connect", lab.domain(name).web_addresses[0] + ":443", "-showcerts",
                  "-servername", "mta-sts." + name)
        return got.stdout.count("BEGIN CERTIFICATE")
    assert (length("host-chain.example"), length("host-no-chain.example")) == (2, 1)


def test_cn_only_has_no_san(lab):
    d = lab.domain("host-cn-only.example")
    shown = run("openssl", "x509", "-noout", "-text", "-in", lab.pki.path("web-" + d.name, "pem")).stdout
    assert re.search(f"CN ?= ?{d.policy_host}", shown) and "Subject Alternative Name" not in shown


def test_requests_are_counted(lab):
    d = lab.domain("unsigned.example")
    before = len(lab.web.requests(d))
    curl(lab, d)
    proc.wait_for("the access log", lambda: len(lab.web.requests(d)) == before + 1)


def test_speaks_http_1_1(lab):
    got = run("curl", "-sS", "--cacert", lab.pki.ca, "--write-out", "%{http_version}", "-o", "/dev/null",
              f"https://mta-sts.good.example{WELL_KNOWN}")
    assert got.stdout == "1.1"


def shown_at(host):
    """The row of the host itself, where this one is of another domain."""
    return next((h for d in DOMAINS for h in d.mx if h.name == host.name and h.kind != "elsewhere"), host)


MX_HOSTS = [(h, a) for d in GOOD_DNS for h in d.mx[:3] for a in h.addresses[:1]]


@pytest.mark.parametrize("host,address", MX_HOSTS, ids=[h.name for h, _ in MX_HOSTS])
def test_mx_host(lab, host, address):
    if "mail" in lab.unavailable:
        pytest.skip(lab.unavailable["mail"])
    shown = f"[{address}]" if ":" in address else address
    got = run("openssl", "s_client", "-connect", shown + ":25", "-starttls", "smtp", "-CAfile", lab.pki.ca, "-servername",
              host.name, "-verify_hostname", host.name, text_in="QUIT\n")
    if host.kind == "no-starttls":
        assert "Didn't find STARTTLS" in got.stdout + got.stderr
    else:
        assert VERIFY[host.kind] in got.stdout + got.stderr


@pytest.mark.parametrize("d", **ids([d for d in DOMAINS if d.mx and d.name != "silent.example"]))
def test_mail_without_waxwing(lab, sender, d):
    """Without a policy server all mail goes through, whatever the certificate: only DNS can stop it."""
    fate = sender.send(f"someone@{d.shown}")
    if d.fate == "bounced":
        assert fate.status == "bounced"
    elif not d.served or d.dns == "bogus":
        assert fate.status == "deferred" and sender.queued(fate)
    else:
        assert fate.status == "sent", fate
        best = shown_at(next(h for h in d.mx if not h.name.endswith(".bogus.example")))
        assert bool(fate.tls) == (best.kind != "no-starttls")
        arrived = lab.mx.arrived(fate)
        assert arrived.host == d.aliases.get(best.name, best.name)
        assert arrived.tls == (best.kind != "no-starttls")


@pytest.mark.parametrize("host,policy,words", [
    ("good", "secure match=mx.good.example servername=hostname", "Verified TLS"),
    ("wrong-name", "secure match=mx.wrong-name.example servername=hostname", "Server certificate not verified"),
    ("untrusted", "secure match=mx.untrusted.example servername=hostname", "Server certificate not"),
    ("expired", "secure match=mx.expired.example servername=hostname", "Server certificate not"),
    ("no-starttls", "secure match=mx.no-starttls.example servername=hostname", "TLS is required, but was not offered"),
    ("not-listed", "secure match=mx.not-listed.example servername=hostname", "Server certificate not verified"),
])
def test_postfix_obeys_a_policy(lab, sender, host, policy, words):
    sender.use("inline:{{ %s.example = %s }}" % (host, policy))
    fate = sender.send(f"someone@{host}.example")
    assert fate.status == ("sent" if host == "good" else "deferred") and fate.shows(words), fate
    assert bool(sender.queued(fate)) == (host != "good")
    sender.use(None)
    if host != "good":
        assert sender.retry(fate).status == "sent"


def test_retry_and_queue(lab, sender):
    with lab.attack("block-dns", "dropped.example"):
        fate = sender.send("someone@dropped.example")
        assert fate.status == "deferred" and sender.queued(fate)["queue_name"] == "deferred"
    lab.resolver.forget("dropped.example")
    assert sender.retry(fate).status == "sent" and sender.queued(fate) is None


def test_attack_strip_starttls(lab, sender):
    with lab.attack("strip-starttls", "stripped.example"):
        fate = sender.send("someone@stripped.example")
        assert fate.status == "sent" and fate.tls == ""
        assert lab.mx.arrived(fate).tls is False
    assert sender.send("someone@stripped.example").tls == "Trusted"


def test_attack_swap_mx(lab, sender):
    with lab.attack("swap-mx", "swapped.example"):
        assert dig("swapped.example", "MX")[2] == [f"10 {zones.ATTACKER_MX}."]
        assert dig("swapped.example", "MX", "+tcp")[2] == [f"10 {zones.ATTACKER_MX}."]
        fate = sender.send("someone@swapped.example")
        assert fate.status == "sent" and fate.relay.startswith(zones.ATTACKER_MX)
        assert lab.mx.arrived(fate).host == zones.ATTACKER_MX
    assert dig("swapped.example", "MX")[2] == ["10 mx.swapped.example."]


def test_attack_swap_mx_cannot_fool_dnssec(lab):
    with lab.attack("swap-mx", "good.example"):
        assert dig("good.example", "MX")[0] == "SERVFAIL"
        assert dig("good.example", "MX", "+cdflag")[2] == [f"10 {zones.ATTACKER_MX}."]
    lab.resolver.forget("good.example")
    assert dig("good.example", "MX")[0] == "NOERROR"


def test_attack_drop_record(lab):
    with lab.attack("drop-record", "dropped.example"):
        assert dig("_mta-sts.dropped.example", "TXT")[::2] == ("NOERROR", [])
        assert dig("dropped.example", "MX")[2] == ["10 mx.dropped.example."]


def test_attack_strip_ds(lab):
    """What hangs on a parent that is forged is bogus, not insecure; whoever does not validate believes it."""
    name = "dane.example"
    with lab.attack("strip-ds", name):
        assert dig(name, "MX")[0] == dig("_25._tcp.mx." + name, "TLSA")[0] == "SERVFAIL"
        with lab.resolver.believing(name):
            status, flags, answers = dig(name, "MX")
            assert (status, answers) == ("NOERROR", ["10 mx.dane.example."]) and "ad" not in flags
        assert "ad" in dig("good.example", "MX")[1] and dig("unsigned.example", "MX")[0] == "NOERROR"
    assert "ad" in dig(name, "MX")[1]


def test_attack_deny_tlsa(lab):
    """Only those who do not validate take the forged denial for an answer."""
    tlsa = "_25._tcp.mx.dane.example", "TLSA"
    with lab.attack("deny-tlsa", "dane.example"):
        assert dig(*tlsa)[0] == "SERVFAIL"
        assert dig(*tlsa, "+cdflag")[::2] == ("NOERROR", [])
        assert "ad" in dig("mx.dane.example", "A")[1]
    assert dig(*tlsa)[2]


@pytest.mark.parametrize("attack,curl_status", [("block-policy", 28), ("hijack-policy", 60)])
def test_attack_on_policy_host(lab, attack, curl_status):
    d = lab.domain("hijacked.example")
    with lab.attack(attack, d.name):
        assert curl(lab, d).returncode == curl_status
        if attack == "hijack-policy":
            assert "mode: none" in curl(lab, d, "--insecure").stdout
    assert curl(lab, d).returncode == 0


def test_attack_strikes_only_its_domain(lab):
    with lab.attack("hijack-policy", "hijacked.example"), lab.attack("drop-record", "dropped.example"):
        assert curl(lab, lab.domain("good.example")).returncode == 0
        assert dig("_mta-sts.hijacked.example", "TXT")[2]


def test_publish(lab):
    d = lab.domain("changing.example")
    before = d.policy, d.record
    lab.publish(d.name, record=["v=STSv1; id=2;"], policy="version: STSv1\nmode: none\nmax_age: 60\n")
    try:
        status, flags, answers = dig("_mta-sts." + d.name, "TXT")
        assert answers == ['"v=STSv1; id=2;"'] and "ad" in flags
        assert "mode: none" in curl(lab, d).stdout
    finally:
        lab.publish(d.name, policy=before[0], record=before[1])


def _running(argument):
    """First words of the processes that have this argument last: the command, and the lab that runs it."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as f:
                words = f.read().split("\0")
        except OSError:
            continue
        found += words[:1] if argument in words[-2:] else []
    return found


def _wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind(lab, sig):
    """A lab that is ended takes all its processes with it, even when it is killed outright."""
    marker = f"1234.{sig}"
    # A shell's background jobs ignore SIGINT, and hand that on.
    nested = subprocess.Popen([sys.executable, os.path.join(ROOT, "lab/lab"), "up", "--", "sleep", marker],
                              stderr=subprocess.DEVNULL,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    _wait_until(lambda: "sleep" in _running(marker))
    nested.send_signal(sig)
    nested.wait(20)
    _wait_until(lambda: not _running(marker))


def test_debian13_postfix(lab, sender13):
    """The Postfix of the other tree sends, and knows what only 3.10 knows: the policy's patterns bind the MX."""
    assert sender13.version() >= (3, 10, 5)
    assert sender13.send("someone@good.example").tls == "Trusted"
    sender13.use("inline:{ { deep.example = secure match=.deep.example servername=hostname policy_type=sts"
                 " policy_domain=deep.example mx_host_pattern=*.deep.example } }")
    fate = sender13.send("someone@deep.example")
    assert fate.status == "deferred" and sender13.queued(fate), fate


def test_older_postfix_takes_a_pattern_for_any_depth(lab, sender):
    if sender.version() >= (3, 10, 5):
        pytest.skip("this system's Postfix enforces patterns itself")
    sender.use("inline:{ { deep.example = secure match=.deep.example servername=hostname }"
               " { sibling.example = secure match=.sibling.example servername=hostname } }")
    for name in ("deep", "sibling"):
        fate = sender.send(f"someone@{name}.example")
        assert fate.status == "sent" and fate.tls == "Verified", fate
