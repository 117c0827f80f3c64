"""Alerts arrive, by mail, at a webhook and at a command; and who cannot be reached is told apart from who has it."""

import email
import email.policy
import glob
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import shutil
import socket
import ssl
import tempfile
import threading

import pytest
from conftest import ROOT
from test_reload import reload
from test_watch import NAME, outbox, policy, watch
from waiting import wait_until

from lab import namespace

DOMAIN = "good.example"
MAILBOX = "noc@" + DOMAIN
jsonschema = pytest.importorskip("jsonschema")

SCHEMA = os.path.join(ROOT, "docs", "schema", "alert-v1.json")
SECRET = "correct horse battery staple"


class Hook:
    """An HTTPS server beside the policy host of a good domain, on a port of its own."""

    def __init__(self, lab, port=8443, domain=DOMAIN):
        d = lab.domains[domain]
        self.url = f"https://{d.policy_host}:{port}/hook/T0?x=1"
        self.requests = []
        self.status = 200
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.requests.append((self.path, dict(self.headers), body))
                self.send_response(hook.status)
                if hook.status == 302:
                    self.send_header("Location", "https://elsewhere.example/")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        address = next(a for a in d.listening_addresses if ":" not in a)
        self._server = http.server.ThreadingHTTPServer((address, port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cert = lab.pki.path("web-" + d.name, "")
        context.load_cert_chain(cert + "pem", cert + "key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class Post:
    """Where the command sends what it was given: it may connect, and write nowhere."""

    def __init__(self):
        self.received = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as f:
                self.received.append(f.read())

    def stop(self):
        self._socket.close()


_COMMAND = """#!/usr/bin/python3
import os, socket, sys
if os.path.exists({busy!r}):
    sys.exit("try again later")
try:
    open({busy!r}, "w")
    sys.exit("it may write files")
except OSError:
    pass
with socket.create_connection(("127.0.0.1", {port})) as s:
    s.sendall((os.environ["WAXWING_SUBJECT"] + "\\n" + sys.stdin.read()).encode())
"""


class Ways:
    """All that alerts go to, and what has arrived there."""

    def __init__(self, lab, folder):
        self.hook, self.post = Hook(lab), Post()
        self.mail = lab.mx
        self._seen = len(self.mails())
        self.secret = self._write(folder, "secret", SECRET + "\n", 0o644)
        self.busy = os.path.join(folder, "busy")
        self.command = self._write(folder, "command", _COMMAND.format(busy=self.busy, port=self.post.port), 0o755)

    @staticmethod
    def _write(folder, name, text, mode):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def mails(self):
        """The mails to MAILBOX, whole."""
        found = []
        for path in sorted(glob.glob(os.path.join(self.mail._mail, "all/new/*")), key=os.path.getmtime):
            with open(path, "rb") as f:
                mail = email.message_from_binary_file(f, policy=email.policy.default)
            if mail["X-Original-To"] == MAILBOX:
                found.append(mail)
        return found

    def new_mails(self):
        return self.mails()[self._seen:]

    def stop(self):
        self.hook.stop()
        self.post.stop()

    def settings(self, **more):
        alert = {"mail_to": [MAILBOX], "smtp": "mx.good.example:25", "webhook": self.hook.url, "collect": "1s",
                 "webhook_secret": self.secret, "allow_addresses": [namespace.NET4], "command": self.command}
        return {"alert": {**alert, **more}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One that the daemon's user may look into."""
    path = tempfile.mkdtemp(prefix="waxwing-alerts-")
    os.chmod(path, 0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def ways(lab, folder):
    found = Ways(lab, folder)
    yield found
    found.stop()


def run_test_alert(daemon, status):
    done = daemon.waxwing("watch", "test-alert", "--json", "--config", daemon.conf)
    assert done.returncode == status, done.stdout + done.stderr
    return {one["channel"]: one for one in map(json.loads, done.stdout.splitlines())}


def validated(body):
    """The JSON of a message, which is what the schema says."""
    message = json.loads(body)
    with open(SCHEMA, encoding="utf-8") as f:
        jsonschema.Draft202012Validator(json.load(f)).validate(message)
    return message


def test_alert_by_all_ways(new_waxwingd, ways):
    daemon = new_waxwingd(**ways.settings())
    told = run_test_alert(daemon, 0)
    assert {name for name, one in told.items() if one["delivered"]} == {"mail", "webhook", "command"}
    wait_until(daemon, ways.new_mails)
    mail, = ways.new_mails()
    (path, headers, body), = ways.hook.requests
    assert path == "/hook/T0?x=1"
    assert headers["X-Waxwing-Signature-256"] == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["Content-Type"] == "application/json"
    assert validated(body)["test"] is True
    subject, _, stdin = ways.post.received[0].decode().partition("\n")
    assert json.loads(stdin)["id"] == json.loads(body)["id"]
    assert mail["Subject"] == "[waxwing] " + subject
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "ESMTPS" in mail["Received"]  # to a server that is not this machine, under TLS
    assert "waxwing watch ack example.com" in mail.get_content()


def test_what_goes_wrong_is_said(new_waxwingd, ways):
    daemon = new_waxwingd(**ways.settings(smtp="mx.no-starttls.example:25", allow_addresses=[]))
    pathlib.Path(ways.busy).touch()
    seen = len(ways.hook.requests)
    told = run_test_alert(daemon, 1)
    assert "STARTTLS" in told["mail"]["detail"]
    assert "fetch-address-refused" in told["webhook"]["detail"] and "alert.allow_addresses" in told["webhook"]["detail"]
    assert told["command"]["detail"] == "exit status 1: try again later"
    with open(daemon.conf, "a", encoding="utf-8") as f:
        f.write(f'alert {{ smtp = "localhost:9" allow_addresses = {{"{namespace.NET4}"}} webhook_secret = "/nowhere" }}\n')
    reload(daemon)
    told = run_test_alert(daemon, 1)
    assert "localhost:9: " in told["mail"]["detail"]
    assert told["webhook"]["detail"] == "/nowhere: No such file or directory"
    with open(daemon.conf, "a", encoding="utf-8") as f:
        f.write(f'alert {{ webhook_secret = "{ways.secret}" }}\n')
    reload(daemon)
    assert len(ways.hook.requests) == seen
    ways.hook.status = 302
    assert "redirects are not followed" in run_test_alert(daemon, 1)["webhook"]["detail"]
    ways.hook.status = 200
    os.remove(ways.busy)


def arrived(daemon, channel):
    """How many messages the daemon knows to have arrived."""
    return daemon.log().count(f"alert-delivered channel={channel} ")


def test_nothing_is_lost_and_nothing_repeated(lab, new_waxwingd, ways):
    """The herald is killed while the webhook is down; the mail has arrived by then."""
    first = lab.domain(NAME).policy
    daemon = new_waxwingd(**ways.settings())
    mails, posts, runs = len(ways.mails()), len(ways.hook.requests), len(ways.post.received)
    try:
        lab.publish(NAME, record=["v=STSv1; id=one;"], policy=policy())
        watch(daemon, "add", "--group", "acme", NAME)
        watch(daemon, "check", NAME)
        wait_until(daemon, lambda: outbox(daemon) == 0)
        before = arrived(daemon, "mail"), arrived(daemon, "command")
        mails, posts, runs = len(ways.mails()), len(ways.hook.requests), len(ways.post.received)
        ways.hook.status = 500
        lab.publish(NAME, policy=policy("testing"))
        watch(daemon, "check", NAME)
        wait_until(daemon, lambda: "alert-failed" in daemon.log() and arrived(daemon, "mail") > before[0]
                   and arrived(daemon, "command") > before[1])
        assert outbox(daemon) == 1
        ways.hook.status = 200
        gone = daemon.kill_role("herald")
        daemon.wait_role("herald", gone)
        wait_until(daemon, lambda: outbox(daemon) == 0)
    finally:
        lab.publish(NAME, policy=first)
    wait_until(daemon, lambda: len(ways.mails()) > mails)
    assert len(ways.mails()) == mails + 1 and len(ways.post.received) == runs + 1
    assert len(ways.hook.requests) == posts + 2  # the one that failed, and the one that did not
    message = validated(ways.hook.requests[-1][2])
    alert, = message["alerts"]
    assert alert["domain"] == NAME and alert["group"] == "acme"
    assert {"history-weaker", "history-id-unchanged"} <= {item["check"] for item in alert["items"]}
    mail = ways.mails()[-1]
    assert NAME in mail["Subject"] and "waxwing watch ack " + NAME + " history-weaker" in mail.get_content()


def test_no_way_is_configured(new_waxwingd):
    done = (daemon := new_waxwingd()).waxwing("watch", "test-alert", "--config", daemon.conf)
    assert done.returncode == 1 and "alert.mail_to" in done.stderr
    assert "herald" not in daemon.roles()
