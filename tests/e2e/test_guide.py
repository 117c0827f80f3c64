"""Runs the commands of docs/postfix.md as they stand there, in their order, against a real Postfix.

What differs from an operator's machine is put in place of what the guide says: names of the lab, its authority.
"""

import contextlib
import os
import shutil
import subprocess

import guide

from lab.waxwingd import PORT

UNIX_SOCKET = "A Unix socket instead of a port"
UNDO = "Undo it"
# What a chrooted program cannot read outside; Debian copies these when it starts Postfix.
_CHROOT_FILES = ("/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/services")


def page(sender):
    return guide.Guide("postfix.md", {"postfix": sender.version()})


def run(lab, daemon, sender, command):
    replaced = {
        "example.com": "good.example",
        "/etc/ssl/certs/ca-certificates.crt": lab.pki.ca,
        "/var/spool/postfix": sender.queue_directory,
        "-o waxwing ": f"-o {daemon.user or 'root'} ",
    }
    return guide.run(command, replaced, daemon, MAIL_CONFIG=sender.config_directory)


def test_guide(lab, waxwingd, sender):
    sender.use(None, smtp_dns_support_level="")
    said = {command: run(lab, waxwingd, sender, command) for command in page(sender).steps()}
    sender.reloaded()
    assert said["postmap -q example.com socketmap:inet:127.0.0.1:8461:QUERY"].startswith("secure match=")
    assert "secure" in said["waxwing query example.com"]

    good = sender.send("user@good.example")
    assert good.status == "sent" and good.tls == "Verified", good.log
    with lab.attack("strip-starttls", "stripped.example"):
        stripped = sender.send("user@stripped.example")
    assert stripped.status == "deferred" and "TLS is required" in stripped.reason
    dane = sender.send("user@dane.example")
    assert dane.status == "sent" and dane.tls == "Verified", dane.log
    mismatch = sender.send("user@dane-mismatch.example")
    assert mismatch.status == "deferred" and "not verified" in mismatch.reason, mismatch.reason

    for command in page(sender).commands(UNDO):
        run(lab, waxwingd, sender, command)
    sender.reloaded()
    undone = sender.send("user@self-signed.example")
    assert undone.status == "sent", undone.log


def roots_of(program):
    """The root directories of all processes of a program."""
    roots = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.path.basename(os.readlink(f"/proc/{pid}/exe")) == program:
                roots.add(os.readlink(f"/proc/{pid}/root"))
    return roots


def test_unix_socket_of_a_chrooted_smtp(lab, new_waxwingd, sender):
    socket = os.path.join(sender.queue_directory, "waxwing", "socketmap")
    daemon = new_waxwingd(start=False, listen=[f"inet:127.0.0.1:{PORT + 1}", "unix:" + socket])
    sender.use(None)
    os.makedirs(sender.queue_directory + "/etc", exist_ok=True)
    for name in _CHROOT_FILES:
        shutil.copy(name, sender.queue_directory + name)
    run(lab, daemon, sender, "postconf -F 'smtp/unix/chroot = y'")
    make_directory, *rest = page(sender).commands(UNIX_SOCKET)
    run(lab, daemon, sender, make_directory)
    daemon.start()
    for line in rest:
        run(lab, daemon, sender, line)
    sender.reloaded()

    good = sender.send("user@good.example")
    assert good.status == "sent" and good.tls == "Verified", good.log
    with lab.attack("strip-starttls", "stripped.example"):
        stripped = sender.send("user@stripped.example")
    assert stripped.status == "deferred" and "TLS is required" in stripped.reason
    assert sender.queue_directory in roots_of("smtp"), "no smtp is chrooted"
    assert os.stat(socket).st_mode & 0o7777 == 0o666
    # Where there is no user waxwing the roles run as nobody.
    assert subprocess.run(["setpriv", "--reuid=games", "--regid=games", "--clear-groups", "stat", socket],
                          capture_output=True, check=False).returncode != 0, "anybody may pass the directory"
