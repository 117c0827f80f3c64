"""What `waxwing results` makes of the logs of real Postfix 3.7 and 3.10, while they deliver to the attack table and the
log is rotated under it. The rows of lab/domains.toml say why each delivery comes to what it comes to."""

import collections
import json
import os
import re
import signal
import smtplib
import subprocess

import pytest

from conftest import _or_skip, _tree
from lab import proc, table

NAMES = ("good", "wrong-name", "untrusted", "self-signed", "expired", "no-starttls", "not-listed", "second-best", "testing",
         "dane", "dane-mismatch", "dane-ta-wrong-name")
DOMAINS = [table.load()[name + ".example"] for name in NAMES]

# The reason in the table, and the result of RFC 8460 for it.
RESULTS = {
    "Verified TLS": "success",
    "Server certificate not verified": "certificate-host-mismatch",
    "untrusted issuer": "certificate-not-trusted",
    "self-signed certificate": "certificate-not-trusted",
    "certificate has expired": "certificate-expired",
    "TLS is required, but was not offered": "starttls-not-supported",
    "": "success",
}
# Where the reason does not tell it all. Postfix from 3.10.5 on does not talk to hosts that the policy does not name.
OTHERS = {
    "second-best.example": ["certificate-host-mismatch", "success"],
    "dane-mismatch.example": ["certificate-not-trusted"],
}
SINCE_3_10 = {"not-listed.example": ["validation-failure"]}


def expected(domain, version):
    special = {**OTHERS, **(SINCE_3_10 if version >= (3, 10) else {})}
    return special.get(domain.name) or [RESULTS[domain.why]]


class Results:
    """`waxwing results listen` with a follower of the log beside it, in a folder of their own."""

    def __init__(self, build, folder, log):
        self._waxwing = os.path.join(build, "src", "cli", "waxwing")
        self._folder = folder
        self._log = log
        self._socket = f"unix:{folder}/socket"
        self._state = folder / "state"
        self._listener = self._start("listen", self._socket)
        self._follower = None
        proc.wait_for("the socket of results", (folder / "socket").exists)

    def follow(self):
        self._follower = self._start("follow", "--file", self._log, "--to", self._socket, "--state", str(self._state))
        proc.wait_for("a state of results follow", self._state.exists)

    def rest(self):
        """Ends the follower; what is logged now comes later."""
        self._follower.send_signal(signal.SIGTERM)
        assert self._follower.wait(10) == 0
        self._follower = None

    def stop(self):
        for process in (self._follower, self._listener):
            proc.stop(process)

    def lines(self):
        return (self._folder / "listen").read_text().splitlines()

    def read(self, text, *options):
        """The events of a whole log."""
        return subprocess.run([self._waxwing, "results", "read", *options, "-"], input=text, text=True,
                              capture_output=True, check=True).stdout.splitlines()

    def wait_for(self, domains):
        def told():
            return set(domains) <= {field(line, "domain") for line in self.lines()}
        proc.wait_for("the events", told, log=str(self._folder / "errors"), seconds=30)

    def _start(self, command, *arguments):
        with open(self._folder / command, "ab") as out, open(self._folder / "errors", "ab") as err:
            return subprocess.Popen([self._waxwing, "results", command, *arguments], stdout=out, stderr=err)


def field(line, key):
    return next((word.partition("=")[2] for word in line.split() if word.startswith(key + "=")), "")


def send_to_several(sender, recipients):
    """One message for all of them; its queue id."""
    with smtplib.SMTP("127.0.0.1", sender.port, timeout=10) as s:
        s.ehlo()
        s.mail("demo@sender.net")
        for recipient in recipients:
            s.rcpt(recipient)
        _, text = s.data("Subject: several\r\n\r\nHello from the lab.\r\n")
    return re.search(sender.queued_as, text.decode())[1]


@pytest.fixture(params=["3.7", "3.10"])
def own_sender(lab, request):
    """A Postfix whose log is this test's own."""
    root = _tree("postfix13") if request.param == "3.10" else None
    made = _or_skip(lambda: lab.sender(root=root))
    yield made
    made.clear()
    made.stop()


@pytest.fixture
def results(build, own_sender, tmp_path):
    made = Results(build, tmp_path, own_sender.log_file)
    yield made
    made.stop()


def test_attack_table(waxwingd, own_sender, results):
    """In three parts: the log is rotated after the first, and nobody reads it while the third is delivered."""
    version = own_sender.version()
    own_sender.use(waxwingd.map_with_tlsrpt if version >= (3, 10) else waxwingd.map)
    for domain in DOMAINS:
        waxwingd.lookup(domain.name)
    results.follow()
    begin = len(own_sender.log().encode())

    first, second, third = (["user@" + d.name for d in DOMAINS[i::3]] for i in range(3))
    own_sender.send_all(first)
    results.wait_for(user.partition("@")[2] for user in first)
    old = own_sender.rotate_log()
    own_sender.send_all(second)
    results.wait_for(user.partition("@")[2] for user in second)
    results.rest()
    # Several recipients of a session are one session.
    own_sender.send_all(third)
    several = send_to_several(own_sender, [f"{name}@good.example" for name in "abc"])
    proc.wait_for("three fates", lambda: len(own_sender.attempts(several)) == 3, log=own_sender.log_file)
    results.follow()
    results.wait_for(user.partition("@")[2] for user in third)
    log = proc.text_of(old, begin) + own_sender.log()
    proc.wait_for("all events", lambda: len(results.lines()) >= len(results.read(log)), seconds=30)

    lines = results.lines()
    assert sorted(lines) == sorted(results.read(log))
    sessions = collections.Counter((field(line, "session"), field(line, "time")) for line in lines)
    assert set(sessions.values()) == {1}
    assert len([line for line in lines if field(line, "session").startswith(several + "/")]) == 1
    found = collections.defaultdict(set)
    for line in lines:
        found[field(line, "domain")].add(field(line, "result"))
    assert {name: sorted(told) for name, told in found.items()} == {d.name: expected(d, version) for d in DOMAINS}
    for event in map(json.loads, results.read(log, "--json")):
        host = next(h for d in DOMAINS if d.name == event["domain"] for h in d.mx if h.name == event["mx"])
        assert event["ip"] is None and event["policy"] == "sts" or event["ip"] in host.addresses, event
        if event["tls"] == "verified":
            assert event["result"] == "success", event
