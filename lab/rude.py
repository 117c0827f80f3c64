"""The policy hosts that no web server can be talked into: each does one thing wrong, or right in an unusual way.

`web = { rude = NAME }` in domains.toml says what a host does; NAME is a key of BEFORE_TLS or of AFTER_TLS. A behaviour
is a function of the connection, and of the policy's octets where there is TLS; whatever it leaves open is closed
without a goodbye. All hosts are threads of the lab."""

import gzip
import itertools
import ssl
import time

from . import acceptor

_DRIP = 0.2
_CERTIFICATE = "web-rude"
_PAGE = b"<!DOCTYPE html><title>Welcome</title><p>It works!</p>\n"


def _head(*headers, status="200 OK"):
    lines = ["HTTP/1.1 " + status, *headers]
    return "".join(line + "\r\n" for line in lines).encode()


def _answer(body, *headers, **status):
    """A whole answer, as it should be but for what the arguments say."""
    return _head("Content-Type: text/plain", f"Content-Length: {len(body)}", *headers, **status) + b"\r\n" + body


def _chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def _pieces(data, size):
    return (data[i:i + size] for i in range(0, len(data), size))


def _speak_without_tls(connection):
    connection.recv(4096)
    connection.sendall(_answer(_PAGE, "Connection: close", status="400 Bad Request"))


def _read_request(stream):
    """Reads up to the blank line; octet by octet, since a GET is short and nothing may be read past its end."""
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        octet = stream.recv(1)
        if not octet:
            raise ConnectionResetError
        request += octet


def _say(compose):
    """A behaviour that answers with what compose(policy) gives, and says goodbye properly."""
    def behave(stream, policy):
        _read_request(stream)
        stream.sendall(compose(policy))
        stream.unwrap()
    return behave


def _say_on_and_on(compose, pause=0.0):
    """A behaviour that sends the pieces which compose(policy) yields, one after the other."""
    def behave(stream, policy):
        _read_request(stream)
        for piece in compose(policy):
            stream.sendall(piece)
            time.sleep(pause)
    return behave


def _leave_without_goodbye(stream, policy):
    """All of a valid policy, without a length: nobody can tell whether more was to come."""
    _read_request(stream)
    stream.sendall(_head("Content-Type: text/plain", "Connection: close") + b"\r\n" + policy)


def _reset_before_answer(stream, _policy):
    _read_request(stream)
    acceptor.reset(stream)


def _read_and_stay_silent(stream, _policy):
    acceptor.stay_silent(stream)


def _chunked(policy):
    return _head("Content-Type: text/plain", "Transfer-Encoding: chunked") + b"\r\n" + b"".join(
        map(_chunk, _pieces(policy, 7)))


def _coded(policy):
    return _answer(gzip.compress(policy, mtime=0), "Content-Encoding: gzip")


def _unlabelled(policy):
    return _answer(gzip.compress(policy, mtime=0))


def _short(policy):
    """What was sent is a valid policy; what was announced is more."""
    announced = _head("Content-Type: text/plain", f"Content-Length: {len(policy) + 100}")
    return announced + b"\r\n" + policy


def _redirect(policy):
    return _answer(policy, "Location: https://mta-sts.good.example/.well-known/mta-sts.txt", status="301 Moved")


def _drip(policy):
    return itertools.chain([_head("Content-Type: text/plain", "Content-Length: 1000") + b"\r\n"],
                           _pieces(policy + b"x" * 1000, 1))


def _drip_headers(_policy):
    return itertools.chain([_head()], itertools.repeat(b"x-drip: drop\r\n"))


def _endless(_policy):
    return itertools.chain([_head("Content-Type: text/plain", "Transfer-Encoding: chunked") + b"\r\n"],
                           itertools.repeat(_chunk(b"x-pad: " + b"x" * 990 + b"\r\n")))


def _many_headers(policy):
    return _answer(policy, *(f"x-header-{i}: {'x' * 60}" for i in range(5000)))


def _long_header(policy):
    return _answer(policy, "x-header: " + "x" * 500_000)


def _hints(_policy):
    return itertools.repeat(_head("Link: </style.css>; rel=preload", status="103 Early Hints") + b"\r\n")


# SETTINGS without parameters, as an HTTP/2 server begins
_HTTP2_SETTINGS = b"\0\0\0\4\0\0\0\0\0"

BEFORE_TLS = {
    "silent": acceptor.stay_silent,
    "reset": acceptor.reset,
    "closed": acceptor.close,
    "no-tls": _speak_without_tls,
}

AFTER_TLS = {
    "tls-silent": _read_and_stay_silent,
    "tls-reset": _reset_before_answer,
    "tls-closed": _say(lambda policy: b""),
    "no-type": _say(lambda policy: _head(f"Content-Length: {len(policy)}") + b"\r\n" + policy),
    "redirect": _say(_redirect),
    "chunked": _say(lambda policy: _chunked(policy) + b"0\r\n\r\n"),
    "chunks-cut": _say(_chunked),
    "unframed": _say(lambda policy: _head("Content-Type: text/plain", "Connection: close") + b"\r\n" + policy),
    "torn": _leave_without_goodbye,
    "short": _say(_short),
    "gzip": _say(_coded),
    "gzip-unlabelled": _say(_unlabelled),
    "http09": _say(lambda policy: policy),
    "http2": _say(lambda policy: _HTTP2_SETTINGS),
    "many-headers": _say(_many_headers),
    "long-header": _say(_long_header),
    "hints": _say_on_and_on(_hints),
    "endless": _say_on_and_on(_endless),
    "drip": _say_on_and_on(_drip, _DRIP),
    "drip-headers": _say_on_and_on(_drip_headers, _DRIP),
}

BEHAVIOURS = {**BEFORE_TLS, **AFTER_TLS}


class Rude:
    """Port 443 of every policy host with a `rude` behaviour; `certificates()` says which leaf they share."""

    def __init__(self, domains, pki):
        self._domains = [d for d in domains.values() if "rude" in d.web]
        self._pki = pki
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._acceptor = acceptor.Acceptor()

    def certificates(self):
        return [(_CERTIFICATE, "good", *(d.policy_host for d in self._domains))] if self._domains else []

    def start(self):
        if self._domains:
            self._tls.load_cert_chain(self._pki.path(_CERTIFICATE, "pem"), self._pki.path(_CERTIFICATE, "key"))
        for d in self._domains:
            for address in d.listening_addresses:
                self._acceptor.listen(address, 443, self._behaviour(d))
        self._acceptor.start()

    def stop(self):
        self._acceptor.stop()

    def _behaviour(self, d):
        """What to do with a connection to this domain's policy host."""
        name = d.web["rude"]
        if name in BEFORE_TLS:
            return BEFORE_TLS[name]

        def behave(connection):
            with self._tls.wrap_socket(connection, server_side=True) as stream:
                AFTER_TLS[name](stream, d.policy.encode())
        return behave
