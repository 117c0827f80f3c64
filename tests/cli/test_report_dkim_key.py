#!/usr/bin/python3
"""test_report_dkim_key.py WAXWING MAKE_REPORT: keys that are made, and what is to be published of them."""
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import unittest

import dkim

MAKE = sys.argv.pop()
COMMAND = sys.argv.pop()

HEAD = {"rsa": "v=DKIM1; k=rsa; s=tlsrpt; p=", "ed25519": "v=DKIM1; k=ed25519; s=tlsrpt; p="}


def run(*args):
    done = subprocess.run([COMMAND, "report", "dkim-key", *args], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class Keys(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.file = os.path.join(self.folder, "key.pem")
        self.config = self.write("waxwing.conf", 'report { contact = "tls@reporter.example" }\n')

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def test_a_key_that_is_made_signs_and_its_record_verifies(self):
        for kind, bits, option in (("rsa", 2048, ()), ("ed25519", 256, ("--ed25519",))):
            file = os.path.join(self.folder, kind)
            status, text, errors = run("--config", self.config, "--json", *option, file)
            self.assertEqual((status, errors), (0, ""))
            made = json.loads(text)
            self.assertEqual({key: made[key] for key in made if key != "record"}, {
                "file": file, "type": kind, "bits": bits, "selector": "tlsrpt", "domain": "reporter.example",
                "name": "tlsrpt._domainkey.reporter.example"})
            self.assertTrue(made["record"].startswith(HEAD[kind]))
            self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
            mail = subprocess.run([MAKE, "mail", file], capture_output=True, check=True).stdout
            records = {made["name"].encode() + b".": made["record"].encode()}
            self.assertTrue(dkim.verify(mail, dnsfunc=lambda name, timeout=5: records.get(name), tlsrpt="strict"), kind)
            self.assertEqual(json.loads(run("--config", self.config, "--json", "--show", file)[1]), made)

    def test_what_a_person_is_told(self):
        status, text, errors = run("--config", self.config, "--selector", "2026", "--domain", "Example.COM", self.file)
        self.assertEqual((status, errors), (0, ""))
        record = json.loads(run("--config", self.config, "--json", "--show", self.file)[1])["record"]
        shown = re.search(r"^  2026\._domainkey\.example\.com\. IN TXT \(\n(.*?) \)$", text, re.DOTALL | re.MULTILINE)
        strings = re.findall(r'"([^"]*)"', shown[1])
        self.assertEqual("".join(strings), record)
        self.assertLessEqual(max(map(len, strings)), 255)
        for setting in (f'dkim_key = "{self.file}"', 'dkim_selector = "2026"', 'dkim_domain = "example.com"'):
            self.assertIn(setting, text)
        self.assertIn("a new RSA key of 2048 bits", text)

    def test_what_is_configured_counts(self):
        self.config = self.write("waxwing.conf", 'report { contact = "tls@reporter.example"\n dkim_selector = "s1"\n'
                                                 ' dkim_domain = "mail.example" }\n')
        self.assertEqual(json.loads(run("-c", self.config, "--json", self.file)[1])["name"], "s1._domainkey.mail.example")

    def test_a_file_that_exists_is_not_written_over(self):
        for make in (lambda: self.write("key.pem", "mine"), lambda: os.symlink("elsewhere", self.file)):
            make()
            status, text, errors = run("--config", self.config, self.file)
            self.assertEqual((status, text), (70, ""))
            self.assertIn("exists already", errors)
            if not os.path.islink(self.file):
                with open(self.file, encoding="utf-8") as f:
                    self.assertEqual(f.read(), "mine")
            os.unlink(self.file)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "elsewhere")))

    def test_what_is_no_key_is_told(self):
        for text, why in (("", "empty"), ("secret", "PEM is wanted"), ("-----BEGIN PUBLIC KEY-----\n", "public key")):
            status, out, errors = run("--config", self.config, "--show", self.write("key.pem", text))
            self.assertEqual((status, out), (65, ""))
            self.assertIn(why, errors)
            self.assertNotIn("secret", errors)

    def test_what_cannot_be_done(self):
        empty = self.write("empty.conf", "")
        for args, want, why in [
                ((), 64, "one key"), (("a", "b"), 64, "one key"), (("--frob", "a"), 64, "no such option"),
                (("--show", "--ed25519", "a"), 64, "--show makes no key"), (("--domain", "a b", "a"), 64, "a domain name"),
                (("--selector", "", "a"), 64, "a name such as"),
                (("--config", self.config, "--selector", "a b", "a"), 64, "no part of a domain name"),
                (("--config", empty, "a"), 64, "which domain"),
                (("--config", self.config, "--show", self.file), 66, "No such file"),
                (("--config", self.config, os.path.join(self.folder, "none", "key")), 70, "No such file"),
                (("--config", self.write("bad.conf", "report {"), "a"), 78, "bad.conf")]:
            status, out, errors = run(*args)
            self.assertEqual((status, out), (want, ""), args)
            self.assertIn(why, errors)

    def test_help(self):
        status, text, errors = run("--help")
        self.assertEqual((status, errors), (0, ""))
        self.assertTrue(text.startswith("usage: waxwing report dkim-key"))
        self.assertLessEqual(max(map(len, text.splitlines())), 102)


if __name__ == "__main__":
    unittest.main()
