"""`waxwing explain` over the lab: the steps that it shows, what follows from them, and the class of its exit status."""

import json
import os
import pwd
import subprocess

import pytest

from lab import proc, table

DOMAINS = [d for d in table.load().values() if not d.waits and d.dns != "silent"]
STATUSES = {"authenticated": 0, "open": 1, "partly": 2, "held": 3, "unknown": 75}
LEVELS = {"secure": "authenticated", "dane-only": "authenticated", "dane": "partly", "encrypt": "partly", "hold": "held",
          "may": "open", "testing": "open"}


def explain(daemon, *arguments):
    return daemon.waxwing("explain", "--config", daemon.conf, *arguments)


def explained(daemon, *arguments):
    done = explain(daemon, "--json", *arguments)
    found = json.loads(done.stdout)
    assert done.stdout.isascii() and done.stdout.count("\n") == 1
    assert found["version"] == 1
    assert done.returncode == STATUSES[found["class"]]
    return found


@pytest.mark.parametrize("d", DOMAINS, ids=[d.name for d in DOMAINS])
def test_every_domain(waxwingd, d):
    found = explained(waxwingd, "--direct", d.shown)
    assert found["domain"] == d.name and found["daemon"] is None
    assert found["dns"]["verdict"] == "validating"
    policy = found["mta_sts"]["policy"]
    assert (policy["mode"] if policy else "nothing") == d.finds
    error = found["mta_sts"]["error"]
    assert (error["id"] if error else "") == d.error
    assert d.detail in (found["mta_sts"]["detail"] or "")
    if d.served and d.mx and not any(h.kind == "null" for h in d.mx) and d.dns != "bogus":
        assert {h["host"]: h["dane"] for h in found["mx"]["hosts"]} == {h.name: d.dane_of(h) for h in d.mx}
    decision = found["decision"]
    answer = found["mtas"][0]["told"][0]["answer"]
    if found["now"]["truncated"] and len(answer) > 10_000:  # else it is the policy that was cut
        assert d.told.startswith(answer)
    else:
        assert answer.startswith("TEMP ") if d.told == "TEMP " else answer == d.told
    assert decision["source"] == "look"
    assert decision["section"].startswith("RFC ")
    if decision["level"] in LEVELS:
        assert found["class"] == LEVELS[decision["level"]]


def test_the_steps_of_a_discovery(waxwingd):
    found = explained(waxwingd, "--direct", "good.example")["mta_sts"]
    record, fetch = found["record"], found["fetch"]
    assert (record["name"], record["dnssec"], record["ttl"]) == ("_mta-sts.good.example", "secure", 1)
    assert record["texts"] == ["v=STSv1; id=1;"]
    addresses = {a["type"]: a for a in found["addresses"]}
    assert addresses["A"]["addresses"] == ["198.18.1.43"] and addresses["A"]["dnssec"] == "secure"
    assert addresses["AAAA"]["addresses"] == ["2001:2:0:1::43"] and addresses["AAAA"]["ttl"] == 1
    assert fetch["address"] in ("198.18.1.43", "2001:2:0:1::43")
    assert fetch["status"] == 200 and fetch["ms"] >= 0
    assert fetch["certificate"]["issuer"] == "CN=Waxwing Lab CA" and len(fetch["certificate"]["sha256"]) == 64
    assert found["policy"]["mx"] == ["mx.good.example"]


def test_the_steps_of_dane(waxwingd):
    host = explained(waxwingd, "--direct", "dane-alias.example")["mx"]["hosts"][1]
    assert host["alias"] == "mx.good.example" and host["base"] == "mx2.dane-alias.example"
    asked = [(q["type"], q["name"], q["count"], q["dnssec"]) for q in host["questions"] if q["type"] == "TLSA"]
    assert asked == [("TLSA", "_25._tcp.mx.good.example", 0, "secure"),
                     ("TLSA", "_25._tcp.mx2.dane-alias.example", 1, "secure")]
    assert [(r["usage"], r["selector"], r["matching"], r["octets"]) for r in host["records"]] == [(3, 1, 1, 32)]


@pytest.mark.parametrize("name, host, action, says", [
    ("good.example", "mx.good.example", "deliver", "a valid certificate for its name"),
    ("dane.example", "mx.dane.example", "deliver", "a certificate that its TLSA records match"),
    ("dane-unusable.example", "mx1.dane-unusable.example", "deliver", "TLS, whatever the certificate"),
    ("dane-unsigned.example", "mx.dane-unsigned.example", "deliver", "nothing: TLS when it is offered"),
    ("none.example", "mx.none.example", "deliver", "nothing: TLS when it is offered"),
    ("not-listed.example", "spare.not-listed.example", "skip", "no mx pattern of the policy matches"),
    ("dane-half-bogus.example", "mx.bogus.example", "skip", "does not stand up to DNSSEC"),
    ("dane-half-gone.example", "mx.nxdomain.example", "skip", "the MX host has no address"),
])
def test_each_host_by_itself(waxwingd, name, host, action, says):
    hosts = {h["host"]: h["judgement"] for h in explained(waxwingd, "--direct", name)["mx"]["hosts"]}
    assert hosts[host]["action"] == action
    assert says in (hosts[host]["needs"] if action == "deliver" else hosts[host]["why"])
    assert hosts[host]["source"].startswith("RFC ")


