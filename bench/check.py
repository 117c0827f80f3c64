"""Domains inspected, beside a bare loop that asks as many questions, fetches as often and shakes hands as often.

What the inspector does on the wire is counted by the kernel, not told by it: packets to port 53, connections to ports 443
and 25. The limit is then given these numbers, and what it does is counted in the same way.
"""

import asyncio
import json
import os
import resource
import ssl
import subprocess
import threading
import time

from lab import namespace, proc

from . import processes, servers, table

PARALLEL = 100
MX_HOSTS = 20
_RULES = """table inet bench
delete table inet bench
table inet bench {
 counter dns {}
 counter https {}
 counter smtp {}
 chain leaving { type filter hook output priority 0;
  meta l4proto { tcp, udp } th dport 53 counter name dns
  tcp dport 443 tcp flags & (syn | ack) == syn counter name https
  tcp dport 25 tcp flags & (syn | ack) == syn counter name smtp
 }
}
"""


def bench(programs, options, out):
    domains = 2000 if options.long else 300
    with servers.Servers(programs, domains, _records(domains)) as site, _MailServer():
        config = processes.Daemon(programs, "check", site, settings={"fetch": {
            "allow_addresses": ["198.18.0.0/15", "2001:2::/48"]}})
        names = os.path.join(programs.state, "names")
        with open(names, "w", encoding="ascii") as f:
            f.writelines(f"d{i}.example\n" for i in range(domains))
        values, limits = [], []
        for _ in range(options.rounds):
            values.append(_inspect(config, names, domains))
            limits.append(_limit(programs, site, domains, values[-1]))
    name = f"check {PARALLEL} parallel {domains:,}"
    out.add(f"{name}: domains a second", _all(values, "rate"), _all(limits, "rate"), table.at_least(0.6))
    out.add(f"{name}: cpu us a domain", _all(values, "cpu"), _all(limits, "cpu"))
    out.add(f"{name}: peak memory, MiB", _all(values, "memory"), _all(limits, "memory"))
    for what, words in (("dns", "packets to port 53"), ("https", "connections to port 443"),
                        ("smtp", "connections to port 25")):
        out.add(f"  {words} a domain", [v[what] / domains for v in values], [v[what] / domains for v in limits])


def _all(runs, what):
    return [run[what] for run in runs]


def _records(count):
    lines = [f"ns A {servers.Servers.DNS}"]
    for i in range(MX_HOSTS):
        lines += [f"mx{i}.mta A 198.18.1.{i + 1}", f"mx{i}.mta AAAA 2001:2::3:{i + 1:x}"]
    for i in range(count):
        lines += [f"d{i} MX 10 mx{i % MX_HOSTS}.mta",
                  f'_mta-sts.d{i} TXT "v=STSv1; id=20260101000000;"',
                  f"mta-sts.d{i} A {servers.address4(i)}",
                  f"mta-sts.d{i} AAAA 2001:2::1:{i >> 16:x}:{i & 0xffff:x}",
                  f'_smtp._tls.d{i} TXT "v=TLSRPTv1; rua=mailto:tls@d{i}.example"']
    return lines


def _count(run):
    """The result of run(), and what was sent meanwhile."""
    subprocess.run(["nft", "-f", "-"], input=_RULES, text=True, check=True)
    result = run()
    listed = json.loads(subprocess.run(["nft", "-j", "list", "counters", "table", "inet", "bench"], check=True,
                                       capture_output=True).stdout)
    counters = {c["counter"]["name"]: c["counter"]["packets"] for c in listed["nftables"] if "counter" in c}
    return {**result, **counters}


def _measure(command, seconds):
    """Output, time, processor time and the largest memory of a program and its children."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as p:
        timer = threading.Timer(seconds, p.kill)
        timer.start()
        text = p.stdout.read()
        _, status, used = os.wait4(p.pid, 0)
        timer.cancel()
        p.returncode = os.waitstatus_to_exitcode(status)
    return text, p.returncode, {"seconds": time.monotonic() - began, "cpu": used.ru_utime + used.ru_stime,
                                "memory": used.ru_maxrss / 1024}


def _inspect(config, names, domains):
    def run():
        text, status, used = _measure([config.command, "check", "--config", config.conf, "--parallel", str(PARALLEL),
                                       "--input", names, "--json"], domains + processes.PATIENCE)
        reports = [json.loads(line) for line in text.splitlines()]
        seen = [r for r in reports if r.get("mode") == "enforce"]
        if len(seen) != domains:
            raise proc.StartError(f"waxwing check: status {status}, an enforced policy of {len(seen)} of {domains} domains")
        return {"rate": domains / used["seconds"], "cpu": used["cpu"] / domains * 1e6, "memory": used["memory"]}
    return _count(run)


def _limit(programs, site, domains, seen):
    """Packets are no questions (keys of zones are asked for as well): so many that the packets become about as many."""
    def run():
        command = [programs.path("check"), PARALLEL, site.DNS, site.trust_anchor, site.ca, domains, seen["dns"],
                   seen["https"], seen["smtp"], MX_HOSTS]
        text, status, used = _measure([str(word) for word in command], domains + processes.PATIENCE)
        if status != 0:
            raise proc.StartError(f"bench_check: status {status}")
        rate, cpu, failed = map(float, text.split())
        if failed:
            raise proc.StartError(f"bench_check: {failed:.0f} of its questions, GETs and conversations failed")
        return {"rate": rate, "cpu": cpu, "memory": used["memory"]}
    return _count(run)


class _MailServer:
    """All MX hosts: they greet, offer STARTTLS, shake hands and say goodbye, in a thread of this process."""

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*_certificate())
        hosts = [a for i in range(MX_HOSTS) for a in (f"198.18.1.{i + 1}", f"2001:2::3:{i + 1:x}")]
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, hosts, 25, backlog=1000))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()

    async def _serve(self, reader, writer):
        try:
            writer.write(b"220 mx ESMTP\r\n")
            while line := (await asyncio.wait_for(reader.readline(), 30)).upper():
                if line.startswith(b"EHLO"):
                    writer.write(b"250-mx\r\n250 STARTTLS\r\n" if not writer.get_extra_info("ssl_object") else b"250 mx\r\n")
                elif line.startswith(b"STARTTLS"):
                    writer.write(b"220 go ahead\r\n")
                    await writer.start_tls(self._context)
                elif line.startswith(b"QUIT"):
                    writer.write(b"221 bye\r\n")
                    break
                else:
                    writer.write(b"250 ok\r\n")
        except (OSError, asyncio.TimeoutError, ssl.SSLError):
            pass
        finally:
            writer.close()


def _certificate():
    key, cert = (os.path.join(namespace.STATE, "bench", "mx." + end) for end in ("key", "pem"))
    proc.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
             "-subj", "/CN=mx.mta.example", "-keyout", key, "-out", cert)
    return cert, key
