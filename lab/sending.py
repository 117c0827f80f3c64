"""What all senders of the lab have in common: mails that they are given, and what becomes of each."""

import itertools
import os
import re
import smtplib
from dataclasses import dataclass, field

from . import proc

ADDRESS = "127.0.0.1"
DOMAIN = "sender.net"


@dataclass
class Delivery:
    """What has become of a message: `status` is "sent", "deferred" or "bounced", or empty while it is open. `tls` is
    how good the connection was, in the words of the MTA, or empty without TLS. `log` holds the lines of the attempt."""

    queue_id: str
    recipient: str
    subject: str
    status: str = ""
    reason: str = ""
    relay: str = ""
    dsn: str = ""
    tls: str = ""
    log: list = field(default_factory=list)

    def shows(self, words):
        """True when the reason or a log line of the attempt holds the words."""
        return words in self.reason or any(words in line for line in self.log)


class Sending:
    """An MTA that takes mail at a port. Who derives from it says which attempts its log tells of (`attempts`), what
    one of them means (`describe`) and how one is made at once (`push`)."""

    queued_as = r"queued as (\w+)"

    def __init__(self, state, port, log_file):
        self.state = state
        self.port = port
        self.log_file = log_file
        self._numbers = itertools.count(1)

    def send(self, recipient, wait=20, sender="demo@" + DOMAIN):
        """Queues one message and returns its Delivery, after the first attempt unless wait is 0."""
        subject = f"{os.path.basename(self.state)} message {next(self._numbers)}"
        delivery = Delivery(self._submit(sender, recipient, subject), recipient, subject)
        return self.wait(delivery, wait) if wait else delivery

    def send_all(self, recipients, wait=60):
        """Queues a message for each, all at once, and returns their Deliveries after the first attempts."""
        deliveries = [self.send(recipient, wait=0) for recipient in recipients]
        return [self.wait(delivery, wait) for delivery in deliveries]

    def wait(self, delivery, seconds=20, attempts=1):
        """Waits until the message was tried that many times; StartError when that does not happen."""
        def tried():
            found = self.attempts(delivery.queue_id)
            return found[-1] if len(found) >= attempts else None
        found = proc.wait_for(f"delivery to {delivery.recipient}", tried, log=self.log_file, seconds=seconds)
        self.describe(delivery, found)
        return delivery

    def retry(self, delivery, seconds=20):
        """Has a deferred message tried again, now, and waits for the outcome."""
        before = len(self.attempts(delivery.queue_id))
        self.push(delivery.queue_id)
        return self.wait(delivery, seconds, before + 1)

    def log(self, offset=0):
        """The mail log from a byte offset on."""
        return proc.text_of(self.log_file, offset)

    def attempts(self, queue_id):
        raise NotImplementedError

    def describe(self, delivery, attempt):
        raise NotImplementedError

    def push(self, queue_id):
        raise NotImplementedError

    def _submit(self, sender, recipient, subject):
        """Hands the message over; the reply to DATA names the queue id."""
        with smtplib.SMTP(ADDRESS, self.port, local_hostname="lab", timeout=10) as s:
            s.ehlo()
            s.mail(sender, [] if recipient.isascii() else ["SMTPUTF8"])
            code, text = s.rcpt(recipient)
            if code != 250:
                raise proc.StartError(f"recipient {recipient} refused: {text.decode()}")
            header = f"From: {sender}\r\nTo: lab@{DOMAIN}\r\nSubject: {subject}\r\n"
            code, text = s.data(header + "\r\nHello from the lab.\r\n")
        match = re.search(self.queued_as, text.decode())
        if code != 250 or not match:
            raise proc.StartError(f"message to {recipient} refused: {text.decode()}")
        return match[1]
