"""An authority that issues certificates by ACME: Pebble. It asks the lab's resolver, and comes to ports 80 and 443 of the
lab's addresses. What it issues lives for five years, and counts from the real time."""

import json
import os
import shutil
import ssl
import urllib.request

from . import namespace, proc, resolver

_PORT = 14000
_MANAGEMENT_PORT = 15000
_SYSTEM = "/etc/ssl/certs"


class Acme:
    """`directory` is the URL that clients are given. As uacme judges its server by the system's authorities alone, the
    lab's is one of them, in this mount namespace, as long as the server runs."""

    def __init__(self, state, host, address, pki):
        proc.require("pebble", "uacme")
        self.directory = f"https://{host}:{_PORT}/dir"
        self._address = address
        self._state = state
        self._host = host
        self._pki = pki
        self._process = None
        self._bound = False
        self._log = os.path.join(state, "pebble.log")
        os.mkdir(state)

    def start(self):
        self._pki.issue("acme", "good", self._host, "localhost")
        conf = os.path.join(self._state, "pebble.json")
        with open(conf, "w", encoding="ascii") as f:
            json.dump({"pebble": {
                "listenAddress": f"{self._address}:{_PORT}",
                "managementListenAddress": f"127.0.0.1:{_MANAGEMENT_PORT}",
                "certificate": self._pki.path("acme", "pem"),
                "privateKey": self._pki.path("acme", "key"),
                "httpPort": 80,
                "tlsPort": 443,
                "ocspResponderURL": "",
                "externalAccountBindingRequired": False,
            }}, f)
        # Each order is validated anew, at once, and no request is refused for the sake of it.
        chosen = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}
        self._process = proc.start(["pebble", "-config", conf, "-dnsserver", resolver.ADDRESS + ":53"], self._log,
                                   env={**os.environ, **chosen})
        proc.wait_for("pebble", lambda: proc.port_open("127.0.0.1", _MANAGEMENT_PORT), self._process, self._log)
        ours = os.path.join(self._state, "certs")
        os.mkdir(ours)
        shutil.copy(self._pki.ca, ours)
        self.trust()

    def stop(self):
        proc.stop(self._process)
        self.stop_trusting()

    def trust(self):
        """The system believes the authority that vouches for this server's own certificate, and no other."""
        namespace.bind(os.path.join(self._state, "certs"), _SYSTEM)
        self._bound = True

    def stop_trusting(self):
        if self._bound:
            proc.run("umount", "--lazy", _SYSTEM)
        self._bound = False

    def authority(self):
        """The certificate that all that it issues hangs on, PEM. Pebble makes another one at each start."""
        url = f"https://localhost:{_MANAGEMENT_PORT}/roots/0"
        with urllib.request.urlopen(url, context=ssl.create_default_context(cafile=self._pki.ca), timeout=10) as answer:
            return answer.read().decode("ascii")
