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


def start(zone, ttl, servers):
    """SOA and NS; `zone` without the trailing dot, empty for the root; servers: name to address."""
    first = next(iter(servers))
    lines = [f"{zone}. {ttl} SOA {first}. hostmaster.{first}. 1 3600 600 86400 {table.TTL}"]
    return lines + _servers(zone, ttl, servers)


def delegation(zone, servers, ds):
    """What stands of a zone in its parent."""
    return _servers(zone, _LONG, servers) + [f"{zone}. {_LONG} DS {one}" for one in ds]


def _servers(zone, ttl, servers):
    return [line for name, address in servers.items()
            for line in (f"{zone}. {ttl} NS {name}.", f"{name}. {ttl} A {address}")]


def vouched(d, ds):
    """The DS records of the domain's zone; ds: those of its keys."""
    return {"unsigned": [], "bogus": [_WRONG_DS]}.get(d.dns, ds)


def root(ds):
    """ds: zone name to its DS rdatas, as `Dns` collects them."""
    lines = start("", _LONG, {"a.root": ROOT_ADDRESS})
    for tld, address in TLD_ADDRESS.items():
        lines += delegation(tld, {"a.nic." + tld: address}, ds.get(tld, []))
    return lines


def tld(name, domains, ds):
    """The zone of a top-level domain with the delegations of its domains."""
    lines = start(name, _LONG, {"a.nic." + name: TLD_ADDRESS[name]})
    for d in domains:
        if d.name.endswith("." + name) and d.dns != "nxdomain":
            lines += delegation(d.name, {"ns." + d.name: d.ns_address}, vouched(d, ds.get(d.name, [])))
    if name == "net":
        lines += [f"{ATTACKER_MX}. {table.TTL} A {ATTACKER4}", f"{ATTACKER_MX}. {table.TTL} AAAA {ATTACKER6}"]
    return lines


def domain(d, tlsa=()):
    """The zone of one domain of the table; tlsa: (owner, RDATA) of its TLSA records."""
    return start(d.name, table.TTL, {"ns." + d.name: d.ns_address}) + content(d, tlsa)


def content(d, tlsa=()):
    """The same without SOA and NS: it can stand in the zone above, too."""
    ttl = table.TTL
    lines = []
    for i, host in enumerate(d.mx):
        if not d.implicit:
            lines.append(f"{d.name}. {ttl} MX {10 * (i + 1) if host.name else 0} {host.name}.")
        lines += _addresses(host.name, host.addresses)
    lines += [f"{name}. {ttl} CNAME {target}." for name, target in d.aliases.items()]
    lines += [f"{owner}. {ttl} TLSA {rdata}" for owner, rdata in tlsa]
    lines += _texts("_mta-sts", d.record, d, d.ttl) + _texts("_smtp._tls", d.tlsrpt, d) + _policy_host(d)
    lines += _addresses(d.name, d.post_addresses) if d.post is not None else []
    return lines + [_absolute(line, d) for line in d.also]


def _addresses(name, addresses):
    return [f"{name}. {table.TTL} {'AAAA' if ':' in a else 'A'} {a}" for a in addresses]


def _absolute(line, d):
    """A line whose owner is relative to the domain ("@" is that itself) and that may lack its TTL."""
    owner, rest = line.split(None, 1)
    name = d.name if owner == "@" else f"{owner}.{d.name}"
    return f"{name}. {rest if rest[0].isdigit() else f'{table.TTL} {rest}'}"


def _texts(label, records, d, ttl=table.TTL):
    """TXT records below the domain, or an alias in their place."""
    owner = f"{label}.{d.name}. {ttl}"
    if isinstance(records, dict):
        return [f"{owner} CNAME {records['cname']}."]
    return [f"{owner} TXT {_txt(value)}" for value in records]


def _txt(value):
    strings = value if isinstance(value, list) else [value]
    return " ".join('"' + "".join(map(_character, s.encode())) + '"' for s in strings)


def _character(octet):
    if 32 <= octet < 127 and chr(octet) not in '"\\':
        return chr(octet)
    return f"\\{octet:03}"


def _policy_host(d):
    if "cname" in d.web:
        return [f"{d.policy_host}. {table.TTL} CNAME {d.web['cname']}."]
    return _addresses(d.policy_host, d.web.get("address", d.published_addresses))
