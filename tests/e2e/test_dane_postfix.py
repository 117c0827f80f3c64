"""What Postfix itself does at each TLS level with what DANE comes to, without Waxwing: the facts that its decisions
rest on. src/core/domain_decision.h has them as a table.
"""

import contextlib

import pytest

from lab import table

# Levels as Waxwing says them; for all domains, so that the domain alone makes the difference.
LEVELS = {
    "dane-only": "static:dane-only",
    "dane": "static:dane",
    "encrypt": "static:encrypt",
    "secure": "static:{ secure match=hostname servername=hostname }",
    "none": None,
}
# Why mail is held, in the words of Postfix.
HELD = {
    "no-match": "Server certificate not verified",
    "no-tlsa": "no TLSA records found",
    "unusable": "TLSA records unusable",
    "unsigned": "non DNSSEC destination",
    "failed": "TLSA lookup error for",
    "no-tls": "TLS is required, but was not offered",
    "misconfigured": "client TLS configuration problem",
}
ATTACKS = {
    "denied": "deny-tlsa",
    "lost": "drop-tlsa",
    "stripped": "strip-starttls",
}
# The TLSA records of an MX host, how it is attacked, a domain with such a host, and what becomes of mail at each level:
# sent with verified TLS, with some TLS, or in clear; else why it is held.
TABLE = """
                                                           dane-only dane      encrypt secure    none
usable              -        dane-rollover.example         verified  verified  tls     verified  tls
usable,-wrong       -        dane-mismatch.example         no-match  no-match  tls     verified  tls
usable              stripped dane-implicit.example         no-tls    no-tls    no-tls  no-tls    clear
unusable            -        dane-all-unusable.example     unusable  tls       tls     no-match  tls
unusable            stripped dane-sts-all-unusable.example unusable  no-tls    no-tls  no-tls    clear
none                -        good.example                  no-tlsa   tls       tls     verified  tls
none                stripped stripped.example              no-tlsa   clear     no-tls  no-tls    clear
insecure            -        dane-abroad.example           no-tlsa   tls       tls     verified  tls
insecure-MX         stripped unsigned.example              unsigned  clear     no-tls  no-tls    clear
bogus               denied   dane-sts.example              failed    failed    tls     verified  tls
failed              lost     dane.example                  failed    failed    tls     verified  tls
""".strip().splitlines()
ROWS = [row.split() for row in TABLE[1:]]


def outcome(sender, delivery):
    """A word of the table. What is held must stand in the queue of deferred mail."""
    if delivery.status == "sent":
        return {"Verified": "verified", "": "clear"}.get(delivery.tls, "tls")
    entry = sender.queued(delivery)
    assert delivery.status == "deferred" and entry["queue_name"] == "deferred", delivery
    found = [word for word, reason in HELD.items() if reason in delivery.reason]
    return found[0] if found else delivery.reason


def fates(sender, rows, policy_maps, **settings):
    """What becomes of one message to each row's domain, by these TLS policies."""
    sender.use(policy_maps, **settings)
    return [outcome(sender, delivery) for delivery in sender.send_all("user@" + row[2] for row in rows)]


def test_table(lab, each_sender):
    with contextlib.ExitStack() as attacks:
        for _, attack, domain, *_ in ROWS:
            if attack != "-":
                attacks.enter_context(lab.attack(ATTACKS[attack], domain))
        seen = [fates(each_sender, ROWS, policy_maps) for policy_maps in LEVELS.values()]
    assert list(LEVELS) == TABLE[0].split()
    assert [row[:3] + list(found) for row, found in zip(ROWS, zip(*seen))] == ROWS


def test_told_levels_bring_about_the_fates(each_sender):
    """What the table wants Waxwing to tell of a domain leads to what the table wants to become of the mail."""
    domains = [d for d in table.load().values() if d.dane and d.told != "TEMP "]
    told = [(d.name, d.told.removeprefix("OK ")) for d in domains if d.told.startswith("OK ")]
    each_sender.use("inline:{" + " ".join(f"{{ {name} = {policy} }}" for name, policy in told) + "}")
    deliveries = each_sender.send_all("user@" + d.name for d in domains)
    assert {d.name: delivery.status for d, delivery in zip(domains, deliveries)} == {d.name: d.fate for d in domains}
    assert [delivery for d, delivery in zip(domains, deliveries) if not delivery.shows(d.why)] == []