def test_asks_the_daemon(waxwingd):
    found = explained(waxwingd, "good.example")
    assert found["daemon"]["source"] in ("live", "cache") and found["decision"]["source"] == "daemon"
    told = {t["question"]: t["answer"] for t in found["mtas"][0]["told"]}
    assert found["mtas"][0]["mta"] == "Postfix"
    assert told == {name: waxwingd.lookup("good.example", name) for name in told} and len(told) == 2


def test_a_cached_policy_outlives_its_record(lab, new_waxwingd):
    daemon = new_waxwingd()
    assert daemon.lookup("dropped.example").startswith("OK secure")
    with lab.attack("drop-record", "dropped.example"):
        found = explained(daemon, "dropped.example")
    assert found["mta_sts"]["outcome"] == "no-record" and found["mta_sts"]["policy"]["cached"]
    assert found["now"]["level"] == found["decision"]["level"] == "secure"
    assert found["differs"] is None and found["class"] == "authenticated"


def test_tells_why_the_daemon_says_something_else(lab, new_waxwingd):
    """Its cached policy has another mode than the one that is published by now."""
    daemon = new_waxwingd()
    assert daemon.lookup("changing.example").startswith("OK secure")
    record, policy = lab.domain("changing.example").record, lab.domain("changing.example").policy
    lab.publish("changing.example", record=["v=STSv1; id=2;"], policy=policy.replace("enforce", "testing"))
    try:
        found = explained(daemon, "changing.example")
    finally:
        lab.publish("changing.example", record=record, policy=policy)
    assert found["decision"]["level"] == "secure" and found["now"]["level"] == "testing"
    assert any(why.startswith("it goes by its cached policy, valid until ") for why in found["differs"]["why"])


def test_an_override_that_was_set_at_run_time(new_waxwingd):
    daemon = new_waxwingd()
    done = daemon.waxwing("override", "set", "--config", daemon.conf, "not-listed.example", "may", "--reason", "their week")
    assert done.returncode == 0, done.stderr
    found = explained(daemon, "not-listed.example")
    assert found["decision"]["level"] == found["now"]["level"] == "may" and found["differs"] is None
    assert found["mx"]["hosts"][0]["judgement"]["action"] == "deliver"
    shown = explain(daemon, "not-listed.example").stdout
    assert "Override: may for not-listed.example" in shown and "their week" in shown


def test_a_dry_run(new_waxwingd):
    daemon = new_waxwingd(dry_run=True)
    found = explained(daemon, "good.example")
    assert found["dry_run"] and found["class"] == "authenticated"
    assert found["mtas"][0]["told"][0]["answer"] == "NOTFOUND "
    assert found["mtas"][0]["without_dry_run"][0]["answer"].startswith("OK secure")
    assert "Dry run: it is on" in explain(daemon, "good.example").stdout


@pytest.mark.parametrize("name, verdicts", [
    ("good.example", {"mx.good.example": ("deliver", "sts", None)}),
    ("wrong-name.example", {"mx.wrong-name.example": ("skip", "sts", "certificate-host-mismatch")}),
    ("untrusted.example", {"mx.untrusted.example": ("skip", "sts", "certificate-not-trusted")}),
    ("self-signed.example", {"mx.self-signed.example": ("skip", "sts", "certificate-not-trusted")}),
    ("expired.example", {"mx.expired.example": ("skip", "sts", "certificate-expired")}),
    ("no-starttls.example", {"mx.no-starttls.example": ("skip", "sts", "starttls-not-supported")}),
    ("not-listed.example", {"spare.not-listed.example": ("skip", "sts", "validation-failure")}),
    ("second-best.example", {"mx1.second-best.example": ("skip", "sts", "certificate-host-mismatch"),
                             "mx2.second-best.example": ("deliver", "sts", None)}),
    ("testing.example", {"mx.testing.example": ("deliver", "sts", "certificate-host-mismatch")}),
    ("none.example", {"mx.none.example": ("deliver", "no-policy-found", None)}),
    ("dane.example", {"mx.dane.example": ("deliver", "tlsa", None)}),
    ("dane-ta.example", {f"mx{i}.dane-ta.example": ("deliver", "tlsa", None) for i in (1, 2)}),
    ("dane-mismatch.example", {"mx.dane-mismatch.example": ("skip", "tlsa", "tlsa-invalid")}),
    ("dane-unusable.example", {f"mx{i}.dane-unusable.example": ("deliver", "tlsa", None) for i in (1, 2, 3)}),
    ("dane-unsigned.example", {"mx.dane-unsigned.example": ("deliver", "no-policy-found", None)}),
    ("dane-alias.example", {f"mx{i}.dane-alias.example": ("deliver", "tlsa", None) for i in (1, 2, 3)}),
    ("dane-half-bogus.example", {"mx.dane-half-bogus.example": ("deliver", "tlsa", None),
                                 "mx.bogus.example": ("skip", "tlsa", "dnssec-invalid")}),
    ("dane-half-gone.example", {"mx.dane-half-gone.example": ("deliver", "tlsa", None),
                                "mx.nxdomain.example": ("skip", None, None)}),
])
def test_live(waxwingd, name, verdicts):
    found = explained(waxwingd, "--direct", "--live", name)
    judged = {h["host"]: h["judgement"] for h in found["mx"]["hosts"]}
    assert {h: (j["action"], j["policy_type"], j["result_type"]) for h, j in judged.items()} == verdicts
    for host in found["mx"]["hosts"]:
        assert (host["probe"] is not None) == (host["host"] not in ("mx.bogus.example", "mx.nxdomain.example"))
        if host["probe"] and host["probe"]["handshake"]:
            assert host["probe"]["tls_version"] == "1.3" and host["probe"]["certificate"]["names"]
    taken = any(action == "deliver" for action, _, _ in verdicts.values())
    assert (found["class"] == "held") == (not taken)


