"""Certificates of policy hosts: uacme gets them from Pebble, which comes to the host to see whose it is."""

import http.server
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

from lab import proc

_YEAR = 365 * 86400


def _context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["acme-tls/1"])
    return context


class Answers:
    """What the publisher does on ports 80 and 443, as far as challenges go."""

    def __init__(self, address, folder):
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                text = proc.text_of(os.path.join(folder, "challenges", self.path.rpartition("/")[2]))
                self.send_response(200 if text else 404)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self._http = http.server.ThreadingHTTPServer((address, 80), Handler)
        self._tls = socket.create_server((address, 443))
        self._folder = folder
        threading.Thread(target=self._http.serve_forever, args=(0.1,), daemon=True).start()
        threading.Thread(target=self._shake_hands, daemon=True).start()

    def _shake_hands(self):
        while True:
            try:
                connection, _ = self._tls.accept()
            except OSError:
                return
            context = _context()
            context.sni_callback = self._show
            try:
                with context.wrap_socket(connection, server_side=True) as tls:
                    self.asked.append(tls.selected_alpn_protocol())
            except OSError:
                pass

    def _show(self, connection, name, _context_before):
        path = os.path.join(self._folder, "challenges", f"{name}.pem")
        if not os.path.exists(path):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        context = _context()
        context.load_cert_chain(path)
        connection.context = context
        return None

    def stop(self):
        self._http.shutdown()
        self._http.server_close()
        self._tls.shutdown(socket.SHUT_RDWR)
        self._tls.close()


class Client:
    """Asks for certificates as the role clerk does, confined as that is, with a folder of its own."""

    def __init__(self, program, folder, directory):
        self._program = program
        self.folder = folder
        self._directory = directory
        os.mkdir(folder)

    def issue(self, kind, host, *force):
        """(True or the words of its failure, the end of the certificate that is there)."""
        done = subprocess.run([self._program, self.folder, self._directory, kind, host, *force],
                              capture_output=True, text=True, check=False, timeout=90)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        words, end = done.stdout.splitlines()
        return (words or True) if done.returncode else True, int(end)

    def path(self, host, name):
        return os.path.join(self.folder, "certificates", host, name)

    def left(self):
        return os.listdir(os.path.join(self.folder, "challenges"))


@pytest.fixture(scope="module")
def publishing(lab):
    return lab.publishing()


@pytest.fixture(scope="module")
def domain(publishing):
    return publishing.domains["rollout.example"]


@pytest.fixture(scope="module")
def client(lab, build, publishing):
    program = os.path.join(build, "tests/publish/acme_issue")
    if not os.access(program, os.X_OK):
        pytest.skip(f"{program} is not built")
    return Client(program, os.path.join(lab.state, "acme-client"), publishing.acme.directory)


@pytest.fixture(scope="module")
def answers(client, domain):
    running = Answers(domain.policy_address, client.folder)
    yield running
    running.stop()


def octets(path):
    with open(path, "rb") as f:
        return f.read()


def verified(publishing, client, host):
    """What openssl says of the chain that was got, with the authorities that senders believe."""
    chain = client.path(host, "fullchain.pem")
    return proc.run("openssl", "verify", "-CAfile", publishing.trusted(), "-untrusted", chain, "-verify_hostname", host,
                    chain)


@pytest.mark.parametrize("kind", ["http-01", "tls-alpn-01"])
def test_issued(publishing, client, domain, answers, kind):
    """The authority came to the host; what it issued is good, and nothing of the challenge is left."""
    answers.asked.clear()
    result, end = client.issue(kind, domain.policy_host, "force")
    assert result is True
    assert end > time.time() + _YEAR
    assert "OK" in verified(publishing, client, domain.policy_host)
    if kind == "http-01":
        assert answers.asked[-1].startswith("/.well-known/acme-challenge/")
    else:
        assert answers.asked[-1] == "acme-tls/1"
    assert client.left() == []
    for name in ("fullchain.pem", "privkey.pem"):
        assert os.stat(client.path(domain.policy_host, name)).st_mode & 0o7777 == 0o640


def test_renewed(lab, publishing, client, domain, answers):
    """When it is due, or where somebody wants it; until then nobody is asked."""
    host = domain.policy_host
    assert client.issue("http-01", host, "force")[0] is True
    first = octets(client.path(host, "fullchain.pem"))
    answers.asked.clear()
    assert client.issue("http-01", host)[0] is True
    assert not answers.asked and octets(client.path(host, "fullchain.pem")) == first
    lab.pki.issue("due", "ends-soon", host)
    shutil.copy(lab.pki.path("due", "pem"), client.path(host, "fullchain.pem"))
    shutil.copy(lab.pki.path("due", "key"), client.path(host, "privkey.pem"))
    assert client.issue("http-01", host)[0] is True
    assert answers.asked and "OK" in verified(publishing, client, host)
    assert octets(client.path(host, "fullchain.pem")) != first


def test_refused(client, domain, answers):
    """The authority's own words are told, and what is there stays."""
    assert answers
    host = domain.policy_host
    assert client.issue("http-01", host, "force")[0] is True
    before = octets(client.path(host, "fullchain.pem")), octets(client.path(host, "privkey.pem"))
    why, end = client.issue("http-01", "no-such-host." + domain.name)
    assert "no-such-host." + domain.name in why and end == 0
    nobody = domain.hosts[0]  # it has an address, where nobody listens on port 80
    why, _ = client.issue("http-01", nobody)
    assert "connection refused" in why
    assert (octets(client.path(host, "fullchain.pem")), octets(client.path(host, "privkey.pem"))) == before
    assert client.left() == []
    assert client.issue("http-01", host, "force")[0] is True
