"""The root's trust anchors: kept by RFC 5011, handed on, and told of when they are missing or do not fit."""

import json
import os
import signal
import socket
import subprocess
import threading

import pytest
from waiting import wait_until

from lab import knot, proc, resolver, zones

OWN_ROOT = "198.18.0.5"
OTHER_ROOT = "198.18.0.6"
BARE_ROOT = "198.18.0.7"
STRIPPER = "198.18.0.8"
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
SYSTEM = "/usr/share/dns"
WRONG_KEY = ". 3600 IN DS 4711 13 2 " + "5A" * 32 + "\n"


class Root:
    """A root of one's own, whose keys can change, with its files for a resolver."""

    def __init__(self, state, address, signed=True):
        os.makedirs(state)
        self.knot = knot.Knot(os.path.join(state, "knot"), [address], lifetime="90d")
        self.knot.write("", [line.replace(zones.ROOT_ADDRESS, address) for line in zones.root({})], signed=signed)
        self.knot.write("net", zones.tld("net", [], {}))
        self.settings = {"root_hints": os.path.join(state, "root.hints"),
                         "trust_anchor": os.path.join(state, "root.ds")}
        ds = self.knot.start()
        with open(self.settings["root_hints"], "w", encoding="ascii") as f:
            f.write(f". 3600000 NS a.root.\na.root. 3600000 A {address}\n")
        with open(self.settings["trust_anchor"], "w", encoding="ascii") as f:
            f.write("".join(f". IN DS {one}\n" for one in ds.get("", [])))


@pytest.fixture(name="root")
def _root(lab, request):
    """Makes roots for one test: root(address, signed=True)."""
    made = []

    def make(address=OWN_ROOT, signed=True):
        made.append(Root(os.path.join(lab.state, f"root-{request.node.name}-{len(made)}"), address, signed))
        return made[-1]

    yield make
    for one in made:
        one.knot.stop()


def kept(daemon):
    """The file that the keeper hands on; "" before it is there."""
    path = os.path.join(os.path.dirname(daemon.store), "root.key")
    if not os.path.exists(path):
        return ""
    with open(path, encoding="ascii") as f:
        return f.read()


def wait_event(daemon, event, before=0):
    """Waits until it has been logged more than `before` times; the last such line."""
    def found():
        lines = [line for line in daemon.log().splitlines() if f" {event}" in line]
        return lines[-1] if len(lines) > before else None
    return proc.wait_for(event, found, log=daemon.log_file)


def count(daemon, event):
    return daemon.log().count(f" {event}")


def status(daemon):
    return json.loads(daemon.waxwing("status", "--config", daemon.conf, "--json").stdout)


def doctor(daemon):
    done = daemon.waxwing("doctor", "--config", daemon.conf, "--json")
    return {f["id"]: f for f in json.loads(done.stdout) if f["id"].startswith("dns")}


