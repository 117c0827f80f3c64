"""A preload list: first contact is protected by it, and a list that must not count does not.

Every mail that is held is delivered in clear text by a waxwingd without the list, so that the test shows what the list
does and nothing else.
"""

import datetime
import json
import os
import shutil
import subprocess

import pytest
from test_overrides import override
from test_preload_make import Keyring
from test_reload import reload
from waiting import explain, wait_until

pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="needs the package gpg")

QUICK = {"recheck": "1s", "no_record_min": "1s", "no_record_max": "1s"}
DOMAIN = "dropped.example"
NO_TLS = "TLS is required, but was not offered"
ENTRIES = {
    DOMAIN: ("enforce", ["mx." + DOMAIN]),
    "no-record.example": ("enforce", ["mx.no-record.example"]),  # its certificate is for another name
    "no-id.example": ("enforce", ["elsewhere.example"]),
    "none.example": ("enforce", ["mx.none.example"]),
    "testing.example": ("enforce", ["mx.testing.example"]),
    "good.example": ("enforce", ["elsewhere.example"]),
    "stripped.example": ("testing", [".stripped.example"]),
    "dane.example": ("enforce", ["mx.dane.example"]),
    "dane-implicit.example": ("enforce", ["elsewhere.example"]),
}


def at(hours):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def text(made=-1, expires=48, entries=ENTRIES):
    policies = {domain: {"mode": mode, "mxs": mxs} for domain, (mode, mxs) in entries.items()}
    return json.dumps({"timestamp": at(made), "expires": at(expires), "version": "0.1", "author": "The lab",
                       "policies": policies})


@pytest.fixture(scope="module")
def keyring(tmp_path_factory):
    ring = Keyring(tmp_path_factory.mktemp("g") / "h")
    yield ring
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=ring.environment, check=False)


class Source:
    """A list and its signature in files that the daemon may read."""

    def __init__(self, folder, keyring):
        os.mkdir(folder)
        self.folder, self.keyring = folder, keyring
        self.list, self.signature = self.path("list.json"), self.path("list.json.asc")
        self.key = self.path("key.asc")
        shutil.copyfile(keyring.public, self.key)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, words):
        with open(self.list, "w", encoding="utf-8") as f:
            f.write(words)

    def sign(self):
        self.keyring.gpg("--yes", "--armor", "--output", self.signature, "--detach-sign", self.list)

    def put(self, words):
        self.write(words)
        self.sign()

    def settings(self, **more):
        return {"cache": QUICK, "preload": {"source": self.list, "key": self.key, **more}}


@pytest.fixture
def source(lab, keyring, request):
    return Source(os.path.join(lab.state, "list-" + request.node.name.translate(str.maketrans("[", "-", "]"))), keyring)


@pytest.fixture
def daemon(source, new_waxwingd):
    source.put(text())
    daemon = new_waxwingd(**source.settings())
    wait_until(daemon, lambda: "preload-list from=" in daemon.log())
    return daemon


def update(daemon):
    """Has the daemon look at the source; what it says of it, and the exit status."""
    done = daemon.waxwing("preload", "update", "--json", "--config", daemon.conf)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout), done.returncode


def refused(daemon, error):
    """The source's list is refused for that, which is told of everywhere; what counted before still does."""
    told, status = update(daemon)
    assert (told["outcome"], told["error"]["id"], status) == ("failed", error, 1)
    assert told["list"]["counts"]
    assert f"error={error} " in [line for line in daemon.log().splitlines() if "preload-refused" in line][-1]
    shown = daemon.waxwing("status", "--config", daemon.conf).stdout
    assert "the preload list could not be brought up to date" in shown and told["error"]["message"] in shown
    return told


def test_first_contact(lab, daemon, sender, new_waxwingd):
    without = new_waxwingd(cache=QUICK)
    with lab.attack("drop-record", DOMAIN), lab.attack("strip-starttls", DOMAIN):
        sender.use(daemon.map)
        delivery = sender.send("user@" + DOMAIN)
        assert delivery.status == "deferred" and NO_TLS in delivery.reason, delivery.reason
        told = explain(daemon, DOMAIN)
        assert (told["source"], told["level"], told["mode"]) == ("preload", "secure", None)
        assert "policy_" not in daemon.lookup(DOMAIN, name="QUERYwithTLSRPT")
        sender.use(without.map)
        assert sender.retry(delivery).status == "sent"
        assert not lab.mx.arrived(delivery).tls
    # The attack is over: the policy is found, and counts in place of the list.
    wait_until(daemon, lambda: daemon.lookup(DOMAIN) and explain(daemon, DOMAIN)["mode"] == "enforce")
    assert explain(daemon, DOMAIN)["source"] == "cache"
    assert not explain(daemon, DOMAIN)["preload"]["counts"]


