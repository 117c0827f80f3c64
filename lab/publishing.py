"""Domains that somebody is to publish: their zones take updates (RFC 2136), and an authority issues certificates to their
policy hosts. A lab without them pays nothing for them.

Each has two name servers, MX hosts that are there before a record leads to them, and an address that is free for whoever
serves its policy on ports 80 and 443. TSIG has both sides agree on the time: the zone that is not signed goes by the lab's
clock; the signed one does not, as the lab's resolver would refuse signatures of the future."""

import base64
import os

from . import acme, knot, mx, table, zones

# (name, number of its network, is its zone signed?)
_DOMAINS = (("rollout.example", 508, True), ("plain-rollout.example", 509, False))
# (name, whose customer it is): its mail goes to the provider's hosts, its policy host is an alias of the provider's, and its
# zone lies on the same servers.
_CUSTOMERS = (("customer-rollout.example", "plain-rollout.example"),)
_SPARE_HOSTS = 3
DAYS = 3000  # of their certificates: who goes by a clock that is far ahead takes them, too
_KEY = ("waxwing-lab", "hmac-sha256", base64.b64encode(b"the lab has no secrets worth it!").decode())


class Domain:
    """One of them. `hosts` are names of MX hosts that run; `mx` says which of them its MX records name."""

    def __init__(self, name, net, signed):
        self.name = name
        self.net = net
        self.signed = signed
        self.servers = {f"ns{i + 1}.{name}": table.address(net, 53 + i, 4) for i in range(2)}
        self.server = next(iter(self.servers.values()))
        self.policy_host = "mta-sts." + name
        self.policy_address = table.address(net, 43, 4)
        self.other_address = table.address(net, 44, 4)  # for a policy host that moves
        self.acme_address = table.address(net, 80, 4)
        self.machines = [table.MxHost(f"mx{i + 1}.{name}", "good", tuple(table.address(net, 100 + i, family)
                                                                         for family in (4, 6)))
                         for i in range(_SPARE_HOSTS)]
        self.hosts = [host.name for host in self.machines]

    def zone(self, mx):
        """The zone as an operator has it before anything is published."""
        lines = zones.start(self.name, table.TTL, self.servers)
        lines += [f"{self.name}. {table.TTL} MX {10 * (i + 1)} {host}." for i, host in enumerate(mx)]
        lines += [f"{host.name}. {table.TTL} {'AAAA' if ':' in a else 'A'} {a}"
                  for host in self.machines for a in host.addresses]
        return lines + [f"{self.policy_host}. {table.TTL} A {self.policy_address}",
                        f"acme.{self.name}. {table.TTL} A {self.acme_address}"]


class Customer:
    """A domain that a provider takes the mail of."""

    def __init__(self, name, provider):
        self.name = name
        self.provider = provider
        self.signed = provider.signed
        self.servers = {f"ns{i + 1}.{name}": address for i, address in enumerate(provider.servers.values())}
        self.server = provider.server
        self.policy_host = "mta-sts." + name
        self.policy_address = provider.policy_address
        self.hosts = provider.hosts
        self.machines = ()

    def zone(self, mx):
        """As that of a Domain."""
        lines = zones.start(self.name, table.TTL, self.servers)
        lines += [f"{self.name}. {table.TTL} MX {10 * (i + 1)} {host}." for i, host in enumerate(mx)]
        return lines + [f"{self.policy_host}. {table.TTL} CNAME {self.provider.policy_host}."]


