"""The MX hosts that Postfix cannot be talked into: each does one thing wrong, and all else as it should be.

`mx = NAME` in checks.toml says what a host does; NAME is a key of KINDS, or of BY_FAMILY where its addresses differ. A
kind is a Play: the certificate it shows (a kind of pki.py), what TLS it speaks, and what it says when. All hosts are
threads of the lab."""

import socket
import ssl
import struct
import warnings
from dataclasses import dataclass

from . import acceptor

_MODERN = "ECDHE+AESGCM:ECDHE+CHACHA20"
_GREETING = "220 {host} ESMTP ready"
_GO_AHEAD = "220 2.0.0 Go ahead"
_BLOCKED = "554 5.7.1 Service unavailable; client host [{client}] blocked using bl.example; see https://bl.example/{client}"
_MAX_LINE = 4096
_MAX_HELLO = 16384
_HANDSHAKE_FAILURE = b"\x15\x03\x03\x00\x02\x02\x28"


@dataclass(frozen=True)
class Play:
    """What a host does; the default does nothing wrong."""

    listens: bool = True
    reachable: bool = True          # else packets to it are lost
    certificate: str = "good"
    without_sni: str = ""           # the certificate that it shows to clients that name no host
    lowest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    highest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ciphers: str = _MODERN
    also_takes: object = None       # (versions, cipher suites) that it agrees to, though OpenSSL is not able
    before: object = None           # a function of the connection that goes before all
    greeting: str = _GREETING
    offers: bool = True             # STARTTLS
    answer: str = _GO_AHEAD         # to STARTTLS
    instead: object = None          # of the handshake: a function of the connection
    keeps_commands: bool = False    # that came in clear after STARTTLS, and does them inside TLS

    @property
    def shakes(self):
        """It may come to a TLS handshake."""
        return self.listens and self.offers and not self.before


def _say_http(connection):
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def _refuse_handshake(connection):
    connection.recv(_MAX_LINE)
    connection.sendall(_HANDSHAKE_FAILURE)


_SSL3, _TLS12 = (0x0300,), (0x0303,)
_MODERN_SUITES = (0x1301, 0x1302, 0x1303, 0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9)
_SIGNALS = (0x00FF, 0x5600)  # stand among the cipher suites, and are none
_RC4 = (0x0004, 0x0005, 0xC007, 0xC011)
_TRIPLE_DES = (0x000A, 0x0016, 0xC008, 0xC012)
_EXPORT = (0x0003, 0x0006, 0x0008, 0x000B, 0x000E, 0x0011, 0x0014)
_ANY_SUITE = range(0x10000)

