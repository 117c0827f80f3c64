"""Where ports 80 and 443 are not Waxwing's to open, or not its own: systemd opens them; nginx passes names on, undecrypted, so
that policies, reports and a web site share an address; ualpn answers tls-alpn-01 in front of it for another ACME client."""

import os
import pathlib
import shutil
import subprocess

import pytest
from waiting import wait_until

from lab import Unavailable, proc

NAME = "rollout.example"
HOST = "mta-sts." + NAME
REPORTS = "reports." + NAME
INNER, INNER_REPORTS, INNER_WEB = 8443, 8444, 8445  # ports on 127.0.0.1, behind who has 443


@pytest.fixture(scope="module")
def domain(lab):
    publishing = lab.publishing()
    d = publishing.domains[NAME]
    publishing.reset(d)
    yield d
    publishing.reset(d)


def publish(daemon, what, *arguments):
    """What `waxwing publish` prints."""
    done = daemon.waxwing("publish", what, "--config", daemon.conf, *arguments, NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def keep(daemon, chain, key):
    """The certificate as docs/policy-host.md has another program put it there."""
    to = pathlib.Path(daemon.store).parent / "publish" / "certificates" / HOST
    owner = ["-o", daemon.user] if daemon.user else []
    proc.run("install", "-d", *owner, "-m", "750", str(to))
    for path, name in (key, "privkey.pem"), (chain, "fullchain.pem"):
        proc.run("install", *owner, "-m", "640", path, str(to / name))


def from_lab(lab, daemon, *names):
    """A certificate of the lab's authority for these names."""
    lab.pki.issue("fronts", "good", *names)
    keep(daemon, lab.pki.path("fronts", "pem"), lab.pki.path("fronts", "key"))


def begin(daemon):
    publish(daemon, "add", "--no-wait", "--mx", "mx1." + NAME, "--host", "here", "--certificate", "files", "--dns", "hand",
            "--no-rua")
    publish(daemon, "start", "--no-wait")


def get(trusted, address, host=HOST, path="/.well-known/mta-sts.txt"):
    """Body, or "": what a sender gets."""
    done = subprocess.run(["curl", "-sS", "--fail", "--cacert", trusted, "--max-time", "30", "--resolve",
                           f"{host}:443:{address}", f"https://{host}{path}"], capture_output=True, text=True, check=False)
    return done.stdout


def serves(daemon, trusted, address):
    wait_until(daemon, lambda: "mode: testing" in get(trusted, address), seconds=90)


def test_systemd_opens_the_ports(lab, domain, new_waxwingd):
    try:
        proc.require("systemd-socket-activate")
    except Unavailable as reason:
        pytest.skip(str(reason))
    sockets = [f"{domain.policy_address}:443", f"{domain.policy_address}:80"]
    daemon = new_waxwingd(start=False, publish={"enabled": True, "interval": "10s", "https": [f"inet:{sockets[0]}"],
                                                "http": [f"inet:{sockets[1]}"]})
    listens = [option for one in (f"127.0.0.1:{daemon.port}", *sockets) for option in ("-l", one)]
    daemon.start(through=["systemd-socket-activate", *listens])
    from_lab(lab, daemon, HOST)
    begin(daemon)
    serves(daemon, lab.pki.ca, domain.policy_address)
    assert get(lab.pki.ca, domain.policy_address, path="/") == ""
    plain = proc.run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "30", f"http://{sockets[1]}/")
    assert plain == "404"
    assert "socket-unused" not in daemon.log() and "socket-refused" not in daemon.log()


def nginx_by_name(folder, address):
    """As docs/policy-host.md has it."""
    proc.require("nginx")
    module = "/usr/lib/nginx/modules/ngx_stream_module.so"
    if not os.path.exists(module):
        raise Unavailable("nginx has no stream module: libnginx-mod-stream")
    conf = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    conf.write_text(f"""daemon off; {user} pid {folder}/pid; error_log {folder}/log; load_module {module}; events {{ }}
stream {{
    map $ssl_preread_server_name $behind {{
        ~^mta-sts\\.  127.0.0.1:{INNER};
        {REPORTS}  127.0.0.1:{INNER_REPORTS};
        default  127.0.0.1:{INNER_WEB};
    }}
    server {{
        listen {address}:443;
        ssl_preread on;
        proxy_pass $behind;
    }}
}}
""", encoding="ascii")
    return ["nginx", "-p", str(folder), "-c", str(conf), "-e", f"{folder}/log"]


def test_names_share_a_port(lab, domain, new_waxwingd, tmp_path):
    """Policies and reports, each by its own name."""
    try:
        command = nginx_by_name(tmp_path, domain.policy_address)
    except Unavailable as reason:
        pytest.skip(str(reason))
    lab.pki.issue("fronts-reports", "good", REPORTS)
    daemon = new_waxwingd(
        publish={"enabled": True, "interval": "10s", "https": [f"inet:127.0.0.1:{INNER}"]},
        intake={"https": [f"inet:127.0.0.1:{INNER_REPORTS}"], "domains": [NAME], "certificate": lab.pki.path("fronts-reports", "pem"),
                "key": lab.pki.path("fronts-reports", "key")})
    log = str(tmp_path / "output")
    process = proc.start(command, log)
    try:
        proc.wait_for("nginx", lambda: proc.port_open(domain.policy_address, 443), process, log)
        from_lab(lab, daemon, HOST)
        begin(daemon)
        serves(daemon, lab.pki.ca, domain.policy_address)
        status = proc.run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", lab.pki.ca, "--max-time", "30",
                          "--resolve", f"{REPORTS}:443:{domain.policy_address}", f"https://{REPORTS}/v1")
        assert status == "200"  # the intake says what is to be posted there
        assert get(lab.pki.ca, domain.policy_address, host="www." + NAME) == ""
        looked = publish(daemon, "look")
        assert "v=STSv1" in looked  # it was seen from outside: now the record is due
    finally:
        proc.stop(process)


def test_ualpn_in_front(lab, domain, new_waxwingd, tmp_path):
    """uacme with ualpn, instead of Waxwing's own ACME: it goes by files."""
    publishing = lab.publishing()
    hook = "/usr/share/uacme/ualpn.sh"
    if not os.path.exists(hook) or shutil.which("ualpn") is None:
        pytest.skip("ualpn is not installed")
    uacme = ["uacme", "-c", str(tmp_path / "uacme"), "-a", publishing.acme.directory, "-y"]
    trusted = publishing.trusted()
    daemon = new_waxwingd(fetch={"ca_file": trusted}, publish={"enabled": True, "interval": "10s",
                                                              "https": [f"inet:127.0.0.1:{INNER}"]})
    log = str(tmp_path / "output")
    process = proc.start(["ualpn", "-b", f"{domain.policy_address}@443", "-c", f"127.0.0.1@{INNER}", "-P", "0", "-p",
                          str(tmp_path / "pid")], log)
    try:
        proc.wait_for("ualpn", lambda: proc.port_open(domain.policy_address, 443), process, log)
        begin(daemon)
        proc.run(*uacme, "new")
        proc.run(*uacme, "-h", hook, "issue", HOST)
        keep(daemon, str(tmp_path / "uacme" / HOST / "cert.pem"), str(tmp_path / "uacme" / "private" / HOST / "key.pem"))
        serves(daemon, trusted, domain.policy_address)
        proc.run(*uacme, "-h", hook, "-f", "issue", HOST)  # while it serves
    finally:
        proc.stop(process)
