#!/usr/bin/python3
"""test_dkim_verify.py VERIFY_MAIL: signatures that dkimpy has made, and what is found of them."""

import base64
import re
import subprocess
import sys
import time
import unittest

import dkim

VERIFY = sys.argv.pop(1)
NOW = int(time.time())
HEAD = (b"From: Reports <tls@reporter.example>\r\nTo: tls@example.com\r\nSubject: Report Domain: example.com\r\n"
        b"Date: Sun, 29 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@reporter.example>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain\r\nX-Folded: a\r\n  b\t \r\n")
BODY = b"\r\nHello  world \r\n\r\n.. \t\r\nbye\r\n\r\n\r\n"


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout


def rsa(bits=2048):
    pem = openssl("genrsa", "-traditional", str(bits))
    der = openssl("pkey", "-pubout", "-outform", "DER", data=pem)
    return pem, "p=" + base64.b64encode(der).decode()


def ed25519():
    der = openssl("genpkey", "-algorithm", "ED25519", "-outform", "DER")
    public = openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER", data=der)
    return base64.b64encode(der[-32:]), "k=ed25519; p=" + base64.b64encode(public[-32:]).decode()


KEY, PUBLIC = rsa()
RECORD = "v=DKIM1; k=rsa; s=tlsrpt; " + PUBLIC


def sign(mail=HEAD + BODY, key=KEY, domain=b"reporter.example", selector=b"s1", **how):
    return dkim.sign(mail, selector, domain, key, **how) + mail


def found(mail, *records, now=NOW):
    out = subprocess.run([VERIFY, str(now), *records], input=mail, capture_output=True, check=True).stdout.decode()
    words, detail = out.rstrip("\n").split("|")
    return *words.split(" "), detail


class Verify(unittest.TestCase):
    def passes(self, mail, *records):
        self.assertEqual(found(mail, *records), ("pass", "reporter.example", "s1", "aligned", ""))

    def is_not(self, result, mail, *records, detail=None):
        said = found(mail, *records)
        self.assertEqual(said[0], result, said)
        if detail is not None:
            self.assertEqual(said[4], detail)

    def test_canonicalizations(self):
        for header in (b"simple", b"relaxed"):
            for body in (b"simple", b"relaxed"):
                self.passes(sign(canonicalize=(header, body)), RECORD)

    def test_lines_may_end_in_lf(self):
        for how in (b"simple", b"relaxed"):
            self.passes(sign(canonicalize=(how, how)).replace(b"\r\n", b"\n"), RECORD)

    def test_a_line_of_mbox_before_it(self):
        self.passes(b"From tls@reporter.example Sun Nov 29 10:00:00 2026\n" + sign(), RECORD)

    def test_bodies(self):
        """Of all lengths around that of what libopendkim is given at a time."""
        line = b"x" * 62 + b"\r\n"
        for body in (b"", b"\r\n", b"\r\n\r\n\r\n", b"\r\nno end", b"\r\n" + b"y" * 200000 + b"\r\n",
                     b"\r\n" + line * 4096 + b" \r\n \r\n", b"\r\n" + b"\r\n" * 50000 + b"end\r\n",
                     *(b"\r\n" + b"z" * n + b"\r\n" + line * 1030 for n in range(58, 66))):
            for how in (b"simple", b"relaxed"):
                self.passes(sign(HEAD + body, canonicalize=(how, how)), RECORD)

    def test_keys_for_reports(self):
        for service in ("", "s=*; ", "s=tlsrpt; ", "s=email:tlsrpt; ", "s= email : * ; "):
            self.passes(sign(), "v=DKIM1; " + service + PUBLIC)
        self.passes(sign(), "t=y:s; n=a note; " + PUBLIC)
        self.is_not("no-key", sign(), "s=email; " + PUBLIC, detail="the key is not for reports (s=email)")
        self.is_not("no-key", sign(), "v=DKIM1; p=", detail="the key is revoked")
        self.is_not("no-key", sign(), "", detail="there is no key")

    def test_ed25519(self):
        key, record = ed25519()
        mail = sign(key=key, signature_algorithm=b"ed25519-sha256")
        self.passes(mail, "s=tlsrpt; " + record)
        self.is_not("fail", mail, ed25519()[1])
        self.is_not("fail", mail.replace(b"Hello", b"Hallo"), record)
        self.is_not("no-key", mail, record.replace("k=ed25519; ", ""))

    def test_what_was_changed(self):
        mail = sign()
        self.is_not("fail", mail.replace(b"Hello", b"Hallo"), RECORD, detail="the body is not the one that was signed")
        self.is_not("fail", mail + b"more\r\n", RECORD, detail="the body is not the one that was signed")
        header = "the signature is not of this header, or not of this key"
        self.is_not("fail", mail.replace(b"To: tls@", b"To: tlz@"), RECORD, detail=header)
        self.is_not("fail", mail.replace(b"Domain: example.com", b"Domain: example.net"), RECORD, detail=header)
        self.is_not("fail", mail, "v=DKIM1; " + rsa()[1], detail=header)
        self.is_not("unusable", b"From: x@other.example\r\n" + mail, RECORD)

    def test_rules(self):
        self.is_not("unusable", sign(length=True), RECORD, detail="a part of the body alone is signed (l=)")
        weak, weak_public = rsa(1016)
        self.is_not("unusable", sign(key=weak), weak_public)
        least, least_public = rsa(1024)
        self.passes(sign(key=least), least_public)
        largest, largest_public = rsa(4096)
        self.passes(sign(key=largest), largest_public)
        said = found(sign(), RECORD, now=NOW - 3600)
        self.assertEqual((said[0], said[4]), ("unusable", "the signature is of the future (t=)"))
        mail = sign()
        self.assertEqual(found(mail, RECORD, now=NOW + 10 * 365 * 86400)[0], "pass")

    def test_identity(self):
        self.passes(sign(identity=b"@mail.reporter.example"), PUBLIC)
        self.is_not("unusable", sign(identity=b"@mail.reporter.example"), "t=s; " + PUBLIC)

    def test_the_best_of_several(self):
        other, other_public = rsa(1024)
        ours, twice = sign(), sign(sign(), key=other, domain=b"other.example", selector=b"s2")
        self.passes(twice, other_public, RECORD)
        self.assertEqual(found(twice, other_public, "")[:4], ("pass", "other.example", "s2", "other"))
        self.assertEqual(found(twice, "", "")[:4], ("no-key", "reporter.example", "s1", "aligned"))
        many = ours
        for i in range(3):
            many = re.sub(rb"d=[^;]*;", b"d=other%d.example;" % i, ours.split(b"From:", 1)[0], count=1) + many
        self.passes(many, PUBLIC, PUBLIC, PUBLIC, RECORD)

    def test_above_from(self):
        mail = HEAD.replace(b"@reporter.example>\r\nTo", b"@mail.reporter.example>\r\nTo") + BODY
        self.passes(sign(mail), RECORD)


if __name__ == "__main__":
    unittest.main()
