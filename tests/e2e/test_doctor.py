"""`waxwing doctor`: where all is well it says so; with one thing broken it names that one, and what to do."""

import contextlib
import json
import os
import pathlib
import pty
import shutil
import socket
import sqlite3
import subprocess
import threading

import pytest

from lab import namespace, proc, resolver
from lab.waxwingd import PORT
from waiting import wait_until

DOMAIN = "good.example"
API = "inet:127.0.0.1:8463"
SETTINGS = {"log_level": "info", "http": [API]}
# Not the lab's: the time service of this machine, its own limits, the queue of its sockets.
OF_THE_MACHINE = {"clock", "memory", "daemon-files", "datagram-queue"}


class Findings:
    """What a run has told."""

    def __init__(self, done):
        self.status = done.returncode
        self.all = json.loads(done.stdout)

    def of(self, check):
        found = [f for f in self.all if f["id"] == check]
        assert found, f"no {check} among {[f['id'] for f in self.all]}"
        return found

    def bad(self):
        """The ids of what is not as it should be, but for what is this machine's."""
        return {f["id"] for f in self.all
                if f["status"] in ("warn", "fail") and f["subject"] != "log_level"} - OF_THE_MACHINE

    def failed(self):
        return {f["id"] for f in self.all if f["status"] == "fail"} - OF_THE_MACHINE

    def names(self, check, words, status="fail"):
        """That check says so, and what to do."""
        worst = [f for f in self.of(check) if f["status"] == status]
        assert worst, self.of(check)
        assert any(words in f["seen"] for f in worst), worst
        assert all(f["what_to_do"] or f["commands"] for f in worst), worst
        assert all(f["source"] for f in worst)


def doctor(daemon, sender, *arguments, domain=DOMAIN, text=False):
    environment = {**os.environ, "MAIL_CONFIG": sender.config_directory if sender else "/nonexistent"}
    form = [] if text else ["--json"]
    done = subprocess.run([daemon.command, "doctor", *form, "--config", daemon.conf, *arguments, domain],
                          capture_output=True, text=True, check=False, timeout=150, env=environment)
    return done if text else Findings(done)


@pytest.fixture
def using(waxwingd, sender):
    """The shared daemon, and Postfix asking it."""
    sender.use(waxwingd.map)
    return waxwingd, sender


def postconf(sender, *arguments):
    proc.run("postconf", "-c", sender.config_directory, *arguments)


def test_all_is_well(using):
    findings = doctor(*using)
    assert findings.bad() == set(), [f for f in findings.all if f["status"] != "ok"]
    assert findings.status == (1 if any(f["status"] == "fail" for f in findings.all) else 0)
    skipped = {f["id"] for f in findings.all if f["status"] == "skip"}
    assert skipped - OF_THE_MACHINE == {"reports"}, "nobody answers for reports in the lab's configuration"
    assert {f["subject"] for f in findings.of("listener")} == {f"inet:127.0.0.1:{PORT}",
                                                               f"unix:{using[0].unix_socket}"}
    assert {f["subject"]: f["status"] for f in findings.of("http")} == {API: "ok"}


def test_tells_people(using):
    done = doctor(*using, text=True)
    lines = done.stdout.splitlines()
    assert any(line.startswith("ok    dns ") for line in lines), done.stdout
    assert "\033" not in done.stdout
    assert done.stderr == ""


def test_tells_people_on_a_terminal(using):
    """In colour, and with what is being looked at while it lasts."""
    daemon, sender = using
    outer, inner = pty.openpty()
    with subprocess.Popen([daemon.command, "doctor", "--config", daemon.conf, DOMAIN], stdout=inner, stderr=inner,
                          env={**os.environ, "MAIL_CONFIG": sender.config_directory, "TERM": "xterm"}) as process:
        os.close(inner)
        said = b""
        with contextlib.suppress(OSError):  # EIO: the other end is closed
            while part := os.read(outer, 65536):
                said += part
        process.wait()
    os.close(outer)
    assert b"\033[32mok  \033[0m  dns " in said, said
    assert b"looking at " in said and b"port 25" in said


