"""The name servers: one server for root and top-level domains, one for the domains of the table.

They are two, since a server that has parent and child would answer for the child when the parent is asked, and
nobody would ever come to the child's own address. Each zone has an address of its own on its server."""

import os

from . import knot, tlsa, zones


class Dns:
    """Root hints and trust anchor are files for any resolver: `root_hints`, `trust_anchor`."""

    def __init__(self, state, domains):
        os.mkdir(state)
        self.root_hints = os.path.join(state, "root.hints")
        self.trust_anchor = os.path.join(state, "root.key")
        self._domains = domains
        self._tlsa = {}
        self._ds = {}
        self._delegated = []
        # Who goes by a clock that is months ahead believes their signatures, too.
        self._parents = knot.Knot(os.path.join(state, "parents"), [zones.ROOT_ADDRESS, *zones.TLD_ADDRESS.values()],
                                  lifetime="3650d")
        self._children = knot.Knot(os.path.join(state, "children"),
                                   [d.ns_address for d in domains.values() if d.dns != "nxdomain"], lifetime="3650d")

    def start(self):
        """Starts with unlinked zones, then writes each zone's DS into its parent."""
        for d in self._domains.values():
            if d.served:
                self._children.write(d.name, zones.domain(d), signed=d.dns != "unsigned")
        self._write_parents()
        self._ds = {**self._children.start(), **self._parents.start()}
        self._write_parents()
        self._parents.reload("", *zones.TLD_ADDRESS)
        self._export(self._ds[""])

    def stop(self):
        self._children.stop()
        self._parents.stop()

    def publish(self, *domains):
        """Serves what each Domain says now; on return the name server answers so."""
        for d in domains:
            self._children.write(d.name, zones.domain(d, self._tlsa.get(d.name, ())))
        self._children.reload(*[d.name for d in domains])

    def publish_tlsa(self, pki, *domains):
        """Adds the TLSA records, which are made from certificates; of these domains, or of all."""
        wanted = domains or [d for d in self._domains.values() if d.tlsa]
        self._tlsa.update({d.name: tlsa.records(d, pki) for d in wanted})
        self.publish(*wanted)

    def delegate(self, zone, servers, ds):
        """Leads to a further zone of a top-level domain; servers: name to address."""
        self._delegated.append((zone, servers, ds))
        self._write_parents()
        self._parents.reload(*zones.TLD_ADDRESS)

    def _write_parents(self):
        self._parents.write("", zones.root(self._ds))
        for name in zones.TLD_ADDRESS:
            lines = zones.tld(name, self._domains.values(), self._ds)
            for further in self._delegated:
                lines += zones.delegation(*further) if further[0].endswith("." + name) else []
            self._parents.write(name, lines)

    def _export(self, root_ds):
        with open(self.root_hints, "w", encoding="ascii") as f:
            f.write(f". 3600000 NS a.root.\na.root. 3600000 A {zones.ROOT_ADDRESS}\n")
        with open(self.trust_anchor, "w", encoding="ascii") as f:
            f.write("".join(f". 3600 IN DS {one}\n" for one in root_ds))
