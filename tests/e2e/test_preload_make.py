"""`waxwing preload`: a list of the lab's domains is made, signed, verified and shown."""

import json
import os
import re
import shutil
import subprocess

import pytest

from conftest import ROOT

from lab import table

DAY = 86400
# As in test_explain.py: hosts and name servers that keep everybody waiting have tests of their own.
DOMAINS = {d.name: d for d in table.load().values() if not d.waits and d.dns != "silent"}
HUGE = 1000  # patterns; a policy of more is left out
KEY = "list@lab.example"

pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="needs the package gpg")


def matches(pattern, host):
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:]
    return host == pattern


def belongs(d, min_max_age):
    """Whether a list is to have the domain, by the lab's table."""
    hosts = [h.name for h in d.mx] or [d.name]
    return (d.finds == "enforce" and d.max_age >= min_max_age and len(d.patterns) <= HUGE and d.mx
            and all(h.kind != "null" for h in d.mx) and all(any(matches(p, h) for p in d.patterns) for h in hosts))


class Keyring:
    """A GNUPGHOME with a secret key, and its public key in a file."""

    def __init__(self, home):
        home.mkdir(mode=0o700)
        self.environment = {**os.environ, "GNUPGHOME": str(home)}
        self.public = home / "public.key"
        self.gpg("--quick-gen-key", KEY, "ed25519", "sign", "never")
        self.public.write_bytes(self.gpg("--armor", "--export", KEY).stdout)

    def gpg(self, *arguments):
        return subprocess.run(["gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "", *arguments],
                              env=self.environment, capture_output=True, check=True, timeout=60)


@pytest.fixture(scope="module")
def keyring(tmp_path_factory):
    # A socket of the agent is in there: its path has to be short.
    ring = Keyring(tmp_path_factory.mktemp("g") / "h")
    yield ring
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=ring.environment, check=False)


@pytest.fixture
def waxwing(waxwingd, keyring):
    """Runs the command with the keyring."""
    def run(*arguments, names=None):
        return subprocess.run([waxwingd.command, "preload", *map(str, arguments)], capture_output=True, text=True,
                              check=False, timeout=120, input=names, env=keyring.environment)
    return run


@pytest.fixture
def make(waxwing, waxwingd):
    def run(path, *arguments, names=None):
        where = ("-",) if names is not None else ()
        return waxwing("make", "--config", waxwingd.conf, "--output", path, *arguments, *where, names=names)
    return run


def test_makes_signs_and_verifies_a_list(waxwing, make, keyring, tmp_path):
    path = tmp_path / "list.json"
    names = "# the lab\n" + "".join(f"  {d.shown}\r\n" for d in DOMAINS.values()) + "no domain\n"
    done = make(path, "--json", "--key", KEY, "--author", "The lab", "--min-max-age", "7d", names=names)
    *lines, last = [json.loads(line) for line in done.stdout.splitlines()]
    told = {line["domain"]: line for line in lines}
    wanted = {name for name, d in DOMAINS.items() if belongs(d, 7 * DAY)}
    assert {name for name, line in told.items() if line["taken"]} == wanted and len(wanted) > 10
    assert set(told) == set(DOMAINS) | {"no domain"}
    assert all(bool(line["why"]) != line["taken"] for line in lines)
    passing = {line["domain"] for line in lines if line["temporary"]}
    assert done.returncode == 0 and last["temporary"] == len(passing) > 0 == last["lost"]
    assert last["written"] and last["signed"] and last["domains"] == len(wanted)

    published = json.loads(path.read_text(encoding="utf-8"))
    assert published["author"] == "The lab" and published["version"] == "0.1"
    assert set(published["policies"]) == wanted
    assert published["policies"]["wildcard.example"] == {"mode": "enforce", "mxs": [".wildcard.example"]}
    assert os.stat(path).st_mode & 0o777 == os.stat(f"{path}.asc").st_mode & 0o777 == 0o644

    # By whoever made the signature, and by us, who know no key but the one in the file.
    keyring.gpg("--verify", f"{path}.asc", path)
    good = waxwing("verify", "--key", keyring.public, path)
    assert good.returncode == 0, good.stdout
    assert [line.split()[:2] for line in good.stdout.splitlines()] == [["form", "well:"], ["signature", "well:"],
                                                                      ["times", "well:"]]
    assert KEY in good.stdout

    shown = waxwing("show", "--list", path, "--json", "WILDCARD.example", "good.example", "testing.example")
    head, *entries = [json.loads(line) for line in shown.stdout.splitlines()]
    assert shown.returncode == 1 and head["domains"] == len(wanted) and not head["expired"]
    assert [e["mode"] for e in entries] == ["enforce", "enforce", None]
    assert entries[0]["mx"] == ["*.wildcard.example"]

    # A tampered one, and one without its signature.
    path.write_text(path.read_text(encoding="utf-8").replace(".wildcard.example", ".evil.example"), encoding="utf-8")
    bad = waxwing("verify", "--json", "--key", keyring.public, path)
    errors = {c["check"]: c["error"] and c["error"]["id"] for c in map(json.loads, bad.stdout.splitlines())}
    assert bad.returncode == 1 and errors == {"form": None, "signature": "openpgp-bad-signature", "times": None}
    os.unlink(f"{path}.asc")
    assert waxwing("verify", "--key", keyring.public, path).returncode == 66


