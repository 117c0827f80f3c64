"""The other side of look-ups of unknown domains: name servers and policy hosts of d0.example, d1.example and so on.

Mail of most domains goes to one of a few shared MX hosts, which have no TLSA records; some domains have a host of their
own, with one. `hosts` gives all of them the same policy, which names all these hosts.
"""

import hashlib
import os

from lab import knot, proc

from . import processes

_SHARED_HOSTS = 10


class Servers:
    """Knot with a signed root and a signed `example.` that has all domains, and `hosts` with their policies."""

    DNS = "198.18.0.2"
    # Domain number i has DANE when i + 1 is a multiple; lookups.c counts alike.
    DANE_EVERY = 10

    def __init__(self, programs, domains, records=None):
        self.state = os.path.join(programs.state, "servers")
        self.trust_anchor = os.path.join(self.state, "root.key")
        self.ca = os.path.join(self.state, "ca.pem")
        self._programs = programs
        self._records = records or _records(domains)
        self._hosts = None
        os.mkdir(self.state)
        self._knot = knot.Knot(os.path.join(self.state, "dns"), [self.DNS])

    def __enter__(self):
        self._knot.write("example", _soa("example.") + self._records)
        self._knot.write("", _root([]))
        ds = self._knot.start(seconds=processes.PATIENCE)
        self._knot.write("", _root(ds["example"]))
        self._knot.reload("")
        with open(self.trust_anchor, "w", encoding="ascii") as f:
            f.write("".join(f". 3600 IN DS {one}\n" for one in ds[""]))
        self._hosts = self._programs.start("hosts", os.cpu_count(), self.ca)
        proc.wait_for("hosts", lambda: proc.port_open(address4(0), 443), self._hosts, self._programs.log("hosts"))
        return self

    def __exit__(self, *_):
        proc.stop(self._hosts)
        self._knot.stop()


def _soa(zone):
    """What is not there counts as long as the rest: otherwise a long run would have to ask again in its midst."""
    return [f"$ORIGIN {zone}", "$TTL 3600", "@ SOA ns.example. nobody.example. 1 3600 900 86400 3600",
            "@ NS ns.example."]


def _root(ds):
    return [*_soa("."), "example. NS ns.example.", f"ns.example. A {Servers.DNS}", *(f"example. DS {one}" for one in ds)]


def _records(count):
    lines = [f"ns A {Servers.DNS}"]
    for i in range(_SHARED_HOSTS):
        lines += _host(f"mx{i}.mta")
    for i in range(count):
        own = (i + 1) % Servers.DANE_EVERY == 0
        mx = f"d{i}.mta" if own else f"mx{i % _SHARED_HOSTS}.mta"
        if own:
            lines += [*_host(mx), f"_25._tcp.{mx} TLSA 3 1 1 {hashlib.sha256(mx.encode()).hexdigest()}"]
        lines += [f"d{i} MX 10 {mx}",
                  f'_mta-sts.d{i} TXT "v=STSv1; id=20260101000000;"',
                  f"mta-sts.d{i} A {address4(i)}",
                  f"mta-sts.d{i} AAAA 2001:2::1:{i >> 16:x}:{i & 0xffff:x}"]
    return lines


def _host(name):
    """Nobody connects there."""
    return [f"{name} A 198.18.0.3", f"{name} AAAA 2001:2::3"]


def address4(i):
    """Of its own for each of 65,536 domains: connections to one address would run out of ports."""
    return f"198.19.{i >> 8 & 255}.{i & 255}"
