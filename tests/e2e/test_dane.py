"""DANE first, end to end: what Waxwing tells where DANE and MTA-STS meet, and what becomes of the mail, with Postfix
3.7 and 3.10. The rows of lab/domains.toml say both; src/core/domain_decision.h says why.

Each deferral has its counterpart: the same mail goes out without Waxwing, or with the guard off that has held it.
"""

import pytest
from waiting import wait_stored, wait_until

from lab import table

DOMAINS = [d for d in table.load().values() if d.dane]
HELD = [d for d in DOMAINS if d.fate == "deferred"]
# Without DNSSEC in Waxwing, or in Postfix.
OFF, BLIND, MTA = {"dane": "off"}, {"dane": "blind"}, {"dane": "mta"}
# What the deadline passes for, so that no test waits for more.
HASTY = {"answer_deadline": "1s"}

NO_DNSSEC = {"smtp_dns_support_level": ""}
OWN_DANE = {"smtp_tls_security_level": "dane"}

MISCONFIGURED = "client TLS configuration problem"
LOOKUP = "TLSA lookup error for "
NOT_VERIFIED = "Server certificate not verified"
NO_TLS = "TLS is required, but was not offered"


def map_for(sender, daemon):
    """As the guide has it: what Postfix needs for reports, from 3.10 on."""
    return daemon.map_with_tlsrpt if sender.version() >= (3, 10) else daemon.map


def tells(daemon, name, told):
    """Waits until the daemon says so of a domain; until it knows, it may have to say less."""
    def said():
        answer = daemon.lookup(name)
        return answer.startswith(told) if told == "TEMP " else answer == told
    wait_until(daemon, said, seconds=60)


def held(sender, domain, why):
    """Sends a mail that must stay in the queue, for that reason."""
    delivery = sender.send("user@" + domain, wait=60)
    assert delivery.status == "deferred", delivery
    assert why in delivery.reason, delivery.reason
    assert sender.queued(delivery)["queue_name"] == "deferred"
    return delivery


def sent(lab, sender, domain, tls="Verified"):
    """Sends a mail that must arrive, by TLS like this; tells where it has."""
    delivery = sender.send("user@" + domain, wait=60)
    assert delivery.status == "sent", delivery
    assert delivery.tls in tls, delivery.log
    assert sender.queued(delivery) is None
    return lab.mx.arrived(delivery)


ANY_TLS = ("Verified", "Trusted", "Untrusted", "Anonymous")
CLEAR = ("",)


def test_every_domain(waxwingd, each_sender):
    """All at once: what is told, and what becomes of a mail."""
    for d in DOMAINS:
        tells(waxwingd, d.name, d.told)
    each_sender.use(map_for(each_sender, waxwingd))
    deliveries = each_sender.send_all("user@" + d.name for d in DOMAINS)
    assert {d.name: delivery.status for d, delivery in zip(DOMAINS, deliveries)} == {d.name: d.fate for d in DOMAINS}
    assert [delivery for d, delivery in zip(DOMAINS, deliveries) if not delivery.shows(d.why)] == []
    for delivery in deliveries:
        entry = each_sender.queued(delivery)
        assert entry["queue_name"] == "deferred" if delivery.status == "deferred" else entry is None


def test_every_domain_without_waxwing(each_sender):
    """Whatever was held goes out."""
    each_sender.use(None)
    deliveries = each_sender.send_all("user@" + d.name for d in HELD)
    assert {delivery.status for delivery in deliveries} == {"sent"}


