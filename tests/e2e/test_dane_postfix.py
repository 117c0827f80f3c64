"""What Postfix itself does at each TLS level with what DANE comes to, without Waxwing: the facts that its decisions
rest on. src/core/domain_decision.h has them as a table.
"""

import contextlib

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
# A cell with two words is for Postfix 3.7 and 3.10.
TABLE = """
                                                           dane-only dane         encrypt secure    none
usable              -        dane-rollover.example         verified  verified     tls     verified  tls
usable,-wrong       -        dane-mismatch.example         no-match  no-match     tls     verified  tls
usable              stripped dane-implicit.example         no-tls    no-tls       no-tls  no-tls    clear
EE,-expired         -        dane-ee-expired.example       verified  verified     tls     no-match  tls
EE,-other-name      -        dane-ee-wrong-name.example    verified  verified     tls     no-match  tls
TA                  -        dane-ta.example               verified  verified     tls     verified  tls
TA,-other-name      -        dane-ta-wrong-name.example    no-match  no-match     tls     no-match  tls
unusable            -        dane-all-unusable.example     unusable  tls          tls     no-match  tls
unusable            stripped dane-sts-all-unusable.example unusable  no-tls       no-tls  no-tls    clear
none                -        good.example                  no-tlsa   tls          tls     verified  tls
none                stripped stripped.example              no-tlsa   clear        no-tls  no-tls    clear
insecure            -        dane-abroad.example           no-tlsa   tls          tls     verified  tls
bogus               denied   dane-sts.example              failed    failed       tls     verified  tls
failed              lost     dane.example                  failed    failed       tls     verified  tls
wrong,+none         -        dane-half.example             no-tlsa   tls          tls     verified  tls
usable,+absent      -        dane-half-gone.example        verified  verified     tls     verified  tls
usable,+bogus       -        dane-half-bogus.example       verified  verified     tls     verified  tls
bogus,+none         -        sts-half-bogus.example        no-tlsa   tls          tls     verified  tls
wrong,-MX-insecure  -        dane-from-unsigned.example    unsigned  tls|no-match tls     verified  tls
none,-MX-insecure   stripped unsigned.example              unsigned  clear        no-tls  no-tls    clear
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
    """Names and dates count for nothing with DANE-EE, names do with DANE-TA, and MTA-STS wants both. Each MX host is
    held to its own TLSA records, and one that does not exist, or is bogus, stops no other."""
    with contextlib.ExitStack() as attacks:
        for _, attack, domain, *_ in ROWS:
            if attack != "-":
                attacks.enter_context(lab.attack(ATTACKS[attack], domain))
        seen = [fates(each_sender, ROWS, policy_maps) for policy_maps in LEVELS.values()]
    assert list(LEVELS) == TABLE[0].split()
    newer = each_sender.version() >= (3, 10)
    wanted = [row[:3] + [cell.split("|")[-1 if newer else 0] for cell in row[3:]] for row in ROWS]
    assert [row[:3] + list(found) for row, found in zip(ROWS, zip(*seen))] == wanted


def test_told_levels_bring_about_the_fates(each_sender):
    """What the table wants Waxwing to tell of a domain leads to what the table wants to become of the mail."""
    domains = [d for d in table.load().values() if d.dane and d.told != "TEMP "]
    told = [(d.name, d.told.removeprefix("OK ")) for d in domains if d.told.startswith("OK ")]
    each_sender.use("inline:{" + " ".join(f"{{ {name} = {policy} }}" for name, policy in told) + "}")
    deliveries = each_sender.send_all("user@" + d.name for d in domains)
    assert {d.name: delivery.status for d, delivery in zip(domains, deliveries)} == {d.name: d.fate for d in domains}
    assert [delivery for d, delivery in zip(domains, deliveries) if not delivery.shows(d.why)] == []


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


def test_policy_failure_blocks(sender13):
    """Why Waxwing never sends policy_failure: at level secure it holds all mail, however good the certificate; at
    may it does nothing. "Report that the fetch has failed, and deliver" cannot be said."""
    failures = ("sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid")
    names = ("good.example", "unsigned.example", "stripped.example")
    rows = [("", "", name) for name in names]

    def told(level, failing):
        policies = [(name, f"{level.format(name)} policy_type=sts policy_domain={name}" +
                     (f" policy_failure={failure}" if failing else "")) for name, failure in zip(names, failures)]
        return "inline:{" + " ".join(f"{{ {name} = {policy} }}" for name, policy in policies) + "}"

    secure = "secure match=mx.{} servername=hostname"
    assert fates(sender13, rows, told(secure, failing=False)) == ["verified"] * 3
    assert fates(sender13, rows, told(secure, failing=True)) == ["no-match"] * 3
    assert fates(sender13, rows, told("may", failing=True)) == ["tls"] * 3