class Publishing:
    """`domains` by name, each with its `server` that takes updates; `key_file` has the TSIG key for them in the way of BIND.
    `acme` is started when it is first wanted."""

    def __init__(self, lab):
        self._lab = lab
        self.state = os.path.join(lab.state, "publishing")
        os.mkdir(self.state)
        self.domains = {name: Domain(name, net, signed) for name, net, signed in _DOMAINS}
        self.domains.update((name, Customer(name, self.domains[provider])) for name, provider in _CUSTOMERS)
        self.key_file = self._write("update.key", 'key "{}" {{\n  algorithm {};\n  secret "{}";\n}};\n'.format(*_KEY))
        self._dns = {d.name: knot.Knot(os.path.join(self.state, "dns-" + d.name), list(d.servers.values()),
                                       lifetime="3650d", keys=[_KEY], updaters=[_KEY[0]],
                                       clock=None if d.signed else lab.clock)
                     for d in self.domains.values() if isinstance(d, Domain)}
        self._dns.update((name, self._dns[provider]) for name, provider in _CUSTOMERS)
        self._mx = mx.Mx(os.path.join(self.state, "mx"), [h for d in self.domains.values() for h in d.machines], lab.pki)
        self._acme = None

    def start(self):
        self._lab.pki.issue_all(self._mx.certificates(), days=DAYS)
        for d in self.domains.values():
            self._dns[d.name].write(d.name, d.zone(d.hosts[:1]), signed=d.signed)
        signed = {server: server.start() for server in set(self._dns.values())}
        for d in self.domains.values():
            ds = signed[self._dns[d.name]]
            self._lab.dns.delegate(d.name, d.servers, ds.get(d.name, []))
            self._lab.resolver.forget(d.name)
        self._mx.start()

    def stop(self):
        for server in filter(None, (self._acme, self._mx, *set(self._dns.values()))):
            server.stop()

    @property
    def mx(self):
        """The MX hosts, as lab.mx."""
        return self._mx

    @property
    def acme(self):
        """The authority; with it the lab's own is among those that the system believes."""
        if self._acme is None:
            first = next(iter(self.domains.values()))
            self._acme = acme.Acme(os.path.join(self.state, "acme"), "acme." + first.name, first.acme_address,
                                   self._lab.pki)
            self._acme.start()
        return self._acme

    def set_mx(self, d, hosts):
        """The MX records name these hosts from now on, as the operator has it."""
        self._dns[d.name].replace(d.name, d.name, "MX", table.TTL,
                                  [f"{10 * (i + 1)} {host}." for i, host in enumerate(hosts)])
        self._lab.resolver.forget(d.name)

    def set_record(self, d, text):
        """The TXT record of its policy is this from now on, without white space; None: there is none."""
        self._dns[d.name].replace(d.name, "_mta-sts." + d.name, "TXT", table.TTL, [f'"{text}"'] if text else [])
        self._lab.resolver.forget(d.name)

    def lead(self, d, address=None):
        """The policy host has this address from now on; None: it is as it was at the start."""
        kept = "A" if isinstance(d, Domain) else "CNAME"
        value = d.policy_address if kept == "A" else d.provider.policy_host + "."
        if kept == "CNAME":
            self._dns[d.name].replace(d.name, d.policy_host, "A" if address is None else "CNAME", table.TTL, [])
        self._dns[d.name].replace(d.name, d.policy_host, kept if address is None else "A", table.TTL, [address or value])
        self._lab.resolver.forget(d.name)

    @property
    def server(self):
        """That of the first domain."""
        return next(iter(self.domains.values())).server

    def reset(self, d):
        """The zone is as it was at the start."""
        self._dns[d.name].replace(d.name, "_smtp._tls." + d.name, "TXT", table.TTL, [])
        self.set_record(d, None)
        self.lead(d)
        self.set_mx(d, d.hosts[:1])

    def rotate(self, d, kind="good"):
        """Its MX hosts show other certificates, with other keys, from their next connections on; perhaps with a fault."""
        names = [(name, kind, host) for name, _, host in self._mx.certificates() if host in d.hosts]
        self._lab.pki.issue_all(names, days=DAYS)
        self._mx.reload()

    def trusted(self):
        """A file with all authorities that senders believe here, for the authority's certificates too."""
        with open(self._lab.pki.ca, encoding="ascii") as f:
            return self._write("trusted.pem", f.read() + self.acme.authority())

    def _write(self, name, text):
        path = os.path.join(self.state, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        return path
