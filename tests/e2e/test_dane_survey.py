"""What a survey for DANE (tests/drive/survey.c) says of every domain of the lab: the table's column `dane`."""

import os
import subprocess
from dataclasses import dataclass, field

import pytest

from lab import table

# A name server that keeps silent is waited for: it has a test of its own.
DOMAINS = [d for d in table.load().values() if d.dns != "silent"]
WRONG_KEY = ". 3600 IN DS 4711 13 2 " + "5A" * 32 + "\n"


@dataclass
class Host:
    """What is said of one MX host."""

    state: str
    why: str
    base: str
    records: int
    detail: str


@dataclass
class Survey:
    """What is said of a domain; hosts by name, in order of preference."""

    outcome: str
    dnssec: str
    why: str
    validating: bool
    lifetime: int
    hosts: dict = field(default_factory=dict)

    @property
    def states(self):
        return {name: host.state for name, host in self.hosts.items()}


@pytest.fixture(name="survey")
def _survey(lab, build):
    program = os.path.join(build, "tests", "drive", "survey")
    if not os.access(program, os.X_OK):
        pytest.skip(f"no {program}: set WAXWING_BUILD to a build directory")

    def survey(*names, anchor=lab.dns.trust_anchor):
        done = subprocess.run([program, lab.dns.root_hints, anchor, *names], capture_output=True, text=True, check=False,
                              timeout=60)
        assert done.returncode == 0, done.stderr
        found, last = {}, None
        for kind, name, *rest in (line.split("\t") for line in done.stdout.splitlines()):
            if kind == "domain":
                last = found[name] = Survey(*rest[:3], rest[3] == "yes", int(rest[4]))
            else:
                last.hosts[name] = Host(*rest[:3], int(rest[3]), rest[4])
        assert len(found) == len(names)
        return found

    return survey


@pytest.fixture(name="all_found", scope="module")
def _all_found():
    return {}


@pytest.mark.parametrize("d", DOMAINS, ids=[d.name for d in DOMAINS])
def test_every_domain(survey, all_found, d):
    if not all_found:
        all_found.update(survey(*[domain.name for domain in DOMAINS]))
    found = all_found[d.name]
    assert found.validating
    if d.dns in ("bogus", "servfail"):
        wanted = ("failed", "bogus", "dns-bogus") if d.dns == "bogus" else ("failed", "unknown", "dns-servfail")
        assert (found.outcome, found.dnssec, found.why) == wanted
        assert found.hosts == {}
        return
    assert found.why == "ok"
    assert found.dnssec == ("insecure" if d.dns == "unsigned" else "secure")
    if d.dns == "nxdomain" or any(h.kind == "null" for h in d.mx):
        assert found.outcome == ("no-domain" if d.dns == "nxdomain" else "null")
        assert found.hosts == {}
        return
    assert found.outcome == ("listed" if d.listed else "implicit")
    if d.mx:
        assert found.states == {h.name: d.dane_of(h) for h in d.mx}
    for host in found.hosts.values():
        assert (host.base != "-") == host.state.startswith("secure-")
        assert (host.records > 0) == host.state.startswith("secure-")


def test_where_tlsa_stands(survey):
    """The end of the aliases goes first (RFC 7672 section 2.2.3)."""
    hosts = survey("dane-alias.example")["dane-alias.example"].hosts
    assert [h.base for h in hosts.values()] == ["mx.dane.example", "mx2.dane-alias.example", "mx3.dane-alias.example"]


def test_a_domain_that_is_an_alias(survey):
    found = survey("list.dane-alias.example")["list.dane-alias.example"]
    assert (found.outcome, found.dnssec) == ("listed", "secure")
    assert found.states == {"mx.dane.example": "secure-usable"}


def test_an_implicit_host(survey):
    assert survey("dane-implicit.example")["dane-implicit.example"].hosts["dane-implicit.example"].base == \
        "dane-implicit.example"


def test_failures_are_explained(survey):
    found = survey("bogus.example", "dane-half-bogus.example", "dane-half-gone.example", "dane-unusable.example")
    bogus = found["dane-half-bogus.example"].hosts["mx.bogus.example"]
    assert bogus.why == "dns-bogus" and " of mx.bogus.example: validation failure" in bogus.detail
    assert found["dane-half-bogus.example"].lifetime <= 60
    assert found["dane-half-gone.example"].hosts["mx.nxdomain.example"].why == "mx-no-address"
    hosts = found["dane-unusable.example"].hosts
    assert {h.why for h in hosts.values()} <= {"ok", "tlsa-pkix-usage", "tlsa-matching-type", "tlsa-data"}


def test_tlsa_that_is_never_answered(lab, survey):
    """It is that host's failure, whether libunbound gives up first or the deadline comes."""
    with lab.attack("drop-tlsa", "dane.example"):
        found = survey("dane-alias.example", "dane.example")
    host = found["dane.example"].hosts["mx.dane.example"]
    assert host.state == "lookup-failed" and host.why in ("dns-timeout", "dns-servfail")
    assert host.detail.startswith("TLSA of _25._tcp.mx.dane.example")
    assert found["dane-alias.example"].states == {
        "mx1.dane-alias.example": "lookup-failed", "mx2.dane-alias.example": "secure-usable",
        "mx3.dane-alias.example": "secure-usable"}


def test_ipv6_addresses_that_fail(lab, survey):
    """Those of the other family are enough, and the other hosts are as they were."""
    with lab.attack("fail-aaaa", "dane-ta.example"):
        assert set(survey("dane-ta.example")["dane-ta.example"].states.values()) == {"secure-usable"}


def test_a_silent_name_server(survey):
    found = survey("silent.example")["silent.example"]
    assert found.outcome == "failed" and found.why in ("dns-timeout", "dns-servfail")


def test_a_wrong_trust_anchor_turns_nothing_insecure(survey, tmp_path):
    """It is found, and every state is unknown: DANE is not switched off in silence."""
    anchor = tmp_path / "wrong.key"
    anchor.write_text(WRONG_KEY)
    found = survey("dane.example", "unsigned.example", "bogus.example", anchor=str(anchor))
    for survey_of in found.values():
        assert not survey_of.validating and survey_of.dnssec == "unknown"
        assert {h.why for h in survey_of.hosts.values()} == {"dns-not-validating"}
        assert set(survey_of.states.values()) == {"lookup-failed"}
