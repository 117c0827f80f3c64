"""Reads domains.toml into Domain objects, with every default filled in and every address worked out.

fixtures.py makes the same objects of checks.toml."""

import functools
import os
import re
import sys
import tomllib
from dataclasses import dataclass, field

from . import rude

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "domains.toml")
TTL = 1
RECORD = "v=STSv1; id=1;"

_MX_KINDS = ("good", "wrong-name", "sibling-name", "untrusted", "self-signed", "expired", "no-starttls",
             "anchored", "anchored-wrong-name", "wildcard", "elsewhere", "absent", "null")
_NOT_OWN = ("elsewhere", "absent", "null")
_DNS_STATES = ("signed", "unsigned", "bogus", "servfail", "nxdomain", "silent")
_WEB_KEYS = ("cname", "address", "listens", "drops", "cert", "tls", "status", "redirect", "type", "body", "pad", "rude",
             "published", "on6", "cache", "browsers")
_NETS = range(1, 255)
_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")


class TableError(Exception):
    """domains.toml says something that cannot be."""


def address(net, host, family):
    """The address of a host of the lab's network of this number."""
    return f"198.{18 + net // 256}.{net % 256}.{host}" if family == 4 else f"2001:2:0:{net}::{host}"


@dataclass(frozen=True)
class MxHost:
    """One MX host: its name, what it shows, and its own addresses (none when it is not one of the domain)."""

    name: str
    kind: str
    addresses: tuple


@dataclass
class Domain:
    """One row of the table; `name` is the A-label form, `shown` what people write."""

    name: str
    shown: str
    net: int
    says: str
    dns: str = "signed"
    mx: list = field(default_factory=list)
    implicit: bool = False
    aliases: dict = field(default_factory=dict)
    tlsa: dict = field(default_factory=dict)
    dane: dict = field(default_factory=dict)
    record: object = field(default_factory=lambda: [RECORD])
    mode: str = "enforce"
    patterns: list = field(default_factory=list)
    max_age: int = 604800
    policy: str = ""
    web: dict = field(default_factory=dict)
    ip: tuple = (4, 6)
    finds: str = ""
    error: str = ""
    detail: str = ""
    told: str = ""
    fate: str = "sent"
    why: str = ""
    tlsrpt: object = field(default_factory=list)
    ttl: int = TTL
    post: object = None
    also: list = field(default_factory=list)

    def address(self, host, families=None):
        """The domain's addresses with this last number, in the families the domain has."""
        return tuple(address(self.net, host, family) for family in (self.ip if families is None else families))

    @property
    def ns_address(self):
        return self.address(53, (4,))[0]

    @property
    def policy_host(self):
        return "mta-sts." + self.name

    @property
    def web_addresses(self):
        """The policy host's addresses; DNS may say something else (web.address)."""
        return self._web()

    @property
    def published_addresses(self):
        """Those of web_addresses that DNS has."""
        return self._web(self.web.get("published"))

    @property
    def listening_addresses(self):
        """Those of web_addresses where somebody listens."""
        return self._web(self.web.get("listens"))

    @property
    def dropped_addresses(self):
        """Those of web_addresses that packets never reach."""
        return self._web(self.web.get("drops", ()))

    def _web(self, families=None):
        return self.address(43, families)

    @property
    def post_addresses(self):
        """Where the domain itself takes reports by HTTPS."""
        return self.address(44)

    @property
    def shares_web(self):
        """True when its policy host is one of many on an address and a certificate."""
        return False

    @property
    def waits(self):
        """True when only its deadline ends a fetch of the policy."""
        return self.error == "https-timeout"

    @property
    def listed(self):
        """The MX hosts that MX records name."""
        return [] if self.implicit else self.mx

    def dane_of(self, host):
        """The state that DANE comes to for an MX host."""
        return self.dane.get(host.name, "none" if self.dns == "signed" else "insecure")

    @property
    def served(self):
        """True when a name server answers for the zone."""
        return self.dns in ("signed", "unsigned", "bogus")


def expand(name):
    """What a name with {1..3} in it stands for."""
    found = _RANGE.search(name)
    if not found:
        return [name]
    return [name[:found.start()] + str(i) + name[found.end():]
            for i in range(int(found[1]), int(found[2]) + 1)]


def _ascii(name):
    return name.encode("idna").decode("ascii")


def _policy_text(domain):
    lines = ["version: STSv1", "mode: " + domain.mode]
    lines += ["mx: " + pattern for pattern in domain.patterns]
    lines += [f"max_age: {domain.max_age}"]
    return "".join(line + "\r\n" for line in lines)


def _told(domain):
    """The answer that is due by MTA-STS alone."""
    if domain.finds != "enforce":
        return "NOTFOUND "
    return f"OK secure match={':'.join(p.removeprefix('*').lower() for p in domain.patterns)} servername=hostname"


def _domain(shown, row):
    return fill(Domain(name=_ascii(shown), shown=shown, **{**row, "mx": [], "patterns": []}), row)


def fill(domain, row):
    """Gives a Domain its MX hosts, patterns and policy; returns it."""
    hosts = row.get("mx", {"mx." + domain.name: "good"})
    for name, kind in ((n, kind) for key, kind in hosts.items() for n in expand(key)):
        own = () if kind in _NOT_OWN else domain.address(100 + len(domain.mx))
        domain.mx.append(MxHost(name, kind, own))
    listed = row.get("patterns", [host.name for host in domain.mx] or ["mx." + domain.name])
    domain.patterns = [name for pattern in listed for name in expand(pattern)]
    domain.policy = domain.policy.lstrip("\n") or _policy_text(domain)
    domain.finds = domain.finds or domain.mode
    domain.told = domain.told or _told(domain)
    return domain


def check(domain, mx_kinds=_MX_KINDS, dns_states=_DNS_STATES):
    """Raises TableError where the row has a word that nobody knows."""
    wrong = [key for key in domain.web if key not in _WEB_KEYS]
    wrong += [domain.web["rude"]] if domain.web.get("rude", "silent") not in rude.BEHAVIOURS else []
    wrong += [host.kind for host in domain.mx if host.kind not in mx_kinds]
    wrong += [domain.dns] if domain.dns not in dns_states else []
    if wrong:
        raise TableError(f"{domain.shown}: unknown {', '.join(wrong)}")


def _check(domain, numbers):
    check(domain)
    if domain.net in numbers or domain.net not in _NETS:
        raise TableError(f"{domain.shown}: net {domain.net} is taken or out of range")


def read(path):
    """The rows of a file as they stand there."""
    with open(path, "rb") as f:
        return tomllib.load(f)


@functools.cache
def load(path=FILE):
    """All domains by A-label name, in the order of the file. Raises TableError."""
    domains, numbers = {}, set()
    for shown, row in read(path).items():
        try:
            domain = _domain(shown, row)
        except TypeError as error:
            raise TableError(f"{shown}: {error}") from error
        _check(domain, numbers)
        numbers.add(domain.net)
        domains[domain.name] = domain
    return domains


def show(out=sys.stdout):
    """Prints the table for people."""
    width = max(len(d.shown) for d in load().values())
    for d in load().values():
        fate = d.fate if d.fate == "sent" else d.fate.upper()
        print(f"{d.shown:{width}}  {d.finds:8} {fate:9} {d.says}", file=out)
