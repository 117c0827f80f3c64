"""Changes in DNS (RFC 2136, TSIG) at a real Knot DNS, as the daemon makes them: tests/publish/update_once.c."""

import base64
import contextlib
import os
import socket
import subprocess
import sys
import threading

import pytest
from conftest import BUILD, ROOT

from lab import knot
from lab.resolver import ADDRESS as RESOLVER

sys.path.insert(0, os.path.join(ROOT, "tests", "cli"))

import fake_control  # noqa: E402

SERVER, WITHOUT_KEY, NOBODY, DEAF = "198.18.9.1", "198.18.9.2", "198.18.9.3", "198.18.9.4"
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
ZONE = "updated.example"
SECRET = base64.b64encode(b"the secret that both sides have.").decode()
OTHER = base64.b64encode(b"a secret that only one side has.").decode()
SOA = "@ 60 SOA ns hostmaster 1 3600 600 86400 60"
LINES = [f"$ORIGIN {ZONE}.", SOA, "@ 60 NS ns", f"ns 60 A {SERVER}", "_mta-sts 60 TXT \"v=STSv1; id=old;\"",
         "alias 60 CNAME elsewhere.example.", "below 60 NS ns.below", f"ns.below 60 A {SERVER}"]


KEYS = [("update", "hmac-sha256", SECRET), ("long", "hmac-sha512", SECRET), ("idle", "hmac-sha256", SECRET)]


@pytest.fixture(scope="module", autouse=True)
def server(lab, tmp_path_factory):
    """Two servers with the zone: one that lets two of its keys update it, and one that knows no key."""
    assert lab
    folder = tmp_path_factory.mktemp("update")
    servers = [knot.Knot(str(folder / "keyed"), [SERVER], keys=KEYS, updaters=["update", "long"]),
               knot.Knot(str(folder / "open"), [WITHOUT_KEY])]
    with contextlib.ExitStack() as stack:
        for one in servers:
            one.write(ZONE, LINES, signed=False)
            stack.callback(one.stop)
            one.start()
        yield


@pytest.fixture
def waxwing_zone():
    """What is printed of a domain in a state, by a daemon that says so."""
    def make(state):
        served = {"id": "2b", "mode": "enforce", "since": None, "until": None, "binds_until": None}
        domain = {"domain": ZONE, "state": state, "rua": f"mailto:tls@{ZONE}", "served": [served] if state != "gone" else [],
                  "shown": {"id": "2b"}, "record": {"id": "2b"}}
        done, _ = fake_control.run([os.path.join(BUILD, "src/cli/waxwing"), "publish", "zone", "--format", "nsupdate", "--ttl",
                                    "600", "--target", "sts.example.net", ZONE], domain, fake_control.END)
        assert done.returncode == 0, done
        return done.stdout.decode()
    return make


@pytest.fixture
def key(tmp_path):
    """Writes a key file, in the form of `keymgr -t`."""
    def write(name="update", secret=SECRET, algorithm="hmac-sha256"):
        path = tmp_path / "key"
        path.write_text(f"key:\n  - id: {name}\n    algorithm: {algorithm}\n    secret: {secret}\n", encoding="ascii")
        return str(path)
    return write


def change(key, name, kind, *values, server=SERVER, ttl=300):
    """The exit status and what was said."""
    done = subprocess.run([os.path.join(BUILD, "tests/publish/update_once"), server, key, f"{name}.{ZONE}", kind, str(ttl),
                           *values], capture_output=True, text=True, check=False, timeout=30)
    return done.returncode, done.stdout.strip()


def shown(name, kind, server=SERVER):
    done = subprocess.run(["dig", "+noall", "+answer", f"@{server}", f"{name}.{ZONE}", kind], capture_output=True, text=True,
                          check=True)
    return sorted((line.split(None, 4)[1], line.split(None, 4)[4]) for line in done.stdout.splitlines())


@pytest.mark.parametrize("name, algorithm", [("update", "hmac-sha256"), ("long", "hmac-sha512")])
def test_replaces_and_removes(key, name, algorithm):
    path = key(name, algorithm=algorithm)
    for new in "v=STSv1; id=1;", f"v=STSv1; id={name};":
        assert change(path, "_mta-sts", "TXT", new) == (0, "")
        assert shown("_mta-sts", "TXT") == [("300", f'"{new}"')]
    assert change(path, "_mta-sts", "TXT") == (0, "")
    assert shown("_mta-sts", "TXT") == []


