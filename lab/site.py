"""The test site: the domains of checks.toml, for a lab that runs already. A lab without it pays nothing for it.

What the fixtures share is there once: a zone with two name servers, an nginx, a Postfix. What one of them does wrong is
done by a zone of its own, by a policy host on an address of its own, or by an MX host of rude_mx.py."""

import concurrent.futures
import dataclasses
import os

from . import fixtures, knot, mx, rude, rude_mx, table, tlsa, web, zones

_LIST = "waxwing-lab.crl"

# Postfix's own choice would let in what is old.
_MODERN = {
    "smtpd_tls_protocols": ">=TLSv1.2",
    "smtpd_tls_ciphers": "high",
    "tls_high_cipherlist": "ECDHE+AESGCM:ECDHE+CHACHA20",
}


class SiteDns:
    """Three servers: one has the parent (see dns.py why), one keeps the zones that fixtures have for themselves, the third
    has what nobody looks after any more."""

    def __init__(self, state, domains):
        os.mkdir(state)
        self._inside = [d for d in domains.values() if not d.own_zone]
        self._own = [d for d in domains.values() if d.own_zone and d.dns != "nxdomain"]
        by_dns = {dns: [d for d in self._own if d.dns == dns] for dns in {d.dns for d in self._own}}
        self._stale = by_dns.get("stale", [])
        self._broken = by_dns.get("neglected", [])
        servfail = by_dns.get("servfail", [])
        neglected = [self._address(d, 1) for d in (*self._stale, *by_dns.get("lame-second", []), *self._broken, *servfail)]
        neglected += [self._address(d, 0) for d in (*self._broken, *servfail)] + [fixtures.lame_address()]
        self.cut_off = [self._address(d, i) for d in by_dns.get("silent", []) for i in (0, 1)]
        self.cut_off += [self._address(d, 1) for d in by_dns.get("silent-second", [])]
        kept = [a for d in self._own for a in d.servers.values() if a not in neglected]
        self._parent = knot.Knot(os.path.join(state, "parent"), list(fixtures.servers(fixtures.PARENT).values()))
        self._keeper = knot.Knot(os.path.join(state, "keeper"), kept)
        self._neglect = knot.Knot(os.path.join(state, "neglect"), neglected)
        self._tlsa = {}
        self._ds = {}

    def start(self):
        """Returns the DS rdatas of the parent, which nobody refers to as yet."""
        for d in self._own:
            if d.served:
                self._keeper.write(d.name, self._zone(dataclasses.replace(d, **d.was)), signed=d.dns != "unsigned")
        self._ds = self._keeper.start()
        self._parent.write(fixtures.PARENT, self._parent_zone())
        return self._parent.start()[fixtures.PARENT]

    def finish(self, pki):
        """Adds the TLSA records, which are made from certificates; time goes on for the kept zones alone."""
        for d in self._stale:
            self._neglect.write(d.name, self._keeper.lines(d.name), signed=False)
        self._tlsa = {d.name: tlsa.records(d, pki) for d in (*self._inside, *self._own)}
        for d in self._own:
            if d.served:
                self._keeper.write(d.name, self._zone(d))
        self._keeper.reload(*[d.name for d in self._own if d.served])
        self._parent.write(fixtures.PARENT, self._parent_zone())
        self._parent.reload(fixtures.PARENT)
        for d in self._broken:
            whole = self._keeper.lines(d.name)
            self._neglect.write(d.name, [line for line in whole if not _is_lost(line, d)], signed=False)
        self._neglect.start()

    def stop(self):
        for server in (self._parent, self._keeper, self._neglect):
            server.stop()

    @staticmethod
    def _address(d, server):
        return list(d.servers.values())[server]

    def _zone(self, d):
        return zones.start(d.name, table.TTL, d.servers) + zones.content(d, self._tlsa.get(d.name, ()))

    def _parent_zone(self):
        lines = zones.start(fixtures.PARENT, table.TTL, fixtures.servers(fixtures.PARENT))
        lines += [f"{fixtures.LAME}. {table.TTL} A {fixtures.lame_address()}",
                  f"{fixtures.LISTS}. {table.TTL} A {fixtures.lists_address()}"]
        for d in self._inside:
            lines += zones.content(d, self._tlsa.get(d.name, ()))
        for d in self._own:
            lines += zones.delegation(d.name, d.servers, zones.vouched(d, self._ds.get(d.name, [])))
        return lines


def _is_lost(line, d):
    """True for a record of a zone that the row says is gone."""
    owner, _ttl, *rest = line.split(None, 4)
    for lost in d.lost:
        label, *types = lost.split()
        name = {"@": d.name, "*": owner[:-1]}.get(label, f"{label}.{d.name}")
        if owner == name + "." and rest[:len(types)] == types:
            return True
    return False


class Site:
    """`domains` are the fixtures; call start once, stop with the lab."""

    def __init__(self, lab):
        self._lab = lab
        self.domains = fixtures.load()
        os.mkdir(self._directory(""))
        hosts = mx.hosts_of(self.domains)
        self._dns = SiteDns(self._directory("dns"), self.domains)
        self._web = web.Web(self._directory("web"), self.domains, lab.pki, attacker=False, clear=fixtures.lists_address())
        self._rude = rude.Rude(self.domains, lab.pki)
        self._mx = mx.Mx(self._directory("mx"), [h for h in hosts if h.kind == "good"], lab.pki, _MODERN)
        self._rude_mx = rude_mx.RudeMx([h for h in hosts if h.kind != "good"], lab.pki)
        self._servers = (self._web, self._rude, self._mx, self._rude_mx)

    def start(self):
        leaves = [leaf for server in self._servers for leaf in server.certificates()]
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            issued = pool.submit(self._lab.pki.issue_all, leaves, f"http://{fixtures.LISTS}/{_LIST}")
            ds = self._dns.start()
            issued.result()
        self._web.serve(_LIST, self._lab.pki.revoked(leaves))
        self._dns.finish(self._lab.pki)
        self._lab.dns.delegate(fixtures.PARENT, fixtures.servers(fixtures.PARENT), ds)
        for server in self._servers:
            server.start()
        self._lab.attacker.cut_off({(a, 53) for a in self._dns.cut_off} |
                                   {(a, 443) for d in self.domains.values() for a in d.dropped_addresses} |
                                   {(a, 25) for a in self._rude_mx.lost_addresses})
        self._lab.resolver.forget(fixtures.PARENT)

    def stop(self):
        for server in (*self._servers, self._dns):
            server.stop()

    def _directory(self, name):
        return os.path.join(self._lab.state, "site", name)