def test_a_host_that_cannot_be_reached(lab, new_waxwingd):
    """The guard against private addresses holds for MX hosts as well: here all of the lab's are such."""
    absent = new_waxwingd(start=False, fetch={"allow_addresses": []})
    found = explained(absent, "--direct", "--live", "dane.example")
    host = found["mx"]["hosts"][0]
    assert host["probe"]["reached"] is False and host["probe"]["error"]["id"] == "mx-address-refused"
    assert host["judgement"]["action"] == "skip" and "is benchmarking" in host["probe"]["detail"]
    assert found["class"] == "held"


def test_goes_on_without_a_daemon(new_waxwingd):
    absent = new_waxwingd(start=False)
    done = explain(absent, "good.example", "none.example")
    assert done.returncode == 1
    assert done.stderr.startswith("waxwing explain: no daemon answers: ") and done.stderr.count("\n") == 1
    assert "Decision: secure  [RFC 8461 section 5]" in done.stdout
    assert "Postfix is told: by what was seen, without a daemon" in done.stdout


def test_a_wrong_trust_anchor_is_told(new_waxwingd, tmp_path):
    anchor = tmp_path / "wrong.key"
    anchor.write_text(". 3600 IN DS 4711 13 2 " + "5A" * 32 + "\n")
    absent = new_waxwingd(start=False, dns={"trust_anchor": str(anchor)})
    found = explained(absent, "--direct", "dane.example")
    assert found["dns"]["verdict"] == "anchor"
    assert found["mta_sts"]["record"]["dnssec"] == "unknown"
    assert found["mx"]["hosts"][0]["error"]["id"] == "dns-not-validating"
    assert found["now"]["dane"]["mx"] == "failed"
    assert "do not fit the trust anchors" in explain(absent, "--direct", "dane.example").stdout
    done = absent.waxwing("query", "--config", absent.conf, "--direct", "dane.example")
    assert "do not fit the trust anchors: answers are not validated" in done.stderr


def test_looks_from_a_process_without_rights(waxwingd):
    """The one that talks to strangers; it is caught at a name server that keeps silent."""
    if os.geteuid() != 0:
        pytest.skip("only root has rights to give up")
    with subprocess.Popen([waxwingd.command, "explain", "--config", waxwingd.conf, "--direct", "silent.example"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        try:
            status = proc.wait_for("the confined process", lambda: _confined_child(running.pid), running, "/dev/null")
        finally:
            running.kill()
    user = waxwingd.user or "nobody"
    assert status["Uid"].split()[0] == str(pwd.getpwnam(user).pw_uid)
    assert status["NoNewPrivs"] == "1" and status["CapEff"].strip("0") == ""


def _confined_child(parent):
    with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as f:
        children = f.read().split()
    if not children:
        return None
    with open(f"/proc/{children[0]}/status", encoding="ascii") as f:
        status = {key: value.strip() for key, value in (line.split(":", 1) for line in f)}
    return status if status["Seccomp"] == "2" else None


@pytest.mark.parametrize("arguments", [[], ["-x", "good.example"], ["a..b"], ["--direct", "--socket", "unix:/x", "a.b"],
                                       ["--socket", "ftp:x", "a.b"], ["192.0.2.1"]])
def test_refuses_wrong_usage(waxwingd, arguments):
    done = explain(waxwingd, *arguments)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr != ""


def test_names_a_configuration_that_cannot_be_read(waxwingd, tmp_path):
    assert waxwingd.waxwing("explain", "--config", str(tmp_path / "none"), "good.example").returncode == 66
    bad = tmp_path / "bad.conf"
    bad.write_text("colour = 1\n")
    assert waxwingd.waxwing("explain", "--config", str(bad), "good.example").returncode == 78
