"""A domain that had a policy of somebody else before it was added: senders hold that for the 30 days that it says, and what
Waxwing publishes waits for them."""

import datetime
import http.server
import json
import os
import shutil
import ssl
import threading

import pytest
from waiting import wait_until

from lab.clock import DAY

NAME = "plain-rollout.example"
_MAX_AGE = 30 * DAY
_SLOW = DAY  # resolvers may lead to the former host for so long


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class _Somebody:
    """A policy host that is not Waxwing's."""

    def __init__(self, lab, domain):
        lab.pki.issue("somebody-" + domain.name, "good", domain.policy_host, days=3000)
        text = f"version: STSv1\r\nmode: enforce\r\nmx: {domain.hosts[0]}\r\nmax_age: {_MAX_AGE}\r\n".encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*(lab.pki.path("somebody-" + domain.name, what) for what in ("pem", "key")))
        self._server = http.server.ThreadingHTTPServer((domain.other_address, 443), Handler)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def publishing(lab):
    return lab.publishing()


@pytest.fixture
def domain(lab, publishing):
    """Its policy host is somebody else's."""
    d = publishing.domains[NAME]
    publishing.reset(d)
    publishing.lead(d, d.other_address)
    somebody = _Somebody(lab, d)
    yield d
    somebody.close()
    publishing.reset(d)


@pytest.fixture
def daemon(lab, publishing, domain, new_waxwingd):
    made = new_waxwingd(start=False, clock=lab.clock, publish={
        "enabled": True, "https": [f"inet:{domain.policy_address}:443"], "dns_server": [domain.server],
        "dns_key": publishing.key_file, "dns_ttl": "1s", "interval": "10s"})
    folder = os.path.join(os.path.dirname(made.store), "publish", "certificates", domain.policy_host)
    lab.pki.issue("ours-" + NAME, "good", domain.policy_host, days=3000)
    os.makedirs(folder)
    for what, name in ("pem", "fullchain.pem"), ("key", "privkey.pem"):
        shutil.copy(lab.pki.path("ours-" + NAME, what), os.path.join(folder, name))
    if made.user:
        for path, _, files in os.walk(os.path.dirname(made.store)):
            for one in (path, *(os.path.join(path, f) for f in files)):
                shutil.chown(one, made.user)
    made.start()
    return made


def publish(daemon, what, *arguments):
    """What `waxwing publish` prints."""
    done = daemon.waxwing("publish", what, "--config", daemon.conf, *arguments, NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def comes_to(daemon, condition):
    """Waits until what is shown of the domain is so, and returns it."""
    found = []
    publish(daemon, "look", "--no-wait")
    wait_until(daemon, lambda: found.append(json.loads(publish(daemon, "show", "--json"))) or condition(found[-1]), 120)
    return found[-1]


def may_enter(row, host):
    return next(h["may_enter_at"] for h in row["hosts"] if h["name"] == host)


def test_it_binds_until_it_is_forgotten(lab, publishing, domain, daemon):
    first, second = domain.hosts[:2]
    publish(daemon, "add", "--no-wait", "--mx", first, "--dns", "update", "--certificate", "files")
    [theirs] = comes_to(daemon, lambda d: d["served"])["served"]
    assert (theirs["foreign"], theirs["mode"], theirs["mx"], theirs["max_age"]) == (True, "enforce", [first], _MAX_AGE)
    assert theirs["id"] is theirs["until"] is theirs["binds_until"] is None
    assert "none of ours is served; somebody else's is seen: mode enforce, max_age 30 d" in publish(daemon, "status")

    # Ours is served, and seen by nobody while the name leads to another.
    publish(daemon, "start", "--no-wait")
    row = comes_to(daemon, lambda d: "a policy of somebody else" in (d["waits"] or ""))
    assert row["needs_operator"] and row["shown"] is None and len(row["served"]) == 2
    publish(daemon, "mx", "--add", second, "--no-wait")
    row = comes_to(daemon, lambda d: second in d["served"][-1]["mx"])
    assert may_enter(row, second) is None

    publishing.lead(domain, domain.policy_address)
    row = comes_to(daemon, lambda d: "may go into the MX records" in (d["waits"] or ""))
    theirs = row["served"][0]
    assert theirs["foreign"] and row["record"]["id"] == row["shown"]["id"] == row["id"]
    assert lab.clock.now() - 600 < seconds(theirs["until"]) <= lab.clock.now() + 1
    over = seconds(theirs["until"]) + _SLOW + _MAX_AGE
    assert seconds(may_enter(row, second)) == seconds(row["until"]) == seconds(theirs["binds_until"]) == over
    assert second + " may go into the MX records from " + row["until"] in row["waits"]
    assert "somebody else's" in publish(daemon, "show")

    # Out again it goes no sooner.
    publish(daemon, "retire", "--no-wait")
    row = comes_to(daemon, lambda d: d["mode"] == "none" and "the last sender has forgotten" in (d["waits"] or ""))
    assert row["state"] == "retiring" and seconds(row["until"]) == over and row["record"]
    lab.clock.advance_to(over - 3600)
    row = comes_to(daemon, lambda d: seconds(d["looked_at"]) > over - 3600)
    assert row["state"] == "retiring" and seconds(row["until"]) == over and row["record"]
    lab.clock.advance_to(over)
    row = comes_to(daemon, lambda d: not d["record"] and "resolvers may have it until" in (d["waits"] or ""))
    lab.clock.advance_to(seconds(row["until"]))
    comes_to(daemon, lambda d: d["state"] == "gone")


def test_one_in_the_place_of_ours_is_told(publishing, domain, daemon):
    """The name is led away again: an alert, and nothing goes on."""
    publishing.lead(domain, domain.policy_address)
    publish(daemon, "add", "--no-wait", "--mx", domain.hosts[0], "--dns", "update", "--certificate", "files")
    publish(daemon, "start", "--no-wait")
    comes_to(daemon, lambda d: d["record"] and "promote" in (d["waits"] or ""))
    publishing.lead(domain, domain.other_address)
    row = comes_to(daemon, lambda d: d["faults"])
    assert [(f["id"], f["severity"]) for f in row["faults"]] == [("publish-foreign", "error")]
    assert row["needs_operator"] and row["trouble"] and row["served"][0]["foreign"]
    assert "in the place of ours somebody else's is seen" in publish(daemon, "status")
    publishing.lead(domain, domain.policy_address)
    row = comes_to(daemon, lambda d: not d["faults"] and not d["needs_operator"])
    assert row["served"][0]["until"] and row["trouble"] is None
