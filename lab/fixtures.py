"""Reads checks.toml: the domains of the test site, each with one fault that `waxwing check` has to find.

They lie below one parent. A domain that says nothing is like the first of the file, and shares its name servers, policy
host and MX host: it costs some lines of a zone. What it says is its own."""

import functools
import hashlib
import os
from dataclasses import dataclass, field

from . import rude_mx, table

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "checks.toml")
PARENT = "check.example"
LAME = "lame." + PARENT
LISTS = "lists." + PARENT
GOOD = "good." + PARENT

_SHARED_NET = 256
_NETS = range(_SHARED_NET + 1, 512)
_MX_KINDS = ("good", "elsewhere", "absent", "null", *rude_mx.KINDS, *rude_mx.BY_FAMILY)
_DNS_STATES = ("signed", "own", "unsigned", "bogus", "servfail", "silent", "nxdomain", "stale", "lame-second",
               "silent-second", "neglected")
_NO_ANSWER = ("servfail", "silent", "nxdomain")
_KEYS = {"alone", "also", "before", "days", "dns", "fault", "implicit", "lost", "max_age", "mode", "mx", "octets",
         "patterns", "policy", "post", "raises", "record", "tlsa", "tlsrpt", "ttl", "was", "web"}
_WEB_NAMES = {"cname", "address", "published"}
_MAX_AGE = 2592000
_TLSRPT = f"v=TLSRPTv1; rua=mailto:tls@reports.{PARENT}"
_NEXT_KEY = "3 1 1 " + hashlib.sha256(b"the key that comes next").hexdigest()


@dataclass
class Fixture(table.Domain):
    """One row; `raises` is None where it is no fixture, but something that fixtures refer to. `earlier` is the Fixture that
    it was `days` days ago, where the row says what was `before`."""

    raises: object = None
    before: object = None
    earlier: object = None
    days: int = 1
    alone: bool = False
    was: dict = field(default_factory=dict)
    lost: list = field(default_factory=list)
    web_net: int = _SHARED_NET

    @property
    def served(self):
        return self.dns not in _NO_ANSWER

    @property
    def own_zone(self):
        """False when it stands in the zone of the parent."""
        return self.dns != "signed"

    @property
    def servers(self):
        """The name servers of its own zone, name to address."""
        return servers(self.name, self.net)

    @property
    def shares_web(self):
        return self.web_net == _SHARED_NET

    def _web(self, families=None):
        return tuple(table.address(self.web_net, 43, family) for family in (self.ip if families is None else families))


def servers(zone, net=_SHARED_NET):
    """The two name servers of a zone, name to address."""
    return {f"ns{i + 1}.{zone}": table.address(net, 53 + i, 4) for i in range(2)}


def lame_address():
    """Of a name server without any zone."""
    return table.address(_SHARED_NET, 55, 4)


def lists_address():
    """Where the authority has its list of what it has revoked."""
    return table.address(_SHARED_NET, 45, 4)


def _fixture(name, row, nets):
    unknown = set(row) - _KEYS
    if unknown or "fault" not in row:
        raise table.TableError(f"{name}: unknown {', '.join(unknown)}" if unknown else f"{name}: no fault")
    domain = f"{name}.{PARENT}"
    mx = row.get("mx", {"mx." + GOOD: "good" if domain == GOOD else "elsewhere"})
    mx = {"mx." + domain: mx} if isinstance(mx, str) else mx
    own_web = bool(set(row.get("web", {})) - _WEB_NAMES)
    own_hosts = [host for host, kind in mx.items() if kind not in ("elsewhere", "absent", "null")]
    own_zone = row.get("dns", "signed") != "signed"
    shared = domain == GOOD or not (own_web or own_hosts or own_zone or "post" in row)
    net = _SHARED_NET if shared else next(nets)
    settings = {"max_age": _MAX_AGE, "tlsrpt": [_TLSRPT], "tlsa": dict.fromkeys(own_hosts, ["3 1 1", _NEXT_KEY]),
                **row, "mx": [], "patterns": []}
    settings["policy"] = _policy(settings.pop("octets", ""), row.get("policy", ""))
    del settings["fault"]
    if isinstance(settings["tlsa"], list):
        settings["tlsa"] = {own_hosts[0]: settings["tlsa"]}
    fixture = Fixture(name=domain, shown=domain, net=net, says=row["fault"], web_net=net if own_web else _SHARED_NET,
                      **settings)
    table.fill(fixture, {**row, "mx": mx})
    for records in (fixture.record, fixture.tlsrpt):
        if isinstance(records, list):
            records[:] = [one for text in records for one in (table.expand(text) if isinstance(text, str) else [text])]
    table.check(fixture, _MX_KINDS, _DNS_STATES)
    if fixture.before is not None:
        fixture.earlier = _fixture(name, {**row, **fixture.before, "before": None}, iter([net]))
    return fixture


def _policy(octets, text):
    if octets:
        return octets.encode("latin-1").decode("utf-8", "surrogateescape")
    return text.lstrip("\n").replace("\n", "\r\n")


@functools.cache
def load(path=FILE):
    """All of them by name, in the order of the file. Raises TableError."""
    nets = iter(_NETS)
    made = [_fixture(name, row, nets) for name, row in table.read(path).items()]
    return {fixture.name: fixture for fixture in made}
