"""A policy host that moves: from Waxwing to a web server that is told by the files which Waxwing writes into its tree. Senders
are served at the old place until no resolver leads them there."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest
from waiting import wait_until

from lab import Unavailable, proc
from lab.clock import DAY

NAME = "plain-rollout.example"
HOST = "mta-sts." + NAME


@pytest.fixture(scope="module")
def publishing(lab):
    return lab.publishing()


@pytest.fixture
def domain(publishing):
    d = publishing.domains[NAME]
    publishing.reset(d)
    yield d
    publishing.reset(d)


@pytest.fixture
def daemon(lab, publishing, domain, new_waxwingd):
    one = new_waxwingd(start=False, clock=lab.clock)
    tree = pathlib.Path(one.state, "tree")
    tree.mkdir()
    if one.user:
        shutil.chown(tree, one.user)
    one.configure({**one.settings, "fetch": {**one.settings["fetch"], "ca_file": publishing.trusted()}, "publish": {
        "enabled": True, "https": [f"inet:{domain.policy_address}:443"], "http": [f"inet:{domain.policy_address}:80"],
        "interval": "10s", "dns_server": [domain.server], "dns_key": publishing.key_file, "dns_ttl": "1s",
        "acme": publishing.acme.directory, "tree": str(tree)}})
    one.start()
    return one


def publish(daemon, what, *arguments):
    """What `waxwing publish` prints."""
    done = daemon.waxwing("publish", what, "--config", daemon.conf, *arguments, NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def comes_to(daemon, condition):
    """Waits until what is shown of the domain is so, and returns it. It is looked at now, and not when it is its turn."""
    found = []

    def so():
        found.append(json.loads(publish(daemon, "show", "--json")))
        if not condition(found[-1]) and not found[-1]["tending"]:
            publish(daemon, "look", "--no-wait")
        return condition(found[-1])

    wait_until(daemon, so, seconds=120)
    return found[-1]


def get(publishing, address):
    """What a sender gets at an address; "" where there is no policy for it."""
    done = subprocess.run(["curl", "-sS", "--fail", "--cacert", publishing.trusted(), "--max-time", "20", "--resolve",
                           f"{HOST}:443:{address}", f"https://{HOST}/.well-known/mta-sts.txt"], capture_output=True,
                          text=True, check=False)
    return done.stdout


def errors(daemon):
    done = daemon.waxwing("check", "--config", daemon.conf, "--json", NAME)
    return [f for f in json.loads(done.stdout)["findings"] if f["severity"] == "error"]


# ---- Web servers, with what they are told by the tree; but the lab's have an address each ----

def nginx(tree, folder, address):
    proc.require("nginx")
    told = folder / "conf.d"
    told.mkdir()
    for path in (tree / "nginx.conf.d").iterdir():
        text = path.read_text(encoding="ascii")
        assert "    listen 443 ssl;\n    listen [::]:443 ssl;\n" in text
        (told / path.name).write_text(text.replace("listen 443", f"listen {address}:443")
                                      .replace("    listen [::]:443 ssl;\n", ""), encoding="ascii")
    user = "user root;" if os.geteuid() == 0 else ""
    conf = folder / "nginx.conf"
    conf.write_text(f"daemon off; {user} pid {folder}/pid; error_log {folder}/log; events {{ }}\n"
                    f"http {{ access_log off; include {told}/*.conf; }}\n", encoding="ascii")
    return ["nginx", "-p", str(folder), "-c", str(conf), "-e", f"{folder}/log"]


def caddy(tree, folder, address):
    proc.require("caddy")
    conf = folder / "Caddyfile"
    conf.write_text(f"{{\n\tadmin off\n\tauto_https off\n\tdefault_bind {address}\n}}\nimport {tree}/caddy.d/*.caddy\n",
                    encoding="ascii")
    return ["env", f"HOME={folder}", "caddy", "run", "--config", str(conf), "--adapter", "caddyfile"]


class Served:
    """As long as it lasts, a web server serves the tree at the address."""

    def __init__(self, server, tree, folder, address):
        folder.mkdir()
        try:
            command = server(tree, folder, address)
        except Unavailable as reason:
            pytest.skip(str(reason))
        log = str(folder / "output")
        self._process = proc.start(command, log)
        proc.wait_for(server.__name__, lambda: proc.port_open(address, 443), self._process, log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        proc.stop(self._process)


def test_from_here_into_the_tree(lab, publishing, domain, daemon, tmp_path):
    tree = pathlib.Path(daemon.state, "tree")
    publish(daemon, "add", "--no-wait", "--mx", domain.hosts[0], "--host", "here", "--certificate", "acme")
    publish(daemon, "start")
    row = comes_to(daemon, lambda d: d["state"] == "testing" and d["record"] and d["record"]["id"] == d["id"])
    assert row["handover"] is None and not list(tree.iterdir())

    publish(daemon, "set", "--host", "tree")
    row = comes_to(daemon, lambda d: d["needs_operator"])
    assert f"{HOST} still leads to Waxwing" in row["waits"] and row["handover"]["addresses"] == [domain.policy_address]
    body = (tree / HOST / ".well-known" / "mta-sts.txt").read_bytes().decode()
    assert get(publishing, domain.policy_address).replace("\r\n", "\n") == body.replace("\r\n", "\n") != ""
    assert f"handover     {HOST} still leads to Waxwing" in publish(daemon, "status")

    with Served(nginx, tree, tmp_path / "nginx", domain.other_address):
        publishing.lead(domain, domain.other_address)
        row = comes_to(daemon, lambda d: d["handover"]["gone_at"])
        assert f"{HOST} leads elsewhere" in row["waits"] and not row["needs_operator"]
        # A change reaches both, and counts as shown where DNS leads.
        publish(daemon, "mx", "--add", domain.hosts[1])
        row = comes_to(daemon, lambda d: len(d["served"]) == 2 and d["shown"]["id"] == d["record"]["id"] == d["id"])
        for address in domain.policy_address, domain.other_address:
            assert domain.hosts[1] in get(publishing, address)
        assert row["handover"] and errors(daemon) == []
        lab.clock.advance(DAY + 3600)
        comes_to(daemon, lambda d: d["handover"] is None)
        wait_until(daemon, lambda: get(publishing, domain.policy_address) == "")
        assert domain.hosts[1] in get(publishing, domain.other_address) and errors(daemon) == []
        assert "publish-handed-over" in daemon.log()

    with Served(caddy, tree, tmp_path / "caddy", domain.other_address):
        assert domain.hosts[1] in get(publishing, domain.other_address) and errors(daemon) == []

    # What is published no more is not told to web servers.
    publish(daemon, "retire")
    comes_to(daemon, lambda d: d["served"][-1]["mode"] == "none")
    assert (tree / "nginx.conf.d" / f"{HOST}.conf").exists()
