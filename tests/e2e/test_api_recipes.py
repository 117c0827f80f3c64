"""The recipes of docs/api.md that need no mail server to be run: each against a real Waxwing, whose answers it has to
turn into what its program is told. test_api_haraka.py has the one that is run for real."""

import json
import os
import shutil
import subprocess

import pytest

from conftest import ROOT

API = 8464
SETTINGS = {"http": [f"inet:127.0.0.1:{API}"], "dane": "blind",
            'override "none.example"': {"level": "encrypt"}, 'override "wildcard.example"': {"level": "may"}}
URL = f"http://127.0.0.1:{API}"
NOBODY = "http://127.0.0.1:9"
EXAMPLES = os.path.join(ROOT, "examples")
HERE = os.path.dirname(os.path.abspath(__file__))


def run(program, *arguments, **environment):
    if shutil.which(program) is None:
        pytest.skip(f"no {program}")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60,
                          env={**os.environ, **environment})


SHELL = {
    ("good.example", "MX.good.example."): "certificate",
    ("good.example", "mx2.good.example"): "never",
    ("second-best.example", "mx2.second-best.example"): "certificate",
    ("deep.example", "mx.deep.example"): "certificate",
    ("deep.example", "mx.far.deep.example"): "never",
    ("deep.example", "deep.example"): "never",
    ("testing.example", "mx.testing.example"): "offered",
    ("wildcard.example", "mx.wildcard.example"): "offered",
    ("none.example", "mx.none.example"): "encrypted",
    ("no-record.example", "mx.no-record.example"): "any",
    ("bücher.example", "mx.xn--bcher-kva.example"): "certificate",
}


def test_shell(waxwingd):
    if shutil.which("jq") is None:
        pytest.skip("no jq: apt-get install jq")

    def may_deliver(api, domain, host):
        return run(os.path.join(EXAMPLES, "shell", "may-deliver"), domain, host, WAXWING_API=api)
    for (domain, host), word in SHELL.items():
        done = may_deliver(URL, domain, host)
        assert (done.returncode, done.stdout) == (0, word + "\n"), (domain, host, done)
    for api, domain, why in ((NOBODY, "good.example", "good.example: "), (URL, "a_b.example", "dname-character")):
        done = may_deliver(api, domain, "mx.good.example")
        assert (done.returncode, done.stdout) == (75, "") and why in done.stderr, done


KUMO = {
    "good.example": "Required: mx.good.example",
    "second-best.example": "Required: mx1.second-best.example mx2.second-best.example",
    "not-listed.example": "deferred: 451 4.7.5 no MX host",
    "deep.example": "deferred: 451 4.7.5 no MX host",
    "wildcard.example": "OpportunisticInsecure: any",
    "testing.example": "OpportunisticInsecure: any",
    "no-record.example": "OpportunisticInsecure: any",
    "none.example": "RequiredInsecure: mx.none.example:25",
    "bücher.example": "Required: mx.xn--bcher-kva.example",
    "[192.0.2.1]": "OpportunisticInsecure: any",
}


def kumo(api, *domains):
    done = run("lua5.4", os.path.join(HERE, "kumo.lua"), os.path.join(EXAMPLES, "kumomta"), api, *domains)
    assert done.returncode == 0, done.stderr
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def test_kumomta(waxwingd):
    for domain, sent in kumo(URL, *KUMO).items():
        assert sent == KUMO[domain] or (KUMO[domain].startswith("deferred") and sent.startswith(KUMO[domain])), \
            (domain, sent)


def test_kumomta_without_an_answer(waxwingd, new_waxwingd):
    assert kumo(NOBODY, "good.example", "no-record.example") == {
        "good.example": "deferred: 451 4.7.5 Waxwing does not answer",
        "no-record.example": "deferred: 451 4.7.5 Waxwing does not answer"}
    assert kumo(URL, "a_b.example")["a_b.example"].startswith("deferred: ")
    new_waxwingd(http=[f"inet:127.0.0.1:{API + 10}"])
    said = kumo(f"http://127.0.0.1:{API + 10}", "dane.example")
    assert "DANE is demanded" in said["dane.example"]


HALON = {
    "good.example": ("require_verify", ["mx.good.example"]),
    "deep.example": ("require_verify", ["*.deep.example"]),
    "testing.example": ("optional", None),
    "wildcard.example": ("optional", None),
    "none.example": ("require", None),
    "no-record.example": (None, None),
}


def halon(api, *domains):
    done = run("php", "-d", "zend.assertions=1", os.path.join(HERE, "halon.php"),
               os.path.join(EXAMPLES, "halon", "waxwing.hsl"), api, *domains)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(zip(domains, map(json.loads, done.stdout.splitlines())))


def test_halon(waxwingd, new_waxwingd):
    for domain, said in halon(URL, *HALON).items():
        options = said["options"] or {}
        assert (options.get("tls"), options.get("mx_include")) == HALON[domain], (domain, said)
        assert not options or options["tls_verify_host"] is True and options["tls_sni"] is True
    assert halon(NOBODY, "no-record.example") == {"no-record.example": {"hold": "Waxwing does not answer"}}
    new_waxwingd(http=[f"inet:127.0.0.1:{API + 11}"])
    said = halon(f"http://127.0.0.1:{API + 11}", "dane.example", "good.example")
    assert said["dane.example"]["options"]["tls"] == "dane_require"
    assert said["good.example"]["options"]["tls"] == "dane_fallback_require_verify"
