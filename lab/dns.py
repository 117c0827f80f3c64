"""The name servers: one Knot DNS that is root, top-level domains and domains, each on its own address."""

import os
import re

from . import proc, zones

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
database:
    storage: "{state}/db"
    journal-db-mode: asynchronous
policy:
  - id: lab
    algorithm: ecdsap256sha256
    single-type-signing: on
    ksk-shared: off
    cds-cdnskey-publish: always
    rrsig-lifetime: 14d
    rrsig-refresh: 7d
    zone-max-ttl: 3600
    dnskey-ttl: 3600
template:
  - id: default
    storage: "{state}"
    file: "%s.zone"
    journal-content: all
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    semantic-checks: off
  - id: signed
    storage: "{state}"
    file: "%s.zone"
    journal-content: all
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    semantic-checks: off
    dnssec-signing: on
    dnssec-policy: lab
zone:
"""

_CDS = re.compile(r"^\[(\S+)\] .*\sCDS\s+(\d+ \d+ \d+ [0-9A-F]+)", re.MULTILINE)


class Dns:
    """Root hints and trust anchor are files for any resolver: `root_hints`, `trust_anchor`."""

    def __init__(self, state, domains):
        proc.require("knotd", "knotc")
        self.state = state
        self.domains = domains
        self.root_hints = os.path.join(state, "root.hints")
        self.trust_anchor = os.path.join(state, "root.key")
        self._log = os.path.join(state, "knot.log")
        self._served = [d for d in domains.values() if d.served]
        self._tlds = list(zones.TLD_ADDRESS)
        self._process = None
        os.makedirs(os.path.join(state, "db"))

    def start(self):
        """Starts with unlinked zones, then writes each zone's DS into its parent."""
        self._write_parents({})
        for d in self._served:
            self._write(d.name, zones.domain(d))
        with open(self._conf, "w", encoding="ascii") as f:
            f.write(self._configuration())
        self._process = proc.start(["knotd", "-c", self._conf], self._log)
        signed = 1 + len(self._tlds) + sum(d.dns != "unsigned" for d in self._served)
        ds = proc.wait_for("knotd", lambda: self._collect_ds(signed), self._process, self._log)
        self._write_parents(ds)
        self._knotc("-b", "zone-reload", ".", *[name + "." for name in self._tlds])
        self._export(ds[""])

    def stop(self):
        proc.stop(self._process)

    def publish(self, d):
        """Serves what the Domain says now; on return the name server answers so."""
        self._write(d.name, zones.domain(d))
        self._knotc("-b", "zone-reload", d.name + ".")

    @property
    def _conf(self):
        return os.path.join(self.state, "knot.conf")

    def _configuration(self):
        addresses = [zones.ROOT_ADDRESS, *zones.TLD_ADDRESS.values()]
        addresses += [d.ns_address for d in self.domains.values() if d.dns != "nxdomain"]
        text = _CONF.format(state=self.state, listen=", ".join(a + "@53" for a in addresses))
        plain = {d.name for d in self._served if d.dns == "unsigned"}
        for name in ["", *self._tlds, *[d.name for d in self._served]]:
            text += f'  - domain: "{name}."\n    template: {"default" if name in plain else "signed"}\n'
            text += '    file: "root.zone"\n' if name == "" else ""
        return text

    def _write_parents(self, ds):
        self._write("root", zones.root(ds))
        for name in self._tlds:
            self._write(name, zones.tld(name, self.domains.values(), ds))

    def _write(self, name, lines):
        path = os.path.join(self.state, name + ".zone")
        with open(path + ".new", "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        os.replace(path + ".new", path)

    def _collect_ds(self, count):
        try:
            found = _CDS.findall(self._knotc("zone-read", "--", "@", "CDS"))
        except proc.StartError:
            return None
        ds = {}
        for zone, rdata in found:
            ds.setdefault(zone.rstrip("."), []).append(rdata)
        return ds if len(ds) == count else None

    def _knotc(self, *arguments):
        return proc.run("knotc", "-c", self._conf, *arguments)

    def _export(self, root_ds):
        with open(self.root_hints, "w", encoding="ascii") as f:
            f.write(f". 3600000 NS a.root.\na.root. 3600000 A {zones.ROOT_ADDRESS}\n")
        with open(self.trust_anchor, "w", encoding="ascii") as f:
            f.write("".join(f". 3600 IN DS {one}\n" for one in root_ds))