@pytest.mark.parametrize("mta, socket, no_tls, not_verified, not_named", (
    ("exim", "line_socket", "a TLS session is required", "certificate verification failed",
     "none of the MX hosts of no-id.example is one that a preload list"),
    ("sendmail", "sendmail_socket", "other side does not support STARTTLS", "certificate is not for",
     "mx.no-id.example is not among the MX hosts")),
    ids=("exim", "sendmail"))
def test_first_contact_of_others(lab, daemon, request, new_waxwingd, mta, socket, no_tls, not_verified, not_named):
    mta = request.getfixturevalue(mta)
    without = new_waxwingd(cache=QUICK)
    with lab.attack("drop-record", DOMAIN), lab.attack("strip-starttls", DOMAIN):
        mta.use(getattr(daemon, socket))
        stripped, wrong, other = mta.send_all(["user@" + DOMAIN, "user@no-record.example", "user@no-id.example"])
        assert stripped.status == "deferred" and no_tls in stripped.reason, stripped.log
        assert wrong.status == "deferred" and not_verified in wrong.reason, wrong.log
        assert other.status == "deferred" and not_named in other.reason, other.log
        assert mta.queued(stripped)
        mta.use(getattr(without, socket))
        assert mta.retry(stripped).status == "sent"
        assert not lab.mx.arrived(stripped).tls


def test_what_goes_before_the_list(daemon, sender):
    """A policy of any mode, though the list says otherwise; and DANE, whatever names the list has."""
    sender.use(daemon.map)
    domains = ("none.example", "testing.example", "good.example", "stripped.example", "dane.example",
               "no-record.example", "dane-implicit.example")
    fates = {d.recipient.partition("@")[2]: d for d in sender.send_all("user@" + domain for domain in domains)}
    held = {domain for domain, delivery in fates.items() if delivery.status == "deferred"}
    assert held == {"no-record.example", "dane-implicit.example"}
    assert "Server certificate not verified" in fates["no-record.example"].reason
    assert daemon.lookup("good.example").startswith("OK secure match=mx.good.example ")
    assert daemon.lookup("dane.example") == "OK dane-only"
    # DANE holds at the only host, which the list does not name.
    assert daemon.lookup("dane-implicit.example").startswith("TEMP dane-implicit.example: DANE has none")
    shown = daemon.waxwing("query", "--config", daemon.conf, "no-record.example").stdout
    assert "the daemon's preload list" in shown and "it counts: no MTA-STS policy is in force" in shown
    by = json.loads(daemon.waxwing("status", "--json", "--config", daemon.conf).stdout)["lookups"]["maps"]
    assert by["QUERY"] > 0 and by["EXPLAIN"] > 0 and by["HTTP"] == 0
    override(daemon, "set", "no-record.example", "may")
    wait_until(daemon, lambda: daemon.lookup("no-record.example") == "OK may")


def test_what_it_says_of_a_domain_that_nobody_has_asked_for(daemon):
    """It is shown, and not looked up."""
    shown = daemon.waxwing("cache", "show", "--config", daemon.conf, DOMAIN)
    assert shown.returncode == 0 and "the preload list names it" in shown.stdout, shown
    assert "mx." + DOMAIN in shown.stdout and "Postfix gets" not in shown.stdout
    told = json.loads(daemon.waxwing("cache", "show", "--json", "--config", daemon.conf, DOMAIN).stdout)
    assert told["preload"]["mx"] == ["mx." + DOMAIN]
    assert [told[key] for key in ("checked", "used", "last", "body", "in_flight")] == [None] * 4 + [False]
    assert daemon.waxwing("cache", "show", "--config", daemon.conf, "untrusted.example").returncode == 1


