"""The attacker's name servers: they answer like the real ones, except for the names that they were told to forge."""

import socket
import socketserver
import struct
import threading

from . import firewall, table, zones

A, NS, MX, TXT, AAAA, DS, TLSA = 1, 2, 15, 16, 28, 43, 52
ANY_TYPE = None
_SOA = 6
_ANSWER = 0x8400
_REFERRAL = 0x8000
_SERVFAIL = 2
_OWN = (zones.ATTACKER4, 0)


def name_bytes(name):
    """A host name in wire format."""
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def question(query):
    """(name in lower case, type, the question's bytes) of a query; ValueError when it is none."""
    labels, at = [], 12
    while at < len(query) and query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii", "replace").lower())
        at += 1 + query[at]
    if at + 5 > len(query):
        raise ValueError("short query")
    return ".".join(labels), struct.unpack("!H", query[at + 1:at + 3])[0], query[12:at + 5]


def _record(owner, rtype, rdata):
    return owner + struct.pack("!HHIH", rtype, 1, table.TTL, len(rdata)) + rdata


def forge_mx(query, host):
    """An answer that names `host` as the only MX."""
    _, _, asked = question(query)
    rdata = struct.pack("!H", 10) + name_bytes(host)
    return query[:2] + struct.pack("!5H", _ANSWER, 1, 1, 0, 0) + asked + _record(b"\xc0\x0c", MX, rdata)


def forge_nodata(query, zone):
    """An answer that says: the name has no such record."""
    _, _, asked = question(query)
    soa = b"\0\0" + struct.pack("!5I", 1, 3600, 600, 86400, table.TTL)
    return query[:2] + struct.pack("!5H", _ANSWER, 1, 0, 1, 0) + asked + _record(name_bytes(zone), _SOA, soa)


def forge_referral(query, zone, server, address):
    """What a parent says who has never heard of DNSSEC: the zone is over there; and: there is no DS."""
    _, rtype, asked = question(query)
    if rtype == DS:
        return forge_nodata(query, zone.partition(".")[2])
    sections = _record(name_bytes(zone), NS, name_bytes(server))
    sections += _record(name_bytes(server), A, socket.inet_aton(address))
    return query[:2] + struct.pack("!5H", _REFERRAL, 1, 0, 1, 1) + asked + sections


def forge_servfail(query):
    """An answer that says: this server cannot."""
    _, _, asked = question(query)
    return query[:2] + struct.pack("!5H", _ANSWER | _SERVFAIL, 1, 0, 0, 0) + asked


def drop(_query):
    """No answer at all."""
    return None


class Forger:
    """Stands on a port of the attacker's address, in the place of the name servers of all `servers` (their addresses by
    name). `forged` maps (name, type) to a function of the query; with ANY_TYPE, the name and all below it."""

    def __init__(self, port, servers):
        self._servers_of_zones = servers
        self.forged = {}
        address = (zones.ATTACKER4, port)
        self._servers = [_Udp(address, _UdpHandler), _Tcp(address, _TcpHandler)]
        for server in self._servers:
            server.forger = self
            threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self):
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def answer(self, query, exchange):
        """The bytes to send back, or None; `exchange` asks the real server."""
        try:
            name, rtype, _ = question(query)
        except ValueError:
            return None
        below = {owner: forge for (owner, of), forge in self.forged.items() if of == ANY_TYPE}
        forge = self.forged.get((name, rtype)) or _closest(below, name)
        if forge:
            return forge(query)
        server = _closest(self._servers_of_zones, name)
        return exchange(server, query) if server else None


def _closest(found, name):
    """What belongs to the name, or to the nearest name above it; or None."""
    labels = [*filter(None, name.split(".")), ""]
    above = (".".join(labels[i:-1]) for i in range(len(labels)))
    return next((found[owner] for owner in above if owner in found), None)


def _exchange_udp(server, query):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(_OWN)
        s.settimeout(3)
        s.sendto(query, (server, 53))
        return s.recv(65535)


def _exchange_tcp(server, query):
    with socket.create_connection((server, 53), timeout=3, source_address=_OWN) as s:
        s.sendall(struct.pack("!H", len(query)) + query)
        return _read_message(s.makefile("rb"))


def _read_message(stream):
    head = stream.read(2)
    return stream.read(struct.unpack("!H", head)[0]) if len(head) == 2 else b""


class _UdpHandler(socketserver.BaseRequestHandler):
    def handle(self):
        query, reply_to = self.request
        try:
            answer = self.server.forger.answer(query, _exchange_udp)
            if answer:
                reply_to.sendto(answer, self.client_address)
        except OSError:
            pass


class _TcpHandler(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            while query := _read_message(self.rfile):
                answer = self.server.forger.answer(query, _exchange_tcp)
                if not answer:
                    return
                self.wfile.write(struct.pack("!H", len(answer)) + answer)
        except OSError:
            pass


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