KINDS = {
    # before TLS
    "not-there": Play(listens=False),
    "lost": Play(listens=False, reachable=False),
    "silent": Play(before=acceptor.stay_silent),
    "reset": Play(before=acceptor.reset),
    "closed": Play(before=acceptor.close),
    "no-smtp": Play(before=_say_http),
    "refuses": Play(greeting="554 5.3.2 {host} takes no mail"),
    "busy": Play(greeting="421 4.3.2 {host} is too busy"),
    "blocks": Play(greeting=_BLOCKED),
    "no-starttls": Play(offers=False),
    "starttls-refused": Play(answer="454 4.7.0 TLS not available"),
    # in place of the handshake
    "clear-after-starttls": Play(answer=_GO_AHEAD + "\r\n250 2.0.0 Ok", instead=acceptor.stay_silent),
    "handshake-fails": Play(instead=_refuse_handshake),
    "handshake-silent": Play(instead=acceptor.stay_silent),
    "handshake-reset": Play(instead=acceptor.reset),
    "injection": Play(keeps_commands=True),
    # TLS
    "sound": Play(),
    "tls-1.0-only": Play(lowest=ssl.TLSVersion.TLSv1, highest=ssl.TLSVersion.TLSv1, ciphers="ALL:@SECLEVEL=0"),
    "tls-1.1-only": Play(lowest=ssl.TLSVersion.TLSv1_1, highest=ssl.TLSVersion.TLSv1_1, ciphers="ALL:@SECLEVEL=0"),
    "tls-1.0-too": Play(lowest=ssl.TLSVersion.TLSv1, ciphers=f"{_MODERN}:ECDHE+SHA1:!eNULL:@SECLEVEL=0"),
    "tls-1.1-too": Play(lowest=ssl.TLSVersion.TLSv1_1, ciphers=f"{_MODERN}:ECDHE+SHA1:!eNULL:@SECLEVEL=0"),
    "tls-1.2-only": Play(highest=ssl.TLSVersion.TLSv1_2),
    "ssl-3-too": Play(also_takes=(_SSL3, _ANY_SUITE)),
    "rc4-too": Play(also_takes=(_TLS12, _RC4)),
    "3des-too": Play(also_takes=(_TLS12, _TRIPLE_DES)),
    "export-too": Play(also_takes=(_TLS12, _EXPORT)),
    "null-too": Play(ciphers=f"{_MODERN}:ECDHE+eNULL:@SECLEVEL=0"),
    "anonymous-too": Play(ciphers=f"{_MODERN}:AECDH+AES:@SECLEVEL=0"),
    "anonymous-only": Play(ciphers="AECDH+AES:@SECLEVEL=0", highest=ssl.TLSVersion.TLSv1_2),
    "cbc-too": Play(ciphers=f"{_MODERN}:ECDHE+AES"),
    "no-forward-secrecy": Play(certificate="rsa", highest=ssl.TLSVersion.TLSv1_2, ciphers="kRSA+AESGCM"),
    "no-forward-secrecy-too": Play(certificate="rsa", ciphers=f"{_MODERN}:kRSA+AESGCM"),
    # certificates
    "other-without-sni": Play(without_sni="wrong-name"),
    **{kind: Play(certificate=kind) for kind in ("wrong-name", "sibling-name", "untrusted", "self-signed", "expired",
                                     "not-yet-valid", "ends-soon", "revoked", "client-only", "chain", "incomplete-chain",
                                     "anchored", "anchored-rsa", "wildcard", "cn-only", "rsa")},
    **{kind: Play(certificate=kind, ciphers=f"{_MODERN}:@SECLEVEL=0") for kind in ("weak-key", "sha1")},
}

# (on IPv4, on IPv6)
BY_FAMILY = {
    "other-on-ipv6": ("anchored", "anchored-rsa"),
    "expired-on-ipv6": ("sound", "expired"),
    "silent-on-ipv6": ("sound", "silent"),
    "no-starttls-on-ipv6": ("sound", "no-starttls"),
}


def _on(address, kind):
    """What a host of this kind does on an address."""
    return BY_FAMILY[kind][":" in address] if kind in BY_FAMILY else kind


class _Conversation:
    """SMTP as a server speaks it, up to the point where mail would be sent."""

    def __init__(self, connection, host, play, wrap):
        self._stream = connection
        self._host = host
        self._play = play
        self._wrap = wrap
        self._read = b""
        self._secure = False

    def hold(self):
        client = self._stream.getpeername()[0]
        if self._play.before:
            self._play.before(self._stream)
            return
        self._say(self._play.greeting.format(host=self._host, client=client))
        if not self._play.greeting.startswith("220"):
            self._refuse_all()
            return
        while (verb := self._verb()) not in ("QUIT", ""):
            if verb == "STARTTLS" and self._play.offers and not self._secure:
                if not self._start_tls():
                    return
            else:
                self._say(*self._reply(verb))
        self._say("221 2.0.0 Bye")
        if self._secure:
            self._stream.unwrap()

    def _reply(self, verb):
        if verb == "EHLO":
            offer = ["STARTTLS"] if self._play.offers and not self._secure else []
            return [self._host, "PIPELINING", "SIZE 10240000", *offer, "8BITMIME"], "250"
        if verb in ("HELO", "NOOP", "RSET", "MAIL", "RCPT"):
            return ["2.0.0 Ok"], "250"
        return ["5.5.2 That is not known here"], "502"

    def _refuse_all(self):
        while self._verb() not in ("QUIT", ""):
            self._say("503 5.5.0 Not now")

    def _start_tls(self):
        """False when the conversation is over."""
        self._say(self._play.answer)
        if not self._play.answer.startswith("220"):
            return True
        if self._play.instead:
            self._play.instead(self._stream)
            return False
        if not self._play.keeps_commands:
            self._read = b""
        self._stream = self._wrap(self._stream)
        self._secure = True
        return self._stream is not None

    def _say(self, lines, code=None):
        """A whole reply as text, or lines and their code."""
        if code is None:
            self._stream.sendall(lines.encode() + b"\r\n")
            return
        marks = ["-"] * (len(lines) - 1) + [" "]
        self._stream.sendall("".join(f"{code}{mark}{line}\r\n" for mark, line in zip(marks, lines)).encode())

    def _verb(self):
        """The next command's first word in upper case; "" when the client has gone."""
        while b"\n" not in self._read and len(self._read) < _MAX_LINE:
            more = self._stream.recv(_MAX_LINE)
            if not more:
                return ""
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line.decode("latin-1").strip().partition(" ")[0].upper() or "?"