@pytest.fixture(scope="module")
def standing(waxwingd, tmp_path_factory):
    """A list of three domains, to be replaced."""
    path = tmp_path_factory.mktemp("standing") / "list.json"
    subprocess.run([waxwingd.command, "preload", "make", "--config", waxwingd.conf, "--output", path, "--min-max-age", "7d",
                    "-"], input="wildcard.example\ndropped.example\nchanging.example\n", text=True, check=True,
                   capture_output=True, timeout=60)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("attack", ["drop-record", "hijack-policy", "swap-mx"])
def test_nobody_takes_a_domain_off_the_list_by_an_attack(lab, make, standing, tmp_path, attack):
    path = tmp_path / "list.json"
    path.write_text(standing, encoding="utf-8")
    with lab.attack(attack, "dropped.example"):
        refused = make(path, "--min-max-age", "7d", "--json", "--from-list", path)
    *lines, last = [json.loads(line) for line in refused.stdout.splitlines()]
    assert refused.returncode == 2 and path.read_text(encoding="utf-8") == standing
    assert [line["domain"] for line in lines if line["lost"]] == ["dropped.example"]
    assert (last["lost"], last["written"], last["domains"]) == (1, False, 2)


def test_nobody_takes_a_domain_off_the_list_by_keeping_it_from_the_names(make, standing, tmp_path):
    """And a list that cannot be read is not replaced either: it may hold any."""
    path = tmp_path / "list.json"
    path.write_text(standing, encoding="utf-8")
    refused = make(path, "--min-max-age", "7d", "--json", names="dropped.example\n")
    *lines, last = [json.loads(line) for line in refused.stdout.splitlines()]
    assert refused.returncode == 2 and path.read_text(encoding="utf-8") == standing
    assert [(line["domain"], line["lost"]) for line in lines] == [
        ("changing.example", True), ("dropped.example", False), ("wildcard.example", True)]
    assert (last["lost"], last["written"], last["domains"]) == (2, False, 1)
    path.write_text(standing[:-9], encoding="utf-8")
    damaged = make(path, "--min-max-age", "7d", names="dropped.example\n")
    assert damaged.returncode == 65 and path.read_text(encoding="utf-8") == standing[:-9], damaged.stdout
    assert make(path, "--min-max-age", "7d", "--drop-lost", names="dropped.example\n").returncode == 0
    assert set(json.loads(path.read_text(encoding="utf-8"))["policies"]) == {"dropped.example"}


def test_an_operator_may_lose_a_domain(lab, make, standing, tmp_path):
    path = tmp_path / "list.json"
    path.write_text(standing, encoding="utf-8")
    with lab.attack("drop-record", "dropped.example"):
        told = make(path, "--min-max-age", "7d", "--drop-lost", "--from-list", path)
    assert told.returncode == 0 and "lost: 1 that the list before names" in told.stdout
    assert set(json.loads(path.read_text(encoding="utf-8"))["policies"]) == {"wildcard.example", "changing.example"}


def test_a_domain_takes_itself_off_the_list(lab, make, standing, tmp_path):
    path = tmp_path / "list.json"
    path.write_text(standing, encoding="utf-8")
    policy = lab.domain("changing.example").policy
    lab.publish("changing.example", policy=policy.replace("enforce", "none"))
    try:
        done = make(path, "--min-max-age", "7d", "--from-list", path)
    finally:
        lab.publish("changing.example", policy=policy)
    assert done.returncode == 0, done.stdout
    assert set(json.loads(path.read_text(encoding="utf-8"))["policies"]) == {"wildcard.example", "dropped.example"}


