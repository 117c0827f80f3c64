"""Verdicts of `waxwing check` beside those of tools that Debian packages: danetool and ldns-dane for TLSA records, testssl.sh
for TLS behind STARTTLS. The tables say for each domain what either finds, and why where they differ: a verdict that
changes on either side fails, and so does a difference that has gone."""

import concurrent.futures
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field

import pytest

from lab import Unavailable, fixtures
from lab.waxwingd import Waxwingd

SITE = fixtures.load()
SECONDS = 400
RESOLVER = "198.18.0.53"

# Where Debian's libgnutls-dane finds the keys of the root; danetool has no option for it.
ROOT_KEYS = "/usr/share/dns/root.key"


# ---- TLSA records ------------------------------------------------------------------------------

@dataclass(frozen=True)
class Row:
    """What each finds; `why` has a reason for each tool that finds something else than we do."""

    ours: str
    danetool: str
    ldns_dane: str
    why: dict = field(default_factory=dict)


def same(verdict):
    return Row(verdict, verdict, verdict)


NO_PKIX = "usages 0 and 1 mean nothing on port 25 (RFC 7672 section 3.1.3); it knows no ports, and checks them as for HTTPS"
NO_NAMES = "it checks names with usage 3 too, which RFC 7671 section 5.1 has let be since 2015"
NOT_TOLD = "it does not tell a zone without DNSSEC from one without TLSA records"
ONE_ANSWER = "it does not tell a failed look-up from {}"

TLSA = {
    "good": same("fits"),
    "dane-no-match": same("differs"),
    "dane-no-rollover": same("fits"),
    "dane-stale-pin": same("fits"),
    "dane-usage": same("fits"),
    "dane-record": same("fits"),
    "dane-digests": same("fits"),
    "dane-none-usable": Row("none usable", "fits", "fits", {"danetool": NO_PKIX, "ldns_dane": NO_PKIX}),
    "dane-tlsa-missing": same("none"),
    "dane-host-unsigned": Row("not signed", "none", "none", {"danetool": NOT_TOLD, "ldns_dane": NOT_TOLD}),
    "dane-tlsa-unsigned": same("not signed"),
    "dane-tlsa-bogus": same("bogus"),
    "dane-tlsa-failed": Row("look-up failed", "none", "bogus", {"danetool": ONE_ANSWER.format("no TLSA records"),
                                                               "ldns_dane": ONE_ANSWER.format("a bogus answer")}),
    # The certificate breaks the policy of MTA-STS, and fits DANE.
    "mx-expired": same("fits"),
    "mx-certificate-dane-only": same("fits"),
    "mx-name-mismatch": Row("fits", "fits", "wrong name", {"ldns_dane": NO_NAMES}),
}

OUR_STATES = {"secure-unusable": "none usable", "none": "none", "insecure": "not signed", "bogus": "bogus",
              "lookup-failed": "look-up failed"}
DANETOOL_SAYS = {"The certificate differs": "differs", "No DANE data were found": "none",
                 "No DNSSEC signature was found": "not signed", "The DNSSEC signature is invalid": "bogus"}
LDNS_DANE_SAYS = {"were found, but were insecure": "not signed", "No TLSA records for": "none", "records were bogus": "bogus",
                  "no matching DANE TLSA records": "differs", "hostname mismatch": "wrong name",
                  "dane-validated successfully": "fits"}

# ---- TLS ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tls:
    """What we find; which parts of testssl.sh are asked, since each takes it many seconds; the ids of what these find to be
    worse than OK and INFO, each with what becomes of it with us."""

    ours: list
    parts: str
    theirs: dict


SAME = "the same"
NOT_MADE = "what could not be looked at is not tested"

TLS = {
    "good": Tls([], "-p", {}),
    "mx-old-tls": Tls(["mx-old-tls"], "-p", {"TLS1": SAME, "TLS1_1": "TLS 1.0 and 1.1 are one finding"}),
    "mx-no-starttls": Tls(["mx-no-starttls"], "-p", {"optimal_proto": SAME, "SSLv2": NOT_MADE}),
}


# ---- how they are asked ------------------------------------------------------------------------

def all_at_once(ask, names):
    """{name: ask(name)}; as many at a time as there are processors, since these tools wait little."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(names, pool.map(ask, names)))


def said_by(command, seconds=30):
    """Exit status and all that it printed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, timeout=seconds)
    return done.returncode, done.stdout


def need(program, package):
    if not shutil.which(program):
        pytest.skip(f"{program} is missing (package {package})")


def one_of(words, text):
    """The verdict whose words are in the text first of all; the text itself, if there is none."""
    return next((verdict for phrase, verdict in words.items() if phrase in text), text)