def test_a_list_that_must_not_count(lab, daemon, source):
    kept = text()
    source.put(kept)
    counts = update(daemon)[0]
    assert counts["outcome"] in ("new", "unchanged")
    source.write(kept.replace("The lab", "The lad"))
    refused(daemon, "openpgp-bad-signature")
    os.rename(source.signature, source.signature + ".away")
    refused(daemon, "preload-read")
    source.write("no signature")
    shutil.copyfile(source.list, source.signature)
    refused(daemon, "openpgp-no-signature")
    source.put(text(made=-3))
    refused(daemon, "preload-older")
    source.put(text(made=-0.5, expires=-0.1))
    refused(daemon, "preload-expired")
    source.put(text(made=30))
    refused(daemon, "preload-future")
    source.put("{}")
    refused(daemon, "preload-member")
    stranger = Keyring(source.keyring.public.parent.parent / "s")
    source.write(text(made=-0.1))
    stranger.gpg("--yes", "--armor", "--output", source.signature, "--detach-sign", source.list)
    told = refused(daemon, "openpgp-other-key")
    assert told["list"]["timestamp"] == counts["list"]["timestamp"]
    said = daemon.waxwing("preload", "update", "--config", daemon.conf).stdout
    assert "What counts until it expires is the list that was accepted before:" in said
    shown = daemon.waxwing("doctor", "--json", "--config", daemon.conf).stdout
    assert told["error"]["message"] in shown
    # All that time the list that was accepted first has counted, and does after a restart, without its source.
    daemon.restart()
    with lab.attack("drop-record", DOMAIN):
        assert daemon.lookup(DOMAIN).startswith("OK secure match=mx." + DOMAIN)
    source.put(text(made=-0.01, entries={"stripped.example": ("testing", ["mx.stripped.example"])}))
    told, status = update(daemon)
    assert (told["outcome"], told["error"], told["list"]["domains"], status) == ("new", None, 1, 0)
    wait_until(daemon, lambda: explain(daemon, "no-record.example")["preload"] is None)


def test_it_expires(daemon, source):
    source.put(text(made=-0.5, expires=8 / 3600))
    assert update(daemon)[0]["outcome"] == "new"
    wait_until(daemon, lambda: daemon.lookup("no-record.example").startswith("OK secure"))
    wait_until(daemon, lambda: daemon.lookup("no-record.example") == "NOTFOUND ")
    shown = daemon.waxwing("status", "--config", daemon.conf)
    assert shown.returncode == 1 and "the preload list has expired" in shown.stdout


def test_roles_die(daemon):
    """Front gets the list again, and it counts on while the role that has it is away."""
    daemon.wait_role("front", gone=daemon.kill_role("front"))
    assert daemon.lookup("no-record.example").startswith("OK secure")
    gone = daemon.kill_role("preload")
    assert daemon.lookup("no-record.example").startswith("OK secure")
    daemon.wait_role("preload", gone=gone)


def test_what_is_kept_counts_until_it_is_judged(daemon, source):
    """A role that cannot verify it takes no list away from the front, and takes none instead of it."""
    os.rename(source.key, source.key + ".away")
    daemon.wait_role("preload", gone=daemon.kill_role("preload"))
    told, status = update(daemon)
    assert (told["outcome"], told["error"]["id"], told["list"], status) == ("failed", "preload-read", None, 1)
    assert daemon.lookup("no-record.example").startswith("OK secure")
    os.rename(source.key + ".away", source.key)
    source.put(text(made=-2))
    assert update(daemon)[0]["error"]["id"] == "preload-older"
    assert daemon.lookup("no-record.example").startswith("OK secure")


def test_reload_begins_and_ends_it(daemon, source):
    with open(daemon.conf, encoding="utf-8") as f:
        conf = f.read()
    assert daemon.lookup("no-record.example").startswith("OK secure")
    with open(daemon.conf, "w", encoding="utf-8") as f:
        f.write(conf.replace(f'source = "{source.list}"', 'source = ""'))
    reload(daemon)
    wait_until(daemon, lambda: daemon.lookup("no-record.example") == "NOTFOUND " and "preload" not in daemon.roles())
    with open(daemon.conf, "w", encoding="utf-8") as f:
        f.write(conf)
    reload(daemon)
    wait_until(daemon, lambda: daemon.lookup("no-record.example").startswith("OK secure"))


def test_over_https(lab, source, new_waxwingd):
    """From a host of the lab; one that redirects, or that has a certificate of another name, is not believed."""
    source.put(text())
    for name in ("list.json", "list.json.asc"):
        with open(source.path(name), "rb") as f:
            lab.web.serve(name, f.read())
    url = "https://mta-sts.good.example/files/list.json"
    daemon = new_waxwingd(**source.settings(source=url))
    told, status = update(daemon)
    assert (told["error"], status) == (None, 0)
    assert daemon.lookup("no-record.example").startswith("OK secure")
    with open(daemon.conf, encoding="utf-8") as f:
        conf = f.read()
    for host, error in (("mta-sts.host-wrong-name.example", "https-cert"), ("mta-sts.host-no-address.example", "fetch-no-address")):
        with open(daemon.conf, "w", encoding="utf-8") as f:
            f.write(conf.replace("mta-sts.good.example", host))
        reload(daemon)
        told = refused(daemon, "preload-fetch")
        assert host in told["detail"] and error in told["detail"], told["detail"]
    assert daemon.lookup("no-record.example").startswith("OK secure")
