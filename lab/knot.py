"""One Knot DNS server: zones from files, signed by itself where wanted."""

import os
import re

from . import proc

_CONF = """
server:
    rundir: "{state}"
    pidfile: "{state}/knot.pid"
    listen: [ {listen} ]
    udp-workers: 1
    tcp-workers: 1
    background-workers: 2
control:
    listen: "{state}/knot.sock"
log:
  - target: stderr
    any: warning
{keys}database:
    storage: "{state}/db"
    journal-db-mode: asynchronous
policy:
  - id: lab
    algorithm: ecdsap256sha256
    single-type-signing: on
    cds-cdnskey-publish: always
    rrsig-lifetime: {lifetime}
    rrsig-refresh: 7d
    zone-max-ttl: 3600
    dnskey-ttl: 3600
template:
  - id: default
    storage: "{state}"
    journal-content: all
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    semantic-checks: off
    dnssec-policy: lab
{acl}zone:
"""

_KEY = """  - id: {name}
    algorithm: {algorithm}
    secret: {secret}
"""

_ACL = """acl:
  - id: update
    key: [{names}]
    action: update
"""

_CDS = re.compile(r"^\[(\S+)\] .*\sCDS\s+(\d+ \d+ \d+ [0-9A-F]+)", re.MULTILINE)


class Knot:
    """Zone names are written without the trailing dot; the root is the empty name."""

    def __init__(self, state, addresses, lifetime="14d", keys=(), updaters=(), clock=None):
        """keys: (name, algorithm, secret) of TSIG keys; updaters: the names of those that may update the zones;
        clock: what it goes by (clock.py)."""
        proc.require("knotd", "knotc")
        self.state = state
        self._addresses = addresses
        self._lifetime = lifetime
        self._keys = keys
        self._updaters = updaters
        self._environment = {**os.environ, **clock.environment} if clock else None
        self._zones = {}
        self._process = None
        os.makedirs(os.path.join(state, "db"))

    def write(self, zone, lines, signed=True):
        """Writes the zone's file; signing is decided when it is written first."""
        self._zones.setdefault(zone, signed)
        path = os.path.join(self.state, self._file(zone))
        with open(path + ".new", "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        os.replace(path + ".new", path)

    def start(self, seconds=15):
        """Starts with the zones written so far, and returns the DS rdatas of each one that is signed here."""
        with open(self._conf, "w", encoding="ascii") as f:
            f.write(self._configuration())
        log = os.path.join(self.state, "knot.log")
        self._process = proc.start(["knotd", "-c", self._conf], log, env=self._environment)
        return proc.wait_for("knotd", self._signed, self._process, log, seconds)[0]

    def stop(self):
        proc.stop(self._process)

    def reload(self, *names):
        """Serves what the zone files say now; on return it is done."""
        self._knotc("-b", "zone-reload", *[name + "." for name in names])

    def replace(self, zone, owner, kind, ttl, values):
        """The records of a name and type are these from now on, as when an operator edits the zone as it is served."""
        self._knotc("-b", "zone-begin", zone + ".")
        try:
            self._knotc("-f", "zone-unset", zone + ".", owner + ".", kind)
        except proc.StartError:  # there were none
            pass
        for value in values:
            self._knotc("zone-set", zone + ".", owner + ".", str(ttl), kind, *value.split())
        self._knotc("-b", "zone-commit", zone + ".")

    def lines(self, zone):
        """All of a zone as it is served, signatures included."""
        return [line.partition(" ")[2] for line in self._knotc("zone-read", zone + ".").splitlines() if line]

    def add_key(self, zone):
        """Publishes a further key-signing key, which signs nothing yet; returns its id."""
        key = self._keymgr(zone, "generate", "algorithm=ecdsap256sha256", "ksk=yes", "zsk=no", "created=+0",
                           "publish=+0", "ready=+10y", "active=+10y").split()[-1]
        self._knotc("-b", "zone-keys-load", zone + ".")
        return key

    def change_key(self, zone, key, *settings):
        """Timers of a key as keymgr has them ("revoke=+0"); on return the zone is signed so."""
        self._keymgr(zone, "set", key, *settings)
        self._knotc("-b", "zone-keys-load", zone + ".")

    def keys(self, zone):
        """Ids and key tags of a zone's keys."""
        return {line.split()[0]: int(line.split()[1]) for line in self._keymgr(zone, "list").splitlines()}

    @property
    def _conf(self):
        return os.path.join(self.state, "knot.conf")

    @staticmethod
    def _file(zone):
        return (zone or "root") + ".zone"

    def _configuration(self):
        keys = "".join(_KEY.format(name=name, algorithm=algorithm, secret=secret) for name, algorithm, secret in self._keys)
        keys = "key:\n" + keys if keys else ""
        acl = _ACL.format(names=", ".join(self._updaters)) if self._updaters else ""
        text = _CONF.format(state=self.state, lifetime=self._lifetime, listen=", ".join(a + "@53" for a in self._addresses),
                            keys=keys + acl, acl="    acl: update\n" if acl else "")
        for zone, signed in self._zones.items():
            text += (f'  - domain: "{zone}."\n    file: "{self._file(zone)}"\n'
                     f'    dnssec-signing: {"on" if signed else "off"}\n')
        return text

    def _signed(self):
        """(What each zone says in its CDS records,), or None as long as one is not yet signed."""
        ds = {}
        try:
            for zone, rdata in _CDS.findall(self._knotc("zone-read", "--", "@", "CDS")):
                if self._zones[zone.rstrip(".")]:
                    ds.setdefault(zone.rstrip("."), []).append(rdata)
        except proc.StartError:
            return None
        return (ds,) if len(ds) == sum(self._zones.values()) else None

    def _keymgr(self, zone, *arguments):
        return proc.run("keymgr", "-c", self._conf, zone + ".", *arguments)

    def _knotc(self, *arguments):
        return proc.run("knotc", "-c", self._conf, *arguments)
