"""Keys and certificates: the lab's authority, one that nobody trusts, and every good or bad leaf."""

import concurrent.futures
import os
import secrets
import ssl
import time

from . import proc

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
_OTHER_KEYS = {"rsa": ("-newkey", "rsa:2048", "-nodes"), "weak-key": ("-newkey", "rsa:1024", "-nodes")}
_OTHER_KEYS["anchored-rsa"] = _OTHER_KEYS["rsa"]
_DIGESTS = {"sha1": ("-sha1",)}
_DAYS_LEAF = 90
_DAYS_AUTHORITY = 3650

# Who signs, when it is not the lab's authority; None: the leaf itself
_SIGNERS = {"untrusted": "untrusted-ca", "self-signed": None, "chain": "intermediate-ca",
            "incomplete-chain": "intermediate-ca"}
# Whose certificate the host sends along with its own
_SENT_ALONG = {"chain": "intermediate-ca", "anchored": "ca", "anchored-rsa": "ca", "anchored-wrong-name": "ca"}
# As public authorities do, the one between says where its own certificate is to be had.
_ISSUER = ("-addext", "authorityInfoAccess=caIssuers;URI:http://ca.example/intermediate.crt")
# Extensions beside the usual ones
_EXTENSIONS = {
    "chain": _ISSUER,
    "incomplete-chain": _ISSUER,
    "client-only": ("-addext", "extendedKeyUsage=clientAuth"),
}

def _in_days(days):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))


# (start, end) of certificates that are not valid now, or not for long
_DATES = {
    "expired": ("20200101000000Z", "20210101000000Z"),
    "not-yet-valid": ("20450101000000Z", "20460101000000Z"),
    "ends-soon": (_in_days(5 - _DAYS_LEAF), _in_days(5)),
}

_CA_CONF = """
[ca]
default_ca = lab
[lab]
database = {state}/{kind}.index
serial = {state}/{kind}.serial
new_certs_dir = {state}
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


def _shown_name(kind, host):
    """The name in the certificate that a host of this name shows."""
    label, parent = host.split(".", 1)
    return {
        "wrong-name": "wrong.name.net",
        "anchored-wrong-name": "wrong.name.net",
        "sibling-name": "sibling." + parent,
        "wildcard": "*." + parent,
        "partial-wildcard": f"{label[:3]}*.{parent}",
        "deep-wildcard": "*." + parent.partition(".")[2],
    }.get(kind, host)


class Pki:
    """Certificates under `state`; `ca` is the file with the trusted authority's certificate."""

    def __init__(self, state):
        proc.require("openssl")
        self.state = state
        self.ca = os.path.join(state, "ca.pem")
        os.mkdir(state)
        self._authority("ca", "Waxwing Lab CA")
        self._authority("untrusted-ca", "Nobody's CA")
        self._authority("intermediate-ca", "Waxwing Lab Intermediate CA", signer="ca")

    def path(self, name, what):
        return os.path.join(self.state, f"{name}.{what}")

    def issue_all(self, wanted, lists=None, days=_DAYS_LEAF):
        """wanted: (file name, kind, host, further hosts…) tuples; leaves NAME.pem and NAME.key for each. lists: where
        the authority says what it has revoked; days: how long they are good."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda item: self.issue(*item, lists=lists, days=days), wanted))

    def issue(self, name, kind, host, *others, lists=None, days=_DAYS_LEAF):
        """One leaf for `host` (and others) with the fault `kind` (see domains.toml; "good" has none)."""
        if kind in _DATES:
            self._issue_dated(name, kind, host)
            return
        shown = _shown_name(kind, host)
        extensions = [] if kind == "cn-only" else ["-addext", "subjectAltName=DNS:" + ",DNS:".join((shown, *others))]
        signer = _SIGNERS.get(kind, "ca")
        extensions += ["-addext", "crlDistributionPoints=URI:" + lists] if lists and signer == "ca" else []
        self._sign(name, shown, signer, *extensions, *_EXTENSIONS.get(kind, ()),
                   *_DIGESTS.get(kind, ()), "-addext", "basicConstraints=critical,CA:FALSE",
                   days=days, key=_OTHER_KEYS.get(kind, _NEW_KEY))
        if kind in _SENT_ALONG:
            self._append(name, _SENT_ALONG[kind])

    def revoked(self, leaves):
        """The list of what the authority has revoked, of these (file name, kind, …), in DER."""
        lines = []
        for name in (name for name, kind, *_ in leaves if kind == "revoked"):
            serial = proc.run("openssl", "x509", "-noout", "-serial", "-in", self.path(name, "pem")).strip().partition("=")[2]
            lines.append(f"R\t400101000000Z\t260101000000Z\t{serial}\tunknown\t/CN={name}\n")
        conf = self._database("list", "".join(lines))
        text = proc.run("openssl", "ca", "-gencrl", "-config", conf, "-crldays", "30", "-cert", self.path("ca", "pem"),
                        "-keyfile", self.path("ca", "key"))
        return ssl.PEM_cert_to_DER_cert(text.replace("X509 CRL", "CERTIFICATE"))

    def _database(self, name, index=""):
        """What `openssl ca` wants to have; returns its configuration."""
        conf = self.path(name, "conf")
        for file, content in (("conf", _CA_CONF.format(state=self.state, kind=name)), ("index", index),
                              ("serial", secrets.token_hex(8) + "\n")):
            with open(self.path(name, file), "w", encoding="ascii") as f:
                f.write(content)
        return conf

    def _authority(self, name, title, signer=None):
        self._sign(name, title, signer, "-addext", "keyUsage=critical,keyCertSign,cRLSign", days=_DAYS_AUTHORITY)

    def _sign(self, name, common_name, signer, *extensions, days, key=_NEW_KEY):
        authority = ["-CA", self.path(signer, "pem"), "-CAkey", self.path(signer, "key")] if signer else []
        proc.run("openssl", "req", "-x509", *key, "-subj", "/CN=" + common_name, "-days", str(days), *extensions,
                 *authority, "-keyout", self.path(name, "key"), "-out", self.path(name, "pem"))

    def _append(self, name, issuer):
        with open(self.path(name, "pem"), "a", encoding="ascii") as chain, \
                open(self.path(issuer, "pem"), encoding="ascii") as f:
            chain.write(f.read())

    def _issue_dated(self, name, kind, host):
        """Only `openssl ca` can set both dates; its database is per leaf, so that leaves do not meet."""
        request, conf = self.path(name, "csr"), self._database(name)
        proc.run("openssl", "req", "-new", *_NEW_KEY, "-subj", "/CN=" + host,
                 "-addext", "subjectAltName=DNS:" + host, "-keyout", self.path(name, "key"), "-out", request)
        start, end = _DATES[kind]
        proc.run("openssl", "ca", "-batch", "-notext", "-config", conf, "-in", request,
                 "-cert", self.path("ca", "pem"), "-keyfile", self.path("ca", "key"),
                 "-startdate", start, "-enddate", end, "-out", self.path(name, "pem"))
