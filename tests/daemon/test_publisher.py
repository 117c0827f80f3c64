#!/usr/bin/python3
"""The publisher from outside, with a keeper that says what it is told to: test_publisher.py PUBLISHER_HOST"""

import contextlib
import os
import pathlib
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

from test_supervisor import enter_namespace, loopback_up, wait_for

CONNECTIONS, PER_ADDRESS = 4096, 256  # as src/daemon/publisher_http.c has them
PATH = "/.well-known/mta-sts.txt"
CHALLENGES = "/.well-known/acme-challenge/"
HOST = "mta-sts.a.example"
OTHER = "mta-sts.b.example"
HTTPS, HTTP = 443, 80

program = None


def policy(domain, mode="testing"):
    return f"version: STSv1\r\nmode: {mode}\r\nmx: mx.{domain}\r\nmax_age: 86400\r\n".encode()


class Authority:
    """Certificates by OpenSSL's own command, of P-256, in a folder that is gone in the end."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "index").touch()
        (folder / "serial").write_text("01")
        (folder / "conf").write_text("[ca]\ndatabase = index\nserial = serial\nnew_certs_dir = .\ndefault_md = sha256\npolicy = any\n"
                                     "copy_extensions = copy\nunique_subject = no\n[any]\ncommonName = supplied\n")
        self._run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Authority",
                  "-keyout", "ca.key", "-out", "ca.pem")
        self.count = 0

    def _run(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def make(self, *names, end="20361231000000Z", extension=None):
        """The texts of certificate and key."""
        alternative = "subjectAltName=" + ",".join("DNS:" + name for name in names)
        more = ["-addext", extension] if extension else []
        self._run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Nobody",
                  "-addext", alternative, *more, "-keyout", "key", "-out", "request")
        self._run("ca", "-batch", "-config", "conf", "-name", "ca", "-cert", "ca.pem", "-keyfile", "ca.key", "-notext",
                  "-startdate", "20260101000000Z", "-enddate", end, "-in", "request", "-out", "certificate")
        return (self.folder / "certificate").read_text(), (self.folder / "key").read_text()


class Publisher:
    """A folder as publish.folder, and the role on it; its sockets are the test's, as they are the supervisor's."""

    def __init__(self, listeners):
        self.listeners = listeners
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="waxwing-test-"))
        for name in ("certificates", "challenges"):
            (self.folder / name).mkdir()
        self.states = {}
        self.start()

    def start(self):
        fds = [s.fileno() for s in self.listeners]
        self.process = subprocess.Popen([program, self.folder, *map(str, fds)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, pass_fds=fds, text=True, bufsize=1)

    def remove(self):
        self.process.stdin.close()
        status = self.process.wait(60)
        self.process.stdout.close()
        shutil.rmtree(self.folder)
        if status != 0:
            raise AssertionError(f"the publisher ended with {status}")

    def say(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))

    def install(self, host, pair, folder=None):
        """As ACME clients do: each file is there whole, the key first."""
        to = self.folder / "certificates" / (folder or host)
        to.mkdir(exist_ok=True)
        for name, text in (("privkey.pem", pair[1]), ("fullchain.pem", pair[0])):
            new = to / (name + ".new")
            new.write_text(text)
            new.chmod(0o600)
            new.rename(to / name)

    def state(self, domain, wanted=lambda state: True):
        """The next that is told of the domain, and fits: (id, until, trouble)."""
        while True:
            word, about, *rest = self.process.stdout.readline().rstrip("\n").split(" ", 4)
            assert word == "state", word
            found = rest[0], int(rest[1]), rest[2]
            self.states[about] = found
            if about == domain and wanted(found):
                return found

    def stats(self):
        self.say("stats")
        values = {}
        for line in iter(self.process.stdout.readline, "end\n"):
            if not line.startswith("state "):
                name, value = line.rsplit(" ", 1)
                values[name.removeprefix("waxwing_publish_").removesuffix("{}")] = int(value)
        return values


class Published(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="waxwing-test-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.authority = Authority(folder)
        cls.listeners = [socket.create_server(("", port), backlog=4096) for port in (HTTPS, HTTP)]
        for s in cls.listeners:
            cls.addClassCleanup(s.close)
        cls.pairs = {host: cls.authority.make(host) for host in (HOST, OTHER)}

    def setUp(self):
        self.publisher = Publisher(self.listeners)
        self.addCleanup(lambda: self.publisher.remove())

    def serve(self, *hosts):
        """These have a policy and a certificate; served as soon as this returns."""
        for host in hosts:
            self.publisher.install(host, self.pairs[host])
            domain = host.removeprefix("mta-sts.")
            self.publisher.say(f"site {domain} 1 testing")
            self.assertEqual(self.publisher.state(domain)[0], "1")

    def context(self, version=None, protocols=None):
        context = ssl.create_default_context(cafile=self.authority.folder / "ca.pem")
        if version:
            context.minimum_version = context.maximum_version = version
        if protocols:
            context.set_alpn_protocols(protocols)
        return context

    def dial(self, name=HOST, context=None, source=None, session=None):
        context = context or self.context()
        raw = socket.create_connection(("127.0.0.1", HTTPS), 60, source_address=(source, 0) if source else None)
        try:
            return context.wrap_socket(raw, server_hostname=name, session=session)
        except ssl.SSLError:
            raw.close()
            raise

    def alert(self, *arguments, **options):
        """With which alert it refuses."""
        with self.assertRaises(ssl.SSLError) as caught:
            self.dial(*arguments, **options).close()
        return caught.exception.reason

    def talk(self, text, s=None, **options):
        """All that is answered until the end."""
        with s or self.dial(**options) as s:
            s.sendall(text if isinstance(text, bytes) else text.encode())
            answer = b""
            with contextlib.suppress(ConnectionResetError, ssl.SSLEOFError):
                answer = b"".join(iter(lambda: s.recv(65536), b""))
            return answer

    def get(self, host=HOST, method="GET", path=PATH, more="", **options):
        """(status, headers, body)"""
        head, _, body = self.talk(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n",
                                  **options).partition(b"\r\n\r\n")
        first, *headers = head.decode().split("\r\n")
        return int(first.split()[1]), dict(h.lower().split(": ", 1) for h in headers), body

    # ---- What is served ----

    def test_policies(self):
        self.serve(HOST, OTHER)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for host, domain in ((HOST, "a.example"), (OTHER, "b.example")):
                for method in ("GET", "HEAD"):
                    status, headers, body = self.get(host, method, name=host, context=self.context(version))
                    self.assertEqual((status, body), (200, policy(domain) if method == "GET" else b""))
                    self.assertEqual(headers["content-type"], "text/plain; charset=utf-8")
                    self.assertEqual(headers["content-length"], str(len(policy(domain))))
                    self.assertEqual(headers["cache-control"], "no-store")
        self.assertEqual(self.publisher.stats()['requests{answer="policy"}'], 8)

    def test_kept_alive(self):
        self.serve(HOST)
        request = f"GET {PATH} HTTP/1.1\r\nHost: {HOST}\r\n"
        answers = self.talk(f"{request}\r\n{request}\r\n{request}Connection: close\r\n\r\n")
        self.assertEqual(answers.count(policy("a.example")), 3)

    def test_changes(self):
        self.serve(HOST)
        self.publisher.say("site a.example 2 enforce")
        self.assertEqual(self.publisher.state("a.example")[0], "2")
        self.assertEqual(self.get()[2], policy("a.example", "enforce"))
        self.publisher.say("site a.example - -")
        self.assertEqual(self.publisher.state("a.example")[0], "-")
        self.assertEqual(self.get()[0], 404)
        self.publisher.say("gone a.example")
        wait_for(lambda: self.publisher.stats()["sites"] == 0)
        self.assertEqual(self.alert(), "TLSV1_UNRECOGNIZED_NAME")

    def test_hosts(self):
        """As whom it is asked, by a handshake for HOST."""
        self.serve(HOST, OTHER)
        ours = (HOST, HOST.upper(), HOST + ".", HOST + ":443", HOST + ".:443", HOST + ":")
        others = (OTHER, "a.example", "x." + HOST, "", "127.0.0.1", "[::1]", HOST + ":x", HOST + "," + HOST, "mta-sts.", ".")
        for host in ours:
            self.assertEqual(self.get(host)[0], 200, host)
        for host in others:
            self.assertEqual(self.get(host)[0], 421, host)
        self.assertTrue(self.talk(f"GET {PATH} HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 "))
        self.assertTrue(self.talk(f"GET {PATH} HTTP/1.0\r\nHost: {OTHER}\r\n\r\n").startswith(b"HTTP/1.1 421 "))
        self.assertEqual(self.get(name=HOST.upper())[0], 200)

    def test_paths_and_methods(self):
        self.serve(HOST)
        for path in ("/", PATH + "/", PATH[1:], "/.well-known/MTA-STS.txt", "/.well-known//mta-sts.txt", "/.well-known/",
                     "/%2ewell-known/mta-sts.txt", "/x/.." + PATH, PATH + "%00", CHALLENGES + "token"):
            self.assertEqual(self.get(path=path)[0], 404 if path.startswith("/") else 400, path)
        self.assertEqual(self.get(path=PATH + "?x=1")[0], 200)
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "get", "PROPFIND"):
            status, headers, body = self.get(method=method, more="Content-Length: 0\r\n")
            self.assertEqual((status, headers["allow"], body), (405, "get, head", b""), method)
        # In their order, one connection after all.
        self.assertEqual(self.get(method="POST", more="Content-Length: 1000000000\r\n")[0], 405)

    # ---- Names and certificates ----

    def test_names(self):
        self.serve(HOST)
        self.publisher.say("site c.example 1 testing")
        identity, until, trouble = self.publisher.state("c.example")
        self.assertEqual((identity, until), ("-", 0))
        self.assertIn("no certificate", trouble)
        blind = self.context()
        blind.check_hostname = False
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            blind.minimum_version = ssl.TLSVersion.TLSv1_2
            blind.maximum_version = version
            for name in (None, "a.example", OTHER, "mta-sts.", "mta-sts.c.example.", "localhost"):
                if name != "mta-sts.c.example.":
                    self.assertEqual(self.alert(name, blind), "TLSV1_UNRECOGNIZED_NAME", name)
            self.assertEqual(self.alert("mta-sts.c.example", blind), "SSLV3_ALERT_HANDSHAKE_FAILURE")
            self.assertIn(self.alert(HOST, self.context(protocols=["h2"])), (None, "TLSV1_ALERT_NO_APPLICATION_PROTOCOL"))
        stats = self.publisher.stats()
        self.assertEqual((stats["sites"], stats["served"], stats["certificates_unusable"]), (2, 1, 1))
        self.assertEqual((stats["names_unknown"], stats["handshakes_failed"]), (10, 14))

    def test_old_versions(self):
        self.serve(HOST)
        done = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:443", "-servername", HOST, "-tls1_1", "-cipher",
                               "ALL:@SECLEVEL=0"], input="", capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("protocol version", done.stderr)

    def test_no_session_is_resumed(self):
        """Neither to another name, nor to the same."""
        self.serve(HOST, OTHER)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.context(version)
            with self.dial(context=context) as s:
                s.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
                self.assertIn(b"200 OK", s.recv(65536))
                session = s.session
                self.assertFalse(session.has_ticket)
            for name in (HOST, OTHER):
                with self.dial(name, context, session=session) as s:
                    self.assertFalse(s.session_reused)

    def test_certificate_comes_late(self):
        self.publisher.say("site a.example 1 testing")
        self.assertEqual(self.publisher.state("a.example")[:2], ("-", 0))
        self.publisher.install(HOST, self.pairs[HOST])
        wait_for(lambda: self.tries_to_dial(), 30)  # it is looked for again when it is asked for
        self.assertEqual(self.publisher.state("a.example", lambda s: s[0] == "1")[2], "")

    def tries_to_dial(self):
        with contextlib.suppress(ssl.SSLError):
            self.dial().close()
            return True
        return False

    def test_certificate_swapped(self):
        """Who is connected goes on; who comes anew sees the new one; what is broken changes nothing but what is told."""
        self.serve(HOST)
        request = f"GET {PATH} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
        with self.dial() as early:
            first = early.getpeercert()["serialNumber"]
            second = self.authority.make(HOST, "mta-sts.more.example", end="20370101000000Z")
            broken = [(second[0], self.pairs[OTHER][1], "the key is not that of the certificate"),
                      ("nothing", second[1], "there is no certificate that can be used"),
                      (second[0][:300], second[1], "there is no certificate that can be used"),
                      (second[0], "nothing", "there is no key that can be used"),
                      (second[0] + second[0][:300], second[1], "there is no certificate that can be used"),
                      (*self.pairs[OTHER], "the certificate is not one for this host"),
                      (*self.authority.make(HOST, end="20260201000000Z"), "the certificate has expired")]
            for certificate, key, why in broken:
                self.publisher.install(HOST, (certificate, key))
                self.publisher.say("reload")
                identity, until, trouble = self.publisher.state("a.example")
                self.assertEqual(identity, "1")
                self.assertIn(why, trouble)
                self.assertIn("the certificate before stays in use", trouble)
                with self.dial() as s:
                    self.assertEqual(s.getpeercert()["serialNumber"], first)
            self.publisher.install(HOST, second)
            self.publisher.say("reload")
            self.assertGreater(self.publisher.state("a.example", lambda state: state[2] == "")[1], until)
            with self.dial() as s:
                self.assertNotEqual(s.getpeercert()["serialNumber"], first)
            early.sendall(request)
            self.assertIn(b"200 OK", early.recv(65536))

    def test_certificate_ends(self):
        self.publisher.install(HOST, self.authority.make(HOST, end="20260201000000Z"))
        self.publisher.say("site a.example 1 testing")
        self.assertEqual(self.publisher.state("a.example"), ("1", 1769904000, "the certificate has expired"))
        self.assertEqual(self.alert(), "CERTIFICATE_VERIFY_FAILED")
        self.assertEqual(self.publisher.stats()["certificates_ending"], 1)

    def test_shared_certificate(self):
        self.publisher.install("", self.authority.make("mta-sts.a.example", "*.b.example"), folder="shared")
        for domain in ("a.example", "b.example", "c.example"):
            self.publisher.say(f"site {domain} 1 testing")
        self.assertIn("not one for this host", self.publisher.state("c.example")[2])
        self.assertEqual(self.publisher.states["a.example"], self.publisher.states["b.example"])
        for host in (HOST, OTHER):
            self.assertEqual(self.get(host, name=host)[0], 200)

    def test_links(self):
        """Within the folder they are followed; out of it they lead nowhere."""
        outside = pathlib.Path(tempfile.mkdtemp(prefix="waxwing-test-"))
        self.addCleanup(shutil.rmtree, outside)
        certificates = self.publisher.folder / "certificates"
        self.publisher.install(HOST, self.pairs[HOST], folder="archive")
        (certificates / HOST).symlink_to("archive")
        shutil.move(shutil.copytree(certificates / "archive", outside / "live"), outside / "moved")
        (certificates / OTHER).symlink_to(outside / "moved")
        self.publisher.say("site a.example 1 testing", "site b.example 1 testing")
        self.assertIn("it cannot be read", self.publisher.state("b.example")[2])
        self.assertEqual(self.publisher.states["a.example"][2], "")

    # ---- Challenges ----

    def ask_http(self, path, method="GET"):
        with socket.create_connection(("127.0.0.1", HTTP), 60) as s:
            answer = self.talk(f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n", s)
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    def test_http_challenges(self):
        challenges = self.publisher.folder / "challenges"
        (challenges / "aZ_-09").write_text("aZ_-09.thumbprint")
        (challenges / "long").write_text("x" * 4097)
        (challenges / "empty").touch()
        (challenges / (HOST + ".pem")).write_text("a key")
        (challenges / "link").symlink_to("aZ_-09")
        (challenges / "folder").mkdir()
        os.mkfifo(challenges / "pipe")
        self.assertEqual(self.ask_http(CHALLENGES + "aZ_-09"), (200, b"aZ_-09.thumbprint"))
        self.assertEqual(self.ask_http(CHALLENGES + "aZ_-09", "HEAD"), (200, b""))
        self.assertEqual(self.ask_http(CHALLENGES + "aZ_-09", "POST"), (405, b""))
        for name in ("other", "long", "empty", HOST + ".pem", "link", "folder", "pipe", "", "a" * 200, "folder/../aZ_-09",
                     "../challenges/aZ_-09", "aZ_-09%00", "aZ_%2d09"):
            self.assertEqual(self.ask_http(CHALLENGES + name), (404, b""), name)
        for path in ("/", PATH, CHALLENGES[:-1], "/challenges/aZ_-09"):
            self.assertEqual(self.ask_http(path), (404, b""), path)
        stats = self.publisher.stats()
        self.assertEqual((stats['requests{answer="challenge"}'], stats['requests{answer="not-found"}']), (2, 17))

    def test_tls_challenges(self):
        self.serve(HOST)
        pair = self.authority.make(HOST, extension="1.3.6.1.5.5.7.1.31=critical,DER:0420" + "ab" * 32)
        alone = self.context(protocols=["acme-tls/1"])
        alone.check_hostname, alone.verify_mode = False, ssl.CERT_NONE  # it is critical, and unknown to OpenSSL
        self.assertEqual(self.alert(context=alone), "SSLV3_ALERT_HANDSHAKE_FAILURE")
        (self.publisher.folder / "challenges" / (HOST + ".pem")).write_text("".join(pair))
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            alone.minimum_version = ssl.TLSVersion.TLSv1_2
            alone.maximum_version = version
            with self.dial(context=alone) as s:
                self.assertEqual(s.selected_alpn_protocol(), "acme-tls/1")
                self.assertEqual(ssl.DER_cert_to_PEM_cert(s.getpeercert(True)), pair[0])
                with contextlib.suppress(OSError):
                    s.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
                with contextlib.suppress(ConnectionResetError, ssl.SSLEOFError):
                    self.assertEqual(s.recv(100), b"")
        self.assertEqual(self.alert(OTHER, alone), "TLSV1_UNRECOGNIZED_NAME")
        # Whoever offers more gets no challenge.
        with self.dial(context=self.context(protocols=["acme-tls/1", "http/1.1"])) as s:
            self.assertEqual(s.selected_alpn_protocol(), "http/1.1")
        self.assertEqual(self.get()[0], 200)

    # ---- The keeper, and being killed ----

    def test_keeper_comes_again(self):
        self.serve(HOST, OTHER)
        self.publisher.say("keeper")
        self.assertEqual(self.get()[0], 200)
        self.publisher.say("sites", "site a.example 1 testing", "done")
        self.assertEqual(self.publisher.state("a.example")[0], "1")  # also to the new one
        self.assertEqual(self.alert(OTHER), "TLSV1_UNRECOGNIZED_NAME")
        self.assertEqual(self.get()[0], 200)

    def test_killed(self):
        """Who comes meanwhile waits in the queue, and is served by the next."""
        self.serve(HOST)
        self.publisher.process.send_signal(signal.SIGKILL)
        self.publisher.process.wait(60)
        self.publisher.process.stdin.close()
        self.publisher.process.stdout.close()
        waiting = socket.create_connection(("127.0.0.1", HTTPS), 60)
        self.publisher.start()
        self.publisher.say("sites", "site a.example 1 testing", "done")
        self.assertEqual(self.publisher.state("a.example")[0], "1")
        with self.context().wrap_socket(waiting, server_hostname=HOST) as s:
            answer = self.talk(f"GET {PATH} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n", s)
        self.assertIn(policy("a.example"), answer)

    # ---- Attacks ----

    def test_smuggling(self):
        """Each shape that two readers could understand in two ways is refused, and what comes behind it is not read."""
        self.serve(HOST, OTHER)
        start = f"GET {PATH} HTTP/1.1\r\n"
        host = f"Host: {HOST}\r\n"
        hidden = start + host + "\r\n"
        shapes = {
            "two lengths": (400, start + host + f"Content-Length: 0\r\nContent-Length: {len(hidden)}\r\n\r\n"),
            "equal lengths": (400, start + host + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"),
            "length and encoding": (501, start + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            "encoding and length": (501, start + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
            "strange encoding": (501, start + host + "Transfer-Encoding: \tchunked, identity\r\n\r\n"),
            "signed length": (400, start + host + "Content-Length: +0\r\n\r\n"),
            "list of lengths": (400, start + host + "Content-Length: 0, 0\r\n\r\n"),
            "long length": (400, start + host + "Content-Length: 18446744073709551616\r\n\r\n"),
            "folded": (400, start + host + "X: 1\r\n Content-Length: 0\r\n\r\n"),
            "folded host": (400, start + "Host:\r\n " + HOST + "\r\n\r\n"),
            "space before the colon": (400, start + host + "Content-Length : 0\r\n\r\n"),
            "bare line feed": (400, start + host + "X: 1\nY: 2\r\n\r\n"),
            "bare carriage return": (400, start + host + "X: 1\rY: 2\r\n\r\n"),
            "NUL": (400, start + host + "X: \0\r\n\r\n"),
            "two hosts": (400, start + host + f"Host: {OTHER}\r\n\r\n"),
            "no host": (400, start + "\r\n"),
            "absolute, another host": (400, f"GET https://{OTHER}{PATH} HTTP/1.1\r\n{host}\r\n"),
            "authority": (400, f"CONNECT {OTHER}:443 HTTP/1.1\r\n{host}\r\n"),
            "asterisk": (400, f"OPTIONS * HTTP/1.1\r\n{host}\r\n"),
            "HTTP/2": (505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            "HTTP/0.9": (400, f"GET {PATH}\r\n"),
            "body of a GET": (413, start + host + f"Content-Length: {len(hidden)}\r\n\r\n"),
            "long head": (431, start + host + "X: " + "x" * 9000 + "\r\n\r\n"),
            "many headers": (431, start + host + "X: y\r\n" * 2000 + "\r\n"),
            "long target": (431, "GET /" + "x" * 9000 + " HTTP/1.1\r\n" + host + "\r\n"),
        }
        for name, (status, text) in shapes.items():
            with self.subTest(name):
                answer = self.talk(text + hidden)
                self.assertEqual(answer.count(b"HTTP/1.1 "), 1, answer)
                self.assertEqual(int(answer.split()[1]), status, answer)
                self.assertIn(b"Connection: close", answer)

    def test_garbage(self):
        self.serve(HOST)
        hello = bytes.fromhex("1603010200010001fc0303") + bytes(32)
        garbage = [b"GET / HTTP/1.1\r\n\r\n", bytes(1000), b"\xff" * 1000, hello, hello + bytes(10), b"\x16\x03\x01\xff\xff",
                   b"\x80\x2e\x01\x00\x02", os.urandom(2000), b"\x15\x03\x03\x00\x02\x02\x28", b"\x14\x03\x03\x00\x01\x01",
                   b"\x17\x03\x03\x40\x00" + bytes(16384)]
        for octets in garbage * 5:
            with socket.create_connection(("127.0.0.1", HTTPS), 60) as s, contextlib.suppress(OSError):
                s.sendall(octets)
                s.shutdown(socket.SHUT_WR)
                self.assertNotIn(b"HTTP", b"".join(iter(lambda: s.recv(4096), b"")))
        self.assertEqual(self.get()[0], 200)
        self.assertEqual(self.publisher.stats()["handshakes_failed"], len(garbage) * 5)

    def test_slow_ones(self):
        """Who says its head octet by octet holds its own places, and nobody else's."""
        self.serve(HOST)
        slow = []
        with contextlib.ExitStack() as stack:
            for _ in range(PER_ADDRESS):
                s = stack.enter_context(self.dial(source="127.0.0.2"))
                s.sendall(b"GET ")
                slow.append(s)
            with self.assertRaises((ConnectionError, ssl.SSLError)):  # as soon as it is there, or later
                self.dial(source="127.0.0.2").close()
            for s in slow:
                s.sendall(b"/")
            self.assertEqual(self.get(source="127.0.0.3")[0], 200)

    def test_idle_ones(self):
        """10,000 that say nothing, from many addresses: who has something to say is served."""
        self.serve(HOST)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        count = min(10000, hard - 200)
        with contextlib.ExitStack() as stack:
            for i in range(count):
                stack.enter_context(socket.create_connection(("127.0.0.1", HTTPS), 60, (f"127.1.{i // 100}.1", 0)))
                if i % 1000 == 999:
                    self.assertEqual(self.get(source="127.0.0.3")[0], 200, i)
            self.assertGreater(count, CONNECTIONS)
            self.assertLessEqual(self.publisher.stats()["connections"], CONNECTIONS)
            for _ in range(20):
                self.assertEqual(self.get(source="127.0.0.3")[0], 200)


if __name__ == "__main__":
    if os.environ.get("WAXWING_TEST_INSIDE") != "1":
        enter_namespace()
    loopback_up()
    program = sys.argv.pop(1)
    unittest.main()