def test_dane_off(lab, new_waxwingd, sender):
    """What DANE alone has held goes out, and MTA-STS goes on to count."""
    daemon = new_waxwingd(**OFF)
    sender.use(daemon.map)
    for name in ("dane-mismatch", "dane-testing-mismatch", "dane-ta-wrong-name"):
        assert daemon.lookup(name + ".example") == "NOTFOUND "
        assert sent(lab, sender, name + ".example", ANY_TLS).domain == name + ".example"
    for name in ("dane-sts-mismatch", "dane-sts-half"):
        assert daemon.lookup(name + ".example").startswith("OK secure match=mx")
        assert sent(lab, sender, name + ".example").domain == name + ".example"
    held(sender, "dane-sts-wrong-name.example", NOT_VERIFIED)
    assert daemon.lookup("bogus.example") == "NOTFOUND "


class TestAttacks:
    """Whoever tampers with TLSA records or with DNSSEC brings about a delay, and nothing else."""

    @pytest.mark.parametrize("attack", ["drop-tlsa", "deny-tlsa"])
    def test_tlsa(self, lab, new_waxwingd, each_sender, attack):
        """TLSA records that are not answered for, or denied by a forger: MTA-STS does not take their place."""
        daemon = new_waxwingd(**HASTY)
        users = ["user@dane.example", "user@dane-sts.example"]
        with lab.attack(attack, "dane.example"), lab.attack(attack, "dane-sts.example"):
            assert daemon.lookup("dane.example") == "OK dane"
            assert daemon.lookup("dane-sts.example") == "OK dane-only"
            each_sender.use(map_for(each_sender, daemon))
            deliveries = each_sender.send_all(users)
            for delivery in deliveries:
                assert delivery.status == "deferred" and LOOKUP in delivery.reason, delivery
                assert each_sender.queued(delivery)["queue_name"] == "deferred"
            each_sender.use(None)
            for name in ("dane.example", "dane-sts.example"):
                lab.resolver.forget(name)  # a server that left many questions unanswered is asked nothing for a while
            assert [delivery for delivery in each_sender.send_all(users) if delivery.status != "sent"] == []
        each_sender.use(map_for(each_sender, daemon))
        for delivery in deliveries:
            retried = each_sender.retry(delivery, seconds=60)
            assert (retried.status, retried.tls) == ("sent", "Verified"), retried

    def test_tlsa_of_one_host(self, lab, new_waxwingd, each_sender):
        """The first host of three is an alias of one whose TLSA records are denied by a forger."""
        daemon = new_waxwingd()
        with lab.attack("deny-tlsa", "dane.example"):
            tells(daemon, "dane-alias.example", "OK dane")
            each_sender.use(map_for(each_sender, daemon))
            assert sent(lab, each_sender, "dane-alias.example").host == "mx.good.example"

    def test_ds_stripped(self, lab, new_waxwingd, each_sender):
        """Waxwing validates by itself: even where the resolver of Postfix believes the forged delegation, the mail
        stays here. Without Waxwing it goes out then."""
        daemon = new_waxwingd()
        with lab.attack("strip-ds", "dane.example"):
            tells(daemon, "dane.example", "TEMP ")
            each_sender.use(map_for(each_sender, daemon))
            held(each_sender, "dane.example", "Name service error")
            with lab.resolver.believing("dane.example"):
                delivery = held(each_sender, "dane.example", MISCONFIGURED)
                assert delivery.shows("the answer about its MX hosts does not stand up to DNSSEC")
                each_sender.use(None)
                sent(lab, each_sender, "dane.example", ANY_TLS)

    def test_bogus_zone(self, lab, waxwingd, each_sender):
        tells(waxwingd, "bogus.example", "TEMP ")
        with lab.resolver.believing("bogus.example"):
            each_sender.use(map_for(each_sender, waxwingd))
            delivery = held(each_sender, "bogus.example", MISCONFIGURED)
            assert delivery.shows("bogus.example: the answer about its MX hosts does not stand up to DNSSEC")
            each_sender.use(None)
            sent(lab, each_sender, "bogus.example", ANY_TLS)

    @pytest.mark.parametrize("name", ["dane-rollover.example", "dane-all-unusable.example"])
    def test_starttls_stripped(self, lab, waxwingd, each_sender, name):
        """TLSA records promise TLS, even those that cannot be used."""
        with lab.attack("strip-starttls", name):
            each_sender.use(map_for(each_sender, waxwingd))
            delivery = held(each_sender, name, NO_TLS)
            each_sender.use(None)
            assert not sent(lab, each_sender, name, CLEAR).tls
        each_sender.use(map_for(each_sender, waxwingd))
        assert each_sender.retry(delivery, seconds=60).status == "sent"

    def test_ipv6_addresses_that_fail(self, lab, new_waxwingd, each_sender):
        daemon = new_waxwingd()
        with lab.attack("fail-aaaa", "dane-ta.example"):
            tells(daemon, "dane-ta.example", "OK dane-only")
            each_sender.use(map_for(each_sender, daemon))
            sent(lab, each_sender, "dane-ta.example")


