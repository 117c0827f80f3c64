"""The policy hosts: one nginx, a virtual server with its own certificate for each domain of the table.

What a policy host does wrong is said by the `web` entry of the domain; each key of it has one place here:
`cert` in the choice of certificate, `tls` in `_TLS`, `status`, `redirect`, `type`, `browsers`, `cache`, `body` and `pad`
in `_answer` and `_content`, `listens` and `cname` in `_servers`, `on6` in `_faces`, `address` and `published` in zones.py,
`drops` in attacker.py. What nginx cannot do is done in rude.py."""

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
        server_name {names};
        ssl_certificate {cert}.pem;
        ssl_certificate_key {cert}.key;
        {tls}
        location = {path} {{ {answer} }}
        location /files/ {{ alias {files}/; }}
        location / {{ return 404; }}
    }}
"""

_CLEAR = """
    server {{
        listen {address}:80;
        location / {{ root {files}; }}
    }}
"""

_TLS = {
    "1.1": "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;",
    "rejects": "ssl_reject_handshake on;",
    "asks-for-certificate": "ssl_verify_client optional_no_ca;",
    "demands-certificate": "ssl_verify_client on; ssl_client_certificate {ca};",
}

# Policy hosts that have one certificate together.
_TOGETHER = 20

_HIJACKED_POLICY = "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"


def _faces(d):
    """(certificate, text, what it does, addresses) of a policy host, which may not be the same on IPv6."""
    cert, text = "web-" + d.name, d.policy_host
    if "on6" not in d.web:
        return [(cert, text, d.web, d.listening_addresses)]
    by_family = [[a for a in d.listening_addresses if (":" in a) == six] for six in (False, True)]
    cert6 = cert + "-6" if "cert" in d.web["on6"] else cert
    return [(cert, text, d.web, by_family[0]), (cert6, text + "-6", {**d.web, **d.web["on6"]}, by_family[1])]


def _content(d, face):
    text = face.get("body", d.policy)
    missing = face.get("pad", 0) - len(text.encode(errors="surrogateescape"))
    return text + "x-pad: " + "x" * (missing - 9) + "\r\n" if missing > 0 else text


class Web:
    """nginx with all under `state`; `certificates()` says which leaves it needs."""

    def __init__(self, state, domains, pki, attacker=True, clear=None):
        """attacker: the attacker's policy host is there, too; clear: an address where files are had by HTTP alone."""
        proc.require("nginx")
        self.state = state
        self._with_attacker = attacker
        self._clear = clear
        self.domains = domains
        self._pki = pki
        self._process = None
        self._log = os.path.join(state, "nginx.log")
        self._files = os.path.join(state, "files")
        os.makedirs(self._files)

    def certificates(self):
        wanted = list({cert: (cert, face.get("cert", "good"), d.policy_host) for d in self._alone()
                       for cert, _, face, _ in _faces(d)}.values())
        wanted += [("web-to-" + d.name, d.post.get("cert", "good"), d.name) for d in self._receivers()]
        wanted += [(cert, "good", *(d.policy_host for d in some)) for cert, some in self._groups()]
        return wanted + ([("web-attacker", "self-signed", zones.ATTACKER_MX)] if self._with_attacker else [])

    def start(self):
        for d in self._listening():
            self.publish(d)
        servers = [self._server(d, *face) for d in self._alone() for face in _faces(d)]
        servers += [self._shared(*group) for group in self._groups()]
        servers += [self._receiver(d) for d in self._receivers()]
        servers += [_CLEAR.format(address=self._clear, files=self._files)] if self._clear else []
        if self._with_attacker:
            self._write("attacker.txt", _HIJACKED_POLICY)
            servers.append(self._attacker())
        user = "user root;" if os.geteuid() == 0 else ""
        conf = os.path.join(self.state, "nginx.conf")
        self._write("nginx.conf", _CONF.format(state=self.state, servers="".join(servers), user=user))
        self._process = proc.start(["nginx", "-p", self.state, "-c", conf, "-e", self._log], self._log)
        address = self._listening()[0].listening_addresses[0]
        proc.wait_for("nginx", lambda: proc.port_open(address, 443), self._process, self._log)

    def stop(self):
        proc.stop(self._process)

    def publish(self, d):
        """Serves what the Domain says now, from the next request on."""
        for _, text, face, _ in _faces(d):
            self._write(text + ".txt", _content(d, face))

    def withdraw(self, d):
        """Has no policy for the Domain any more, until it is published again."""
        for _, text, *_ in _faces(d):
            os.unlink(os.path.join(self.state, text + ".txt"))

    def serve(self, name, data):
        """Serves octets as /files/NAME at every policy host, and as /NAME where files are had in clear."""
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

    def _alone(self):
        return [d for d in self._listening() if not d.shares_web]

    def _groups(self):
        """(certificate, its domains) of those that share."""
        sharing = [d for d in self._listening() if d.shares_web]
        return [(f"web-shared{i}", sharing[i:i + _TOGETHER]) for i in range(0, len(sharing), _TOGETHER)]

    def _server(self, d, cert, text, face, addresses):
        home = next((h for h in self.domains.values() if h.policy_host == d.web.get("cname")), None)
        tls = _TLS[face["tls"]].format(ca=self._pki.ca) if "tls" in face else ""
        return self._block(d.policy_host, home.listening_addresses if home else addresses, cert, self._answer(text, face),
                           tls)

    def _shared(self, cert, domains):
        answer = f"alias {self.state}/$host.txt;"
        return self._block(" ".join(d.policy_host for d in domains), domains[0].listening_addresses, cert, answer)

    def _receivers(self):
        return [d for d in self.domains.values() if d.post is not None]

    def _receiver(self, d):
        return self._block(d.name, d.post_addresses, "web-to-" + d.name, f"return {d.post.get('status', 200)};", path="/tls")

    def _attacker(self):
        answer = f"alias {self.state}/attacker.txt;"
        return self._block("_", (zones.ATTACKER4, zones.ATTACKER6), "web-attacker", answer)

    def _block(self, names, addresses, cert, answer, tls="", path=WELL_KNOWN):
        quoted = [f"[{a}]" if ":" in a else a for a in addresses]
        return _SERVER.format(listen=" ".join(f"listen {a}:443 ssl;" for a in quoted), names=names,
                              cert=self._pki.path(cert, "pem")[:-4], path=path, answer=answer, tls=tls, files=self._files)

    def _answer(self, text, face):
        if "status" in face:
            return f"return {face['status']};"
        if "redirect" in face:
            return f"return 302 {face['redirect']};"
        said = f"add_header Cache-Control {face['cache']};" if "cache" in face else ""
        only = "if ($http_user_agent !~ Mozilla) { return 403; }" if face.get("browsers") else ""
        return f"{only} {said} default_type {face.get('type', 'text/plain')}; alias {self.state}/{text}.txt;"

    def _write(self, name, text):
        path = os.path.join(self.state, name)
        with open(path + ".new", "w", encoding="utf-8", errors="surrogateescape", newline="") as f:
            f.write(text)
        os.replace(path + ".new", path)