@pytest.mark.parametrize("name, why", [
    ("good.example", "the max_age of its policy is 7d, which is shorter than 14d"),
    ("testing.example", "the mode of its policy is testing"),
    ("none.example", "the mode of its policy is none"),
    ("no-record.example", "there is no MTA-STS record: the domain does not take part"),
    ("not-listed.example", "no mx pattern of its policy matches the MX host spare.not-listed.example"),
    ("host-404.example", "HTTP status 404"),
    ("two-records.example", "more than one record begins with v=STSv1;"),
])
def test_says_why_a_domain_is_left_out(make, tmp_path, name, why):
    """And an older list stays where there is nothing to be put in its place."""
    path = tmp_path / "list.json"
    path.write_text("older", encoding="utf-8")
    done = make(path, names=f"{name}\n")
    heading, row, empty, last, *rest = done.stdout.split("\n")
    assert (heading, empty, rest) == ("DOMAIN\tLEFT OUT BECAUSE", "", [""])
    assert row.startswith(f"{name}\t") and why in row
    assert f"{path}: not written; left out: 1" in last
    assert done.returncode == 1 and path.read_text(encoding="utf-8") == "older"


def test_takes_what_the_daemon_has_seen(waxwingd, make, tmp_path):
    """Domains of mode enforce, each looked at afresh: of one the attacker takes the record away."""
    path = tmp_path / "list.json"
    for name in ("wildcard.example", "second-best.example", "good.example", "testing.example", "no-record.example"):
        waxwingd.lookup(name)
    done = make(path, "--json", "--from-cache", "--expires", "3d")
    *lines, last = [json.loads(line) for line in done.stdout.splitlines()]
    taken = {line["domain"]: line["taken"] for line in lines}
    assert {"wildcard.example": True, "second-best.example": True, "good.example": False}.items() <= taken.items()
    assert not {"testing.example", "no-record.example"} & set(taken)
    assert done.returncode == 0 and last["domains"] == 2 and not last["signed"]
    assert not os.path.exists(f"{path}.asc")


def test_writes_nothing_that_it_cannot_sign(make, tmp_path):
    path = tmp_path / "list.json"
    done = make(path, "--key", "nobody@lab.example", names="wildcard.example\n")
    assert done.returncode == 70 and os.listdir(tmp_path) == []
    assert "there is no such secret key that can sign" in done.stderr


def test_says_when_nothing_can_be_looked_at(lab, new_waxwingd, make, waxwing, tmp_path):
    """An operator whose DNS is down gets no list that is short of all domains."""
    daemon = new_waxwingd(start=False, dns={"forward": ["192.0.2.1"], "timeout": "1s"})
    path = tmp_path / "list.json"
    done = waxwing("make", "--config", daemon.conf, "--output", path, "-", names="wildcard.example\n")
    assert (done.returncode, done.stdout) == (75, "")
    assert "nothing can be looked at" in done.stderr and os.listdir(tmp_path) == []


def test_guide(waxwingd, tmp_path, tmp_path_factory):
    """The commands of docs/preload.md, but for those that are the daemon's."""
    with open(os.path.join(ROOT, "docs", "preload.md"), encoding="utf-8") as f:
        sections = dict(part.split("\n", 1) for part in f.read().split("\n## ")[1:])
    text = sections["Make and sign a list"] + sections["Verify a list"]
    lines = "".join(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)).splitlines()
    home = tmp_path_factory.mktemp("g")
    # Nobody types a passphrase here.
    (home / "gpg.conf").write_text("batch\npinentry-mode loopback\npassphrase secret\n", encoding="utf-8")
    os.chmod(home, 0o700)
    environment = {**os.environ, "GNUPGHOME": str(home),
                   "PATH": os.path.dirname(waxwingd.command) + ":" + os.environ["PATH"]}
    said = {}
    for line in lines:
        here = line.replace("example.com", "wildcard.example").replace("example.net", "second-best.example")
        here = here.replace("preload make", f"preload make --config {waxwingd.conf}")
        done = subprocess.run(["/bin/sh", "-ec", here], cwd=tmp_path, env=environment, capture_output=True, text=True,
                              check=False, timeout=60)
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        said[line] = done.stdout
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=environment, check=False)
    assert len(said) == 8
    assert "\nwildcard.example\tenforce\t*.wildcard.example\t\n" in said["waxwing preload show --list list.json --all"]
