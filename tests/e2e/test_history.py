"""The history of a domain's policies: in the store, in the log, and by `waxwing cache history`."""

import hashlib
import json
import ssl

from waiting import explain, pause_for_recheck, wait_until

NAME = "changing.example"


def policy(mode="enforce", mx=("mx.changing.example",), max_age=86400):
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {one}" for one in mx), f"max_age: {max_age}"]
    return "".join(line + "\r\n" for line in lines)


def fingerprint(lab):
    """SHA-256 of the policy host's certificate."""
    end = "-----END CERTIFICATE-----"
    with open(lab.pki.path("web-" + NAME, "pem"), encoding="ascii") as f:
        text = f.read()
    leaf = text[text.index("-----BEGIN"):text.index(end)] + end
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf)).hexdigest()


def run(daemon, *arguments):
    return daemon.waxwing("cache", "history", "--config", daemon.conf, *arguments)


def history(daemon, name=NAME):
    """The versions, newest first."""
    done = run(daemon, "--json", name)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def ids(daemon):
    return [version["id"] for version in history(daemon)]


def lines(daemon, event):
    return [line for line in daemon.log().splitlines() if f" {event} " in line and f"domain={NAME}" in line]


def publish(lab, daemon, record, body):
    """Publishes a version, and looks the domain up until the daemon has it."""
    lab.publish(NAME, record=[f"v=STSv1; id={record};"], policy=body)
    wait_until(daemon, lambda: daemon.lookup(NAME) and explain(daemon, NAME)["id"] == record)


def test_history(lab, new_waxwingd):
    """A domain gets stronger, weaker, and goes back; the daemon is started again; nothing is lost."""
    first = lab.domain(NAME).policy
    daemon = new_waxwingd(cache={"recheck": "1s"}, history={"versions": 4})
    try:
        none = run(daemon, NAME)
        assert none.returncode == 1 and "nothing is known" in none.stderr
        publish(lab, daemon, "testing1", policy("testing"))
        publish(lab, daemon, "enforce1", policy(max_age=604800))
        assert not lines(daemon, "policy-weaker")
        publish(lab, daemon, "weaker1", policy("testing", mx=("mx2.changing.example", "*.changing.example")))
        [weaker] = lines(daemon, "policy-weaker")
        assert " warning " in weaker
        assert ('weaker="mode enforce -> testing, mx broader *.changing.example, max_age 604800 -> 86400"'
                in weaker)

        newest, middle, oldest = history(daemon)
        assert [version["mode"] for version in (newest, middle, oldest)] == ["testing", "enforce", "testing"]
        assert newest["in_force_until"] and not middle["in_force_until"] and not oldest["in_force_until"]
        assert {"change": "mode enforce -> testing", "effect": "weaker"} in newest["changes"]
        assert {"change": "mode testing -> enforce", "effect": "stronger"} in middle["changes"]
        assert oldest["changes"] is None
        assert newest["origin"]["address"] in lab.domain(NAME).web_addresses
        assert newest["origin"]["certificate"]["sha256"] == fingerprint(lab)
        assert newest["origin"]["certificate"]["issuer"].startswith("CN=")
        assert middle["policy"] == policy(max_age=604800)
        assert middle["sha256"] == hashlib.sha256(middle["policy"].encode()).hexdigest()
        assert oldest["first_seen"] <= oldest["last_seen"] <= newest["first_seen"]

        publish(lab, daemon, "enforce1", policy(max_age=604800))
        assert ids(daemon) == ["enforce1", "weaker1", "testing1"]
        assert history(daemon)[0]["turns"] == 2

        # The record alone confirms the version.
        seen = history(daemon)[0]["last_seen"]
        pause_for_recheck(daemon, NAME, "unchanged")
        wait_until(daemon, lambda: daemon.lookup(NAME) and history(daemon)[0]["last_seen"] > seen)

        before = history(daemon)
        daemon.restart()
        assert [dict(version, last_seen=None) for version in history(daemon)] == \
            [dict(version, last_seen=None) for version in before]
        for i in range(3):
            publish(lab, daemon, f"more{i}", policy(max_age=604801 + i))
        assert ids(daemon) == ["more2", "more1", "more0", "enforce1"]
    finally:
        lab.publish(NAME, record=["v=STSv1; id=1;"], policy=first)


def test_for_people(lab, new_waxwingd):
    """Plain when it is piped, and safe whatever stands in a policy."""
    first = lab.domain(NAME).policy
    long = policy("testing") + "long: " + 5000 * "x" + "\r\n"
    daemon = new_waxwingd(cache={"recheck": "1s"})
    try:
        publish(lab, daemon, "1", policy() + "note: caf\u00e9 \\ \u009b31m\r\n")
        publish(lab, daemon, "2", long)
        publish(lab, daemon, "3", policy("testing"))
        publish(lab, daemon, "4", policy("none"))
        done = run(daemon, "Changing.Example.")
        assert done.returncode == 0 and not done.stderr
        assert done.stdout.isascii() and "\033" not in done.stdout
        four, three, two, one = done.stdout.split("\n\n")
        assert four.startswith(f"{NAME} id 4: mode none, in force until 20")
        assert "  weaker       mode testing -> none\n" in four
        assert "    - mode: testing\n    + mode: none\n" in four
        assert "    - " not in three and "  changed      not known" in three and "      mode: testing\n" in three
        assert f"{len(long)} octets, too many to be kept" in two
        assert "      note: caf\\xc3\\xa9 \\\\ \\xc2\\x9b31m\n" in one
        assert "  certificate  until 20" in one and fingerprint(lab) in one
    finally:
        lab.publish(NAME, record=["v=STSv1; id=1;"], policy=first)


def test_no_policy_steers_a_terminal(lab, new_waxwingd):
    """RFC 8461 lets a value hold U+009B, which begins a command to many a terminal."""
    first = lab.domain(NAME).policy
    daemon = new_waxwingd(cache={"recheck": "1s"})
    try:
        publish(lab, daemon, "steers1", policy() + "x: \u009b2J\r\n")
        wait_until(daemon, lambda: run(daemon, NAME).returncode == 0)
        for command in ("history", "show"):
            for how in ([], ["--json"]):
                done = daemon.waxwing("cache", command, "--config", daemon.conf, *how, NAME)
                assert done.returncode == 0 and "2J" in done.stdout
                assert done.stdout.isascii(), done.stdout
        assert history(daemon)[0]["policy"].endswith("x: \u009b2J\r\n")
    finally:
        lab.publish(NAME, record=["v=STSv1; id=1;"], policy=first)


def test_usage(build, lab, new_waxwingd):
    daemon = new_waxwingd()
    assert run(daemon).returncode == 64
    assert run(daemon, "a.example", "b.example").returncode == 64
    assert run(daemon, "no..name").returncode == 64
    assert daemon.waxwing("cache").returncode == 64
    assert daemon.waxwing("cache", "fly").returncode == 64
    assert "history" in daemon.waxwing("cache", "--help").stdout
    assert "--json" in run(daemon, "--help").stdout
    nobody = daemon.waxwing("cache", "history", "--socket", f"unix:{daemon.state}/nobody", NAME)
    assert nobody.returncode == 75
