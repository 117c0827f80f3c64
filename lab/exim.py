"""The sending Exim: that of a Debian tree, configured as Debian does it, with Waxwing's files or without."""

import contextlib
import os
import re
import shutil
import subprocess

from . import namespace, proc
from .sending import ADDRESS, DOMAIN, Sending

FILES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "packaging", "exim4")

# What Exim writes to, and what is written for it: the tree stays as it is.
_OWN = ("/etc/exim4", "/var/lib/exim4", "/var/spool/exim4", "/var/log/exim4")
_MAILNAME = "/etc/mailname"
_FATE = re.compile(r"^\S+ \S+ (\S+) (=>|==|\*\*) (\S+)(?: <\S+>)?(?: R=(\S+))?(?: T=(\S+))?:? ?(.*)$", re.MULTILINE)
_STATUS = {"=>": "sent", "==": "deferred", "**": "bounced"}

_DEBCONF = """
dc_eximconfig_configtype='internet'
dc_other_hostnames=''
dc_local_interfaces='127.0.0.1'
dc_readhost=''
dc_relay_domains=''
dc_minimaldns='true'
dc_relay_nets=''
dc_smarthost=''
CFILEMODE='644'
dc_use_split_config='{split}'
dc_hide_mailname=''
dc_mailname_in_oh='true'
dc_localdelivery='mail_spool'
"""

_LAB = """
MAIN_HARDCODE_PRIMARY_HOSTNAME = out.{domain}
MAIN_SMTPUTF8_ADVERTISE_HOSTS = *
MAIN_LOG_SELECTOR = +tls_certificate_verified +tls_peerdn
WAXWING_CA = {ca}
daemon_smtp_ports = {port}
queue_only_file = {hold}
"""

# Bounces, which nobody waits for.
_DISCARD = """
discard:
  driver = redirect
  domains = {domain}
  data = :blackhole:
"""


class Exim(Sending):
    """An Exim that sends, in its tree `root`; `port` takes its mail. `use` says whom it asks."""

    queued_as = r"id=(\S+)"

    def __init__(self, state, pki, port, root):
        super().__init__(state, port, os.path.join(state, "var/log/exim4", "mainlog"))
        self.root = root
        self.configuration = os.path.join(state, "etc/exim4")
        self._pki = pki
        self._hold = os.path.join(state, "hold")
        self._output = os.path.join(state, "exim.out")
        self._process = None
        self._using = None
        self._require()
        os.mkdir(state)
        for path in _OWN:
            os.makedirs(os.path.dirname(state + path), exist_ok=True)
            proc.run("cp", "-aT", root + path, state + path)
            namespace.bind(state + path, root + path)
        namespace.join_tree(root)
        self._prepare()

    def _require(self):
        if not os.path.exists(self.root + "/usr/sbin/exim4"):
            raise namespace.Unavailable(f"no Exim in {self.root}: make a tree with lab/mta-tree exim {self.root}")
        if os.geteuid() != 0:
            raise namespace.Unavailable("running a tree of another Debian needs root")

    def _prepare(self):
        mailname = os.path.join(self.state, "mailname")
        _write(mailname, DOMAIN + "\n")
        namespace.bind(mailname, self.root + _MAILNAME)
        _write(self.configuration + "/conf.d/router/050_lab", _DISCARD.format(domain=DOMAIN))

    def start(self, socket=None, split=True, **macros):
        """`macros` are set before all others, as an operator does it in 000_localmacros."""
        self.install(socket)
        _write(self.configuration + "/update-exim4.conf.conf", _DEBCONF.format(split=str(split).lower()))
        own = _LAB.format(domain=DOMAIN, ca=self._pki.ca, port=self.port, hold=self._hold)
        own += f"WAXWING_SOCKET = {socket}\n" if socket else ""
        own += "".join(f"{name} = {value}\n" for name, value in macros.items())
        _write(self.configuration + "/conf.d/main/000_localmacros", own)
        _write(self.configuration + "/exim4.conf.localmacros", own)
        self._using = (socket, split, macros)
        self.launch()

    def launch(self):
        """Takes over what stands in its configuration, as `update-exim4.conf` and a restart do."""
        self.stop()
        self.run("update-exim4.conf")
        self._process = proc.start(["chroot", self.root, "exim4", "-bdf"], self._output, start_new_session=True)
        proc.wait_for("exim", lambda: proc.port_open(ADDRESS, self.port), self._process, self._output)

    def stop(self):
        proc.stop_group(self._process)
        self._process = None

    def use(self, socket, split=True, **macros):
        """Asks there from now on, as ${readsocket takes it; None: nobody, without any of Waxwing's files."""
        if self._process is None or self._using != (socket, split, macros):
            self.start(socket, split, **macros)

    def install(self, wanted=True):
        """Puts Waxwing's files into Exim's configuration, or takes them out."""
        for folder, _, names in os.walk(FILES):
            for name in names:
                target = os.path.join(self.configuration, os.path.relpath(os.path.join(folder, name), FILES))
                if wanted:
                    shutil.copy(os.path.join(folder, name), target)
                else:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(target)

    def run(self, *command, **options):
        """Runs a program of the tree and returns what it printed."""
        return proc.run("chroot", self.root, *command, **options)

    def queue(self):
        """Ids of the messages in the queue."""
        return re.findall(r"^ *\S+ +\S+ (\S{6}-\S{6}-\S{2}) ", self.run("exim4", "-bpr"), re.MULTILINE)

    def queued(self, delivery):
        return delivery.queue_id in self.queue()

    @contextlib.contextmanager
    def holding(self):
        """Messages that come in the meantime are queued, and not tried."""
        _write(self._hold, "")
        try:
            yield
        finally:
            os.unlink(self._hold)

    def run_queue(self):
        """Routes all of the queue, then delivers: mail for one host over one connection, where that can be."""
        self.run("exim4", "-qqff")

    def clear(self):
        """Empties the queue, and forgets which hosts have failed."""
        queued = self.queue()
        if queued:
            subprocess.run(["chroot", self.root, "exim4", "-Mrm", *queued], capture_output=True, check=False)
        for name in os.listdir(self.state + "/var/spool/exim4/db"):
            os.unlink(os.path.join(self.state, "var/spool/exim4/db", name))

    def attempts(self, queue_id):
        log = self.log()
        return [found for found in _FATE.finditer(log) if found[1] == queue_id]

    def describe(self, delivery, attempt):
        delivery.status = _STATUS[attempt[2]]
        delivery.reason = attempt[6]
        lines = [line for line in self.log()[:attempt.end()].splitlines() if f" {delivery.queue_id} " in line]
        last = max((i + 1 for i, line in enumerate(lines[:-1]) if _FATE.match(line)), default=0)
        delivery.log = lines[last:]
        host = re.search(r"\bH=(\S+) \[", attempt[6])
        delivery.relay = host[1] if host else ""
        verified = re.search(r" X=\S+ CV=(\w+)", attempt[6])
        delivery.tls = verified[1] if verified else ""

    def push(self, queue_id):
        self.run("exim4", "-M", queue_id)


def _write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
