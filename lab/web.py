"""The policy hosts: one nginx, a virtual server with its own certificate for each domain of the table.

What a policy host does wrong is said by the `web` entry of the domain; each key of it has one place here:
`cert` in the choice of certificate, `tls` in `_TLS`, `status`, `redirect`, `type`, `body` and `pad` in `_answer` and
`_content`, `listens` and `cname` in `_server`, `address` in zones.py, `drops` in attacker.py. What nginx cannot do is
done in rude.py."""

import os

from . import proc, zones

WELL_KNOWN = "/.well-known/mta-sts.txt"

_CONF = """
daemon off;
master_process on;
worker_processes 1;
pid {state}/nginx.pid;
error_log {state}/error.log warn;
{user}
events {{ worker_connections 4096; }}
http {{
    log_format lab '$msec "$ssl_server_name" $remote_addr $status "$request"';
    access_log {state}/access.log lab;
    default_type text/plain;
    server_tokens off;
    types {{ }}
    ssl_protocols TLSv1.2 TLSv1.3;
    server_names_hash_max_size 4096;
    server_names_hash_bucket_size 128;
    client_body_temp_path {state}/tmp-body;
    proxy_temp_path {state}/tmp-proxy;
    fastcgi_temp_path {state}/tmp-fastcgi;
    scgi_temp_path {state}/tmp-scgi;
    uwsgi_temp_path {state}/tmp-uwsgi;
{servers}
}}
"""

_SERVER = """
    server {{
        {listen}
        server_name {name};
        ssl_certificate {cert}.pem;
        ssl_certificate_key {cert}.key;
        {tls}
        location = {path} {{ {answer} }}
        location /files/ {{ alias {files}/; }}
        location / {{ return 404; }}
    }}
"""

_TLS = {
    "1.1": "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;",
    "rejects": "ssl_reject_handshake on;",
    "asks-for-certificate": "ssl_verify_client optional_no_ca;",
    "demands-certificate": "ssl_verify_client on; ssl_client_certificate {ca};",
}

_HIJACKED_POLICY = "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"


class Web:
    """nginx with all under `state`; `certificates()` says which leaves it needs."""

    def __init__(self, state, domains, pki):
        proc.require("nginx")
        self.state = state
        self.domains = domains
        self._pki = pki
        self._process = None
        self._log = os.path.join(state, "nginx.log")
        self._files = os.path.join(state, "files")
        os.makedirs(self._files)

    def certificates(self):
        wanted = [(self._cert(d), d.web.get("cert", "good"), d.policy_host) for d in self._listening()]
        return wanted + [("web-attacker", "self-signed", zones.ATTACKER_MX)]

    def start(self):
        for d in self._listening():
            self.publish(d)
        self._write("attacker.txt", _HIJACKED_POLICY)
        servers = "".join(self._server(d) for d in self._listening()) + self._attacker()
        user = "user root;" if os.geteuid() == 0 else ""
        conf = os.path.join(self.state, "nginx.conf")
        self._write("nginx.conf", _CONF.format(state=self.state, servers=servers, user=user))
        self._process = proc.start(["nginx", "-p", self.state, "-c", conf, "-e", self._log], self._log)
        proc.wait_for("nginx", lambda: proc.port_open(zones.ATTACKER4, 443), self._process, self._log)

    def stop(self):
        proc.stop(self._process)

    def publish(self, d):
        """Serves what the Domain says now, from the next request on."""
        self._write(d.name + ".txt", self._content(d))

    def serve(self, name, data):
        """Serves octets as /files/NAME at every policy host."""
        path = os.path.join(self._files, name)
        with open(path + ".new", "wb") as f:
            f.write(data)
        os.replace(path + ".new", path)

    def requests(self, d):
        """The access log's lines for the domain's policy host."""
        with open(os.path.join(self.state, "access.log"), encoding="utf-8") as f:
            return [line for line in f if f'"{d.policy_host}"' in line]

    def _listening(self):
        return [d for d in self.domains.values() if d.listening_addresses and "rude" not in d.web]

    @staticmethod
    def _cert(d):
        return "web-" + d.name

    def _server(self, d):
        home = next((h for h in self.domains.values() if h.policy_host == d.web.get("cname")), d)
        tls = _TLS[d.web["tls"]].format(ca=self._pki.ca) if "tls" in d.web else ""
        return self._block(d.policy_host, home.listening_addresses, self._cert(d), self._answer(d), tls)

    def _attacker(self):
        answer = f"alias {self.state}/attacker.txt;"
        return self._block("_", (zones.ATTACKER4, zones.ATTACKER6), "web-attacker", answer)

    def _block(self, name, addresses, cert, answer, tls=""):
        quoted = [f"[{a}]" if ":" in a else a for a in addresses]
        return _SERVER.format(listen=" ".join(f"listen {a}:443 ssl;" for a in quoted), name=name,
                              cert=self._pki.path(cert, "pem")[:-4], path=WELL_KNOWN, answer=answer, tls=tls, files=self._files)

    def _answer(self, d):
        if "status" in d.web:
            return f"return {d.web['status']};"
        if "redirect" in d.web:
            return f"return 302 {d.web['redirect']};"
        return f"default_type {d.web.get('type', 'text/plain')}; alias {self.state}/{d.name}.txt;"

    @staticmethod
    def _content(d):
        text = d.web.get("body", d.policy)
        missing = d.web.get("pad", 0) - len(text.encode())
        return text + "x-pad: " + "x" * (missing - 8) + "\n" if missing > 0 else text

    def _write(self, name, text):
        path = os.path.join(self.state, name)
        with open(path + ".new", "w", encoding="utf-8", newline="") as f:
            f.write(text)
        os.replace(path + ".new", path)
