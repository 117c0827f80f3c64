"""Reads domains.toml into Domain objects, with every default filled in and every address worked out."""

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
_WEB_KEYS = ("cname", "address", "listens", "drops", "cert", "tls", "status", "redirect", "type", "body", "pad", "rude")
_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")


class TableError(Exception):
    """domains.toml says something that cannot be."""


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

    def address(self, host, families=None):
        """The domain's addresses with this last number, in the families the domain has."""
        known = {4: f"198.18.{self.net}.{host}", 6: f"2001:2:0:{self.net}::{host}"}
        return tuple(known[family] for family in (self.ip if families is None else families))

    @property
    def ns_address(self):
        return self.address(53, (4,))[0]

    @property
    def policy_host(self):
        return "mta-sts." + self.name

    @property
    def web_addresses(self):
        """The policy host's addresses; DNS may say something else (web.address)."""
        return self.address(43)

    @property
    def listening_addresses(self):
        """Those of web_addresses where somebody listens."""
        return self.address(43, self.web.get("listens"))

    @property
    def dropped_addresses(self):
        """Those of web_addresses that packets never reach."""
        return self.address(43, self.web.get("drops", ()))

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


def _expand(name):
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
    domain = Domain(name=_ascii(shown), shown=shown, **{**row, "mx": [], "patterns": []})
    hosts = row.get("mx", {"mx." + domain.name: "good"})
    for name, kind in ((n, kind) for key, kind in hosts.items() for n in _expand(key)):
        own = () if kind in _NOT_OWN else domain.address(100 + len(domain.mx))
        domain.mx.append(MxHost(name, kind, own))
    listed = row.get("patterns", [host.name for host in domain.mx] or ["mx." + domain.name])
    domain.patterns = [name for pattern in listed for name in _expand(pattern)]
    domain.policy = domain.policy.lstrip("\n") or _policy_text(domain)
    domain.finds = domain.finds or domain.mode
    domain.told = domain.told or _told(domain)
    return domain


def _check(domain, numbers):
    wrong = [key for key in domain.web if key not in _WEB_KEYS]
    wrong += [domain.web["rude"]] if domain.web.get("rude", "silent") not in rude.BEHAVIOURS else []
    wrong += [host.kind for host in domain.mx if host.kind not in _MX_KINDS]
    wrong += [domain.dns] if domain.dns not in _DNS_STATES else []
    if wrong:
        raise TableError(f"{domain.shown}: unknown {', '.join(wrong)}")
    if domain.net in numbers or not 0 < domain.net < 255:
        raise TableError(f"{domain.shown}: net {domain.net} is taken or out of range")


@functools.cache
def load(path=FILE):
    """All domains by A-label name, in the order of the file. Raises TableError."""
    with open(path, "rb") as f:
        rows = tomllib.load(f)
    domains, numbers = {}, set()
    for shown, row in rows.items():
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
