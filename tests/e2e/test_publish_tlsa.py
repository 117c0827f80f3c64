"""`waxwing publish tlsa --state`: the key of an MX host that has TLSA records is changed, step by step."""

import json
import subprocess

import pytest

DOMAIN, HOST = "dane.example", "mx.dane.example"


@pytest.fixture(scope="module")
def keys(lab, tmp_path_factory):
    """Files: the certificate and the key that the host shows, and another key."""
    folder = tmp_path_factory.mktemp("keys")
    other = str(folder / "other.key")
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", other], capture_output=True, check=True)
    return {"shown": lab.pki.path("mx-" + HOST, "pem"), "shown key": lab.pki.path("mx-" + HOST, "key"), "other": other}


@pytest.fixture
def tlsa(lab, new_waxwingd):
    """Runs it, and returns its exit status and what it said as JSON. The daemon does not run."""
    daemon = new_waxwingd(start=False)

    def run(*args, host=HOST):
        done = daemon.waxwing("publish", "tlsa", "--config", daemon.conf, *args, host)
        assert done.stdout.startswith("{") or "--json" not in args, done
        return done.returncode, json.loads(done.stdout) if "--json" in args else done.stdout

    return run


@pytest.fixture
def publish(lab):
    """Sets the records of the host."""
    domain = lab.domain(DOMAIN)
    before = domain.tlsa

    def put(*records):
        domain.tlsa = {HOST: list(records)}
        lab.dns.publish_tlsa(lab.pki, domain)

    yield put
    put(*before[HOST])


def values(out):
    return [value for record in out["records"] for value in record["values"]]


def test_each_step(tlsa, publish, keys):
    """What is printed is what is published next, until all is done."""
    to_other = ("--state", "--json", "--certificate", keys["shown"], "--next-key", keys["other"])
    from_other = ("--state", "--json", "--key", keys["other"], "--next-key", keys["shown key"])
    publish("3 1 1")
    status, out = tlsa(*to_other[:4])
    assert (status, out["step"]) == (0, "done")
    status, out = tlsa(*to_other)
    assert (status, out["step"], out["dns"]["state"]) == (1, "publish", "secure-usable")
    both = values(out)
    assert len(both) == 2
    publish(*both)
    status, out = tlsa(*to_other)
    assert (status, out["step"], values(out)) == (1, "wait", both)
    assert out["until"] is not None
    status, out = tlsa(*to_other, "--since", "2h")
    assert (status, out["step"], out["until"]) == (1, "switch", None)
    # As it is when the host has switched: what it shows is the next key.
    status, out = tlsa(*from_other)
    assert (status, out["step"]) == (1, "retire")
    assert values(out) == both[:1]
    publish(*values(out))
    status, out = tlsa(*from_other)
    assert (status, out["step"], {a["shows"] for a in out["addresses"]}) == (0, "done", {"next"})


def test_what_breaks_is_said(tlsa, publish, keys):
    args = ("--state", "--json", "--certificate", keys["shown"])
    publish("3 1 1 " + "00" * 32)
    status, out = tlsa(*args)
    assert (status, out["step"], {a["refused"] for a in out["addresses"]}) == (1, "repair", {True})
    # What is not known here is not removed.
    assert "3 1 1 " + "00" * 32 in values(out)
    assert len(values(out)) == 2
    status, text = tlsa("--state", "--certificate", keys["shown"])
    assert status == 1
    assert "senders with DANE refuse the host now" in text
    assert f"_25._tcp.{HOST}. 3600 IN TLSA 3 1 1 " in text
    publish("3 1 1")
    status, out = tlsa("--state", "--json", "--key", keys["other"])
    assert (status, out["step"], {a["shows"] for a in out["addresses"]}) == (1, "other-key", {"other"})
    assert out["records"] == []


def test_more_records_than_fit(tlsa, publish, keys):
    """A script that lacks some of them would remove those."""
    args = ("--state", "--certificate", keys["shown"])
    publish(*(f"3 1 1 {i:02x}" + "00" * 31 for i in range(9)))
    status, out = tlsa(*args, "--json")
    assert (status, len(out["dns"]["records"]), out["records"], out["remove"]) == (1, 9, [], [])
    assert any("more records than fit here" in note for note in out["notes"])
    status, text = tlsa(*args)
    assert status == 1
    assert "more records than fit here" in text
    assert " IN TLSA " not in text


def test_without_records(tlsa, publish, keys):
    publish()
    status, out = tlsa("--state", "--json", "--certificate", keys["shown"])
    assert (status, out["step"], out["dns"]["state"]) == (1, "publish", "none")


def test_a_zone_that_is_not_signed(lab, tlsa):
    host = "mx.dane-unsigned.example"
    status, out = tlsa("--state", "--json", "--certificate", lab.pki.path("mx-" + host, "pem"), host=host)
    assert (status, out["step"], out["records"]) == (1, "sign", [])


def test_nothing_to_be_seen(tlsa, keys):
    status, out = tlsa("--state", "--json", "--certificate", keys["shown"], host="nobody.good.example")
    assert (status, out["step"], out["records"]) == (75, "unclear", [])
    assert out["addresses"] == [{"address": None, "shows": "unknown", "refused": False, "why": "the MX host has no address"}]
