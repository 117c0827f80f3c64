"""`waxwing query` over every domain of the lab: by a daemon and without one it finds what the table says."""

import json

import pytest

from lab import table

# Hosts that make every look-up wait have a test of their own: test_policy_hosts.py.
DOMAINS = [d for d in table.load().values() if not d.waits]


def query(daemon, *arguments):
    return daemon.waxwing("query", "--config", daemon.conf, *arguments)


def mode(explained):
    return explained["mode"] or "nothing"


@pytest.mark.parametrize("d", DOMAINS, ids=[d.name for d in DOMAINS])
@pytest.mark.parametrize("way", [["--direct"], []], ids=["direct", "daemon"])
def test_finds_what_the_table_says(waxwingd, d, way):
    done = query(waxwingd, "--json", *way, d.shown)
    explained = json.loads(done.stdout)
    assert mode(explained) == d.finds
    assert explained["domain"] == d.name
    assert explained["source"] in (["direct"] if way else ["live", "cache"])
    # Mail that is held, or no policy because of something that may pass, is not the last word.
    held = explained["level"] == "hold"
    assert held == (d.told == "TEMP ")
    failed = explained["last"] in (None, "dns-failure", "fetch-failure", "waiting")
    passing = held or mode(explained) == "nothing" and failed
    assert done.returncode == (75 if passing else 0)
    # Whatever failed is named, with its place; the name server that keeps silent may still be waited for.
    if explained["error"]:
        assert explained["error"]["id"] == d.error
        assert d.name in explained["detail"] and d.detail in explained["detail"]
    else:
        assert not d.error or explained["last"] is None
    for map_name, told in explained["postfix"].items() if not way else ():
        answer = waxwingd.lookup(d.name, map_name)
        assert answer.startswith(told) if explained["truncated"] else answer == told


def test_tells_people(waxwingd):
    done = query(waxwingd, "good.example", "BÜCHER.example", "host-404.example")
    assert done.returncode == 75
    assert "good.example: TLS with a valid certificate for a listed MX host, or no delivery\n" in done.stdout
    assert "xn--bcher-kva.example: " in done.stdout
    assert "HTTP status 404" in done.stdout
    assert done.stderr == ""


def test_looks_by_itself_without_a_daemon(new_waxwingd):
    absent = new_waxwingd(start=False)
    done = query(absent, "good.example")
    assert done.returncode == 0
    assert "no daemon answers: this looks by itself" in done.stderr
    assert "looked up now, without a daemon" in done.stdout
    assert "valid certificate" in done.stdout


def test_asks_by_the_unix_socket_alone(waxwingd, new_waxwingd):
    done = query(waxwingd, "--socket", f"unix:{waxwingd.unix_socket}", "good.example")
    assert (done.returncode, done.stderr) == (0, "")
    absent = new_waxwingd(start=False)
    done = query(absent, "--socket", f"unix:{absent.unix_socket}", "good.example")
    assert done.returncode == 75
    assert done.stdout == ""
    assert "No such file" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["-x", "good.example"], ["a..b"], ["--direct", "--socket", "unix:/x", "a.b"],
                                       ["--socket", "ftp:x", "a.b"], ["192.0.2.1"]])
def test_refuses_wrong_usage(waxwingd, arguments):
    done = query(waxwingd, *arguments)
    assert done.returncode == 64
    assert done.stdout == ""
    assert done.stderr != ""


def test_names_a_configuration_that_cannot_be_read(waxwingd, tmp_path):
    done = waxwingd.waxwing("query", "--config", str(tmp_path / "none"), "good.example")
    assert done.returncode == 66
    bad = tmp_path / "bad.conf"
    bad.write_text('listen = {"inet:127.0.0.1:8461"}\ncolour = 1\n')
    done = waxwingd.waxwing("query", "--config", str(bad), "good.example")
    assert done.returncode == 78
    assert "bad.conf:2: " in done.stderr
