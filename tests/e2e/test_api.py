"""The HTTP API: what it says of every domain of the lab, what its guide says of it, and what clients may do to it."""

import concurrent.futures
import contextlib
import copy
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.parse

import pytest

from conftest import ROOT
from prometheus import Metrics
from waiting import wait_until

API = 8463
METRICS = 8467
SETTINGS = {"http": [f"inet:127.0.0.1:{API}"], "metrics": [f"inet:127.0.0.1:{METRICS}"]}
GUIDE = os.path.join(ROOT, "docs", "api.md")
SCHEMA = os.path.join(ROOT, "docs", "schema", "policy-v1.json")


def request(path, method="GET", port=API):
    """(status, JSON, headers)"""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode(), dict(response.getheaders())


def policy(domain, port=API):
    status, text, _ = request("/v1/policy/" + urllib.parse.quote(domain), port=port)
    assert status == 200, text
    return json.loads(text)


def answers(port):
    with contextlib.suppress(OSError):
        return request("/", port=port)[0] == 404
    return False


def _strict(schema):
    """The same schema, where members that it does not name are wrong."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key != "allOf":
                _strict(value)
        if "required" in schema:
            schema["additionalProperties"] = False
    elif isinstance(schema, list):
        for value in schema:
            _strict(value)
    return schema


@pytest.fixture(scope="module")
def validator():
    jsonschema = pytest.importorskip("jsonschema", reason="no jsonschema: apt-get install python3-jsonschema")
    with open(SCHEMA, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(_strict(schema))


# How Postfix is told the same.
LEVELS = {
    ("none", "none"): ["NOTFOUND"],
    ("opportunistic", "none"): ["NOTFOUND"],
    ("opportunistic", "dane"): ["dane"],
    ("required", "none"): ["encrypt"],
    ("required", "dane"): ["dane-only"],
    ("required", "webpki"): ["secure", "TEMP"],
}


def test_every_domain(lab, waxwingd, validator):
    """All at once, and what Postfix is told right afterwards: each of its answers has one of these in the API."""
    def ask(name):
        return policy(name), None if lab.domains[name].waits else waxwingd.lookup(name)
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        both = dict(zip(lab.domains, pool.map(ask, lab.domains)))
    for name, (document, told) in both.items():
        errors = [e.message for e in validator.iter_errors(document)]
        assert not errors, (name, errors)
        assert document["domain"] == name
        if told is None:
            continue  # answered at the deadline; more is known later
        words = told.split()
        level = words[1] if words[0] == "OK" else words[0]
        assert document["hold"] == (level == "TEMP")
        assert level in LEVELS[document["tls"], document["verify"]], (name, told, document)
        if level == "secure":
            shown = [re.sub(r"^\*", "", pattern) for pattern in document["mx"]]
            assert words[2] == "match=" + ":".join(shown), name
        error = lab.domains[name].error
        late = error == "dns-timeout" and document["error"] is None
        assert not error or late or document["error"]["id"] == error, (name, document["error"])
    said = {name: document for name, (document, _) in both.items()}
    assert {d["source"] for d in said.values()} == {"live"}
    assert len(said["huge.example"]["mx"]) == 2301
    assert said["testing.example"]["tls"] == "opportunistic" and said["testing.example"]["policy"]["mode"] == "testing"


def test_a_wrong_document_is_seen(validator):
    good = policy("good.example")
    for change in ({"tls": "perhaps"}, {"extra": 1}, {"mx": ["*.*.example"]}, {"hold": True}, {"until": "today"},
                   {"would": {}}, {"dry_run": True}):
        assert list(validator.iter_errors({**copy.deepcopy(good), **change})), change
    for member in good:
        assert list(validator.iter_errors({k: v for k, v in good.items() if k != member})), member


def test_dry_run_and_overrides(lab, new_waxwingd, validator):
    daemon = new_waxwingd(http=[f"inet:127.0.0.1:{API + 10}"], dry_run=True)
    document = policy("good.example", API + 10)
    assert not list(validator.iter_errors(document))
    assert document["tls"] == "none" and document["would"]["tls"] == "required"
    daemon.waxwing("override", "set", "--config", daemon.conf, "good.example", "may")
    wait_until(daemon, lambda: policy("good.example", API + 10)["override"])
    document = policy("good.example", API + 10)
    assert not list(validator.iter_errors(document))
    assert (document["override"]["applied"], document["would"]["tls"]) == (True, "opportunistic")


def test_guide(waxwingd):
    """The commands as they stand there, of a domain that is in the lab."""
    with open(GUIDE, encoding="utf-8") as f:
        blocks = re.findall(r"^```sh\n(.*?)^```$", f.read(), re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) == 5
    for program in ("curl", "jq"):
        if shutil.which(program) is None:
            pytest.skip(f"no {program}: apt-get install {program}")
    said = []
    for command in commands:
        command = re.sub(r"(\b|mx\.)example\.com", r"\1good.example", command)
        done = subprocess.run(["/bin/sh", "-ec", command], cwd=ROOT, capture_output=True, text=True, check=True,
                              timeout=30)
        said.append(done.stdout)
    assert json.loads(said[0])["domain"] == "good.example"
    assert json.loads(said[1]) == {"tls": "required", "verify": "webpki", "mx": ["mx.good.example"],
                                   "why": {"text": "the MTA-STS policy is enforced", "section": "RFC 8461 section 5"}}
    assert json.loads(said[2])["domain"] == "xn--bcher-kva.example"
    assert json.loads(said[3])["error"]["id"] == "dname-character"
    assert said[4] == "certificate\n"


def test_counted(waxwingd):
    def count():
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", METRICS, timeout=30)) as connection:
            connection.request("GET", "/metrics")
            return Metrics(connection.getresponse().read().decode()).value("waxwing_lookups_total", map="HTTP",
                                                                           answer="secure")
    policy("good.example")
    before = count()
    policy("good.example")
    assert request("/v1/policy/good.example", "HEAD")[:2] == (200, "")
    assert request("/v1/policy/a_b.example")[0] == 400
    assert count() == before + 2


def test_slow_clients_keep_nobody_out(waxwingd):
    """More half requests than there are connections: Postfix is answered. They end by the deadline (test_http_server)."""
    slow = []
    try:
        for _ in range(1100):
            s = socket.create_connection(("127.0.0.1", API), timeout=30)
            s.sendall(b"GET /v1/policy/good.example HTTP/1.1\r\nHost: ")
            slow.append(s)
        assert waxwingd.lookup("good.example").startswith("OK secure")
    finally:
        for s in slow:
            s.close()
    assert policy("good.example")["tls"] == "required"


def test_front_dies(waxwingd):
    """The listener stays with the supervisor: who comes meanwhile waits."""
    gone = waxwingd.kill_role("front")
    assert policy("good.example")["mx"] == ["mx.good.example"]
    waxwingd.wait_role("front", gone)


def test_listener_comes_and_goes(new_waxwingd):
    daemon = new_waxwingd(http=[f"inet:127.0.0.1:{API + 20}"])
    assert answers(API + 20)
    with open(daemon.conf, encoding="utf-8") as f:
        text = f.read()
    unix = os.path.join(daemon.state, "http")
    with open(daemon.conf, "w", encoding="utf-8") as f:
        f.write(text.replace(f"inet:127.0.0.1:{API + 20}", "unix:" + unix))
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(daemon, lambda: os.path.exists(unix) and not answers(API + 20))
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(unix)
        s.sendall(b"GET /v1/policy/good.example HTTP/1.0\r\nHost: a\r\n\r\n")
        assert s.makefile("rb").read().startswith(b"HTTP/1.1 200 OK\r\n")
    with open(daemon.conf, "w", encoding="utf-8") as f:
        f.write(text.replace("127.0.0.1:" + str(API + 20), "0.0.0.0:" + str(API + 20)))
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(daemon, lambda: "a loopback address or a Unix socket is wanted" in daemon.log())
    assert os.path.exists(unix)
