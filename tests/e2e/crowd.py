"""A thousand senders to a domain, each with what it has found at one time or another (tests/engine/senders.c), and what there
is to be found: DNS is asked, the policy fetched, the MX hosts are talked to."""

import http.client
import json
import os
import smtplib
import socket
import ssl
import struct
import subprocess
from dataclasses import dataclass

from lab import web

SENDERS = 1000  # CROWD_SENDERS
_TXT, _MX = 16, 15
_SECONDS = 60


def ask(server, name, kind):
    """What a name server answers, whole."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = struct.pack(">6H", 1, 0, 1, 0, 0, 0) + labels + struct.pack(">B2H", 0, kind, 1)
    with socket.create_connection((server, 53), timeout=_SECONDS) as s, s.makefile("rb") as answer:
        s.sendall(struct.pack(">H", len(query)) + query)
        return answer.read(*struct.unpack(">H", answer.read(2)))


def fetch(host, context):
    """Status, Content-Type and text of the policy; the status is 0 where none can be had."""
    connection = http.client.HTTPSConnection(host, timeout=_SECONDS, context=context)
    try:
        connection.request("GET", web.WELL_KNOWN)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", ""), answer.read()
    except (OSError, http.client.HTTPException):
        return 0, "", b""
    finally:
        connection.close()


def takes_tls(host, context):
    """True when an MX host takes mail by TLS with a good certificate."""
    try:
        with smtplib.SMTP(host, 25, local_hostname="lab", timeout=_SECONDS) as s:
            s.starttls(context=context)
        return True
    except (OSError, smtplib.SMTPException):
        return False


@dataclass
class Sight:
    """What somebody sees who looks now."""

    record: bytes
    mx: bytes
    status: int
    type: str
    policy: bytes
    good: list

    def told(self, now):
        """As senders.c reads it."""
        parts = self.record, self.mx, self.type.encode(), self.policy
        words = int(now), self.status, *map(len, parts), *self.good
        return " ".join(map(str, words)).encode() + b"\n" + b"".join(parts)


class Crowd:
    """`domain` is one of lab/publishing.py; `trusted` the file with the authorities that senders believe. Which hosts have ever
    been in the MX records is `hosts`: some resolver may still have them."""

    def __init__(self, build, domain, trusted, seed=9):
        self.hosts = set()
        self._domain = domain
        self._context = ssl.create_default_context(cafile=trusted)
        self._process = subprocess.Popen([os.path.join(build, "tests/engine/senders"), domain.name, str(seed)],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def look(self):
        d = self._domain
        record = ask(d.server, "_mta-sts." + d.name, _TXT)
        page = fetch(d.policy_host, self._context)
        good = [host for host in sorted(self.hosts) if takes_tls(host, self._context)]
        return Sight(record, ask(d.server, d.name, _MX), *page, good)

    def see(self, now):
        """They live on until now, and see what is there. How many hold a policy (`holding`); if all had mail now, how many
        would be held to mode enforce (`bound`) and refuse it (`refusing`); what they have sent until now (`mails`), and
        what of that they have refused (`refused`)."""
        self._process.stdin.write(self.look().told(now))
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the senders have understood nothing"
        return json.loads(answer)

    def stop(self):
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(_SECONDS) == 0
