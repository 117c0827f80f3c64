"""The whole lab as one object: `with Lab() as lab:` inside a namespace of its own."""

import concurrent.futures
import contextlib
import os
import shutil

from . import attacker, clock, dns, exim, mx, namespace, pki, publishing, resolver, rude, sender, sendmail, site, table, web

_SUBMIT_PORT = 10024


class Lab:
    """Starts every server, and stops them at the end. `unavailable` says which parts could not be started
    here, and why: those parts are None."""

    def __init__(self, keep=None):
        """keep: a directory that gets configuration and logs when the lab ends."""
        self.state = namespace.STATE
        self.domains = {}
        self.unavailable = {}
        self.dns = self.resolver = self.pki = self.web = self.rude = self.mx = self.attacker = None
        self._keep = keep
        self._stack = contextlib.ExitStack()
        self._senders = 0
        self._site = None
        self._clock = None
        self._publishing = None

    def __enter__(self):
        with self._stack:
            self._start()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _start(self):
        resolv_conf = namespace.prepare()
        self._stack.callback(self._save)
        self.domains = table.load()
        namespace.use_resolver(resolver.ADDRESS, resolv_conf)
        self.dns = dns.Dns(self._directory("dns"), self.domains)
        self.pki = pki.Pki(self._directory("pki"))
        self.web = web.Web(self._directory("web"), self.domains, self.pki)
        self.rude = rude.Rude(self.domains, self.pki)
        try:
            self.mx = mx.Mx(self._directory("mx"), [mx.ATTACKER, *mx.hosts_of(self.domains)], self.pki)
        except namespace.Unavailable as reason:
            self.unavailable["mail"] = str(reason)
        self.attacker = attacker.Attacker(self.domains)
        leaves = self.web.certificates() + self.rude.certificates() + (self.mx.certificates() if self.mx else [])
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            issued = pool.submit(self.pki.issue_all, leaves)
            self._run(self.dns)
            self.resolver = resolver.Resolver(self._directory("resolver"), self.dns)
            self._run(self.resolver)
            issued.result()
        self.dns.publish_tlsa(self.pki)
        for server in filter(None, (self.web, self.rude, self.mx, self.attacker)):
            self._run(server)

    def _run(self, server):
        self._stack.callback(server.stop)
        server.start()

    def _directory(self, name):
        return os.path.join(self.state, name)

    def _save(self):
        if self._keep:
            skip = shutil.ignore_patterns("db", "queue", "data", "*.sock", "control", "pki")
            shutil.copytree(self.state, self._keep, ignore=skip, dirs_exist_ok=True)

    def site(self):
        """The test site of checks.toml, which starts when it is first wanted."""
        if "mail" in self.unavailable:
            raise namespace.Unavailable(self.unavailable["mail"])
        if self._site is None:
            self._site = site.Site(self)
            self._run(self._site)
        return self._site

    def publishing(self):
        """The domains that are to be published (publishing.py), which start when they are first wanted."""
        if "mail" in self.unavailable:
            raise namespace.Unavailable(self.unavailable["mail"])
        if self._publishing is None:
            self._publishing = publishing.Publishing(self)
            self._run(self._publishing)
        return self._publishing

    @property
    def clock(self):
        """The clock of those that are started with it, for as long as the lab lives."""
        if self._clock is None:
            self._clock = clock.Clock(self._directory("clock"))
        return self._clock

    def environment(self):
        """Variables for programs that run in the lab."""
        return {
            "LAB_DIR": self.state,
            "LAB_CA": self.pki.ca,
            "LAB_ROOT_HINTS": self.dns.root_hints,
            "LAB_TRUST_ANCHOR": self.dns.trust_anchor,
            "LAB_RESOLVER": resolver.ADDRESS,
        }

    def domain(self, name):
        """A row of the table by its name, as written there or in A-labels."""
        for d in self.domains.values():
            if name in (d.name, d.shown):
                return d
        raise KeyError(f"the lab has no domain {name}")

    def sender(self, policy_maps=None, root=None, settings=None, clock=None):
        """A new sending Postfix, running beside those that were started before; by a clock, if there is one to go by."""
        if "mail" in self.unavailable:
            raise namespace.Unavailable(self.unavailable["mail"])
        self._senders += 1
        new = sender.Sender(self._directory(f"sender{self._senders}"), self.pki, _SUBMIT_PORT + self._senders, root,
                            settings, clock)
        self._stack.callback(new.stop)
        new.start(policy_maps)
        return new

    def exim(self, root):
        """A new sending Exim, of the tree `root`, which asks nobody yet."""
        if "mail" in self.unavailable:
            raise namespace.Unavailable(self.unavailable["mail"])
        self._senders += 1
        new = exim.Exim(self._directory(f"exim{self._senders}"), self.pki, _SUBMIT_PORT + self._senders, root)
        self._stack.callback(new.stop)
        new.use(None)
        return new

    def sendmail(self, root):
        """A new sending Sendmail, of the tree `root`, which asks nobody yet."""
        if "mail" in self.unavailable:
            raise namespace.Unavailable(self.unavailable["mail"])
        new = sendmail.Sendmail(self._directory("sendmail"), self.pki, root)
        self._stack.callback(new.stop)
        new.start()
        return new

    def publish(self, name, record=None, policy=None):
        """Changes what a domain publishes: the policy's text first, then its list of TXT records."""
        d = self.domain(name)
        if policy is not None:
            d.policy = policy
            self.web.publish(d)
        if record is not None:
            d.record = record
            self.dns.publish(d)
            self.resolver.forget(d.name)

    def attack_on(self, attack, name):
        self._attack(self.attacker.on, attack, name)

    def attack_off(self, attack, name):
        self._attack(self.attacker.off, attack, name)

    def _attack(self, switch, attack, name):
        d = self.domain(name)
        switch(attack, d)
        self.resolver.forget(d.name)

    @contextlib.contextmanager
    def attack(self, attack, name):
        """The attack lasts as long as the block."""
        self.attack_on(attack, name)
        try:
            yield
        finally:
            self.attack_off(attack, name)
