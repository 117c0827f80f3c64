"""The sending Sendmail: Debian's, in a tree of its own, with Debian's sendmail.mc; what it asks is where the test says."""

import concurrent.futures
import os
import re
import shutil
import socket

from . import namespace, proc, syslog
from .sending import DOMAIN, Sending

PROGRAM = "/usr/libexec/sendmail/sendmail"
HACK = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "packaging", "sendmail", "waxwing.m4")

_MAIL = "/etc/mail"
_QUEUE = "/var/spool/mqueue"
_DEVICES = ("null", "zero", "random", "urandom")
_MAILERS = "MAILER_DEFINITIONS\n"
_FATE = re.compile(r"\[(\d+)\]: (\w+): to=(.*?), (?:ctladdr=.*?, )?delay=.*?(?:, relay=(\S+?)\.? .*?)?, dsn=([\d.]+), "
                   r"stat=(.*)$", re.MULTILINE)
_REJECT = re.compile(r"ruleset=tls_rcpt, arg1=(\S+), .*reject=(.*)$", re.MULTILINE)
_TLS = re.compile(r"STARTTLS=client, relay=\S+, version=\S+, verify=(\w+)")
_VERIFY = {"OK": "Verified", "FAIL": "Untrusted"}

# By its words, else by the class of its DSN: that may be of a command before the one that failed.
_STATUS = {"Sent": "sent", "Deferred": "deferred", "4": "deferred", "5": "bounced"}

# A loaded machine is no reason to wait, and bounces end here.
_LAB = """
define(`confQUEUE_LA', `10000')dnl
define(`confREFUSE_LA', `10000')dnl
define(`confTO_CONNECT', `3s')dnl
define(`confTO_ICONNECT', `3s')dnl
define(`confTO_STARTTLS', `5s')dnl
define(`confLOG_LEVEL', `14')dnl
define(`confCACERT', `{ca}')dnl
define(`confCACERT_PATH', `{directory}')dnl
LOCAL_DOMAIN(`{domain}')dnl
"""