@pytest.fixture(scope="module")
def site(lab):
    """The lab, with the test site."""
    try:
        lab.site()
    except Unavailable as reason:
        pytest.skip(str(reason))
    return lab


@pytest.fixture(scope="module")
def reports(site, build):
    """What `waxwing check` says of all domains of the tables."""
    configured = Waxwingd(site, build, name="peers", settings={"fetch": {"deadline": "6s"}, "dns": {"timeout": "4s"}})
    names = [f"{row}.{fixtures.PARENT}" for row in {**TLSA, **TLS}]
    done = subprocess.run([configured.command, "check", "--json", "--fail-on", "never", "--config", configured.conf, *names],
                          capture_output=True, text=True, check=True, timeout=SECONDS)
    return {report["domain"].partition(".")[0]: report for report in map(json.loads, done.stdout.splitlines())}


def first_host(reports, row):
    return reports[row]["mx"]["hosts"][0]


def host_of(row):
    """The only MX host of a domain, which may be another's."""
    return SITE[f"{row}.{fixtures.PARENT}"].mx[0].name


def our_tlsa_verdict(host):
    if host["dane"]["state"] != "secure-usable":
        return OUR_STATES[host["dane"]["state"]]
    return "fits" if all(address["tlsa_match"] for address in host["addresses"]) else "differs"


@pytest.fixture(scope="module")
def danetool(site):
    """The verdicts of danetool: it asks DNS, validates, and does STARTTLS."""
    need("danetool", "gnutls-bin")
    # It has the keys of the root in a file of the system: the lab's lie there for it alone.
    alone = ["unshare", "--mount", "sh", "-ec", f'mount --bind "$0" {ROOT_KEYS}; exec "$@"', site.dns.trust_anchor]

    def ask(row):
        status, text = said_by([*alone, "danetool", "--check", host_of(row), "--port", "25", "--starttls-proto", "smtp",
                                "--local-dns"])
        return "fits" if status == 0 else one_of(DANETOOL_SAYS, text)
    return all_at_once(ask, TLSA)


@pytest.fixture(scope="module")
def ldns_dane(site):
    """The verdicts of ldns-dane, by AD bits of the resolver. It knows no STARTTLS: it gets the host's certificates as a file."""
    need("ldns-dane", "ldnsutils")

    def ask(row):
        host = host_of(row)
        return one_of(LDNS_DANE_SAYS, said_by(["ldns-dane", "-r", RESOLVER, "-f", site.pki.ca,
                                               "-c", site.pki.path("mx-" + host, "pem"), "verify", host, "25"])[1])
    return all_at_once(ask, TLSA)


@pytest.fixture(scope="module")
def testssl(site, tmp_path_factory):
    """For each row the ids of what testssl.sh finds worse than OK and INFO."""
    need("testssl", "testssl.sh")
    directory = tmp_path_factory.mktemp("testssl")

    def ask(row):
        host = SITE[f"{row}.{fixtures.PARENT}"].mx[0]
        path = directory / f"{row}.json"
        said = said_by(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none",
                        "--openssl-timeout", "5", "--add-ca", site.pki.ca, "--starttls", "smtp",
                        "--ip", next(a for a in host.addresses if ":" not in a), "--jsonfile", path,
                        *TLS[row].parts.split(), f"{host.name}:25"], SECONDS)[1]
        found = json.loads(path.read_text(encoding="utf-8"))
        assert found, said
        return {one["id"] for one in found if one["severity"] not in ("OK", "INFO")}
    return all_at_once(ask, TLS)


# ---- the comparison ----------------------------------------------------------------------------

@pytest.mark.parametrize("row", TLSA)
def test_our_verdict_of_tlsa_records(reports, row):
    assert our_tlsa_verdict(first_host(reports, row)) == TLSA[row].ours


@pytest.mark.parametrize("row", TLSA)
def test_danetool(danetool, row):
    assert danetool[row] == TLSA[row].danetool


@pytest.mark.parametrize("row", TLSA)
def test_ldns_dane(ldns_dane, row):
    assert ldns_dane[row] == TLSA[row].ldns_dane


@pytest.mark.parametrize("row", TLSA)
def test_each_difference_has_a_reason(row):
    """And none has one that is no difference."""
    verdicts = TLSA[row]
    assert {tool for tool in ("danetool", "ldns_dane") if getattr(verdicts, tool) != verdicts.ours} == set(verdicts.why)


@pytest.mark.parametrize("row", TLS)
def test_our_verdict_of_tls(reports, row):
    assert sorted({finding["id"] for finding in reports[row]["findings"]}) == TLS[row].ours


@pytest.mark.parametrize("row", TLS)
def test_testssl(testssl, row):
    assert testssl[row] == set(TLS[row].theirs)
