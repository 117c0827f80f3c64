"""What Waxwing looks at itself, for what MTAs cannot tell: a policy in mode testing, hosts outside of one, no policy at all."""

import json
import os
import socket
import time
import urllib.parse

import pytest
from waiting import wait_stored, wait_until

SETTINGS = {"collect": {"recheck": "10s", "look_interval": "10s"}}

RECORD = ["v=TLSRPTv1; rua=mailto:tls@reports.example"]
POLICY = "version: STSv1\r\nmode: {}\r\nmx: {}\r\nmax_age: 604800\r\n"

MISMATCH, FAILED = "certificate-host-mismatch", "validation-failure"

LOOKED = "Not a delivery: Waxwing opened this session itself on "
COMPARED = "Not a delivery: Waxwing compared MX records and policy itself on "


@pytest.fixture(scope="module")
def asking(lab):
    """The domains ask for reports."""
    names = ["testing.example", "not-listed.example", "changing.example", "second-best.example"]
    policies = {name: lab.domain(name).policy for name in names}
    for name in names:
        lab.domain(name).tlsrpt = RECORD
        lab.publish(name, record=lab.domain(name).record)
    yield
    for name in names:
        lab.domain(name).tlsrpt = []
        lab.publish(name, record=lab.domain(name).record, policy=policies[name])


def tell(daemon, domain, result="success", **pairs):
    """One line to the daemon's socket, as an MTA tells it."""
    words = {"domain": domain, "result": result, "mta": "test", "session": f"{time.time_ns()}", **pairs}
    line = "waxwing-result 1 " + " ".join(f"{key}={value}" for key, value in words.items()) + "\n"
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(os.path.join(os.path.dirname(daemon.store), "results"))
        s.sendall(line.encode())
        assert s.recv(100) == b"ok\n"


def policies(daemon, domain):
    """What the report would say now: {policy type: its entries}. By this the tests go, as its receiver will."""
    shown = daemon.waxwing("report", "outbox", "preview", "--config", daemon.conf, "--open", "--json", domain)
    found = {"sts": [], "no-policy-found": []}
    for entry in json.loads(shown.stdout)["policies"] if shown.returncode == 0 else []:
        found[entry["policy"]["policy-type"]].append(entry)
    return found


def total(entries, which):
    return sum(entry["summary"][f"total-{which}-session-count"] for entry in entries)


def counts(daemon, domain):
    """Under sts successes and failures; and the successes that nobody has verified, which are under no policy."""
    found = policies(daemon, domain)
    return total(found["sts"], "successful"), total(found["sts"], "failure"), total(found["no-policy-found"], "successful")


def details(daemon, domain):
    """(type, MX host, address there, reason, words) of each failure."""
    return [(d["result-type"], d.get("receiving-mx-hostname", ""), d.get("receiving-ip", ""), d["failure-reason-code"],
             urllib.parse.unquote(d.get("additional-information", "").removeprefix("data:,")))
            for entries in policies(daemon, domain).values() for entry in entries
            for d in entry.get("failure-details", [])]


def looked_at(daemon, domain, **pairs):
    """Mail flows to the domain, until a look at it was counted."""
    daemon.lookup(domain)
    wait_stored(daemon, domain)
    tell(daemon, domain, **pairs)
    wait_until(daemon, lambda: f" looked domain={domain} " in daemon.log(), seconds=30)


def test_testing_mode(lab, waxwingd, asking):
    """A bad certificate is told as what it is, a good one as a success; the deliveries themselves verified nothing."""
    lab.publish("changing.example", policy=POLICY.format("testing", "*.changing.example"))
    looked_at(waxwingd, "testing.example", tls="trusted")
    looked_at(waxwingd, "changing.example", tls="trusted")
    wait_until(waxwingd, lambda: details(waxwingd, "testing.example"))
    host = lab.domain("testing.example")
    for kind, mx, ip, reason, words in details(waxwingd, "testing.example"):
        assert (kind, mx) == (MISMATCH, "mx.testing.example")
        assert ip.startswith("198.18." if "." in ip else "2001:2:0:"), host
        assert "no DNS name of the certificate is that of the MX host" in reason
        assert words.startswith(LOOKED) and words.endswith("as the policy is in mode testing. No mail was sent.")
    success, failure, unverified = counts(waxwingd, "testing.example")
    assert success == 0 and failure >= 1 and unverified == 1
    wait_until(waxwingd, lambda: counts(waxwingd, "changing.example")[0] >= 1)
    assert counts(waxwingd, "changing.example")[1:] == (0, 1)
    assert not details(waxwingd, "changing.example")


@pytest.mark.parametrize("mode", ["testing", "enforce"])
def test_a_host_outside_of_the_policy(lab, waxwingd, asking, mode):
    """It is told in either mode; hosts inside of an enforced policy are left to the MTAs."""
    domain = {"testing": "not-listed.example", "enforce": "second-best.example"}[mode]
    inside = {"testing": "mx.not-listed.example", "enforce": "mx2.second-best.example"}[mode]
    outside = {"testing": "spare.not-listed.example", "enforce": "mx1.second-best.example"}[mode]
    lab.publish(domain, policy=POLICY.format(mode, inside))
    looked_at(waxwingd, domain, tls="trusted")
    wait_until(waxwingd, lambda: details(waxwingd, domain))
    for kind, mx, ip, reason, words in details(waxwingd, domain):
        assert (kind, mx, ip, reason) == (FAILED, outside, "", "MX host is not in the policy")
        assert words.startswith(COMPARED)


def test_who_does_not_ask_is_not_looked_at(waxwingd):
    """Without a TLSRPT record nobody's host is talked to."""
    looked_at(waxwingd, "good.example", tls="verified")
    assert " looked domain=good.example asked=false success=0 failure=0" in waxwingd.log()


FAULTS = {"host-expired.example": "sts-webpki-invalid", "host-404.example": "sts-policy-fetch-error",
          "host-page.example": "sts-policy-invalid"}


def test_no_policy_to_be_had(lab, waxwingd):
    """What Postfix is never told of: the policy host's faults, once for each fetch."""
    for domain in FAULTS:
        waxwingd.lookup(domain)
        waxwingd.lookup(domain)
    for domain, kind in FAULTS.items():
        wait_until(waxwingd, lambda name=domain: details(waxwingd, name))
        [(told, _, _, reason, _)] = details(waxwingd, domain)
        assert told == kind and f"https://mta-sts.{domain}/" in reason
        assert counts(waxwingd, domain) == (0, 1, 0)


def test_a_failed_delivery_closes_the_loop(lab, waxwingd, asking):
    """The domain has a new policy; nobody would look for it for minutes, but mail has failed."""
    name = "changing.example"
    before = lab.domain(name).record
    lab.publish(name, record=["v=STSv1; id=first;"], policy=POLICY.format("enforce", "elsewhere.example"))
    waxwingd.waxwing("cache", "refresh", "--config", waxwingd.conf, name)
    assert waxwingd.lookup(name).startswith("OK secure match=elsewhere.example ")
    lab.publish(name, record=["v=STSv1; id=second;"], policy=POLICY.format("enforce", "*.changing.example"))
    tell(waxwingd, name, "validation-failure", policy="sts", mode="enforce", mx="mx.changing.example")
    # The record may come from a DNS cache yet: the policy is fetched all the same.
    wait_until(waxwingd, lambda: waxwingd.lookup(name).startswith("OK secure match=.changing.example "))
    assert " policy-rechecked domain=changing.example " in waxwingd.log()
    lab.publish(name, record=before)
