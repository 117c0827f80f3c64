"""The MX hosts: one Postfix, an smtpd of its own for each host of the table, one maildir to look into."""

import email
import email.policy
import glob
import os
import re
from dataclasses import dataclass

from . import postfix, proc, table, zones

ATTACKER = table.MxHost(zones.ATTACKER_MX, "good", (zones.ATTACKER4, zones.ATTACKER6))


@dataclass(frozen=True)
class Received:
    """A message that arrived: for whom, at which MX host, and whether TLS was used on the way."""

    recipient: str
    subject: str
    host: str
    tls: bool

    @property
    def domain(self):
        return self.recipient.rpartition("@")[2]


def hosts_of(domains):
    """The MX hosts that there have to be for these domains."""
    return [host for d in domains.values() for host in d.mx if host.addresses and d.served]


class Mx:
    """The receiving side; `certificates()` says which leaves it needs."""

    def __init__(self, state, hosts, pki, settings=None):
        """hosts: MxHosts with addresses; settings of main.cf."""
        self._postfix = postfix.Postfix(state)
        self._hosts = hosts
        self._pki = pki
        self._settings = settings or {}
        self._mail = os.path.join(state, "mail")
        os.mkdir(self._mail)
        user = postfix.nobody()
        os.chown(self._mail, user.pw_uid, user.pw_gid)

    def certificates(self):
        return [("mx-" + h.name, h.kind, h.name) for h in self._hosts if h.kind != "no-starttls"]

    def start(self):
        user = postfix.nobody()
        services = [self._service(h.name, h.kind, a) for h in self._hosts for a in h.addresses]
        self._postfix.configure({
            "myhostname": "mx.lab",
            "virtual_mailbox_domains": "static:all",
            "virtual_mailbox_base": self._mail,
            "virtual_mailbox_maps": "static:all/",
            "virtual_uid_maps": f"static:{user.pw_uid}",
            "virtual_gid_maps": f"static:{user.pw_gid}",
            "smtpd_relay_restrictions": "reject_unauth_destination",
            # Everybody is there but one.
            "smtpd_recipient_restrictions": "check_recipient_access inline:{{gone@ = 550 5.1.1 no such user}}",
            "smtpd_tls_received_header": "yes",
            "smtpd_tls_loglevel": "1",
            **self._settings,
        }, services)
        self._postfix.start(self._hosts[0].addresses[0], 25)

    def stop(self):
        self._postfix.stop()

    def reload(self):
        """Certificates are read anew; on return it is done."""
        self._postfix.run("postfix", "reload")
        self._postfix.wait_reloaded()

    def messages(self, domain=None):
        """All that arrived (for a domain), oldest first."""
        paths = sorted(glob.glob(os.path.join(self._mail, "all/new/*")), key=os.path.getmtime)
        found = [_read(path) for path in paths]
        return [m for m in found if domain is None or m.domain == domain]

    def mails(self, recipient):
        """Whole mails that arrived for a recipient, as octets, oldest first."""
        paths = sorted(glob.glob(os.path.join(self._mail, "all/new/*")), key=os.path.getmtime)
        return [text for text in map(_octets, paths) if _for(text) == recipient]

    def arrived(self, delivery, seconds=5):
        """The Received of a message that a Sender says it has sent; StartError when it does not come."""
        return proc.wait_for(f"message {delivery.subject} to {delivery.recipient}",
                             lambda: next((m for m in self.messages() if m.subject == delivery.subject), None),
                             seconds=seconds)

    def _service(self, name, kind, address):
        shown = f"[{address}]" if ":" in address else address
        options = f"-o myhostname={name}"
        if kind != "no-starttls":
            cert = self._pki.path("mx-" + name, "")
            options += " -o smtpd_tls_security_level=may"
            options += f" -o smtpd_tls_cert_file={cert}pem -o smtpd_tls_key_file={cert}key"
        return f"{shown}:25 inet n - n - - smtpd {options}"


def _octets(path):
    with open(path, "rb") as f:
        return f.read()


def _for(text):
    return str(email.message_from_bytes(text, policy=email.policy.default)["X-Original-To"])


def _read(path):
    with open(path, "rb") as f:
        message = email.message_from_binary_file(f, policy=email.policy.default)
    newest = str(message["Received"])
    host = re.search(r"\bby (\S+) \(Postfix\) with (E?SMTPS?|UTF8SMTPS?)", newest)
    return Received(str(message["X-Original-To"]), str(message["Subject"]), host[1], host[2].endswith("SMTPS"))
