"""The attacker on the path: a list of attacks, each on one domain, to be switched on and off at any time."""

from . import firewall, forger, relay, zones

ATTACKS = {
    "strip-starttls": "removes the offer of STARTTLS on the way to the MX hosts",
    "swap-mx": "answers the MX question with the attacker's own host, which has a good certificate",
    "drop-record": "answers that there is no TXT record at _mta-sts",
    "block-policy": "drops all packets to the policy host",
    "hijack-policy": "takes the policy host's place: own certificate, policy of mode none",
    "block-dns": "drops all packets to the name server",
    "strip-ds": "answers for the parent zone that the domain is not signed",
    "drop-tlsa": "drops all questions for TLSA records of the MX hosts",
    "deny-tlsa": "answers that the MX hosts have no TLSA records",
    "fail-aaaa": "answers SERVFAIL to the questions for IPv6 addresses of the MX hosts",
}


_PARENTS = {"": zones.ROOT_ADDRESS, **zones.TLD_ADDRESS}


class Attacker:
    """Servers at the attacker's address are always there; switching an attack changes who is led to them."""

    def __init__(self, domains):
        self._domains = domains
        self._firewall = firewall.Firewall()
        self._active = set()
        self._unreachable = set()
        self._relay = self._forger = self._parent_forger = None

    def start(self):
        self._relay = relay.Relay()
        self._forger = forger.Forger(firewall.DNS_PORT, {d.name: d.ns_address for d in self._domains.values()})
        self._parent_forger = forger.Forger(firewall.PARENT_PORT, _PARENTS)
        self._apply()

    def stop(self):
        for server in (self._relay, self._forger, self._parent_forger):
            if server:
                server.stop()

    def on(self, attack, domain):
        self._check(attack)
        self._active.add((attack, domain.name))
        self._apply()

    def off(self, attack, domain):
        self._check(attack)
        self._active.discard((attack, domain.name))
        self._apply()

    def all_off(self):
        self._active.clear()
        self._apply()

    def cut_off(self, ports):
        """From now on, attack or not, no packet comes to these (address, port)."""
        self._unreachable |= set(ports)
        self._apply()

    @property
    def active(self):
        return sorted(self._active)

    @staticmethod
    def _check(attack):
        if attack not in ATTACKS:
            raise ValueError(f"no attack {attack}; there are: {', '.join(ATTACKS)}")

    def _apply(self):
        self._firewall.drops = {(d.ns_address, firewall.DNS_PORT) for d in self._domains.values()
                                if d.dns == "silent"}
        self._firewall.drops |= {(a, firewall.HTTPS_PORT) for d in self._domains.values()
                                 for a in d.dropped_addresses}
        self._firewall.drops |= self._unreachable
        self._firewall.detours = set()
        forged, self._parent_forger.forged = {}, {}
        for attack, name in self._active:
            getattr(self, "_" + attack.replace("-", "_"))(self._domains[name], forged)
        self._forger.forged = forged
        self._firewall.apply()

    def _web_addresses(self, d):
        home = next((h for h in self._domains.values() if h.policy_host == d.web.get("cname")), d)
        return home.web_addresses

    def _mx_addresses(self, d):
        hosts = {h.name: h.addresses for other in self._domains.values() for h in other.mx if h.addresses}
        return [a for host in d.mx for a in hosts[host.name]]

    def _strip_starttls(self, d, _forged):
        self._firewall.detours |= {(a, 25, firewall.RELAY_PORT) for a in self._mx_addresses(d)}

    def _swap_mx(self, d, forged):
        forged[d.name, forger.MX] = lambda query: forger.forge_mx(query, zones.ATTACKER_MX)
        self._on_name_server(d)

    def _drop_record(self, d, forged):
        forged["_mta-sts." + d.name, forger.TXT] = lambda query: forger.forge_nodata(query, d.name)
        self._on_name_server(d)

    def _drop_tlsa(self, d, forged):
        forged.update({(f"_25._tcp.{host.name}", forger.TLSA): forger.drop for host in d.mx})
        self._on_name_server(d)

    def _deny_tlsa(self, d, forged):
        forged.update({(f"_25._tcp.{host.name}", forger.TLSA): lambda query: forger.forge_nodata(query, d.name)
                       for host in d.mx})
        self._on_name_server(d)

    def _fail_aaaa(self, d, forged):
        forged.update({(host.name, forger.AAAA): forger.forge_servfail for host in d.mx})
        self._on_name_server(d)

    def _strip_ds(self, d, _forged):
        self._parent_forger.forged[d.name, forger.ANY_TYPE] = \
            lambda query: forger.forge_referral(query, d.name, "ns." + d.name, d.ns_address)
        # One server has all of them, and answers for a child at its parent's address too.
        self._firewall.detours |= {(a, firewall.DNS_PORT, firewall.PARENT_PORT) for a in _PARENTS.values()}

    def _on_name_server(self, d):
        self._firewall.detours.add((d.ns_address, firewall.DNS_PORT, firewall.DNS_PORT))

    def _block_policy(self, d, _forged):
        self._firewall.drops |= {(a, firewall.HTTPS_PORT) for a in self._web_addresses(d)}

    def _hijack_policy(self, d, _forged):
        self._firewall.detours |= {(a, firewall.HTTPS_PORT, firewall.HTTPS_PORT) for a in self._web_addresses(d)}

    def _block_dns(self, d, _forged):
        self._firewall.drops.add((d.ns_address, firewall.DNS_PORT))