def test_every_kind_of_record(key):
    long = "v=TLSRPTv1; rua=mailto:" + "a" * 300 + "@example.com;"
    digest = "ab" * 32
    for name, kind, values, want in (
            ("_smtp._tls", "TXT", [long], [f'"{long[:255]}" "{long[255:]}"']),
            ("quoted", "TXT", ['say "a\\b"'], ['"say \\"a\\\\b\\""']),
            ("_25._tcp.mx", "TLSA", [f"3 1 1 {digest}", f"3 1 1 {'cd' * 32}"],
             [f"3 1 1 {digest[:56].upper()} {digest[56:].upper()}",
              f"3 1 1 {('CD' * 32)[:56]} {('CD' * 32)[56:]}"]),
            ("mta-sts", "A", ["192.0.2.1", "192.0.2.2"], ["192.0.2.1", "192.0.2.2"]),
            ("mta-sts", "AAAA", ["2001:db8::1"], ["2001:db8::1"]),
            ("www", "CNAME", ["mta-sts.example.net."], ["mta-sts.example.net."])):
        assert change(key(), name, kind, *values) == (0, ""), name
        assert [value for _, value in shown(name, kind)] == want
        assert change(key(), name, kind) == (0, "")
        assert shown(name, kind) == []


@pytest.mark.parametrize("words, name, secret", [
    ("BADSIG: it has another secret for the key update", "update", OTHER),
    ("BADKEY: it does not know the key other with hmac-sha256", "other", SECRET),
])
def test_a_key_that_does_not_fit(key, words, name, secret):
    status, said = change(key(name, secret), "_mta-sts", "TXT", "x")
    assert status == 1
    assert said.startswith(words)


