"""`waxwing generate` in the lab: MX hosts from DNS, what is refused, and its snippets under real servers."""

import json
import os
import pwd
import shutil
import subprocess

import pytest

from lab import Unavailable, proc
from lab.waxwingd import Waxwingd

DOMAIN = "good.example"
ADDRESS = "127.0.0.43"  # where the snippets listen; the lab's own servers have other addresses
URL = f"https://mta-sts.{DOMAIN}/.well-known/mta-sts.txt"


@pytest.fixture(scope="module")
def generate(lab, build):
    """generate(argument, …) runs `waxwing generate` with the lab's DNS."""
    configured = Waxwingd(lab, build, name="generate", settings={"dns": {"timeout": "2s"}})

    def run(*arguments):
        return subprocess.run([configured.command, "generate", "--config", configured.conf, *arguments],
                              capture_output=True, text=True, check=False, timeout=120)
    return run


def made(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_takes_the_mx_hosts_from_dns(lab, generate):
    out = made(generate("--json", DOMAIN))
    assert out["mx"] == [host.name for host in lab.domain(DOMAIN).mx]
    assert any("policy of mode enforce is published now" in note for note in out["notes"])
    assert out["warnings"] == []


def test_compares_what_is_given_with_dns(generate):
    out = made(generate("--json", "--mx", "mx.elsewhere.example", DOMAIN))
    assert any("no --mx matches the MX host" in w for w in out["warnings"])
    assert any("matches no MX host" in w for w in out["warnings"])


def test_enforce_as_a_first_step_is_warned_of(generate):
    assert any("first step" in w for w in made(generate("--json", "--mode", "enforce", "no-record.example"))["warnings"])


@pytest.mark.parametrize("arguments, says", [
    (("null-mx.example",), "takes no mail"),
    (("no-such-domain.example",), "there is no domain"),
    (("--mode", "enforce", "--mx", "mx.elsewhere.example", DOMAIN), "it would get no mail"),
    (("--id", "{id}", DOMAIN), "is published now"),
])
def test_refuses_what_would_break(lab, generate, arguments, says):
    published = lab.domain(DOMAIN).record[0].partition("id=")[2].rstrip(";")
    done = generate(*(a.format(id=published) for a in arguments))
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr


def test_without_an_answer_it_is_temporary(lab, generate):
    with lab.attack("block-dns", "dropped.example"):
        done = generate("dropped.example")
    assert (done.returncode, done.stdout) == (75, ""), done.stderr
    assert "give --mx" in done.stderr


# ---- The snippets ----

@pytest.fixture(scope="module")
def files(lab, generate, tmp_path_factory):
    """What --write wrote, for the policy host's own certificate; and the policy where the servers look for it."""
    top = tmp_path_factory.mktemp("generate")
    top.chmod(0o755)
    top.parent.chmod(0o755)
    certificates, root, out = top / "certificates", top / "root", top / "out"
    certificates.mkdir()
    (root / ".well-known").mkdir(parents=True)
    for target, what in (("fullchain.pem", "pem"), ("privkey.pem", "key")):
        shutil.copyfile(lab.pki.path("web-" + DOMAIN, what), certificates / target)
    done = generate("--write", str(out), "--policy-host-root", str(root), "--certificate-dir", str(certificates), DOMAIN)
    assert done.returncode == 0, done.stderr
    shutil.copyfile(out / "mta-sts.txt", root / ".well-known" / "mta-sts.txt")
    return out


def moved(path):
    """The snippet, listening where nobody else does; nothing else of it is changed."""
    text = path.read_text(encoding="ascii")
    return (text.replace("listen 443", f"listen {ADDRESS}:443").replace("    listen [::]:443 ssl;\n", "")
            .replace("*:443", f"{ADDRESS}:443").replace(f"mta-sts.{DOMAIN} {{", f"https://mta-sts.{DOMAIN} {{\n\tbind {ADDRESS}"))


def nginx(files, folder):
    proc.require("nginx")
    conf = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    conf.write_text(f"daemon off; {user} pid {folder}/pid; error_log {folder}/log; events {{ }}\n"
                    f"http {{ access_log off; types {{ application/octet-stream txt; }}\n{moved(files / 'nginx.conf')} }}\n",
                    encoding="ascii")
    command = ["nginx", "-p", str(folder), "-c", str(conf), "-e", f"{folder}/log"]
    return [*command, "-t"], command


def apache(files, folder):
    proc.require("apache2")
    modules = ("mpm_event", "authz_core", "ssl", "mime", "alias")
    loads = "".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n" for m in modules)
    conf = folder / "apache.conf"
    (folder / "mime.types").write_text("application/octet-stream txt\n", encoding="ascii")
    user = pwd.getpwuid(os.geteuid()).pw_name if os.geteuid() != 0 else "www-data"
    conf.write_text(f"ServerRoot {folder}\nPidFile {folder}/pid\nErrorLog {folder}/log\nDefaultRuntimeDir {folder}\n"
                    f"Mutex file:{folder}\nServerName lab\nListen {ADDRESS}:443\n{loads}TypesConfig {folder}/mime.types\n"
                    f"User {user}\n{moved(files / 'apache.conf')}", encoding="ascii")
    command = ["apache2", "-f", str(conf)]
    return [*command, "-t"], [*command, "-D", "FOREGROUND"]


def caddy(files, folder):
    proc.require("caddy")
    conf = folder / "Caddyfile"
    conf.write_text("{\n\tadmin off\n\tauto_https off\n}\n" + moved(files / "Caddyfile"), encoding="ascii")
    command = ["--config", str(conf), "--adapter", "caddyfile"]
    return ["caddy", "validate", *command], ["env", f"HOME={folder}", "caddy", "run", *command]


def get(lab, url):
    """Status, type and body, as a sender that obeys RFC 8461 would see them."""
    done = subprocess.run(["curl", "-s", "--cacert", lab.pki.ca, "--resolve", f"mta-sts.{DOMAIN}:443:{ADDRESS}", "-w",
                           "\n%{http_code} %{content_type}", url], capture_output=True, check=True)
    body, _, last = done.stdout.rpartition(b"\n")
    status, _, kind = last.decode().partition(" ")
    return int(status), kind, body


@pytest.mark.parametrize("server", [nginx, apache, caddy], ids=lambda s: s.__name__)
def test_a_real_server_takes_the_snippet_and_serves_the_policy(lab, files, server, tmp_path):
    try:
        test, command = server(files, tmp_path)
    except Unavailable as reason:
        pytest.skip(str(reason))
    checked = subprocess.run(test, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    log = str(tmp_path / "output")
    process = proc.start(command, log)
    try:
        proc.wait_for(server.__name__, lambda: proc.port_open(ADDRESS, 443), process, log)
        status, kind, body = get(lab, URL)
        assert (status, kind.partition(";")[0]) == (200, "text/plain")
        assert body == (files / "mta-sts.txt").read_bytes()
        assert get(lab, f"https://mta-sts.{DOMAIN}/")[0] == 404
        assert get(lab, f"https://mta-sts.{DOMAIN}/.well-known/other.txt")[0] == 404
    finally:
        proc.stop(process)
