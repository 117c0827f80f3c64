"""The validating recursor that Postfix asks: Unbound on the lab's own root."""

import contextlib
import os

from . import proc

ADDRESS = "198.18.0.53"

_CONF = """
server:
    interface: {address}
    access-control: 0.0.0.0/0 allow
    directory: "{state}"
    pidfile: ""
    chroot: ""
    username: ""
    use-syslog: no
    verbosity: 1
    val-log-level: 1
    num-threads: 1
    module-config: "validator iterator"
    root-hints: "{hints}"
    trust-anchor-file: "{anchor}"
    cache-max-negative-ttl: 1
    val-bogus-ttl: 1
    infra-host-ttl: 1
    infra-cache-max-rtt: 1000
remote-control:
    control-enable: yes
    control-interface: "{state}/control"
    control-use-cert: no
server:
{more}
"""


class Resolver:
    """Unbound with its configuration and log under `state`; `more` are lines of its configuration's section server."""

    def __init__(self, state, dns, address=ADDRESS, more=()):
        proc.require("unbound", "unbound-control")
        os.mkdir(state)
        self._conf = os.path.join(state, "unbound.conf")
        self._log = os.path.join(state, "unbound.log")
        self._process = None
        self._address = address
        with open(self._conf, "w", encoding="ascii") as f:
            f.write(_CONF.format(address=address, state=state, hints=dns.root_hints, anchor=dns.trust_anchor,
                                 more="\n".join(more)))

    def start(self):
        self._process = proc.start(["unbound", "-d", "-c", self._conf], self._log)
        proc.wait_for("unbound", self._up, self._process, self._log)

    def _up(self):
        return proc.port_open(self._address, 53)

    def stop(self):
        proc.stop(self._process)

    def forget(self, zone):
        """Drops all that is cached at and below the zone, failures too."""
        self._control("flush_zone", zone)
        self._control("flush_infra", "all")

    @contextlib.contextmanager
    def believing(self, zone):
        """As long as the block lasts, what is bogus at and below the zone is answered all the same, without the AD bit:
        what a resolver does that does not validate."""
        self._control("set_option", "val-permissive-mode:", "yes")
        self.forget(zone)
        try:
            yield
        finally:
            self._control("set_option", "val-permissive-mode:", "no")
            self.forget(zone)

    def _control(self, *arguments):
        proc.run("unbound-control", "-c", self._conf, *arguments)
