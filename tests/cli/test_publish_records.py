#!/usr/bin/python3
"""test_publish_records.py WAXWING: `waxwing publish zone` against a daemon that says what it is told to, and
`waxwing publish tlsa` with keys that openssl(1) makes."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

import fake_control
from fake_control import END

WAXWING = sys.argv.pop(1)
RUA = "mailto:tls@example.com,https://reports.example.com/" + "a" * 300
UNKNOWN = {"end": True, "error": {"id": "not-known", "message": "nothing is known of it", "detail": None}}
SERVED = [{"id": "1a", "mode": "testing", "max_age": 86400, "mx": [], "since": "2026-01-01T00:00:00Z",
           "until": "2026-02-01T00:00:00Z", "binds_until": "2026-02-02T00:00:00Z"},
          {"id": "2b", "mode": "enforce", "max_age": 86400, "mx": [], "since": "2026-02-01T00:00:00Z", "until": None,
           "binds_until": None}]
ENFORCE = {"domain": "example.com", "state": "enforce", "rua": RUA, "served": SERVED, "shown": {"id": "2b", "at": None},
           "record": {"id": "1a", "since": None, "ttl": 300}}
NONE = {**SERVED[1], "id": "3c", "mode": "none"}


def zone(shown, *args, domain="example.com"):
    return fake_control.run([WAXWING, "publish", "zone", *args, domain], *([shown, END] if shown else [UNKNOWN]))


def printed(shown, *args):
    done, asked = zone(shown, *args)
    assert done.returncode == 0, done
    assert asked[0]["command"] == "publish-show" and asked[0]["domain"] == "example.com", asked
    return done.stdout.decode()


class Zone(unittest.TestCase):
    def test_what_a_zone_file_takes(self):
        text = printed(ENFORCE, "--target", "STS.example.net.", "--ttl", "10m")
        with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
            file.write("example.com. 60 IN SOA ns.example.com. host.example.com. 1 2 3 4 5\n" + text)
            file.flush()
            read = subprocess.run(["ldns-read-zone", file.name], capture_output=True, text=True, check=True).stdout
        records = [line.split("\t") for line in read.splitlines() if "SOA" not in line]
        text = f"v=TLSRPTv1; rua={RUA};"
        self.assertEqual(sorted((r[0], r[1], r[3], r[4]) for r in records),
                         [("_mta-sts.example.com.", "600", "TXT", '"v=STSv1; id=2b;"'),
                          ("_smtp._tls.example.com.", "600", "TXT", f'"{text[:255]}" "{text[255:]}"'),
                          ("mta-sts.example.com.", "600", "CNAME", "sts.example.net.")])

    def test_json(self):
        for option in ("--json",), ("--format", "json"):
            out = json.loads(printed(ENFORCE, *option, "--address", "192.0.2.1", "--address", "2001:DB8::1"))
            self.assertEqual((out["domain"], out["state"], out["remove"], out["notes"]), ("example.com", "enforce", [], []))
            self.assertEqual([(r["name"], r["type"], r["ttl"], r["values"]) for r in out["records"]],
                             [("_smtp._tls.example.com", "TXT", 300, [f"v=TLSRPTv1; rua={RUA};"]),
                              ("mta-sts.example.com", "A", 300, ["192.0.2.1"]),
                              ("mta-sts.example.com", "AAAA", 300, ["2001:db8::1"]),
                              ("_mta-sts.example.com", "TXT", 300, ["v=STSv1; id=2b;"])])

    def test_no_record_before_its_policy_was_seen(self):
        out = json.loads(printed({**ENFORCE, "rua": None, "shown": {"id": "1a", "at": None}}, "--json"))
        self.assertEqual(out["records"], [])
        self.assertIn("not yet: _mta-sts.example.com TXT", out["notes"][0])

    def test_what_goes_in_the_end(self):
        retiring = {**ENFORCE, "state": "retiring", "rua": None, "shown": {"id": "3c", "at": None}}
        early = {**SERVED[1], "until": "2026-03-01T00:00:00Z", "binds_until": "2999-01-01T00:00:00Z"}
        out = json.loads(printed({**retiring, "served": [SERVED[0], early, NONE]}, "--json"))
        self.assertEqual([r["values"] for r in out["records"]], [["v=STSv1; id=3c;"]])
        self.assertIn("until 2999-01-01T00:00:00Z", out["notes"][0])
        out = json.loads(printed({**retiring, "served": [SERVED[0], NONE]}, "--json"))
        self.assertEqual((out["records"], out["remove"]), ([], [{"name": "_mta-sts.example.com", "type": "TXT"}]))
        seen = {**early, "foreign": True, "until": None, "binds_until": None}
        out = json.loads(printed({**retiring, "served": [seen, SERVED[0], NONE]}, "--json"))
        self.assertEqual((len(out["records"]), out["remove"]), (1, []))
        self.assertIn("a policy of another mode than none is still seen", out["notes"][0])
        self.assertIn("update delete _mta-sts.example.com. TXT\nsend\n",
                      printed({**retiring, "served": [NONE]}, "--format", "nsupdate"))
        out = json.loads(printed({**retiring, "served": [NONE], "record": None}, "--json"))
        self.assertEqual(sorted(r["type"] for r in out["remove"]), ["A", "AAAA", "CNAME", "TXT"])

    def test_what_the_daemon_says_steers_no_terminal(self):
        text = printed({**ENFORCE, "rua": "mailto:\033[2J\nupdate add"})
        self.assertIn("rua=mailto:\\027[2J\\010update add;", text)
        self.assertNotIn("\033", text)

    def test_what_is_wrong(self):
        for args, words in (
                (("--format", "yaml"), "--format: bind, nsupdate or json is wanted"),
                (("--ttl", "0"), "--ttl"), (("--ttl", "8d"), "--ttl"), (("--target", "-"), "--target"),
                (("--address", "host.example"), "--address"), (("--address", "::1") * 9, "too many"),
                (("--target", "a.example", "--address", "192.0.2.1"), "exclude each other"),
                (("--nonsense",), "no such option"), (("more.example",), "say which domain")):
            done = subprocess.run([WAXWING, "publish", "zone", *args, "example.com"], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (64, ""), args)
            self.assertIn(words, done.stderr.splitlines()[0])
        done, _ = zone(None)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"waxwing publish add", done.stderr)
        done, _ = zone({**ENFORCE, "state": "lost"})
        self.assertEqual(done.returncode, 70)


class Keys:
    """Files of keys and certificates."""

    def __init__(self, folder):
        self.folder = folder
        for name in "old", "new":
            self.openssl("genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.path(name, "key"))
            self.openssl("req", "-x509", "-key", self.path(name, "key"), "-subj", "/CN=mx.example.com", "-out",
                         self.path(name, "pem"))

    def openssl(self, *args):
        return subprocess.run(["openssl", *args], capture_output=True, check=True).stdout

    def path(self, name, kind):
        return os.path.join(self.folder, f"{name}.{kind}")

    def record(self, name):
        der = self.openssl("pkey", "-in", self.path(name, "key"), "-pubout", "-outform", "DER")
        return "3 1 1 " + hashlib.sha256(der).hexdigest()


class Tlsa(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.keys = Keys(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def tlsa(self, *args, host="MX.example.com."):
        return subprocess.run([WAXWING, "publish", "tlsa", *args, host], capture_output=True, text=True, check=False)

    def test_the_record_of_a_certificate_or_a_key(self):
        wanted = f"_25._tcp.mx.example.com. 3600 IN TLSA {self.keys.record('old')}\n"
        self.assertEqual(self.tlsa("--certificate", self.keys.path("old", "pem")).stdout, wanted)
        self.assertEqual(self.tlsa("--key", self.keys.path("old", "key")).stdout, wanted)
        made = subprocess.run(["danetool", "--tlsa-rr", "--host", "mx.example.com", "--port", "25", "--load-certificate",
                               self.keys.path("old", "pem")], capture_output=True, text=True, check=True).stdout
        self.assertIn(self.keys.record("old").split()[-1], made.lower())

    def test_two_keys(self):
        args = ("--certificate", self.keys.path("old", "pem"), "--next-key", self.keys.path("new", "key"), "--ttl", "5m")
        done = self.tlsa(*args, "--port", "465", "--json", host="bücher.example")
        out = json.loads(done.stdout)
        self.assertEqual((out["host"], out["port"]), ("xn--bcher-kva.example", 465))
        self.assertEqual(out["records"], [{"name": "_465._tcp.xn--bcher-kva.example", "type": "TLSA", "ttl": 300,
                                           "values": [self.keys.record("old"), self.keys.record("new")]}])
        self.assertEqual(len(out["notes"]), 2)
        text = self.tlsa(*args, "--format", "nsupdate").stdout
        self.assertEqual(text.count("update delete"), 1)
        self.assertEqual(text.count("update add _25._tcp.mx.example.com. 300 TLSA 3 1 1 "), 2)

    def test_what_is_wrong(self):
        old, key = self.keys.path("old", "pem"), self.keys.path("old", "key")
        for args, status, words in (
                ((), 64, "one of --certificate and --key"), (("--certificate", old, "--key", key), 64, "one of"),
                (("--certificate", old, "--next-key", key), 64, "--next-key is the current key"),
                (("--certificate", old, "--since", "1h"), 64, "--since goes with --state"),
                (("--certificate", old, "--next-key", key, "--state", "--since", "2999-01-01T00:00:00Z"), 64, "past"),
                (("--certificate", old, "--state", "--port", "465"), 64, "port 25 alone"),
                (("--certificate", old, "--port", "0"), 64, "--port"), (("--certificate", old, "--ttl", "x"), 64, "--ttl"),
                (("--certificate", old, "--format", "x"), 64, "--format"), (("--certificate", key), 66, "no certificate"),
                (("--key", "/nonexistent"), 66, "No such file"),
                (("--certificate", old, "--state", "--config", "/nonexistent"), 66, "")):
            done = self.tlsa(*args)
            self.assertEqual((done.returncode, done.stdout), (status, ""), (args, done))
            self.assertIn(words, done.stderr.splitlines()[0])
        for host in "192.0.2.1", "a..example", ".".join(["a" * 49] * 5):
            self.assertEqual(self.tlsa("--certificate", old, host=host).returncode, 64)


if __name__ == "__main__":
    unittest.main()
