"""The sending Postfix, whose TLS policy comes from where the test says."""

import itertools
import json
import os
import re
import smtplib
from dataclasses import dataclass, field

from . import postfix, proc

WAXWING = "socketmap:inet:127.0.0.1:8461:QUERY"
DOMAIN = "sender.net"

_ADDRESS = "127.0.0.1"
_UNKNOWN = "changed by somebody else"
_FATE = re.compile(r"postfix/(?:smtp|error|discard|qmgr)\[(\d+)\]: ([0-9A-Za-z]+): to=<([^>]*)>,.* relay=(\S+?),"
                   r".* dsn=([\d.]+), status=(\w+) \((.*)\)$", re.MULTILINE)


@dataclass
class Delivery:
    """What has become of a message: `status` is "sent", "deferred" or "bounced", or empty while it is open.
    `log` holds the lines of the process that tried."""

    queue_id: str
    recipient: str
    subject: str
    status: str = ""
    reason: str = ""
    relay: str = ""
    dsn: str = ""
    log: list = field(default_factory=list)

    @property
    def tls(self):
        """"Verified", "Trusted", "Untrusted" or "Anonymous", or empty when no TLS was made."""
        levels = re.findall(r"(\w+) TLS connection established to", "\n".join(self.log))
        return levels[-1] if levels else ""

    def shows(self, words):
        """True when the reason or a log line of the attempt holds the words."""
        return words in self.reason or any(words in line for line in self.log)


class Sender:
    """A Postfix that sends; `root` is a tree whose Postfix is run instead of this system's, `port` takes its mail.
    As docs/postfix.md wants it, it can do DANE: the lab's resolver validates, and its word counts."""

    def __init__(self, state, pki, port, root=None, settings=None):
        self._port = port
        self._postfix = postfix.Postfix(state, root)
        self._pki = pki
        self._extra = settings or {}
        self._settings = {}
        self._numbers = itertools.count(1)
        self._running = False
        self.policy_maps = None

    def start(self, policy_maps=None):
        self.policy_maps = policy_maps
        submission = "smtpd -o smtpd_relay_restrictions=permit_mynetworks,reject"
        services = [f"{_ADDRESS}:{self._port} inet n - n - - {submission}"]
        self._postfix.configure({
            "myhostname": "out." + DOMAIN,
            "myorigin": DOMAIN,
            "transport_maps": "inline:{" + DOMAIN + "=discard:}",
            "smtp_tls_security_level": "may",
            "smtp_dns_support_level": "dnssec",
            "smtp_tls_CAfile": self._pki.ca,
            "smtp_tls_loglevel": "1",
            "smtp_tls_policy_maps": policy_maps or "",
            "smtp_connect_timeout": "3s",
            "smtp_helo_timeout": "5s",
            "smtp_starttls_timeout": "5s",
            "smtp_tls_note_starttls_offer": "yes",
            "smtp_connection_cache_on_demand": "no",
            "default_destination_concurrency_failed_cohort_limit": "0",
            **self._extra,
            **self._settings,
        }, services)
        self._postfix.start(_ADDRESS, self._port)
        self._running = True

    def stop(self):
        self._postfix.stop()
        self._running = False

    def use(self, policy_maps, **settings):
        """Takes TLS policies from this table from now on, None for none, with these settings of main.cf until the
        next use. Queued mail stays."""
        same = policy_maps == self.policy_maps and settings == self._settings
        if self._running and same and not self._postfix.edited():
            return
        self.stop()
        self._settings = settings
        self.start(policy_maps)

    @property
    def config_directory(self):
        """Where main.cf is; programs that change it say `reloaded` afterwards."""
        return self._postfix.config_directory

    @property
    def queue_directory(self):
        """What a chrooted smtp sees as its root."""
        return self._postfix.queue_directory

    def reloaded(self):
        """Waits until a `postfix reload` that somebody else has asked for is through."""
        self._postfix.wait_reloaded()
        self.policy_maps = _UNKNOWN

    def version(self):
        return tuple(int(part) for part in self._postfix.version().split(".") if part.isdigit())

    def send(self, recipient, wait=20, sender="demo@" + DOMAIN):
        """Queues one message and returns its Delivery, after the first attempt unless wait is 0."""
        subject = f"{os.path.basename(self._postfix.state)} message {next(self._numbers)}"
        queue_id = _submit(self._port, sender, recipient, subject)
        delivery = Delivery(queue_id, recipient, subject)
        return self.wait(delivery, wait) if wait else delivery

    def send_all(self, recipients, wait=60):
        """Queues a message for each, all at once, and returns their Deliveries after the first attempts."""
        deliveries = [self.send(recipient, wait=0) for recipient in recipients]
        return [self.wait(delivery, wait) for delivery in deliveries]

    def wait(self, delivery, seconds=20, attempts=1):
        """Waits until the message was tried that many times; StartError when that does not happen."""
        found = proc.wait_for(f"delivery to {delivery.recipient}",
                              lambda: self._attempts(delivery.queue_id, attempts),
                              log=self._postfix.log_file, seconds=seconds)
        pid, _, _, delivery.relay, delivery.dsn, delivery.status, delivery.reason = found
        delivery.log = self._lines(pid, delivery.queue_id)
        return delivery

    def retry(self, delivery, seconds=20):
        """Has Postfix try a deferred message again, now, and waits for the outcome."""
        before = len(self._all_attempts(delivery.queue_id))
        self._postfix.run("postqueue", "-i", delivery.queue_id)
        return self.wait(delivery, seconds, before + 1)

    def queue(self):
        """postqueue -j: one dict for each message in the queue."""
        return [json.loads(line) for line in self._postfix.run("postqueue", "-j").splitlines()]

    def queued(self, delivery):
        """The queue's entry of the message, or None when it has left the queue."""
        return next((m for m in self.queue() if m["queue_id"] == delivery.queue_id), None)

    def clear(self):
        """Empties the queue."""
        self._postfix.run("postsuper", "-d", "ALL")

    def log(self, offset=0):
        return self._postfix.log(offset)

    def _all_attempts(self, queue_id):
        return [found for found in _FATE.findall(self.log()) if found[1] == queue_id]

    def _attempts(self, queue_id, wanted):
        found = self._all_attempts(queue_id)
        return found[-1] if len(found) >= wanted else None

    def _lines(self, pid, queue_id):
        """Lines of the process that made the attempt, from the one before its own to the fate."""
        lines = [line for line in self.log().splitlines() if f"[{pid}]: " in line]
        last = max(i for i, line in enumerate(lines) if f" {queue_id}: to=" in line)
        first = max((i + 1 for i in range(last) if ", status=" in lines[i]), default=0)
        return lines[first:last + 1]


def _submit(port, sender, recipient, subject):
    """Hands the message to the sender's own smtpd; the reply to DATA names the queue id."""
    with smtplib.SMTP(_ADDRESS, port, local_hostname="lab", timeout=10) as s:
        utf8 = not recipient.isascii()
        s.ehlo()
        s.mail(sender, ["SMTPUTF8"] if utf8 else [])
        code, text = s.rcpt(recipient)
        if code != 250:
            raise proc.StartError(f"recipient {recipient} refused: {text.decode()}")
        code, text = s.data(f"From: {sender}\r\nTo: lab\r\nSubject: {subject}\r\n\r\nHello from the lab.\r\n")
    match = re.search(r"queued as (\w+)", text.decode())
    if code != 250 or not match:
        raise proc.StartError(f"message to {recipient} refused: {text.decode()}")
    return match[1]
