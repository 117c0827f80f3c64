"""Runs the commands of docs/postfix.md as they stand there, in their order, against a real Postfix.

What differs from an operator's machine is put in place of what the guide says: names of the lab, its authority.
"""

import os
import re
import subprocess

from conftest import ROOT

GUIDE = os.path.join(ROOT, "docs", "postfix.md")
_BLOCK = re.compile(r"^```sh( \S+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(version):
    """The guide's commands for a Postfix of this version, one a line."""
    with open(GUIDE, encoding="utf-8") as f:
        blocks = _BLOCK.findall(f.read())
    assert len(blocks) >= 6, "the guide's blocks are not found"
    chosen = [text for condition, text in blocks if holds(condition.strip(), version)]
    return [line for text in chosen for line in text.splitlines() if line]


def holds(condition, version):
    """A block may say for which Postfix it is: `postfix>=3.10` or `postfix<3.10`."""
    if not condition:
        return True
    found = re.fullmatch(r"postfix(>=|<)(\d+)\.(\d+)", condition)
    wanted = (int(found[2]), int(found[3]))
    return version[:2] >= wanted if found[1] == ">=" else version[:2] < wanted


def run(lab, daemon, sender, line):
    line = line.replace("example.com", "good.example")
    line = line.replace("/etc/ssl/certs/ca-certificates.crt", lab.pki.ca)
    path = os.path.dirname(daemon.command) + ":" + os.environ["PATH"]
    return subprocess.run(["/bin/sh", "-ec", line], capture_output=True, text=True, check=False, timeout=30,
                          env={**os.environ, "PATH": path, "MAIL_CONFIG": sender.config_directory})


def test_guide(lab, waxwingd, sender):
    sender.use(None)
    said = {}
    for line in commands(sender.version()):
        done = run(lab, waxwingd, sender, line)
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        said[line] = done.stdout
    sender.reloaded()
    assert said["postmap -q example.com socketmap:inet:127.0.0.1:8461:QUERY"].startswith("secure match=")
    assert "secure" in said["waxwing query example.com"]

    good = sender.send("user@good.example")
    assert good.status == "sent" and good.tls == "Verified", good.log
    with lab.attack("strip-starttls", "stripped.example"):
        stripped = sender.send("user@stripped.example")
    assert stripped.status == "deferred" and "TLS is required" in stripped.reason
