"""A customer's domain that follows its provider's policy: its policy host is an alias of the provider's, its mail goes to the
provider's hosts. The provider's policy is published by the same daemon, or by somebody else."""

import json

import pytest
from waiting import wait_until

PROVIDER = "plain-rollout.example"
CUSTOMER = "customer-rollout.example"
FOREIGN = "changing.example"  # a provider whose policy somebody else serves


@pytest.fixture(scope="module")
def publishing(lab):
    return lab.publishing()


@pytest.fixture(scope="module")
def provider(publishing):
    return publishing.domains[PROVIDER]


@pytest.fixture
def daemon(lab, publishing, provider, new_waxwingd):
    for name in PROVIDER, CUSTOMER:
        publishing.reset(publishing.domains[name])
    yield new_waxwingd(clock=lab.clock, fetch={"ca_file": publishing.trusted()}, publish={
        "enabled": True, "https": [f"inet:{provider.policy_address}:443"], "http": [f"inet:{provider.policy_address}:80"],
        "interval": "10s", "dns_server": [provider.server], "dns_key": publishing.key_file, "dns_ttl": "1s",
        "acme": publishing.acme.directory})
    for name in PROVIDER, CUSTOMER:
        publishing.reset(publishing.domains[name])


def publish(daemon, what, *arguments, status=0):
    """What `waxwing publish` prints."""
    done = daemon.waxwing("publish", what, "--config", daemon.conf, *arguments)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def comes_to(daemon, name, condition):
    """Waits until what is shown of the domain is so, and returns it. It is looked at now, and not when it is its turn."""
    found = []

    def so():
        found.append(json.loads(publish(daemon, "show", "--json", name)))
        if not condition(found[-1]) and not found[-1]["tending"]:
            publish(daemon, "look", "--no-wait", name)
        return condition(found[-1])

    wait_until(daemon, so, seconds=120)
    return found[-1]


def is_published(mode, mx):
    """This policy is served, seen from outside, and its id is in DNS."""
    return lambda d: (d["served"] and d["served"][-1]["mode"] == mode and d["served"][-1]["mx"] == mx and d["shown"] and
                      d["record"] and d["shown"]["id"] == d["record"]["id"] == d["id"])


def errors(daemon, name):
    done = daemon.waxwing("check", "--config", daemon.conf, "--json", name)
    return [f for f in json.loads(done.stdout)["findings"] if f["severity"] == "error"]


def test_a_provider_that_is_published_here(daemon, provider):
    """Whatever becomes of its policy becomes of that of its customers, each under an id of its own."""
    first, second = provider.hosts[:2]
    publish(daemon, "add", "--no-wait", "--mx", first, "--no-rua", PROVIDER)
    publish(daemon, "add", "--no-wait", "--host", "mirror=" + PROVIDER, "--no-rua", CUSTOMER)
    publish(daemon, "start", "--no-wait", CUSTOMER)
    comes_to(daemon, CUSTOMER, lambda d: f"the policy of {PROVIDER}, which it follows, is not known yet" in (d["waits"] or ""))
    publish(daemon, "start", PROVIDER)
    comes_to(daemon, PROVIDER, is_published("testing", [first]))
    row = comes_to(daemon, CUSTOMER, is_published("testing", [first]))
    assert row["certificate_until"] and row["mirror"] == PROVIDER and errors(daemon, CUSTOMER) == []
    assert "does not enforce" in publish(daemon, "promote", CUSTOMER, status=1)

    publish(daemon, "promote", PROVIDER)
    comes_to(daemon, PROVIDER, is_published("enforce", [first]))
    publish(daemon, "promote", CUSTOMER)
    comes_to(daemon, CUSTOMER, is_published("enforce", [first]))
    publish(daemon, "mx", "--add", second, PROVIDER)
    comes_to(daemon, CUSTOMER, is_published("enforce", [first, second]))
    assert errors(daemon, CUSTOMER) == []

    publish(daemon, "retire", PROVIDER)
    comes_to(daemon, PROVIDER, is_published("none", [first, second]))
    row = comes_to(daemon, CUSTOMER, is_published("none", [first, second]))
    assert errors(daemon, CUSTOMER) == [] and not row["refusals"]


def policy(mode, *mx):
    return "version: STSv1\r\n" + f"mode: {mode}\r\n" + "".join(f"mx: {one}\r\n" for one in mx) + "max_age: 604800\r\n"


@pytest.fixture
def foreign(lab):
    before = lab.domain(FOREIGN).policy
    yield lambda text: lab.publish(FOREIGN, policy=text)
    lab.publish(FOREIGN, policy=before)


def test_a_provider_that_is_not(daemon, provider, foreign):
    """Its policy is fetched. While there is none that can be used, what is served stays served."""
    first, second = provider.hosts[:2]
    foreign(policy("enforce", first))
    publish(daemon, "add", "--no-wait", "--host", "mirror=" + FOREIGN, "--no-rua", CUSTOMER)
    publish(daemon, "start", CUSTOMER)
    comes_to(daemon, CUSTOMER, is_published("testing", [first]))
    publish(daemon, "promote", CUSTOMER)
    row = comes_to(daemon, CUSTOMER, is_published("enforce", [first]))
    for nothing in "", "version: STSv1\r\nmode: enforce\r\n":
        foreign(nothing)
        row = comes_to(daemon, CUSTOMER, lambda d: FOREIGN in (d["waits"] or ""))
        assert is_published("enforce", [first])(row) and not row["needs_operator"]
    foreign(policy("enforce", first, second))
    comes_to(daemon, CUSTOMER, is_published("enforce", [first, second]))

    # It names none of the hosts that take this domain's mail: they stay, as long as they are in the MX records.
    foreign(policy("enforce", "mx.elsewhere.example"))
    row = comes_to(daemon, CUSTOMER, is_published("enforce", ["mx.elsewhere.example", first]))
    assert not row["refusals"]
    foreign(policy("none", first))
    comes_to(daemon, CUSTOMER, is_published("none", [first]))
    assert errors(daemon, CUSTOMER) == []