class Sendmail(Sending):
    """`root` is the tree, which it leaves as it is: what it writes is below `state`. No daemon runs: each message has a
    process of its own, and so has each further attempt."""

    def __init__(self, state, pki, root):
        super().__init__(state, None, os.path.join(state, "maillog"))
        self.root = root
        self.mail_directory = os.path.join(state, "mail")
        self.queue_directory = os.path.join(state, "mqueue")
        self._pki = pki
        self._used = None
        self._require()
        self._make_directories()
        self._syslog = syslog.Syslog(os.path.join(state, "dev", "log"), self.log_file)
        with open(os.path.join(self.mail_directory, "sendmail.mc"), encoding="utf-8") as f:
            self._debian = f.read()

    def start(self, waxwing=None):
        self._syslog.start()
        self.use(waxwing)

    def stop(self):
        self._syslog.stop()

    def use(self, waxwing, with_ours=True, more=""):
        """Asks waxwingd at this socket (as Sendmail writes it) from now on, None for none; with_ours=False is for what
        Sendmail ships alone. `more` goes into sendmail.mc. Queued mail stays."""
        if self._used == (waxwing, with_ours, more):
            return
        if waxwing and with_ours:
            more += f"define(`WAXWING_SOCKET', `{waxwing}')dnl\ninclude(`{_MAIL}/m4/waxwing.m4')dnl\n"
        elif waxwing:
            more += f"FEATURE(`sts', `socket -d10 -T<TMPF> {waxwing}', `NO_SAN_TST')dnl\n"
        self.configure(self.master_config(more))
        self._used = (waxwing, with_ours, more)

    def master_config(self, more=""):
        """Debian's sendmail.mc with what the lab needs, and more."""
        lab = _LAB.format(ca=self._pki.ca, directory=self._pki.state, domain=DOMAIN)
        return self._debian.replace(_MAILERS, lab + more + _MAILERS)

    def configure(self, mc):
        """Writes sendmail.mc, and makes sendmail.cf of it."""
        with open(os.path.join(self.mail_directory, "sendmail.mc"), "w", encoding="utf-8") as f:
            f.write(mc)
        with open(os.path.join(self.mail_directory, "sendmail.cf"), "w", encoding="utf-8") as f:
            f.write(self.run("m4", _MAIL + "/sendmail.mc"))
        self._used = None

    def command(self, *argv):
        return ["chroot", self.root, *argv]

    def run(self, *argv, text_in=None):
        return proc.run(*self.command(*argv), text_in=text_in)

    def version(self):
        found = re.search(r"Version (\d+)\.(\d+)\.(\d+)", self.run(PROGRAM, "-d0.1", "-bt", text_in=""))
        return tuple(int(part) for part in found.groups())

    def send_to(self, recipients, wait=20):
        """One message to all of them; a Delivery for each."""
        first = self.send(recipients, wait=0)
        deliveries = [type(first)(first.queue_id, recipient, first.subject) for recipient in recipients]
        return [self.wait(delivery, wait) for delivery in deliveries]

    def send_all(self, recipients, wait=60):
        """Who submits waits while Sendmail looks the recipient's domain up."""
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            deliveries = list(pool.map(lambda recipient: self.send(recipient, wait=0), recipients))
        return [self.wait(delivery, wait) for delivery in deliveries]

    def queue(self):
        """The ids of the messages in the queue."""
        return sorted(name[2:] for name in os.listdir(self.queue_directory) if name.startswith("qf"))

    def queued(self, delivery):
        return delivery.queue_id if delivery.queue_id in self.queue() else None

    def clear(self):
        for name in os.listdir(self.queue_directory):
            os.unlink(os.path.join(self.queue_directory, name))

    def attempts(self, queue_id):
        """The processes that have tried and are through. One tells of each MX host, and goes on to the next."""
        pids = dict.fromkeys(fate[0] for fate in _FATE.findall(self.log()) if fate[1] == queue_id)
        return [pid for pid in pids if not os.path.exists(f"/proc/{pid}")]

    def _fates(self, delivery, attempt):
        """What the process has told of the recipient, and all that it has told."""
        lines = [line for line in self.log().splitlines() if f"[{attempt}]: " in line]
        fates = _FATE.findall("\n".join(lines))
        return [f for f in fates if delivery.recipient in re.sub("[<>]", "", f[2]).split(",")], lines

    def describe(self, delivery, attempt):
        # The log comes by a socket: a process may be gone before its last line is there.
        proc.wait_for(f"fate of {delivery.recipient}", lambda: self._fates(delivery, attempt)[0], log=self.log_file)
        fates, delivery.log = self._fates(delivery, attempt)
        text = "\n".join(delivery.log)
        _, _, _, delivery.relay, delivery.dsn, delivery.reason = fates[-1]
        delivery.status = _STATUS.get(re.match(r"\w*", delivery.reason)[0]) or _STATUS[delivery.dsn[0]]
        rejected = [words for to, words in _REJECT.findall(text) if to == delivery.recipient]
        if delivery.reason == "Deferred" and rejected:
            delivery.reason += ": " + rejected[-1]
        levels = _TLS.findall(text)
        delivery.tls = _VERIFY.get(levels[-1], levels[-1]) if levels else ""

    def run_queue(self):
        """Has all of the queue tried again, by one process."""
        self.run(PROGRAM, "-Am", "-q")

    def push(self, queue_id):
        self.run(PROGRAM, "-Am", "-qI" + queue_id)

    def _submit(self, sender, recipients, subject):
        recipients = [recipients] if isinstance(recipients, str) else recipients
        message_id = subject.replace(" ", "-") + "@" + DOMAIN
        self.run(PROGRAM, "-Am", "-i", "-odb", "-f", sender, "--", *recipients,
                 text_in=f"From: {sender}\nTo: lab\nSubject: {subject}\nMessage-ID: <{message_id}>\n\n"
                         "Hello from the lab.\n")
        queued = re.compile(rf": (\w+): from=.*msgid=<{re.escape(message_id)}>")
        return proc.wait_for(f"message to {recipients[0]} to be queued", lambda: queued.search(self.log()),
                             log=self.log_file)[1]

    def _require(self):
        if not os.path.exists(self.root + PROGRAM):
            raise namespace.Unavailable(f"no Sendmail in {self.root}: make it with lab/mta-tree sendmail {self.root}")
        if os.geteuid() != 0:
            raise namespace.Unavailable("running a tree of another Debian needs root")

    def _make_directories(self):
        for path in ("", "mqueue", "dev"):
            os.mkdir(os.path.join(self.state, path))
        shutil.copytree(self.root + _MAIL, self.mail_directory, symlinks=True)
        shutil.copy(HACK, self.mail_directory + "/m4")
        for name in _DEVICES:
            self._show("/dev/" + name, self._new_file("dev/" + name))
        # It looks its own name up, and waits a minute for one with a dot.
        hosts = f"127.0.0.1 localhost\n{namespace.CLIENT4} out.{DOMAIN} {socket.gethostname()}\n"
        for source, target in (("/run", "/run"), ("/proc", "/proc"), (self.state + "/dev", "/dev"),
                               (self.mail_directory, _MAIL), (self.queue_directory, _QUEUE),
                               (self._new_file("hosts", hosts), "/etc/hosts"),
                               (os.path.join(namespace.STATE, "resolv.conf"), "/etc/resolv.conf")):
            self._show(source, self.root + target)
        os.makedirs("/run/sendmail/mta", exist_ok=True)

    def _new_file(self, name, text=""):
        path = os.path.join(self.state, name)
        with open(path, "x", encoding="ascii") as f:
            f.write(text)
        return path

    @staticmethod
    def _show(source, target):
        namespace.bind(source, os.path.realpath(target))