@pytest.mark.skipif(not os.path.exists(FAKETIME), reason="needs the package faketime")
def test_a_clock_that_is_wrong(key):
    done = subprocess.run([os.path.join(BUILD, "tests/publish/update_once"), SERVER, key(), f"_mta-sts.{ZONE}", "TXT", "60", "x"],
                          capture_output=True, text=True, check=False, timeout=30,
                          env={**os.environ, "LD_PRELOAD": FAKETIME, "FAKETIME": "+10m", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    assert (done.returncode, done.stdout.strip(), done.stderr) == (
        1, "BADTIME: its clock and that of this machine are more than 5 minutes apart", "")


@pytest.mark.parametrize("words, name, server_of, by", [
    (f"NOTAUTH: it takes no unsigned updates of {ZONE} (set publish.dns_key)", "_mta-sts", SERVER, None),
    ("BADKEY: it does not know the key idle with hmac-sha256, or does not let it update the zone", "_mta-sts", SERVER, "idle"),
    ("NOTAUTH: it takes no unsigned updates", "_mta-sts", WITHOUT_KEY, None),
    ("BADKEY: it does not know the key update", "_mta-sts", WITHOUT_KEY, "update"),
    (f"at alias.{ZONE} there is an alias (CNAME), beside which no other record can be; remove it", "alias", SERVER, "update"),
    ("it says that other servers have the zone", "mta-sts.below", SERVER, "update"),
    ("Connection refused", "_mta-sts", NOBODY, "update"),
])
def test_what_is_refused(key, words, name, server_of, by):
    status, said = change(key(by) if by else "-", name, "TXT", "x", server=server_of)
    assert status == 1
    assert words in said
    assert shown("alias", "CNAME") == [("60", "elsewhere.example.")]


def test_a_value_that_is_none(key):
    assert change(key(), "mta-sts", "A", "nonsense") == (1, "nonsense is no value for A")


def test_a_server_that_has_no_such_zone(key):
    done = subprocess.run([os.path.join(BUILD, "tests/publish/update_once"), SERVER, key(), "_mta-sts.other.example", "TXT",
                           "60", "x"], capture_output=True, text=True, check=False, timeout=30)
    assert done.stdout.startswith("REFUSED: it has no zone of that name")


def test_a_resolver_is_no_primary():
    done = subprocess.run([os.path.join(BUILD, "tests/publish/update_once"), RESOLVER, "-",
                           "_mta-sts.testing.example", "TXT", "60", "x"], capture_output=True, text=True, check=False, timeout=30)
    assert done.stdout.startswith("it is no server of the zone, but asks others for it")


def header(query, flags):
    return query[2:4] + flags + bytes(8)


def message(octets):
    return len(octets).to_bytes(2, "big") + octets


# None waits until the other side gives up.
NONSENSE = {
    "it closes the connection without an answer": lambda query: b"",
    "it closes the connection without an answer ": lambda query: b"\xff\xff" + bytes(100),
    "it answers with what is no DNS message": lambda query: message(b"abcd"),
    "it answers something else than was asked": lambda query: message(header(b"\x00\x00\x00\x00", b"\x84\x00")),
    "its answer is not signed": lambda query: message(header(query, b"\x84\x00")),
    "the signature of its answer is not right": lambda query: query[:4] + b"\x84\x00" + query[6:],
    "it does not answer in time": None,
}


@pytest.mark.parametrize("words", NONSENSE)
def test_a_server_that_talks_nonsense(key, words):
    with socket.create_server((DEAF, 53)) as listener:
        def serve():
            peer, _ = listener.accept()
            with peer:
                query = peer.recv(65536)
                if NONSENSE[words]:
                    peer.sendall(NONSENSE[words](query))
                else:
                    peer.recv(1)
        thread = threading.Thread(target=serve)
        thread.start()
        said = change(key(), "_mta-sts", "TXT", "x", server=DEAF)
        thread.join()
    assert said == (1, words.strip())


def soa(query):
    """The answer that the zone is there: its name stands in the question, behind the label _mta-sts."""
    record = (0xC000 + 12 + 9).to_bytes(2, "big") + bytes([0, 6, 0, 1, 0, 0, 0, 60, 0, 22]) + bytes(22)
    return message(query[2:4] + b"\x84\x00\x00\x01\x00\x00\x00\x01\x00\x00" + query[14:] + record)


def update_answer(query, code):
    return message(query[2:4] + bytes([0xA8, code]) + bytes(8))


@pytest.mark.parametrize("code, words", [
    (0, ""),
    (1, "FORMERR: it does not understand the message"),
    (2, f"SERVFAIL: it has trouble with {ZONE}; its log says which"),
    (4, "NOTIMP: it takes no updates (RFC 2136)"),
    (5, f"REFUSED: it takes no unsigned updates of {ZONE}; set publish.dns_key"),
    (10, f"NOTZONE: it does not count the name to {ZONE}"),
    (8, "it answers with the error code 8"),
])
def test_what_other_servers_say(code, words):
    """Each answer but those of Knot DNS, without a key, so that they need no signature."""
    with socket.create_server((DEAF, 53)) as listener:
        def serve():
            for answer in soa, lambda query: update_answer(query, code):
                peer, _ = listener.accept()
                with peer:
                    peer.sendall(answer(peer.recv(65536)))
        thread = threading.Thread(target=serve)
        thread.start()
        said = change("-", "_mta-sts", "TXT", "x", server=DEAF)
        thread.join()
    assert said == (1 if words else 0, words)


def nsupdate(script, key):
    return subprocess.run(["nsupdate", "-k", key], input=f"server {SERVER}\n{script}", capture_output=True, text=True, check=False,
                          timeout=30)


def test_what_nsupdate_takes(waxwing_zone, tmp_path):
    """The scripts of `waxwing publish zone --format nsupdate`, by BIND's own program."""
    path = tmp_path / "bind.key"
    path.write_text(f'key "update" {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n', encoding="ascii")
    assert change(str(path), "www", "A", "192.0.2.1") == (0, "")  # the same file is good for both
    done = nsupdate(waxwing_zone("enforce"), str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert shown("_mta-sts", "TXT") == [("600", '"v=STSv1; id=2b;"')]
    assert shown("mta-sts", "CNAME") == [("600", "sts.example.net.")]
    assert shown("_smtp._tls", "TXT") == [("600", f'"v=TLSRPTv1; rua=mailto:tls@{ZONE};"')]
    done = nsupdate(waxwing_zone("gone"), str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert shown("_mta-sts", "TXT") == shown("mta-sts", "CNAME") == []