def _client_hello(connection):
    """(version, cipher suites) of the ClientHello that waits to be read, which stays there."""
    hello = connection.recv(_MAX_HELLO, socket.MSG_PEEK)
    if len(hello) < 46 or hello[0] != 22 or hello[5] != 1:
        return None, ()
    version, = struct.unpack_from("!H", hello, 9)
    suites = 44 + hello[43]
    length, = struct.unpack_from("!H", hello, suites)
    offered = struct.iter_unpack("!H", hello[suites + 2:suites + 2 + length // 2 * 2])
    return version, [suite for suite, in offered if suite not in _SIGNALS]


def _server_hello(version, suite):
    """A record with ServerHello and ServerHelloDone, as far as a client needs them to see that the server agrees."""
    body = struct.pack("!H", version) + b"\x5a" * 32 + b"\0" + struct.pack("!HB", suite, 0)
    messages = b"\x02" + len(body).to_bytes(3, "big") + body + b"\x0e\0\0\0"
    return struct.pack("!BHH", 22, version, len(messages)) + messages


def _agree_by_hand(connection, versions, suites):
    """True when the client offers one of these, and nothing modern: it was told yes, and has gone."""
    version, offered = _client_hello(connection)
    chosen = next((suite for suite in offered if suite in suites), None)
    if version not in versions or chosen is None or any(suite in _MODERN_SUITES for suite in offered):
        return False
    connection.recv(_MAX_HELLO)
    connection.sendall(_server_hello(version, chosen))
    acceptor.stay_silent(connection)
    return True


class RudeMx:
    """Port 25 of every MX host with a kind of KINDS; `certificates()` says which leaves they need."""

    def __init__(self, hosts, pki):
        self._hosts = hosts
        self._pki = pki
        self._acceptor = acceptor.Acceptor()

    def certificates(self):
        wanted = {}
        for host in self._hosts:
            for kind in {_on(a, host.kind) for a in host.addresses}:
                play = KINDS[kind]
                if play.shakes:
                    wanted.update({(self._leaf(host, one), one, host.name): None
                                   for one in filter(None, (play.certificate, play.without_sni))})
        return list(wanted)

    def start(self):
        for host in self._hosts:
            for address in host.addresses:
                play = KINDS[_on(address, host.kind)]
                if play.listens:
                    self._acceptor.listen(address, 25, self._behaviour(host, play))
        self._acceptor.start()

    def stop(self):
        self._acceptor.stop()

    @property
    def lost_addresses(self):
        return [a for host in self._hosts for a in host.addresses if not KINDS[_on(a, host.kind)].reachable]

    @staticmethod
    def _leaf(host, certificate):
        """The file name of a certificate: TLSA records are made from what a host shows first (tlsa.py)."""
        first = KINDS[_on("", host.kind)].certificate
        return f"mx-{host.name}" if certificate == first else f"mx-{host.name}-{certificate}"

    def _behaviour(self, host, play):
        context = self._context(host, play) if play.shakes else None

        def wrap(connection):
            if play.also_takes and _agree_by_hand(connection, *play.also_takes):
                return None
            return context.wrap_socket(connection, server_side=True)
        return lambda connection: _Conversation(connection, host.name, play, wrap).hold()

    def _context(self, host, play):
        context = self._bare_context(host, play, play.certificate)
        if not play.without_sni:
            return context
        nameless = self._bare_context(host, play, play.without_sni)

        def choose(stream, name, _nameless):
            if name:
                stream.context = context
        nameless.sni_callback = choose
        return nameless

    def _bare_context(self, host, play, certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # The order counts: the level of security is a word of the list of ciphers, and judges keys.
        context.set_ciphers(play.ciphers)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = play.lowest, play.highest
        leaf = self._leaf(host, certificate)
        context.load_cert_chain(self._pki.path(leaf, "pem"), self._pki.path(leaf, "key"))
        return context
