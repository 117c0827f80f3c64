#!/usr/bin/python3
"""Cached look-ups a second, beside a bare epoll loop with the same reads and writes.

usage: bench/lookups.py BUILD [--domains N] [--seconds N] [--json FILE]

Runs in a network namespace of its own. Each figure is the best of several short runs, limit and daemon in
turn, so that what else the machine does meets both.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROUNDS = 3


def own_network():
    if os.environ.get("WW_BENCH_NETWORK") != "own":
        os.environ["WW_BENCH_NETWORK"] = "own"
        os.execvp("unshare", ["unshare", "-rn" if os.geteuid() else "-n", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def start_limit(build, folder):
    ends = {"unix": f"unix:{folder}/limit", "tcp": "inet:18462"}
    return {name: (end, subprocess.Popen([build / "bench/bench_echo", end])) for name, end in ends.items()}


def start_daemon(build, folder, domains):
    store = folder / "waxwing.db"
    subprocess.run([build / "bench/bench_fill", store, str(domains)], check=True)
    config = folder / "waxwing.conf"
    config.write_text(f"""listen = {{"unix:{folder}/front", "inet:127.0.0.1:18461"}}
store = "{store}"
user = "{os.environ.get("WW_BENCH_USER", "nobody")}"
resolvers = 1
log_level = "warning"
""")
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "nobody", folder], check=True)
        folder.chmod(0o755)
    log = open(folder / "log", "w", encoding="utf-8")
    daemon = subprocess.Popen([build / "src/daemon/waxwingd", "-c", config], stderr=log)
    return {"unix": (f"unix:{folder}/front", daemon), "tcp": ("inet:18461", daemon)}


def cpu_seconds(pid):
    """Of a process and its children."""
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK") + sum(map(cpu_seconds, children))


def measure(build, end, pid, connections, seconds, domains):
    before = cpu_seconds(pid)
    start = time.monotonic()
    out = subprocess.run([build / "bench/bench_lookups", end, str(connections), str(seconds), str(domains)],
                         check=True, capture_output=True, text=True).stdout.split()
    rate, p50, p99, wrong = (int(word) for word in out)
    if wrong:
        sys.exit(f"{wrong} answers of {end} held no policy")
    cpu = (cpu_seconds(pid) - before) / (rate * (time.monotonic() - start))
    return {"rate": rate, "p50": p50, "p99": p99, "cpu": round(cpu * 1e6, 2)}


def wait_ready(build, end, domains):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        done = subprocess.run([build / "bench/bench_lookups", end, "1", "0", str(domains)], check=False,
                              capture_output=True)
        if done.returncode == 0:
            return
        time.sleep(0.1)
    sys.exit("the daemon does not answer")


def rows(build, options, limit, daemon):
    for transport in ("unix", "tcp"):
        for connections in (1, 50, 500):
            best = {}
            for _ in range(ROUNDS):
                for name, ends in (("limit", limit), ("daemon", daemon)):
                    end, process = ends[transport]
                    got = measure(build, end, process.pid, connections, options.seconds, options.domains)
                    if name not in best or got["rate"] > best[name]["rate"]:
                        best[name] = got
            yield {"transport": transport, "connections": connections, **best,
                   "ratio": round(best["daemon"]["rate"] / best["limit"]["rate"], 3)}


def main():
    parser = argparse.ArgumentParser(description="cached look-ups a second")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--domains", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    own_network()
    build = options.build.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        limit = start_limit(build, folder)
        daemon = start_daemon(build, folder, options.domains)
        try:
            wait_ready(build, daemon["unix"][0], options.domains)
            table = []
            print("      conn  limit/s daemon/s  ratio   us: p50/p99/cpu of the limit, and of the daemon")
            for row in rows(build, options, limit, daemon):
                table.append(row)
                a, b = row["limit"], row["daemon"]
                print(f"{row['transport']:5} {row['connections']:4} {a['rate']:8} {b['rate']:8}"
                      f" {row['ratio']:6.2f}   {a['p50']}/{a['p99']}/{a['cpu']}  {b['p50']}/{b['p99']}/{b['cpu']}", flush=True)
        finally:
            for process in {process for _, process in [*limit.values(), *daemon.values()]}:
                process.terminate()
                process.wait()
    if options.json:
        options.json.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