@pytest.mark.parametrize("arguments", [["a.example", "b.example"], ["--colour"], ["a..b"]])
def test_refuses_wrong_usage(waxwingd, arguments):
    done = waxwingd.waxwing("doctor", *arguments)
    assert done.returncode == 64 and done.stdout == "" and "usage: " in done.stderr


def test_broken_configuration(new_waxwingd, sender):
    daemon = new_waxwingd(start=False)
    with open(daemon.conf, "a", encoding="utf-8") as f:
        f.write("colour = 1\n")
    findings = doctor(daemon, sender)
    assert findings.status == 1
    findings.names("config", "colour")
    assert findings.failed() == {"config"}


def test_risky_settings(new_waxwingd, sender):
    daemon = new_waxwingd(start=False, listen=["inet:0.0.0.0:8462"], socket_group="daemon", confine=False,
                          dry_run=True, metrics=["inet:0.0.0.0:9461"])
    findings = doctor(daemon, sender)
    assert {f["subject"] for f in findings.of("config-settings")} >= {"listen", "socket_owner, socket_group", "confine",
                                                                     "dry_run", "metrics"}
    findings.names("config-settings", "open to other machines", "warn")


def test_reports_that_nobody_gets(new_waxwingd, sender, tmp_path):
    """A key that only root can read, no record of it, no mail server, a domain that is not there."""
    key = tmp_path / "dkim.pem"
    settings = {"contact": "tls@absent.example", "mail_from": f"tls@{DOMAIN}", "smtp": "127.0.0.1:9", "dkim_key": str(key),
                "dkim_selector": "tls", "dkim_domain": DOMAIN}
    daemon = new_waxwingd(start=False, report=settings)
    for folder in (tmp_path, *list(tmp_path.parents)[:-2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    made = subprocess.run([daemon.command, "report", "dkim-key", "--selector", "tls", "--domain", DOMAIN, str(key)],
                          capture_output=True, text=True, check=False, timeout=30)
    assert made.returncode == 0, made.stderr
    findings = doctor(daemon, sender)
    findings.names("reports-key", "cannot read")
    findings.names("reports-smtp", "Connection refused")
    findings.names("reports-mx", "there is no such domain", "warn")
    assert {f["subject"]: f["status"] for f in findings.of("reports-mx")}[DOMAIN] == "ok"
    key.chmod(0o644)
    findings = doctor(daemon, sender)
    findings.names("reports-key", "everybody on this machine", "warn")
    findings.names("reports-dkim", "there is no record of a key")


def test_no_daemon(new_waxwingd, sender):
    daemon = new_waxwingd(start=False, http=["inet:127.0.0.1:9999"])
    sender.use(daemon.map)
    findings = doctor(daemon, sender)
    assert findings.status == 1
    assert findings.failed() == {"daemon", "listener", "http", "intake"}
    findings.names("http", "nobody answers there")
    findings.names("intake", "nobody is reached there (intake.lmtp)")
    findings.names("daemon", "no waxwingd answers")
    assert findings.bad() - findings.failed() <= {"store"}


def test_role_that_dies_again_and_again(new_waxwingd, sender):
    daemon = new_waxwingd()
    sender.use(daemon.map)
    for _ in range(3):
        daemon.wait_role("keeper", daemon.kill_role("keeper"))
    findings = doctor(daemon, sender)
    assert findings.bad() == {"daemon-roles"}
    findings.names("daemon-roles", "started again 3 times", "warn")


def test_somebody_else_listens(waxwingd, new_waxwingd, sender):
    """Postfix's own smtpd stands where we should, and what is no HTTP where the API should."""
    daemon = new_waxwingd(start=False, listen=["inet:198.18.0.66:25"], http=[f"inet:127.0.0.1:{PORT}"])
    assert waxwingd.lookup(DOMAIN)
    findings = doctor(daemon, sender)
    findings.names("listener", "a look-up")
    findings.names("http", "what comes is not from it")


# What Postfix has; what is told then, and how bad that is.
POSTFIX = [
    ({"smtp_tls_policy_maps": ""}, "postfix-maps", "is empty", "fail"),
    ({"smtp_tls_policy_maps": "hash:/etc/postfix/tls"}, "postfix-maps", "leads to a listener", "fail"),
    ({"smtp_tls_policy_maps": "socketmap:inet:127.0.0.1:9999:QUERY"}, "postfix-maps", "9999", "fail"),
    ({"smtp_tls_policy_maps": "{map}wrong"}, "postfix-map-name", "QUERYwrong", "fail"),
    ({"smtp_tls_policy_maps": "static:may {map}"}, "postfix-order", "static", "fail"),
    ({"smtp_tls_policy_maps": "socketmap:inet:127.0.0.1:9999:QUERY {map}"}, "postfix-order", "9999", "warn"),
    ({"smtp_tls_security_level": ""}, "postfix-level", "in the clear", "warn"),
    ({"smtp_tls_security_level": "encrypt"}, "postfix-level", "waits", "warn"),
    ({"smtp_tls_CAfile": ""}, "postfix-authorities", "trusts nobody", "fail"),
    ({"smtp_tls_CAfile": "/nonexistent"}, "postfix-authorities", "cannot be read", "fail"),
    ({"smtp_dns_support_level": ""}, "postfix-dane", "is not dnssec", "fail"),
    ({"smtp_dns_support_level": "", "smtp_tls_security_level": "dane"}, "postfix-dane", "works as may", "fail"),
    ({"smtp_host_lookup": "native"}, "postfix-dane", "without dns", "fail"),
    ({"ignore_mx_lookup_error": "yes"}, "postfix-dane", "ignore_mx_lookup_error", "fail"),
    ({"smtp_dns_resolver_options": "res_dnsrch"}, "postfix-dane", "completes names", "fail"),
    ({"smtp_tls_mandatory_protocols": "<=TLSv1.1"}, "postfix-protocols", "neither", "fail"),
    ({"smtp_tls_mandatory_protocols": "TLSv1.3"}, "postfix-protocols", "alone", "warn"),
    ({"relayhost": "[relay.example]:587"}, "postfix-relayhost", "relay.example", "warn"),
    ({"smtp_tls_loglevel": "0"}, "postfix-log", "does not say", "warn"),
]


@pytest.mark.parametrize("settings, check, words, status", POSTFIX, ids=[f"{c}-{w}" for _, c, w, _ in POSTFIX])
def test_one_setting_of_postfix(using, settings, check, words, status):
    daemon, sender = using
    postconf(sender, "-e", *(f"{name} = {value.replace('{map}', daemon.map)}" for name, value in settings.items()))
    findings = doctor(daemon, sender)
    findings.names(check, words, status)
    assert findings.bad() == {check}
    assert findings.status == 1 or status == "warn"


def test_map_for_a_later_postfix(using):
    daemon, sender = using
    if sender.version() >= (3, 10):
        pytest.skip("this Postfix knows the attributes")
    postconf(sender, "-e", "smtp_tls_policy_maps = " + daemon.map_with_tlsrpt)
    findings = doctor(daemon, sender)
    findings.names("postfix-map-name", "3.10 and later")
    assert findings.bad() == {"postfix-map-name"}
    assert f"smtp_tls_policy_maps = {daemon.map}'" in findings.of("postfix-map-name")[0]["commands"][0]


def test_transport_that_goes_another_way(using):
    daemon, sender = using
    postconf(sender, "-M", "quick/unix=quick unix - - n - - smtp -o smtp_tls_policy_maps=")
    findings = doctor(daemon, sender)
    findings.names("postfix-transport", "of its own", "warn")
    assert findings.bad() == {"postfix-transport"}
    assert findings.of("postfix-transport")[0]["subject"] == "quick/unix"


def test_no_postfix(using):
    """A directory without a configuration."""
    findings = doctor(using[0], None)
    findings.names("postfix", "main.cf")
    assert findings.bad() == {"postfix"}


def paste(sender, line, programs=None):
    """Runs a command as the doctor gives it; programs is a directory with what stands for the system's."""
    path = (f"{programs}:" if programs else "") + os.environ["PATH"]
    done = subprocess.run(["/bin/sh", "-ec", line], capture_output=True, text=True, check=False, timeout=60,
                          env={**os.environ, "PATH": path, "MAIL_CONFIG": sender.config_directory})
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"


class TestUnixSocket:
    """Postfix's smtp is chrooted."""

    @pytest.fixture
    def jailed(self, new_waxwingd, sender):
        folder = os.path.join(sender.queue_directory, "waxwing")
        daemon = new_waxwingd(start=False, listen=[f"unix:{folder}/socketmap"])
        os.makedirs(folder, exist_ok=True)
        shutil.chown(folder, daemon.user or "root", "postfix")
        os.chmod(folder, 0o750)
        daemon.port = None
        process = proc.start([daemon.program, "-c", daemon.conf], daemon.log_file, start_new_session=True)
        proc.wait_for("waxwingd", lambda: os.path.exists(folder + "/socketmap") and "ready" in daemon.log(), process,
                      daemon.log_file)
        sender.use("socketmap:unix:waxwing/socketmap:QUERY")
        postconf(sender, "-F", "smtp/unix/chroot = y")
        os.makedirs(sender.queue_directory + "/etc", exist_ok=True)
        shutil.copy("/etc/resolv.conf", sender.queue_directory + "/etc")
        yield daemon, sender, folder
        proc.stop_group(process)
        shutil.rmtree(folder)

    def test_reached(self, jailed):
        daemon, sender, _ = jailed
        findings = doctor(daemon, sender)
        assert findings.bad() == set(), findings.all
        assert "within the chroot" in findings.of("postfix-reach")[0]["seen"]

    def test_denied(self, jailed):
        daemon, sender, folder = jailed
        os.chmod(folder, 0o700)
        findings = doctor(daemon, sender)
        assert findings.bad() == {"postfix-reach"}
        findings.names("postfix-reach", "has mode 0700")

    def test_outside_of_the_jail(self, jailed):
        daemon, sender, folder = jailed
        postconf(sender, "-e", f"smtp_tls_policy_maps = socketmap:unix:{folder}/socketmap:QUERY")
        findings = doctor(daemon, sender)
        assert findings.bad() == {"postfix-reach"}
        findings.names("postfix-reach", "No such file")

    def test_no_resolver_in_the_jail(self, jailed):
        """What is said to be done is done, and then all is well."""
        daemon, sender, _ = jailed
        os.remove(sender.queue_directory + "/etc/resolv.conf")
        findings = doctor(daemon, sender)
        findings.names("postfix-resolver", "finds no resolv.conf there (No such file")
        findings.names("postfix-resolver", "Postfix's resolver does not answer")
        assert findings.bad() == {"postfix-resolver"}
        paste(sender, findings.of("postfix-resolver")[0]["commands"][0])
        sender.reloaded()
        assert doctor(daemon, sender).bad() == set()

    def test_another_resolver_in_the_jail(self, jailed):
        daemon, sender, _ = jailed
        with open(sender.queue_directory + "/etc/resolv.conf", "w", encoding="ascii") as f:
            f.write(f"nameserver {resolver.ADDRESS}\nnameserver 198.18.0.1\n")
        findings = doctor(daemon, sender)
        findings.names("postfix-resolver", f"asks {resolver.ADDRESS}", "warn")

    def test_a_link_in_the_jail(self, jailed):
        """It leads to a file that smtp cannot see."""
        daemon, sender, _ = jailed
        os.remove(sender.queue_directory + "/etc/resolv.conf")
        os.symlink("/etc/resolv.conf", sender.queue_directory + "/etc/resolv.conf")
        findings = doctor(daemon, sender)
        os.remove(sender.queue_directory + "/etc/resolv.conf")
        findings.names("postfix-resolver", "finds no resolv.conf there")


@contextlib.contextmanager
def dropped(*rules):
    """Arriving packets that fit one of these rules of nft are lost."""
    chain = ["type filter hook input priority 0", *(rule + " drop" for rule in rules)]
    proc.run("nft", "-f", "-", text_in="table inet dropped {\nchain arriving {\n" + "\n".join(chain) + "\n}\n}\n")
    try:
        yield
    finally:
        proc.run("nft", "delete", "table", "inet", "dropped")


def test_port_25_is_blocked(using):
    with dropped("tcp dport 25"):
        findings = doctor(*using)
    assert findings.bad() == {"smtp-ipv4", "smtp-ipv6"}
    findings.names("smtp-ipv4", "no MX host answers")
    assert "on our side" in findings.of("smtp-ipv4")[0]["what_to_do"][0]


def test_port_25_is_blocked_over_ipv6(using):
    with dropped("meta nfproto ipv6 tcp dport 25"):
        findings = doctor(*using)
    assert findings.bad() == {"smtp-ipv6"}
    findings.names("smtp-ipv6", "no MX host answers", "warn")


def confined_children(parent):
    """How many of a process's children have a filter of system calls."""
    count = 0
    with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as f:
        children = f.read().split()
    for child in children:
        with contextlib.suppress(OSError), open(f"/proc/{child}/status", encoding="utf-8") as f:
            count += "Seccomp:\t2\n" in f.read()
    return count


def test_strangers_are_read_without_rights(using):
    """While no packet comes back, who talks to name servers, policy hosts and MX hosts can be looked at."""
    daemon, _ = using
    command = [daemon.command, "doctor", "--config", daemon.conf, DOMAIN]
    with dropped("tcp dport { 25, 53, 443 }"), \
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            wait_until(daemon, lambda: confined_children(running.pid) == 3)
        finally:
            running.kill()


def test_starttls_is_stripped(lab, using):
    with lab.attack("strip-starttls", DOMAIN):
        findings = doctor(*using)
    assert findings.bad() == {"starttls"}
    findings.names("starttls", "do not offer", "warn")


def test_port_443_is_blocked(lab, using):
    with lab.attack("block-policy", DOMAIN):
        findings = doctor(*using)
    assert findings.failed() == {"https-ipv4", "https-ipv6"}
    findings.names("https-ipv4", "no policy can be fetched")


def test_policy_host_with_a_wrong_certificate(lab, using):
    with lab.attack("hijack-policy", DOMAIN):
        findings = doctor(*using)
    assert findings.failed() == {"https-ipv4", "https-ipv6"}
    findings.names("https-ipv4", "signed its certificate itself")


def test_dns_over_tcp_is_blocked(using):
    with dropped("tcp dport 53"):
        findings = doctor(*using)
    assert findings.bad() == {"dns-tcp"}
    findings.names("dns-tcp", "no answer comes over TCP", "warn")


def test_a_trust_anchor_that_does_not_fit(lab, new_waxwingd, sender):
    anchor = os.path.join(lab.state, "other.key")
    with open(anchor, "w", encoding="ascii") as f:
        f.write(". 3600 IN DS 4711 13 2 " + "5A" * 32 + "\n")
    daemon = new_waxwingd(dns={"trust_anchor": anchor})
    wait_until(daemon, lambda: "error dns-anchor" in daemon.log())
    sender.use(daemon.map)
    findings = doctor(daemon, sender)
    findings.names("dns", "do not fit the keys that are trusted")
    findings.names("daemon-dns", "trust anchors", "warn")
    assert "nothing new is known of DANE" in findings.of("daemon-dns")[0]["what_to_do"][0]
    assert findings.bad() == {"dns", "daemon-dns"}


def test_dns_is_unreachable(new_waxwingd, sender):
    daemon = new_waxwingd(dns={"forward": ["198.18.255.254"], "root_hints": ""})
    sender.use(daemon.map)
    findings = doctor(daemon, sender)
    findings.names("dns", "no answer comes through dns.forward")
    assert findings.failed() == {"dns"}
    assert {f["status"] for f in findings.of("https-ipv4") + findings.of("smtp-ipv4")} == {"skip"}


def test_dns_through_a_forwarder(new_waxwingd, sender):
    daemon = new_waxwingd(dns={"forward": [resolver.ADDRESS], "root_hints": ""})
    wait_until(daemon, lambda: "dns-validates" in pathlib.Path(daemon.log_file).read_text())
    sender.use(daemon.map)
    findings = doctor(daemon, sender)
    assert findings.bad() == set()
    assert "through dns.forward" in findings.of("dns")[0]["seen"]


def test_store_that_cannot_be_written(using):
    daemon, sender = using
    os.chmod(daemon.store, 0o400)
    try:
        findings = doctor(daemon, sender)
    finally:
        os.chmod(daemon.store, 0o600)
    assert findings.bad() == {"store"}
    findings.names("store", "cannot write")


def test_store_that_the_daemon_cannot_use(new_waxwingd, sender):
    """Another process keeps it locked: reading it shows no fault, but the daemon knows."""
    daemon = new_waxwingd()
    sender.use(daemon.map)
    with contextlib.closing(sqlite3.connect(daemon.store, isolation_level=None)) as rival:
        rival.execute("BEGIN EXCLUSIVE")
        daemon.lookup(DOMAIN)
        proc.wait_for("store trouble", lambda: "store-failed" in daemon.log(), log=daemon.log_file)
        findings = doctor(daemon, sender)
    findings.names("daemon-store", "holds the lock")
    assert findings.failed() == {"daemon-store"}


def test_store_on_a_read_only_disk(new_waxwingd, sender):
    daemon = new_waxwingd()
    sender.use(daemon.map)
    folder = os.path.dirname(daemon.store)
    proc.run("mount", "--bind", folder, folder)
    proc.run("mount", "-o", "remount,bind,ro", folder)
    try:
        findings = doctor(daemon, sender)
    finally:
        proc.run("umount", folder)
    findings.names("store-space", "read-only")
    assert "store-space" in findings.failed()


def test_damaged_store(new_waxwingd, sender):
    daemon = new_waxwingd()
    daemon.lookup(DOMAIN)
    daemon.stop()
    with open(daemon.store, "r+b") as f:
        f.seek(4096)
        f.write(os.urandom(os.path.getsize(daemon.store) - 4096))
    sender.use(daemon.map)
    findings = doctor(daemon, sender)
    assert findings.failed() >= {"daemon", "listener"}
    assert findings.failed() & {"store", "store-damage"}


def test_no_authorities(new_waxwingd, sender, tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    daemon = new_waxwingd(start=False, fetch={"ca_file": str(empty)})
    findings = doctor(daemon, sender)
    findings.names("authorities", "no authority")


@pytest.fixture
def resolv_conf():
    """What Postfix finds in /etc/resolv.conf, for one test."""
    path = pathlib.Path("/etc/resolv.conf")
    before = path.read_text(encoding="ascii")
    yield path
    path.write_text(before, encoding="ascii")


@pytest.fixture
def programs(tmp_path):
    """Makes programs that stand for the system's, in a directory of their own."""
    def make(**scripts):
        for name, script in scripts.items():
            path = tmp_path / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\nset -e\n{script}\n", encoding="utf-8")
            path.chmod(0o755)
        return tmp_path

    return make


class TestDane:
    """What is advised is done as it stands there, and then all is well."""

    NOT_VALIDATING = ['    module-config: "iterator"']

    @pytest.fixture
    def other(self, lab, resolv_conf, request):
        """Starts another resolver, which Postfix asks: other(lines of its configuration)."""
        started = []

        def start(*more, address="198.18.0.54"):
            name = f"resolver-{request.node.name}-{len(started)}".translate(str.maketrans("[]", "--"))
            state = os.path.join(lab.state, name)
            started.append(resolver.Resolver(state, lab.dns, address, more))
            started[-1].start()
            resolv_conf.write_text(f"nameserver {address}\n", encoding="ascii")
            return started[-1]

        yield start
        for one in started:
            one.stop()

    @pytest.mark.parametrize("setting", [
        "smtp_dns_support_level=", "smtp_host_lookup=native", "ignore_mx_lookup_error=yes",
        "smtp_dns_resolver_options=res_dnsrch", "resolver"])
    def test_what_is_said_is_true(self, sender, other, setting):
        """With each of what the doctor calls a fault, dane-only holds the mail, and dane works as may."""
        def told(level):
            sender.use("static:" + level)
            if broken and setting != "resolver":
                postconf(sender, "-e", setting)
                paste(sender, "postfix reload")
                sender.reloaded()
            return sender.send("user@dane.example")

        broken = False
        assert told("dane-only").tls == told("dane").tls == "Verified"
        broken = True
        if setting == "resolver":
            other(*self.NOT_VALIDATING)
            sender.use(None)
        held, weak = told("dane-only"), told("dane")
        assert held.status == "deferred", held.log
        if setting == "smtp_host_lookup=native":  # it finds no host at all
            return
        assert weak.status == "sent" and weak.tls != "Verified", weak.log

    def test_postfix_is_let_do_it(self, using):
        daemon, sender = using
        postconf(sender, "-e", "smtp_dns_support_level=", "ignore_mx_lookup_error=yes")
        held = sender.send("user@dane.example")
        assert held.status == "deferred" and held.shows("dnssec lookups disabled"), held.log
        findings = doctor(daemon, sender)
        assert findings.bad() == {"postfix-dane"}
        paste(sender, findings.of("postfix-dane")[0]["commands"][0])
        sender.reloaded()
        assert doctor(daemon, sender).bad() == set()
        sender.retry(held)
        assert held.status == "sent" and held.tls == "Verified", held.log

    def test_a_service_of_its_own(self, using):
        daemon, sender = using
        postconf(sender, "-M", "slow/unix=slow unix - - n - - smtp -o smtp_dns_support_level=enabled")
        findings = doctor(daemon, sender)
        assert findings.bad() == {"postfix-dane"}
        assert [f["subject"] for f in findings.of("postfix-dane")] == [None, "slow/unix"]
        paste(sender, findings.of("postfix-dane")[1]["commands"][0])
        sender.reloaded()
        assert doctor(daemon, sender).bad() == set()

    def test_waxwing_answers_without_it(self, new_waxwingd, sender, programs):
        daemon = new_waxwingd(log_level="info")
        sender.use(daemon.map)
        postconf(sender, "-e", "smtp_dns_support_level=")
        held = sender.send("user@dane.example")
        assert held.status == "deferred", held.log
        findings = doctor(daemon, sender)
        assert findings.bad() == {"postfix-dane"}
        self.reload_waxwing(daemon, sender, programs, findings.of("postfix-dane")[0]["commands"][1])
        sender.retry(held)
        assert held.status == "sent" and held.tls == "Trusted", held.log
        findings = doctor(daemon, sender)
        assert findings.bad() == set()
        assert 'dane = "blind"' in findings.of("postfix-dane")[0]["seen"]

    def test_waxwing_is_let_use_it(self, new_waxwingd, sender, programs):
        daemon = new_waxwingd(log_level="info", dane="off")
        sender.use(daemon.map)
        findings = doctor(daemon, sender)
        assert findings.bad() == {"postfix-dane"}
        findings.names("postfix-dane", "nobody asks it to", "warn")
        self.reload_waxwing(daemon, sender, programs, findings.of("postfix-dane")[0]["commands"][0])
        assert doctor(daemon, sender).bad() == set()

    @staticmethod
    def reload_waxwing(daemon, sender, programs, line):
        """Runs a command that ends in a reload of the daemon."""
        before = daemon.log().count("reload")
        paste(sender, line, programs(systemctl=f'[ "$*" = "reload waxwingd" ]\nkill -HUP {daemon.pid}'))
        wait_until(daemon, lambda: daemon.log().count("reload") > before)

    def test_level_of_postfix_itself(self, new_waxwingd, sender):
        daemon = new_waxwingd(log_level="info", dane="mta")
        sender.use(daemon.map)
        findings = doctor(daemon, sender)
        assert findings.bad() == {"postfix-dane"}
        findings.names("postfix-dane", "is may", "warn")
        paste(sender, findings.of("postfix-dane")[0]["commands"][0])
        sender.reloaded()
        assert doctor(daemon, sender).bad() == set()

    def test_policies_before_dane(self, new_waxwingd, sender):
        daemon = new_waxwingd(log_level="info", dane="off")
        sender.use(daemon.map)
        postconf(sender, "-e", "smtp_tls_security_level=dane")
        findings = doctor(daemon, sender)
        assert findings.bad() == {"postfix-dane"}
        findings.names("postfix-dane", "takes the place of DANE", "warn")

    def test_resolver_that_does_not_validate(self, lab, using, other, resolv_conf, programs):
        daemon, sender = using
        other(*self.NOT_VALIDATING)
        held = sender.send("user@dane.example")
        assert held.status == "deferred" and held.shows("non DNSSEC destination"), held.log
        findings = doctor(daemon, sender)
        assert findings.bad() == {"postfix-resolver"}
        findings.names("postfix-resolver", "does not validate: ")
        assert findings.of("postfix-resolver")[0]["subject"] == "198.18.0.54"
        # Where the package would bring a resolver, one of the lab's is there already.
        other(address="127.0.0.1")
        paste(sender, findings.of("postfix-resolver")[0]["commands"][0],
              programs(apt_get='[ "$*" = "install unbound" ]'))
        sender.reloaded()
        assert resolv_conf.read_text() == "nameserver 127.0.0.1\n"
        findings = doctor(daemon, sender)
        assert findings.bad() == set()
        assert "validates, on this machine" in findings.of("postfix-resolver")[0]["seen"]
        sender.retry(held)
        assert held.status == "sent" and held.tls == "Verified", held.log

    def test_resolver_that_validates_not_all(self, using, other):
        other('    domain-insecure: "good.example"', '    domain-insecure: "bogus.example"')
        findings = doctor(*using)
        assert findings.bad() == {"postfix-resolver"}
        findings.names("postfix-resolver", "does not validate all that is signed: the MX records of good.example")
        doctor(*using, domain="bogus.example").names(
            "postfix-resolver", "hands out what DNSSEC refuses: the MX records of bogus.example")

    def test_resolver_that_vouches_for_all(self, using, resolv_conf):
        with credulous("198.18.0.55"):
            resolv_conf.write_text("nameserver 198.18.0.55\n", encoding="ascii")
            findings = doctor(*using, domain="unsigned.example")
        findings.names("postfix-resolver", "vouches for what nobody has signed: the MX records of unsigned.example")

    def test_one_of_two_resolvers_is_gone(self, using, resolv_conf):
        resolv_conf.write_text(f"nameserver {resolver.ADDRESS}\nnameserver 198.18.0.56\n", encoding="ascii")
        findings = doctor(*using)
        assert findings.bad() == {"postfix-resolver"}
        findings.names("postfix-resolver", "does not answer: Connection refused")
        assert [f["status"] for f in findings.of("postfix-resolver")] == ["ok", "fail"]

    def test_resolver_elsewhere(self, using, resolv_conf):
        """The lab has no other machine: an address that is not its own is led back to it."""
        proc.run("ip", "route", "add", "192.0.2.53", "dev", "lo", "src", namespace.CLIENT4)
        chain = f"type nat hook output priority -100\nip daddr 192.0.2.53 udp dport 53 dnat to {resolver.ADDRESS}"
        proc.run("nft", "-f", "-", text_in="table ip elsewhere {\nchain leaving {\n" + chain + "\n}\n}\n")
        resolv_conf.write_text("nameserver 192.0.2.53\n", encoding="ascii")
        try:
            findings = doctor(*using)
        finally:
            proc.run("nft", "delete", "table", "ip", "elsewhere")
            proc.run("ip", "route", "delete", "192.0.2.53")
        assert findings.bad() == {"postfix-resolver"}
        findings.names("postfix-resolver", "validates, but on another machine", "warn")

    def test_no_resolver_is_asked_without_need(self, new_waxwingd, sender, resolv_conf):
        daemon = new_waxwingd(log_level="info", dane="off")
        sender.use(daemon.map)
        postconf(sender, "-e", "smtp_dns_support_level=")
        resolv_conf.write_text("nameserver 198.18.0.56\n", encoding="ascii")
        findings = doctor(daemon, sender)
        assert findings.bad() == set()
        assert "postfix-resolver" not in {f["id"] for f in findings.all}


@contextlib.contextmanager
def credulous(address):
    """A forwarder that says of every answer that it is authentic."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as theirs:
        ours.bind((address, 53))
        theirs.connect((resolver.ADDRESS, 53))

        def forward():
            with contextlib.suppress(OSError):  # it is closed
                while True:
                    question, client = ours.recvfrom(4096)
                    if not question:
                        return
                    theirs.send(question)
                    answer = bytearray(theirs.recv(4096))
                    answer[3] |= 0x20
                    ours.sendto(answer, client)

        thread = threading.Thread(target=forward)
        thread.start()
        try:
            yield
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", (address, 53))
            thread.join()