def test_insecure_mx_records(each_sender):
    """The MX records are not secure, the TLSA records of the host are, and fit nothing. Postfix 3.10 goes by them at
    level dane, 3.7 does not. Waxwing never says dane here, except as long as it does not know."""
    rows = [("", "", "dane-from-unsigned.example")]
    seen = {level: fates(each_sender, rows, policy_maps)[0] for level, policy_maps in LEVELS.items()}
    dane = "no-match" if each_sender.version() >= (3, 10) else "tls"
    assert seen == {"dane-only": "unsigned", "dane": dane, "encrypt": "tls", "secure": "verified", "none": "tls"}


def test_one_level_for_several_hosts(each_sender):
    """Each MX host is held to its own TLSA records; one that does not exist, or is bogus, stops no other."""
    rows = [("", "", name) for name in ("dane-half.example", "dane-half-gone.example", "dane-half-bogus.example",
                                        "sts-half-bogus.example", "dane-ta.example")]
    dane_only = fates(each_sender, rows, LEVELS["dane-only"])
    assert dane_only == ["no-tlsa", "verified", "verified", "no-tlsa", "verified"]
    assert fates(each_sender, rows, LEVELS["dane"]) == ["tls", "verified", "verified", "tls", "verified"]
    assert fates(each_sender, rows, LEVELS["none"]) == ["tls"] * len(rows)


def test_certificates(each_sender):
    """Names and dates count for nothing with DANE-EE, names do with DANE-TA; MTA-STS wants both."""
    rows = [("", "", name) for name in ("dane-ee-expired.example", "dane-ee-wrong-name.example", "dane-ta.example",
                                        "dane-ta-wrong-name.example", "dane-rollover.example")]
    dane_only, secure = (fates(each_sender, rows, LEVELS[level]) for level in ("dane-only", "secure"))
    assert dane_only == ["verified", "verified", "verified", "no-match", "verified"]
    assert secure == ["no-match", "no-match", "verified", "no-match", "verified"]


def test_without_dnssec(each_sender):
    """The wrong set-up: smtp_dns_support_level is not dnssec. Level dane-only holds what is well, dane lets through
    what is wrong."""
    rows = [("", "", name) for name in ("dane.example", "dane-mismatch.example", "good.example")]
    for level, wanted in (("dane-only", "misconfigured"), ("dane", "tls"), ("encrypt", "tls")):
        assert fates(each_sender, rows, LEVELS[level], smtp_dns_support_level="") == [wanted] * 3


def test_default_level_dane(each_sender):
    """Where Waxwing says NOTFOUND, Postfix's own default level goes on to count; where it says may or secure, not."""
    rows = [("", "", name) for name in ("dane.example", "dane-mismatch.example", "dane-all-unusable.example",
                                        "good.example")]
    own = {"smtp_tls_security_level": "dane"}
    assert fates(each_sender, rows, None, **own) == ["verified", "no-match", "tls", "tls"]
    assert fates(each_sender, rows, "static:may", **own) == ["tls"] * 4
    assert fates(each_sender, rows, LEVELS["secure"], **own) == ["verified", "verified", "no-match", "verified"]


@pytest.mark.parametrize("failure", ["sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"])
def test_policy_failure_blocks(sender13, failure):
    """Why Waxwing never sends policy_failure: at level secure it holds all mail, however good the certificate; at may
    it does nothing. "Report that the fetch has failed, and deliver" cannot be said."""
    rows = [("", "", "good.example")]
    policy = "match=mx.good.example servername=hostname policy_type=sts policy_domain=good.example"
    secure = f"inline:{{{{ good.example = secure {policy}%s }}}}"
    may = "inline:{{{{ good.example = may policy_type=sts policy_domain=good.example policy_failure={} }}}}"
    assert fates(sender13, rows, secure % "") == ["verified"]
    assert fates(sender13, rows, secure % f" policy_failure={failure}") == ["no-match"]
    assert fates(sender13, rows, may.format(failure)) == ["tls"]
