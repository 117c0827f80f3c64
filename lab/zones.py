"""The text of every zone: root, top-level domains, and the domains of the table."""

from . import table

ROOT_ADDRESS = "198.18.0.2"
TLD_ADDRESS = {"example": "198.18.0.3", "net": "198.18.0.4"}
ATTACKER4 = "198.18.0.66"
ATTACKER6 = "2001:2::66"
ATTACKER_MX = "mx.attacker.net"

_LONG = 3600
# Fits no key of any zone, so whatever hangs on it is bogus.
_WRONG_DS = "4711 13 2 " + "5A" * 32


def _start(zone, ttl, server, address):
    """SOA and NS; `zone` without the trailing dot, empty for the root."""
    origin = zone + "."
    lines = [f"{origin} {ttl} SOA {server}. hostmaster.{server}. 1 3600 600 86400 {table.TTL}",
             f"{origin} {ttl} NS {server}."]
    return lines + ([f"{server}. {ttl} A {address}"] if address else [])


def _delegation(zone, server, address, ds):
    lines = [f"{zone}. {_LONG} NS {server}.", f"{server}. {_LONG} A {address}"]
    return lines + [f"{zone}. {_LONG} DS {one}" for one in ds]


def root(ds):
    """ds: zone name to its DS rdatas, as `Dns` collects them."""
    lines = _start("", _LONG, "a.root", ROOT_ADDRESS)
    for tld, address in TLD_ADDRESS.items():
        lines += _delegation(tld, "a.nic." + tld, address, ds.get(tld, []))
    return lines


def tld(name, domains, ds):
    """The zone of a top-level domain with the delegations of its domains."""
    lines = _start(name, _LONG, "a.nic." + name, TLD_ADDRESS[name])
    for domain in domains:
        if domain.name.endswith("." + name) and domain.dns != "nxdomain":
            vouched = {"signed": ds.get(domain.name, []), "bogus": [_WRONG_DS]}.get(domain.dns, [])
            lines += _delegation(domain.name, "ns." + domain.name, domain.ns_address, vouched)
    if name == "net":
        lines += [f"{ATTACKER_MX}. {table.TTL} A {ATTACKER4}", f"{ATTACKER_MX}. {table.TTL} AAAA {ATTACKER6}"]
    return lines


def domain(d, tlsa=()):
    """The zone of one domain of the table; tlsa: (owner, RDATA) of its TLSA records."""
    ttl = table.TTL
    lines = _start(d.name, ttl, "ns." + d.name, d.ns_address)
    for i, host in enumerate(d.mx):
        if not d.implicit:
            lines.append(f"{d.name}. {ttl} MX {10 * (i + 1) if host.name else 0} {host.name}.")
        lines += _addresses(host.name, host.addresses)
    lines += [f"{name}. {ttl} CNAME {target}." for name, target in d.aliases.items()]
    lines += [f"{owner}. {ttl} TLSA {rdata}" for owner, rdata in tlsa]
    return lines + _record(d) + _policy_host(d)


def _addresses(name, addresses):
    return [f"{name}. {table.TTL} {'AAAA' if ':' in a else 'A'} {a}" for a in addresses]


def _record(d):
    owner = f"_mta-sts.{d.name}. {table.TTL}"
    if isinstance(d.record, dict):
        return [f"{owner} CNAME {d.record['cname']}."]
    return [f"{owner} TXT {_txt(value)}" for value in d.record]


def _txt(value):
    strings = value if isinstance(value, list) else [value]
    return " ".join('"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"' for s in strings)


def _policy_host(d):
    if "cname" in d.web:
        return [f"{d.policy_host}. {table.TTL} CNAME {d.web['cname']}."]
    return _addresses(d.policy_host, d.web.get("address", d.web_addresses))