class TestUnknown:
    """The answer deadline passes while nobody knows about DANE: Postfix gets to look by itself."""

    def test_without_a_policy(self, lab, new_waxwingd):
        daemon = new_waxwingd(**HASTY)
        with lab.attack("block-dns", "dane.example"):
            assert daemon.lookup("dane.example") == "OK dane"

    def test_beside_an_enforced_policy(self, lab, new_waxwingd):
        """Not secure, which would override a DANE that fails; the policy is known from before."""
        daemon = new_waxwingd(**HASTY)
        tells(daemon, "dane-sts.example", "OK dane-only")
        tells(daemon, "good.example", lab.domain("good.example").told)
        wait_stored(daemon, "good.example")
        daemon.stop()
        with lab.attack("block-dns", "dane-sts.example"), lab.attack("block-dns", "good.example"):
            daemon.start()
            assert daemon.lookup("dane-sts.example") == "OK dane-only"
            assert daemon.lookup("good.example") == "OK dane-only"
        tells(daemon, "good.example", lab.domain("good.example").told)

    def test_where_dane_is_off(self, lab, new_waxwingd):
        daemon = new_waxwingd(**HASTY, **OFF)
        with lab.attack("block-dns", "dane.example"):
            assert daemon.lookup("dane.example") == "NOTFOUND "


class TestConflict:
    """DANE holds at an MX host that the enforced policy does not name. What the default makes of it stands in the
    table."""

    def test_dane_suffices(self, lab, new_waxwingd, each_sender):
        daemon = new_waxwingd(dane_conflict="dane")
        each_sender.use(map_for(each_sender, daemon))
        for name in ("dane-conflict.example", "dane-conflict-spare.example", "dane-conflict-half.example"):
            tells(daemon, name, "OK dane-only")
            assert sent(lab, each_sender, name).host == lab.domain(name).mx[0].name

    def test_the_held_mail_goes_out_then(self, lab, waxwingd, new_waxwingd, each_sender):
        tells(waxwingd, "dane-conflict.example", "TEMP ")
        each_sender.use(map_for(each_sender, waxwingd))
        delivery = held(each_sender, "dane-conflict.example", MISCONFIGURED)
        daemon = new_waxwingd(dane_conflict="dane")
        tells(daemon, "dane-conflict.example", "OK dane-only")
        each_sender.use(map_for(each_sender, daemon))
        assert each_sender.retry(delivery, seconds=60).tls == "Verified"

    @pytest.mark.parametrize("name", ["dane-conflict-spare.example", "sts-half-bogus.example"])
    def test_mx_host_pattern(self, lab, waxwingd, sender13, name):
        """Postfix from 3.10.5 on does not even try a host that no pattern matches."""
        best = lab.domain(name).mx[1].name
        tells(waxwingd, name, f"OK secure match={best} servername=hostname")
        assert f" mx_host_pattern={best} " in waxwingd.lookup(name, "QUERYwithTLSRPT") + " "
        sender13.use(waxwingd.map_with_tlsrpt)
        delivery = sender13.send("user@" + name, wait=60)
        assert (delivery.status, delivery.tls) == ("sent", "Verified"), delivery
        assert lab.mx.arrived(delivery).host == best
        assert not delivery.shows("connection established to " + lab.domain(name).mx[0].name)


