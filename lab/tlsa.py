"""TLSA records, as the table says them: "3 1 1" is made from what the MX host shows, "3 1 1 00ff…" is taken as it is."""

import hashlib
import os
import ssl
import subprocess

from . import proc

_MATCHING = {"0": lambda data: data.hex(), "1": lambda data: hashlib.sha256(data).hexdigest(),
             "2": lambda data: hashlib.sha512(data).hexdigest()}


def records(d, pki):
    """(owner, RDATA) of each TLSA record that the Domain is to have."""
    return [(f"_25._tcp.{host}", _rdata(text, d.aliases.get(host, host), pki)) for host, texts in d.tlsa.items()
            for text in texts]


def _rdata(text, host, pki):
    fields = text.split()
    if len(fields) == 4:
        return text
    usage, selector, matching = fields
    # Usages 0 and 2 are of authorities, 1 and 3 of the host's own certificate.
    certificate = pki.ca if usage in "02" else pki.path("mx-" + host, "pem")
    return f"{text} {_MATCHING[matching](_selected(certificate, selector))}"


def _selected(certificate, selector):
    """The whole certificate, or its public key, in DER. Without mail servers there are no certificates of theirs."""
    if not os.path.exists(certificate):
        return b"nobody"
    with open(certificate, encoding="ascii") as f:
        pem = f.read()
    first = pem[:pem.index("-----END CERTIFICATE-----")] + "-----END CERTIFICATE-----\n"
    if selector == "0":
        return ssl.PEM_cert_to_DER_cert(first)
    key = proc.run("openssl", "x509", "-noout", "-pubkey", text_in=first)
    return subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key.encode(), capture_output=True,
                          check=True).stdout