def start_at(daemon, days):
    """Starts it with a clock that is so many days ahead."""
    added = {"LD_PRELOAD": FAKETIME, "FAKETIME": f"+{days}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    before = count(daemon, "info dns-validates")
    os.environ.update(added)
    try:
        daemon.start()
    finally:
        for name in added:
            del os.environ[name]
    wait_event(daemon, "info dns-validates", before)


def test_confirmed_and_handed_on(lab, new_waxwingd):
    """The first look at the root's keys makes the file; a restart begins with it."""
    daemon = new_waxwingd()
    wait_event(daemon, "anchors-confirmed")
    with open(lab.dns.trust_anchor, encoding="ascii") as f:
        tag = f.read().split()[4]
    wait_until(daemon, lambda: f". IN DS {tag} 13 2 " in kept(daemon))
    now = status(daemon)["anchors"]
    assert (now["source"], now["keys"], now["waiting"]) == ("file", [int(tag)], [])
    daemon.restart()
    wait_event(daemon, "info dns-validates", 1)
    now = status(daemon)
    assert now["anchors"]["source"] == "rfc5011" and now["anchors"]["keys"] == [int(tag)]
    assert now["anchors"]["confirmed"] is not None
    wait_until(daemon, lambda: status(daemon)["dns"] == "validating")
    shown = daemon.waxwing("status", "--config", daemon.conf).stdout
    assert f"root keys    {tag} (kept up to date by RFC 5011), confirmed 2" in shown
    assert doctor(daemon)["dns-anchors"]["status"] == "ok"
    assert count(daemon, "anchors-replaced") == 0
    assert os.stat(os.path.join(os.path.dirname(daemon.store), "root.key")).st_mode & 0o777 == 0o644


def test_updates_that_are_not_wanted(new_waxwingd):
    """The file still tells that DNSSEC has worked here; its keys are not used."""
    daemon = new_waxwingd(dns={"anchor_updates": False})
    wait_event(daemon, "anchors-confirmed")
    wait_until(daemon, lambda: ";confirmed 2" in kept(daemon))
    daemon.restart()
    wait_event(daemon, "info dns-validates", 1)
    assert status(daemon)["anchors"]["source"] == "file"


@pytest.mark.skipif(not os.path.exists(FAKETIME), reason="needs the package faketime")
def test_a_roll_over(root, new_waxwingd):
    """Published, waiting for 30 days, trusted; and the one before revoked. Each look is a start on another day."""
    own = root()
    daemon = new_waxwingd(start=False, dns=own.settings)
    start_at(daemon, 0)
    wait_event(daemon, "anchors-confirmed")
    old, = own.knot.keys("").items()
    new = own.knot.add_key("")
    tag = own.knot.keys("")[new]
    for days in (0, 15):
        daemon.stop()
        start_at(daemon, days)
        assert f"key={tag} from=start to=pending" in wait_event(daemon, "anchor-changed")
        wait_until(daemon, lambda: status(daemon)["anchors"]["waiting"] == [tag])
        assert f"IN DS {tag} " not in kept(daemon) and f"IN DS {old[1]} " in kept(daemon)
    assert f"; to be trusted later: {tag}\n" in daemon.waxwing("status", "--config", daemon.conf).stdout
    wait_until(daemon, lambda: count(daemon, "anchor-changed") == 1)
    daemon.stop()
    start_at(daemon, 30)
    wait_event(daemon, f"anchor-changed key={tag} from=pending to=valid")
    wait_event(daemon, "anchors-replaced")
    wait_until(daemon, lambda: sorted(status(daemon)["anchors"]["keys"]) == sorted([tag, old[1]]))
    wait_until(daemon, lambda: all(r["ready"] for r in status(daemon)["roles"]))
    daemon.stop()
    own.knot.change_key("", old[0], "revoke=+0")
    start_at(daemon, 30)
    wait_event(daemon, f"anchor-changed key={old[1]} from=valid to=revoked")
    wait_event(daemon, "anchors-replaced", 1)
    wait_until(daemon, lambda: status(daemon)["anchors"]["keys"] == [tag])
    assert f"\n. IN DS {old[1]} " not in kept(daemon) and f";revoked . IN DS {old[1]} " in kept(daemon)
    wait_until(daemon, lambda: status(daemon)["dns"] == "validating")


def test_what_nobody_trusted_vouches_for(root, new_waxwingd):
    """Another root takes the place of the right one, signed by its own key, and then one that is not signed."""
    own, other, bare = root(), root(OTHER_ROOT), root(BARE_ROOT, signed=False)
    daemon = new_waxwingd(dns=own.settings)
    wait_event(daemon, "anchors-confirmed")
    wait_until(daemon, lambda: ";end" in kept(daemon))
    right = kept(daemon)
    for attacker, verdict in (other, "dns-anchor"), (bare, "dns-stripped"):
        with open(attacker.settings["root_hints"], encoding="ascii") as f, \
                open(own.settings["root_hints"], "w", encoding="ascii") as hints:
            hints.write(f.read())
        before = count(daemon, "anchors-unconfirmed")
        daemon.restart()
        wait_event(daemon, verdict)
        assert "no signature of a trusted key" in wait_event(daemon, "anchors-unconfirmed", before)
        assert kept(daemon) == right
        assert status(daemon)["anchors"]["source"] == "rfc5011"
    assert count(daemon, "anchor-changed") == count(daemon, "anchors-replaced") == 0


FILES = {
    "missing": (None, "No such file or directory"),
    "empty": ("", "no DS or DNSKEY record of the root"),
    "broken": (". IN DS 4711 13 2 5A5\n", "line 1: a line is no DS or DNSKEY record"),
    "not the root's": ("example. IN DS 4711 13 2 5A5A\n", "no DS or DNSKEY record of the root"),
    "a directory": ("/", "Is a directory"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_fit_for_use(new_waxwingd, tmp_path, name):
    """It is never ignored: nothing starts with it, a reload changes nothing, and all say which file it is."""
    text, why = FILES[name]
    path = tmp_path / "named.key"
    if text == "/":
        path.mkdir()
    elif text is not None:
        path.write_text(text)
    daemon = new_waxwingd(start=False, dns={"trust_anchor": str(path)})
    for options in (["--check"], []):
        done = subprocess.run([daemon.program, "-c", daemon.conf, *options], capture_output=True, text=True,
                              check=False, timeout=20)
        assert done.returncode == 78
        assert f"dns.trust_anchor: {path}: " in done.stderr and why in done.stderr and "leave that" in done.stderr
    finding = doctor(daemon)["dns-anchors"]
    assert finding["status"] == "fail" and str(path) in finding["seen"] and why in finding["seen"]


def test_a_file_that_vanishes_before_a_reload(lab, new_waxwingd, tmp_path):
    path = tmp_path / "named.key"
    with open(lab.dns.trust_anchor, encoding="ascii") as f:
        path.write_text(f.read())
    os.chmod(tmp_path, 0o755)
    daemon = new_waxwingd(dns={"trust_anchor": str(path)})
    wait_event(daemon, "info dns-validates")
    path.unlink()
    os.kill(daemon.pid, signal.SIGHUP)
    wait_event(daemon, "reload-failed")
    assert f"{path}: No such file or directory" in wait_event(daemon, "anchors-unusable")
    assert status(daemon)["dns"] == "validating"
    assert daemon.lookup("good.example").startswith("OK secure")


def test_an_anchor_that_does_not_fit(lab, new_waxwingd, tmp_path):
    """It is told from a path that strips DNSSEC; and once the right one is named, all begins anew."""
    path = tmp_path / "named.key"
    path.write_text(WRONG_KEY)
    os.chmod(tmp_path, 0o755)
    daemon = new_waxwingd(dns={"trust_anchor": str(path)})
    line = wait_event(daemon, "error dns-anchor")
    assert 'anchors="file: 4711"' in line and "the root has signed with the key" in line
    wait_event(daemon, "anchors-unconfirmed")
    assert not os.path.exists(os.path.join(os.path.dirname(daemon.store), "root.key"))
    wait_until(daemon, lambda: status(daemon)["dns"] == "anchor")
    now = status(daemon)
    assert not now["well"] and now["anchors"]["confirmed"] is None
    assert now["dane"] == {"setting": "on", "known": False, "left_out": False}
    assert "do not fit the trust anchors" in daemon.waxwing("status", "--config", daemon.conf).stdout
    finding = doctor(daemon)["dns"]
    assert finding["status"] == "fail" and "do not fit the keys that are trusted (4711, from dns.trust_anchor)" in \
        finding["seen"]
    # The policy is found, as MTA-STS does not rest on DNSSEC; but whether DANE goes before it is open.
    assert daemon.lookup("good.example") == "OK dane-only"
    with open(lab.dns.trust_anchor, encoding="ascii") as f:
        path.write_text(f.read())
    os.kill(daemon.pid, signal.SIGHUP)
    wait_event(daemon, "info dns-validates")
    wait_event(daemon, "anchors-confirmed")
    wait_until(daemon, lambda: status(daemon)["dns"] == "validating")


class Stripper(threading.Thread):
    """A forwarder to the lab's resolver. While it strips, it asks as one that knows no EDNS: without signatures."""

    def __init__(self):
        super().__init__(daemon=True)
        self.strips = True
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((STRIPPER, 53))
        self.start()

    def run(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            end = query.index(b"\0", 12) + 5
            if self.strips:
                query = query[:2] + b"\1\0\0\1\0\0\0\0\0\0" + query[12:end]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to:
                to.settimeout(2)
                to.sendto(query, (resolver.ADDRESS, 53))
                try:
                    self.socket.sendto(to.recv(4096), client)
                except TimeoutError:
                    continue


@pytest.fixture(name="stripper", scope="module")
def _stripper(lab):
    assert lab
    return Stripper()


@pytest.fixture(name="stripped", scope="module")
def _stripped(stripper):
    """Settings of a daemon that asks through it."""
    assert stripper
    return {"forward": [STRIPPER], "root_hints": ""}


def test_a_path_that_strips(stripper, stripped, new_waxwingd):
    stripper.strips = True
    daemon = new_waxwingd(dns=stripped)
    wait_event(daemon, "warning dns-stripped")
    wait_until(daemon, lambda: status(daemon)["dns"] == "stripped")
    # It never has got through, so that there is no DANE to be lost, and mail does not wait for it.
    assert daemon.lookup("dane.example") == "NOTFOUND "
    assert daemon.lookup("good.example").startswith("OK secure match=")
    assert count(daemon, "dns-anchor") == 0
    assert status(daemon)["dane"] == {"setting": "on", "known": False, "left_out": True}
    told = daemon.waxwing("status", "--config", daemon.conf).stdout
    assert "\nDANE         on; left out of account, as DNSSEC has never got through to this machine\n" in told


def test_dnssec_that_has_worked_is_not_forgotten(stripper, stripped, new_waxwingd):
    """A root.key that others may write to is not believed; yet whoever strips DNSSEC then turns no DANE off."""
    stripper.strips = False
    daemon = new_waxwingd(dns=stripped)
    wait_event(daemon, "anchors-confirmed")
    wait_until(daemon, lambda: ";end" in kept(daemon))
    os.chmod(os.path.join(os.path.dirname(daemon.store), "root.key"), 0o664)
    stripper.strips = True
    daemon.restart()
    assert "others may write to it" in wait_event(daemon, "anchors-passed-over")
    wait_event(daemon, "dns-stripped")
    assert daemon.lookup("dane.example") == "OK dane"


def directly(daemon, domain):
    """What is found of DANE, and the level that follows, by the two commands without a daemon."""
    done = daemon.waxwing("query", "--config", daemon.conf, "--direct", "--json", domain)
    assert "DNSSEC does not get through" in done.stderr
    queried = json.loads(done.stdout)
    done = daemon.waxwing("explain", "--config", daemon.conf, "--direct", "--json", domain)
    explained = json.loads(done.stdout)["now"]
    assert (queried["dane"]["mx"], queried["level"]) == (explained["dane"]["mx"], explained["level"])
    return queried["dane"]["mx"], queried["level"]


def test_a_path_that_strips_told_without_a_daemon(stripper, stripped, new_waxwingd):
    """Where DNSSEC has worked before it is an attack, and mail waits for it; where it never has there is no DANE."""
    stripper.strips = True
    daemon = new_waxwingd()
    wait_event(daemon, "anchors-confirmed")
    wait_until(daemon, lambda: ";end" in kept(daemon))
    before = new_waxwingd(start=False, store=daemon.store, dns=stripped)
    assert directly(before, "dane.example") == ("failed", "dane")
    never = new_waxwingd(start=False, dns=stripped)
    assert directly(never, "dane.example") == ("no-dnssec", "none")


def test_a_damaged_file_is_passed_over(new_waxwingd):
    daemon = new_waxwingd()
    wait_event(daemon, "anchors-confirmed")
    wait_until(daemon, lambda: ";end" in kept(daemon))
    daemon.stop()
    path = os.path.join(os.path.dirname(daemon.store), "root.key")
    with open(path, "r+", encoding="ascii") as f:
        f.truncate(200)
    daemon.start()
    assert f"{path}: the file of trust anchors is not as waxwingd writes it" in \
        wait_event(daemon, "anchors-passed-over")
    wait_event(daemon, "info dns-validates", 1)
    wait_until(daemon, lambda: ";end" in kept(daemon))


def test_a_store_that_is_lost(new_waxwingd):
    """What was handed on is trusted then, not what all began with."""
    daemon = new_waxwingd()
    wait_event(daemon, "anchors-confirmed")
    wait_until(daemon, lambda: ";end" in kept(daemon))
    daemon.stop()
    for name in os.listdir(os.path.dirname(daemon.store)):
        if name.startswith("waxwing.db"):
            os.unlink(os.path.join(os.path.dirname(daemon.store), name))
    daemon.start()
    wait_event(daemon, "info dns-validates", 1)
    assert status(daemon)["anchors"]["source"] == "rfc5011"


def test_all_that_were_trusted_are_revoked(new_waxwingd):
    """What all began with does not bring them back, nor is it taken for a network without DNSSEC."""
    daemon = new_waxwingd()
    wait_event(daemon, "anchors-confirmed")
    wait_until(daemon, lambda: ";end" in kept(daemon))
    daemon.stop()
    for name in os.listdir(os.path.dirname(daemon.store)):
        if name.startswith("waxwing.db"):
            os.unlink(os.path.join(os.path.dirname(daemon.store), name))
    revoked = kept(daemon).replace("\n. IN DS", "\n;revoked . IN DS")
    with open(os.path.join(os.path.dirname(daemon.store), "root.key"), "w", encoding="ascii") as f:
        f.write(revoked)
    daemon.start()
    assert "nothing validates until" in wait_event(daemon, "anchors-passed-over")
    assert 'anchors="rfc5011: none"' in wait_event(daemon, "error dns-anchor")
    wait_event(daemon, "anchors-unconfirmed")
    wait_until(daemon, lambda: status(daemon)["dns"] == "anchor")
    assert status(daemon)["anchors"]["keys"] == []
    assert "root keys    none (kept up to date" in daemon.waxwing("status", "--config", daemon.conf).stdout
    finding = doctor(daemon)["dns-anchors"]
    assert finding["status"] == "fail" and "have been revoked; nothing validates" in finding["seen"]
    assert daemon.lookup("dane.example") == "OK dane"
    assert kept(daemon) == revoked


@pytest.mark.skipif(not os.path.isdir(SYSTEM), reason="needs the package dns-root-data")
def test_the_systems_root_key(lab, new_waxwingd):
    with open(lab.dns.trust_anchor, encoding="ascii") as f:
        anchor = f.read()
    proc.run("mount", "-t", "tmpfs", "none", SYSTEM)
    try:
        with open(SYSTEM + "/root.key", "w", encoding="ascii") as f:
            f.write(anchor)
        daemon = new_waxwingd(dns={"trust_anchor": ""})
        wait_event(daemon, "anchors-confirmed")
        assert status(daemon)["anchors"]["source"] == "system"
        assert doctor(daemon)["dns-anchors"]["seen"].startswith("the root's keys are ")
        daemon.stop()
        os.unlink(os.path.join(os.path.dirname(daemon.store), "root.key"))
        with open(SYSTEM + "/root.key", "w", encoding="ascii") as f:
            f.write("nonsense\n")
        daemon.start()
        assert "the system's root key: line 1: " in wait_event(daemon, "anchors-passed-over")
        wait_event(daemon, "dns-anchor")
        assert status(daemon)["anchors"]["source"] == "built-in"
    finally:
        proc.run("umount", SYSTEM)