class TestWrongSetup:
    """Postfix that cannot do DANE (smtp_dns_support_level is not dnssec), and Waxwing does not know."""

    def test_dane_only_holds_all(self, waxwingd, each_sender):
        """Whatever stands there. It is the wrong set-up that fails safe; `waxwing doctor` tells of it."""
        each_sender.use(map_for(each_sender, waxwingd), **NO_DNSSEC)
        for name in ("dane.example", "dane-sts.example", "dane-mismatch.example"):
            tells(waxwingd, name, "OK dane-only")
            held(each_sender, name, MISCONFIGURED)

    def test_dane_is_no_protection(self, lab, waxwingd, each_sender):
        """The first host has a TLSA record that does not fit, and gets the mail."""
        each_sender.use(map_for(each_sender, waxwingd), **NO_DNSSEC)
        tells(waxwingd, "dane-half.example", "OK dane")
        assert sent(lab, each_sender, "dane-half.example", ANY_TLS).host == "mx1.dane-half.example"

    @pytest.mark.parametrize("remedy,told", [(BLIND, "OK encrypt"), (OFF, "NOTFOUND ")], ids=["blind", "off"])
    def test_remedies(self, lab, new_waxwingd, each_sender, remedy, told):
        daemon = new_waxwingd(**remedy)
        each_sender.use(map_for(each_sender, daemon), **NO_DNSSEC)
        for name in ("dane.example", "dane-mismatch.example"):
            tells(daemon, name, told)
            sent(lab, each_sender, name, ANY_TLS)
        tells(daemon, "dane-half.example", "NOTFOUND ")
        sent(lab, each_sender, "dane-half.example", ANY_TLS)
        assert daemon.lookup("dane-sts.example") == "OK secure match=mx.dane-sts.example servername=hostname"
        sent(lab, each_sender, "dane-sts.example")
        held(each_sender, "dane-sts-wrong-name.example", NOT_VERIFIED)

    def test_blind_keeps_tls(self, lab, new_waxwingd, each_sender):
        """What all hosts have promised, and what can be had without DNSSEC in Postfix."""
        daemon = new_waxwingd(**BLIND)
        tells(daemon, "dane.example", "OK encrypt")
        each_sender.use(map_for(each_sender, daemon), **NO_DNSSEC)
        with lab.attack("strip-starttls", "dane.example"):
            held(each_sender, "dane.example", NO_TLS)
        tells(daemon, "bogus.example", "TEMP ")


class TestLeftToPostfix:
    """dane = mta, where Postfix's own default level is dane."""

    def test_own_level(self, lab, new_waxwingd, each_sender):
        daemon = new_waxwingd(**MTA)
        each_sender.use(map_for(each_sender, daemon), **OWN_DANE)
        for name in ("dane.example", "dane-mismatch.example", "dane-half.example", "dane-all-unusable.example"):
            tells(daemon, name, "NOTFOUND ")
        sent(lab, each_sender, "dane.example")
        held(each_sender, "dane-mismatch.example", NOT_VERIFIED)
        assert sent(lab, each_sender, "dane-half.example", ANY_TLS).host == "mx2.dane-half.example"
        sent(lab, each_sender, "dane-all-unusable.example", ANY_TLS)

    def test_beside_an_enforced_policy(self, lab, new_waxwingd, each_sender):
        daemon = new_waxwingd(**MTA)
        each_sender.use(map_for(each_sender, daemon), **OWN_DANE)
        for name in ("dane-sts.example", "dane-sts-mismatch.example"):
            tells(daemon, name, "OK dane-only")
        sent(lab, each_sender, "dane-sts.example")
        held(each_sender, "dane-sts-mismatch.example", NOT_VERIFIED)
        sent(lab, each_sender, "good.example")
