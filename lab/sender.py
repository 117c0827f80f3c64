"""The sending Postfix, whose TLS policy comes from where the test says."""

import json
import re

from . import postfix
from .sending import ADDRESS, DOMAIN, Sending

WAXWING = "socketmap:inet:127.0.0.1:8461:QUERY"

_UNKNOWN = "changed by somebody else"
_FATE = re.compile(r"postfix/(?:waxwing-report/)?(?:smtp|error|discard|qmgr)\[(\d+)\]: ([0-9A-Za-z]+): to=<([^>]*)>,"
                   r".* relay=(\S+?),.* dsn=([\d.]+), status=(\w+) \((.*)\)$", re.MULTILINE)


class Sender(Sending):
    """A Postfix that sends; `root` is a tree whose Postfix is run instead of this system's, `port` takes its mail.
    As docs/postfix.md wants it, it can do DANE: the lab's resolver validates, and its word counts."""

    def __init__(self, state, pki, port, root=None, settings=None, clock=None):
        self._postfix = postfix.Postfix(state, root, clock)
        super().__init__(state, port, self._postfix.log_file)
        self._pki = pki
        self._extra = settings or {}
        self._settings = {}
        self._running = False
        self.policy_maps = None

    def start(self, policy_maps=None):
        self.policy_maps = policy_maps
        submission = "smtpd -o smtpd_relay_restrictions=permit_mynetworks,reject"
        services = [f"{ADDRESS}:{self.port} inet n - n - - {submission}"]
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
        self._postfix.start(ADDRESS, self.port)
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
    def root(self):
        """The tree whose Postfix it is, or None."""
        return self._postfix.root

    @property
    def config_directory(self):
        """Where main.cf is; programs that change it say `reloaded` afterwards."""
        return self._postfix.config_directory

    @property
    def queue_directory(self):
        """What a chrooted smtp sees as its root."""
        return self._postfix.queue_directory

    def rotate_log(self):
        """Has Postfix begin a new log; returns where the old one is. It forgets attempts that are only told there."""
        return self._postfix.rotate_log()

    def reloaded(self):
        """Waits until a `postfix reload` that somebody else has asked for is through."""
        self._postfix.wait_reloaded()
        self.policy_maps = _UNKNOWN

    def version(self):
        return tuple(int(part) for part in self._postfix.version().split(".") if part.isdigit())

    def queue(self):
        """postqueue -j: one dict for each message in the queue."""
        return [json.loads(line) for line in self._postfix.run("postqueue", "-j").splitlines()]

    def queued(self, delivery):
        """The queue's entry of the message, or None when it has left the queue."""
        return next((m for m in self.queue() if m["queue_id"] == delivery.queue_id), None)

    def clear(self):
        """Empties the queue."""
        self._postfix.run("postsuper", "-d", "ALL")

    def attempts(self, queue_id):
        return [found for found in _FATE.findall(self.log()) if found[1] == queue_id]

    def describe(self, delivery, attempt):
        pid, _, _, delivery.relay, delivery.dsn, delivery.status, delivery.reason = attempt
        delivery.log = self._lines(pid, delivery.queue_id)
        levels = re.findall(r"(\w+) TLS connection established to", "\n".join(delivery.log))
        delivery.tls = levels[-1] if levels else ""

    def push(self, queue_id):
        self._postfix.run("postqueue", "-i", queue_id)

    def _lines(self, pid, queue_id):
        """Lines of the process that made the attempt, from the one before its own to the fate."""
        lines = [line for line in self.log().splitlines() if f"[{pid}]: " in line]
        last = max(i for i, line in enumerate(lines) if f" {queue_id}: to=" in line)
        first = max((i + 1 for i in range(last) if ", status=" in lines[i]), default=0)
        return lines[first:last + 1]
