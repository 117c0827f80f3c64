"""Where reports go, and what becomes of them there: by mail, and at hosts that take, refuse, fail or have a bad certificate.

The reports lie in the store before the daemon starts, as the keeper would have made them; all go out at once."""

import collections
import contextlib
import gzip
import http.server
import json
import os
import socketserver
import sqlite3
import ssl
import threading
import time

import pytest
from waiting import wait_until

CONTACT = "reports@good.example"
MAILBOX = "tls-reports@testing.example"
REDIRECT = "trial@good.example"
REPORT = {"organization-name": "The lab", "contact-info": CONTACT}
PORT = 8443
# enum ww_report_state, enum ww_target_state
WAITING, SENT, GIVEN_UP, NOT_ASKED = 0, 2, 3, 4
T_WAITING, T_SENT, T_REFUSED, T_UNSUPPORTED = 0, 1, 2, 5


class Taker:
    """Hosts that take reports, on port 8443 beside the policy hosts: {domain: (status, whose certificate it shows)}."""

    def __init__(self, lab, hosts):
        self.posts = collections.defaultdict(list)
        self.status = {domain: status for domain, (status, _) in hosts.items()}
        self._servers = []
        for domain, (_, certificate) in hosts.items():
            d = lab.domain(domain)
            address = next(a for a in d.listening_addresses if ":" not in a)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            pair = lab.pki.path("web-" + certificate, "")
            context.load_cert_chain(pair + "pem", pair + "key")
            server = _Server((address, PORT), self._handler(domain))
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            self._servers.append(server)
            threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()

    def _handler(self, domain):
        posts, statuses = self.posts[domain], self.status

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                posts.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
                status = statuses[domain]
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"https://mta-sts.good.example:{PORT}/elsewhere")
                self.end_headers()
                with contextlib.suppress(OSError):  # nobody reads the rest
                    self.wfile.write(b"far too much " * 1_000_000)

            def log_message(self, *_):
                pass

        return Handler

    def stop(self):
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Who does not like the certificate hangs up."""


def url(domain, path="/v1/tlsrpt?who=lab"):
    return f"https://mta-sts.{domain}:{PORT}{path}"


# What is asked for by the record of a domain, and what it must come to: URI, state, insecure, words.
GOOD, BAD, MOVED, GONE = "good.example", "testing.example", "unsigned.example", "wrong-name.example"
BROKEN, BUSY, GUARDED = "untrusted.example", "no-starttls.example", "expired.example"
ASKED = {
    GOOD: [(f"mailto:{MAILBOX}", T_SENT, 0, ""), (url(GOOD), T_SENT, 0, "")],
    BAD: [(url(BAD), T_SENT, 1, "https-cert-name")],
    MOVED: [(url(MOVED), T_REFUSED, 0, "redirects are not followed")],
    GONE: [(url(GONE), T_REFUSED, 0, "status 404"), ("ftp://x.example/", T_UNSUPPORTED, 0, "mailto:")],
    BROKEN: [(url(BROKEN), T_WAITING, 0, "status 500")],
    BUSY: [(url(BUSY), T_WAITING, 0, "status 429")],
    GUARDED: [("https://mta-sts.self-signed.example/", T_WAITING, 0, "report.allow_addresses")],
    "self-signed.example": None,  # asks for nothing any more
}
ENDS = {GOOD: SENT, BAD: SENT, MOVED: GIVEN_UP, GONE: GIVEN_UP, BROKEN: WAITING, BUSY: WAITING, GUARDED: WAITING,
        "self-signed.example": NOT_ASKED}
HOSTS = {GOOD: (200, GOOD), BAD: (204, GOOD), MOVED: (302, MOVED), GONE: (404, GONE), BROKEN: (500, BROKEN),
         BUSY: (429, BUSY)}


def content(domain, ago=1):
    return gzip.compress(json.dumps({**REPORT, "report-id": f"{ago}.{domain}@good.example"}).encode(), mtime=0)


def put_reports(daemon, reports):
    """(domain, how many days ago it was) of each; as if they were made a minute ago."""
    now = int(time.time())
    with contextlib.closing(sqlite3.connect(daemon.store)) as db, db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(report)")]
        for domain, ago in reports:
            row = {"domain": domain, "day": now // 86400 - ago, "part": 0, "id": f"{ago}.{domain}@good.example",
                   "state": WAITING, "made": now - 60, "due": now - 60, "contact": CONTACT, "organization": "The lab",
                   "record": "", "detail": "", "policies": 1, "success": 3, "failure": 1, "content": content(domain, ago)}
            row = {c: row.get(c, 0) for c in columns if c != "number"}
            db.execute(f"INSERT INTO report ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def read(daemon, query):
    with contextlib.closing(sqlite3.connect(f"file:{daemon.store}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


def targets(daemon):
    return {(domain, uri): (state, insecure, detail) for domain, uri, state, insecure, detail in read(
        daemon, "SELECT r.domain, t.uri, t.state, t.insecure, t.detail FROM report_target t JOIN report r USING (number)"
        " WHERE t.tried != 0 OR t.state != 0")}


def states(daemon):
    return dict(read(daemon, "SELECT domain, state FROM report"))


@pytest.fixture(name="asking")
def _asking(lab):
    """The records of ASKED."""
    domains = {name: lab.domain(name) for name in ASKED}
    before = {name: d.tlsrpt for name, d in domains.items()}
    for name, d in domains.items():
        wanted = ASKED[name]
        d.tlsrpt = ["v=TLSRPTv1; rua=" + ",".join(uri for uri, *_ in wanted)] if wanted else []
    lab.dns.publish(*domains.values())
    yield
    for name, d in domains.items():
        d.tlsrpt = before[name]
    lab.dns.publish(*domains.values())


def mails(lab, mailbox=MAILBOX):
    return [text.decode("ascii") for text in lab.mx.mails(mailbox)]


def test_every_kind_of_destination(lab, asking, new_waxwingd):
    taker = Taker(lab, HOSTS)
    nets = [f"198.18.{lab.domain(d).net}.0/24" for d in HOSTS]
    daemon = new_waxwingd(report={"contact": CONTACT, "organization": "The lab", "smtp": "mx.good.example:25",
                                  "allow_addresses": nets})
    try:
        daemon.stop()
        put_reports(daemon, [(domain, 1) for domain in ASKED])
        daemon.start()
        wanted = sum(len(uris or []) for uris in ASKED.values())
        wait_until(daemon, lambda: len(targets(daemon)) == wanted and states(daemon) == ENDS, 30)
    finally:
        taker.stop()
    found = targets(daemon)
    for domain, uris in ASKED.items():
        for uri, state, insecure, words in uris or []:
            assert found[domain, uri][:2] == (state, insecure), (uri, found[domain, uri])
            assert words in found[domain, uri][2], (uri, found[domain, uri])
    (path, headers, body), = taker.posts[GOOD]
    assert path == "/v1/tlsrpt?who=lab" and headers["Content-Type"] == "application/tlsrpt+gzip"
    assert body == content(GOOD)
    assert headers["Host"] == f"mta-sts.{GOOD}:{PORT}"
    assert [len(taker.posts[d]) for d in (BAD, MOVED, GONE, BROKEN, BUSY)] == [1] * 5
    mail, = mails(lab)
    assert "TLS-Required: No" in mail and f"TLS-Report-Domain: {GOOD}" in mail
    log = daemon.log()
    assert log.count(" report-delivered ") == 3 and log.count(" report-refused ") == 3 and log.count(" report-failed ") == 3


def outbox(daemon, *arguments, status=0):
    done = daemon.waxwing("report", "outbox", *arguments, "--config", daemon.conf)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def ended(daemon, state):
    """How many have come to that."""
    return read(daemon, f"SELECT count(*) FROM report WHERE state = {state}")[0][0]


def suppressed(daemon):
    return [next(iter(json.loads(line).values()))["uri"] for line in outbox(daemon, "suppress", "--json").splitlines()]


def test_a_trial_and_a_destination_that_refuses(lab, asking, new_waxwingd):
    """dry_run, then redirect, then neither; and a host that refuses three days in a row is left alone until it is said
    otherwise."""
    taker = Taker(lab, {GOOD: (200, GOOD), GONE: (404, GONE)})
    sending = {"contact": CONTACT, "organization": "The lab", "smtp": "mx.good.example:25",
               "allow_addresses": [f"198.18.{lab.domain(d).net}.0/24" for d in (GOOD, GONE)]}

    def again(reports=(), **more):
        """Reports of days, and settings, with which it starts."""
        daemon.stop()
        put_reports(daemon, reports)
        daemon.configure({**daemon.settings, "report": {**sending, **more}})
        daemon.start()

    daemon = new_waxwingd(report={**sending, "dry_run": True})
    try:
        again([(GOOD, 5)], dry_run=True)
        assert "it would not be sent: report.dry_run is set" in outbox(daemon, "send", "--dry-run", GOOD)
        assert "report.dry_run" in outbox(daemon, "send", GOOD, status=1)
        assert states(daemon) == {GOOD: WAITING} and not targets(daemon)

        again(redirect=REDIRECT)
        wait_until(daemon, lambda: states(daemon) == {GOOD: SENT})
        assert set(targets(daemon)) == {(GOOD, "mailto:" + REDIRECT)} and not taker.posts[GOOD]
        mail, = mails(lab, REDIRECT)
        assert f"TLS-Report-Domain: {GOOD}" in mail

        # One host gets two at a time.
        for number, days in ((2, (4, 3)), (3, (2,)), (4, (1,))):
            again([(GONE, ago) for ago in days])
            wait_until(daemon, lambda wanted=number: ended(daemon, GIVEN_UP) == wanted)
            assert suppressed(daemon) == ([url(GONE)] if number > 2 else [])
        assert len(taker.posts[GONE]) == 3, "at the fourth it was left alone"

        outbox(daemon, "suppress", "--clear", url(GONE))
        assert suppressed(daemon) == []
        taker.status[GONE] = 200
        outbox(daemon, "send", GONE)
        wait_until(daemon, lambda: len(taker.posts[GONE]) == 4)
        assert taker.posts[GONE][-1][2] == content(GONE)
        wait_until(daemon, lambda: (ended(daemon, SENT), ended(daemon, GIVEN_UP)) == (2, 3))
    finally:
        taker.stop()
