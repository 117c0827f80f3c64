"""What is counted moves as look-ups, failures and deaths of roles happen, and can be read while it does."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import threading

import pytest

from prometheus import Metrics
from waiting import wait_stored, wait_until

PORT = 8469
SETTINGS = {"metrics": [f"inet:127.0.0.1:{PORT}"]}


def get(path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode(), dict(response.getheaders())
    finally:
        connection.close()


def healthy(port):
    try:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    except ConnectionError:
        return False


def scrape():
    status, text, headers = get("/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return Metrics(text)


def test_what_is_counted(waxwingd):
    wait_until(waxwingd, lambda: healthy(PORT))
    before = scrape()
    assert before.value("waxwing_build_info") == 1
    assert before.value("waxwing_role_up") == len(before.samples["waxwing_role_up"])
    for key in ("good.example", "good.example", "testing.example", "no-record.example"):
        waxwingd.lookup(key)
    waxwingd.lookup("[192.0.2.1]")
    waxwingd.lookup("good.example", name="NONSENSE")
    waxwingd.lookup("host-self-signed.example")
    wait_stored(waxwingd, "good.example")
    after = scrape()

    def moved(name, **labels):
        return after.value(name, **labels) - before.value(name, **labels)
    assert moved("waxwing_lookups_total", map="QUERY", answer="secure", **{"from": "network"}) == 1
    assert moved("waxwing_lookups_total", map="QUERY", answer="secure", **{"from": "memory"}) == 1
    assert moved("waxwing_lookups_total", answer="testing") == 1
    assert moved("waxwing_lookups_total", map="other", answer="perm") == 1
    assert moved("waxwing_lookups_total", answer="notfound") == 3
    assert moved("waxwing_lookups_total") == 7
    assert moved("waxwing_lookup_waited_seconds_count") == 4
    assert moved("waxwing_lookup_cached_seconds_count") == 3
    assert moved("waxwing_connections_accepted_total") == 7
    assert moved("waxwing_discoveries_total", outcome="policy") == 2
    assert moved("waxwing_fetch_seconds_count") == 3
    assert moved("waxwing_fetch_errors_total") == 1
    assert moved("waxwing_dns_seconds_count") >= 4
    assert after.value("waxwing_cache_entries", policy="enforce") == 1
    assert after.value("waxwing_cache_entries", policy="testing") == 1
    assert after.value("waxwing_store_up") == 1
    assert moved("waxwing_store_writes_total") >= 1
    assert all(value > 0 for value in after.samples["waxwing_role_memory_bytes"].values())


def test_promtool_finds_nothing(waxwingd):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool: apt-get install prometheus")
    done = subprocess.run([promtool, "check", "metrics"], input=get("/metrics")[1], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_other_requests(waxwingd):
    assert get("/healthz")[:2] == (200, "ok\n")
    assert get("/healthz", "HEAD")[:2] == (200, "")
    assert get("/")[0] == 404
    status, _, headers = get("/metrics", "POST")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("role", ("front", "resolver", "keeper"))
def test_counters_do_not_go_back(waxwingd, role):
    waxwingd.lookup("good.example")
    before = scrape()
    gone = waxwingd.kill_role(role)
    waxwingd.wait_role(role, gone)
    wait_until(waxwingd, lambda: scrape().value("waxwing_role_up") == len(before.samples["waxwing_role_up"]))
    waxwingd.lookup("good.example")
    after = scrape()
    assert after.value("waxwing_role_restarts_total", role=role) >= (role != "resolver")
    for name, samples in before.samples.items():
        if name.endswith(("_total", "_bucket", "_count", "_sum")):
            for labels, value in samples.items():
                assert after.samples[name].get(labels, 0) >= value, (name, labels)


def test_scrapes_during_load(waxwingd):
    stop = threading.Event()
    asked = []

    def ask():
        while not stop.is_set():
            asked.append(waxwingd.lookup("good.example"))
    threads = [threading.Thread(target=ask) for _ in range(4)]
    before = scrape()
    for thread in threads:
        thread.start()
    totals = [scrape().value("waxwing_lookups_total") for _ in range(50)]
    stop.set()
    for thread in threads:
        thread.join()
    assert totals == sorted(totals)
    assert scrape().value("waxwing_lookups_total") - before.value("waxwing_lookups_total") == len(asked)


def test_the_listener_of_metrics_comes_and_goes(new_waxwingd):
    """A changed configuration opens and closes it."""
    daemon = new_waxwingd(metrics=[f"inet:127.0.0.1:{PORT + 1}"])
    wait_until(daemon, lambda: healthy(PORT + 1))
    with open(daemon.conf, encoding="utf-8") as f:
        text = f.read()
    with open(daemon.conf, "w", encoding="utf-8") as f:
        f.write(text.replace(str(PORT + 1), str(PORT + 2)))
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(daemon, lambda: healthy(PORT + 2))
    wait_until(daemon, lambda: not healthy(PORT + 1))


def status(daemon):
    """The exit status, and what `waxwing status --json` prints."""
    done = daemon.waxwing("status", "--json", "--config", daemon.conf)
    return done.returncode, json.loads(done.stdout) if done.stdout else None


def test_status(new_waxwingd):
    daemon = new_waxwingd()
    daemon.lookup("good.example")
    daemon.lookup("good.example")
    daemon.lookup("host-self-signed.example")
    wait_until(daemon, lambda: status(daemon)[1]["dns"] == "validating")
    code, now = status(daemon)
    assert (code, now["well"], now["troubles"]) == (0, True, [])
    assert now["dane"] == {"setting": "on", "known": True, "left_out": False}
    assert now["lookups"]["answers"]["secure"] == 2
    assert now["cache"]["entries"]["enforce"] == 1
    assert now["latency_waited"]["p99_us"] >= now["latency_waited"]["p50_us"] > 0
    assert now["errors"][0]["error"] == "https-cert-self-signed"
    assert "mta-sts.good.example" in [host["host"] for host in now["slowest_hosts"]]
    assert now["store"] == {**now["store"], "path": daemon.store, "well": True, "error": None}
    text = daemon.waxwing("status", "--config", daemon.conf)
    assert text.returncode == 0 and "well" in text.stdout and "\033" not in text.stdout
    assert "\nDANE         on\n" in text.stdout


@pytest.mark.parametrize("setting", ["off", "mta", "blind"])
def test_status_tells_of_dane(new_waxwingd, setting):
    words = {"off": "off", "mta": "left to the MTA's own default level",
             "blind": "on, for an MTA that cannot do it"}[setting]
    daemon = new_waxwingd(dane=setting)
    wait_until(daemon, lambda: status(daemon)[1]["dns"] == "validating")
    used = setting != "off"
    assert status(daemon)[1]["dane"] == {"setting": setting, "known": used, "left_out": not used}
    assert f"\nDANE         {words}\n" in daemon.waxwing("status", "--config", daemon.conf).stdout


def test_status_tells_of_trouble(new_waxwingd):
    daemon = new_waxwingd(start=False)
    os.makedirs(daemon.store)
    daemon.start()
    code, now = status(daemon)
    assert (code, now["well"]) == (1, False)
    assert (now["store"]["well"], now["store"]["error"]) == (False, "store-no-file")
    assert daemon.waxwing("status", "--config", daemon.conf).returncode == 1


def test_status_without_a_daemon(new_waxwingd):
    daemon = new_waxwingd(start=False)
    done = daemon.waxwing("status", "--config", daemon.conf)
    assert done.returncode == 75 and "waxwingd" in done.stderr and done.stdout == ""
