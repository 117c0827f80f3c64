#!/usr/bin/python3
"""test_lint.py WAXWING: `waxwing lint` from the outside: JSON, exit codes, text, and what reaches a terminal."""
import json
import os
import pty
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

WAXWING = sys.argv.pop(1) if len(sys.argv) > 1 else "waxwing"
CLEAN = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "POSIXLY_CORRECT")}


def waxwing(*args, stdin=b"", **options):
    return subprocess.run([WAXWING, *args], input=stdin, capture_output=True, check=False, env=CLEAN, **options)


def lint_json(kind, *args, stdin=b""):
    """Returns (exit code, the object without its findings, ids of the findings)."""
    done = waxwing("lint", "--json", kind, *args, stdin=stdin)
    assert done.stdout.count(b"\n") == 1 and done.stdout.endswith(b"}\n"), done
    answer = json.loads(done.stdout)
    findings = answer.pop("findings")
    for finding in findings:
        assert set(finding) == {"id", "severity", "offset", "message", "source"}, finding
        assert finding["severity"] in ("error", "warning", "info"), finding
        assert isinstance(finding["offset"], int) and finding["offset"] >= 0, finding
        assert isinstance(finding["source"], str) and finding["message"], finding
    errors = [finding for finding in findings if finding["severity"] == "error"]
    assert bool(errors) == (answer["result"] == "invalid"), answer
    return done.returncode, answer, [finding["id"] for finding in findings]


def on_terminal(*args, stdin, env=None):
    """Standard output of a run whose output is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([WAXWING, *args], stdin=subprocess.PIPE, stdout=theirs,
                          env={**CLEAN, "TERM": "xterm", **(env or {})}) as process:
        os.close(theirs)
        process.stdin.write(stdin)
        process.stdin.close()
        text = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # EIO: the other end is closed
                piece = b""
            if not piece:
                break
            text += piece
    os.close(ours)
    return text.replace(b"\r\n", b"\n")


POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 1209600\r\n"


class Record(unittest.TestCase):
    CASES = [
        (b'"v=STSv1; id=20160831085700Z;"\n', 0, {"result": "valid", "id": "20160831085700Z"}, []),
        (b'"v=STSv1 ;\\032id=" "1"', 0, {"result": "valid", "id": "1"}, ["sts-delimiter-space"]),
        (b'"v=spf1 -all"\r\n"v=STSv1; id=1"\r\n', 0, {"result": "valid", "id": "1"}, ["sts-unrelated"]),
        (b"", 1, {"result": "none"}, ["sts-none"]),
        (b'"v=spf1 -all"\n', 1, {"result": "none"}, ["sts-none", "sts-unrelated"]),
        (b'"v=STSv1; id=1"\n"v=STSv1; id=1"\n', 1, {"result": "invalid"}, ["sts-multiple"]),
        (b'"v=STSv1;"\n', 1, {"result": "invalid"}, ["sts-id-missing"]),
        (b'"v=STSv1; id=1\\000"\n', 1, {"result": "invalid"}, ["sts-id"]),
        (b'"v=STSv1; id=1\0"\n', 1, {"result": "invalid"}, ["sts-id"]),
        (b'"v=STSv1; id=\\228"\n', 1, {"result": "invalid"}, ["sts-id"]),
        (b'"v=STSv1; id=1\n', 1, {"result": "invalid"}, ["txt-quote-open"]),
        (b"v=STSv1; id=1\n", 1, {"result": "invalid"}, ["txt-unquoted"]),
        (b'"' + b"a" * 256 + b'"', 1, {"result": "invalid"}, ["txt-string-too-long"]),
    ]

    def test_cases(self):
        for text, code, answer, ids in self.CASES:
            with self.subTest(text=text):
                self.assertEqual(lint_json("record", stdin=text), (code, answer, ids))

    def test_first_finding_in_full(self):
        done = waxwing("lint", "record", "--json", stdin=b'"v=STSv1; id=a-b"\n')
        self.assertEqual(json.loads(done.stdout)["findings"], [{
            "id": "sts-id", "severity": "error", "offset": 14,
            "message": "the id is not 1 to 32 letters and digits", "source": "RFC 8461 section 3.1"}])


class TlsrptRecord(unittest.TestCase):
    CASES = [
        (b'"v=TLSRPTv1; rua=mailto:a@b.example , HTTPS://c.example/%7Ed?e=f"\n', 0,
         {"result": "valid", "rua": ["mailto:a@b.example", "HTTPS://c.example/%7Ed?e=f"]}, ["tlsrpt-rua-several"]),
        (b'"v=TLSRPTv1; rua=ftp://a"\n', 0, {"result": "valid", "rua": ["ftp://a"]}, ["tlsrpt-rua-scheme"]),
        (b'"v=STSv1; id=1"\n', 1, {"result": "none"}, ["tlsrpt-none", "tlsrpt-unrelated"]),
        (b'"v=TLSRPTv1; rua=mailto:a@b%2"\n', 1, {"result": "invalid"}, ["uri-percent"]),
        (b'"v=TLSRPTv1; rua=mailto:a@b!1m"\n', 1, {"result": "invalid"}, ["tlsrpt-rua-encode"]),
        (b'"v=TLSRPTv1; rua=a@b.example"\n', 1, {"result": "invalid"}, ["uri-scheme"]),
        (b'"v=TLSRPTv1"\n', 1, {"result": "invalid"}, ["tlsrpt-rua-missing"]),
    ]

    def test_cases(self):
        for text, code, answer, ids in self.CASES:
            with self.subTest(text=text):
                self.assertEqual(lint_json("tlsrpt-record", stdin=text), (code, answer, ids))


class Policy(unittest.TestCase):
    VALUES = {"result": "valid", "version": "STSv1", "mode": "enforce", "max_age": 1209600,
              "mx": ["mail.example.com", "*.example.net"]}
    CASES = [
        (POLICY, 0, VALUES, []),
        (POLICY.replace(b"\r", b""), 0, VALUES, ["policy-bare-lf"]),
        (b"version: STSv1\r\nmode: none\r\nmax_age: 0", 0,
         {"result": "valid", "version": "STSv1", "mode": "none", "max_age": 0, "mx": []}, ["policy-none"]),
        (b"", 1, {"result": "invalid"}, ["policy-empty"]),
        (POLICY + b"\r\n", 1, {"result": "invalid"}, ["policy-blank-line"]),
        (POLICY + b"x: a\0b\r\n", 1, {"result": "invalid"}, ["policy-octet"]),
        (POLICY.replace(b"1209600", b"31557601"), 1, {"result": "invalid"}, ["policy-max-age-range"]),
        (POLICY.replace(b"1209600", b"18446744073709551616"), 1, {"result": "invalid"}, ["policy-max-age"]),
        (POLICY + b"mx: 192.0.2.1\r\n", 1, {"result": "invalid"}, ["mx-address", "dname-numeric"]),
    ]

    def test_cases(self):
        for text, code, answer, ids in self.CASES:
            with self.subTest(text=text):
                self.assertEqual(lint_json("policy", stdin=text), (code, answer, ids))

    def test_length(self):
        fitting = (POLICY + b"x: ").ljust(65536, b"y")
        self.assertEqual(lint_json("policy", stdin=fitting)[:2], (0, self.VALUES))
        for longer in (fitting + b"y", fitting * 40):
            self.assertEqual(lint_json("policy", stdin=longer), (1, {"result": "invalid"}, ["policy-too-long"]))

    def test_many_patterns(self):
        head = b"version: STSv1\r\nmode: enforce\r\nmax_age: 1209600\r\n"
        names = [f"m{i}.a" for i in range(5000)]
        code, answer, ids = lint_json("policy", stdin=head + b"".join(f"mx:{n}\n".encode() for n in names))
        self.assertEqual((code, answer["mx"]), (0, names))
        self.assertIn("policy-large", ids)


class Mx(unittest.TestCase):
    CASES = [
        (["*.example.com", "MX.Example.Com."], 0, "match", []),
        (["*.example.com", "a.b.example.com"], 1, "no-match", ["mx-one-label"]),
        (["*.example.com", "example.com"], 1, "no-match", ["mx-one-label"]),
        (["--san", "*.example.com", "mx.example.com"], 0, "match", []),
        (["--san", "m*.example.com", "mx.example.com"], 1, "no-match", ["san-wildcard"]),
        (["m*.example.com", "mx.example.com"], 1, "invalid", ["mx-wildcard"]),
        (["example.com", "192.0.2.1"], 1, "invalid", ["mx-host"]),
        (["", "example.com"], 1, "invalid", ["mx-empty"]),
        (["--", "-a.example", "a.example"], 1, "invalid", ["dname-hyphen"]),
    ]

    def test_cases(self):
        for args, code, result, ids in self.CASES:
            with self.subTest(args=args):
                self.assertEqual(lint_json("mx", *args), (code, {"result": result}, ids))


class CommandLine(unittest.TestCase):
    def test_usage(self):
        for args in ([], ["nothing"], ["--nothing"], ["lint"], ["lint", "nothing"], ["lint", "--nothing"],
                     ["lint", "record", "a", "b"], ["lint", "policy", "--san"], ["lint", "mx", "a.example"],
                     ["lint", "mx", "a", "b", "c"], ["lint", "record", "--json=1"]):
            with self.subTest(args=args):
                done = waxwing(*args)
                self.assertEqual((done.returncode, done.stdout), (64, b""))
                self.assertIn(b"usage: waxwing", done.stderr)

    def test_help_and_version(self):
        for args in (["--help"], ["lint", "--help"]):
            done = waxwing(*args)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertTrue(done.stdout.startswith(b"usage: waxwing"))
        self.assertRegex(waxwing("--version").stdout, rb"^waxwing [0-9]+\.[0-9]+\.[0-9]+\n$")

    def test_options_anywhere(self):
        for args in (["--json", "policy", "-"], ["policy", "--json", "-"], ["policy", "-", "--json"]):
            self.assertTrue(waxwing("lint", *args, stdin=POLICY).stdout.startswith(b'{"result":"valid"'))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "policy.txt"
            path.write_bytes(POLICY)
            self.assertEqual(lint_json("policy", str(path))[0], 0)
            for missing in (folder, str(path) + "x"):
                done = waxwing("lint", "--json", "policy", missing)
                self.assertEqual((done.returncode, done.stdout), (66, b""))
                self.assertIn(missing.encode(), done.stderr)
            done = waxwing("lint", "policy", folder + "/\x1b[31m")
            self.assertEqual(done.returncode, 66)
            self.assertNotIn(b"\x1b", done.stderr)

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([WAXWING, "lint", "policy"], input=POLICY, stdout=full, stderr=subprocess.PIPE,
                                  check=False)
        self.assertEqual(done.returncode, 70)
        self.assertIn(b"standard output", done.stderr)


class Text(unittest.TestCase):
    def test_plain(self):
        done = waxwing("lint", "policy", stdin=b"version: STSv1\r\nmode: bogus\r\nmax_age: 1\r\nmx: a.b\r\n")
        self.assertEqual(done.stdout, b"invalid\nerror 22: the mode is not enforce, testing or none [policy-mode] "
                                      b"(RFC 8461 section 3.2)\n")
        self.assertEqual(waxwing("lint", "policy", stdin=POLICY).stdout, b"valid: mode enforce, max_age 1209600, 2 mx\n")
        self.assertEqual(waxwing("lint", "record", stdin=b'"v=STSv1; id=7"').stdout, b"valid: id 7\n")
        self.assertEqual(waxwing("lint", "tlsrpt-record", stdin=b'"v=TLSRPTv1; rua=mailto:a@b"').stdout,
                         b"valid: rua mailto:a@b\n")
        self.assertEqual(waxwing("lint", "mx", "a.b", "A.B").stdout, b"match\n")
        self.assertEqual(waxwing("lint", "mx", "a.b", "a_").stdout.splitlines()[1][:14], b"error 1: host:")

    def test_caret(self):
        text = on_terminal("lint", "policy", stdin=b"version: STSv1\nmode: \xc3\xa4\x1b[2J\nmax_age: 1\n")
        self.assertIn(b"  line 2, column 9\n    mode: ???[2J\n            ^\n", text)

    def test_nothing_steers_the_terminal(self):
        hostile = bytes(range(256))
        for kind in ("record", "tlsrpt-record", "policy"):
            text = on_terminal("lint", kind, stdin=hostile * 3, env={"NO_COLOR": "1"})
            self.assertTrue(all(c == 10 or 0x20 <= c < 0x7f for c in text), text)
        text = on_terminal("lint", "mx", "a\x1b[2J", "\x9b2J", stdin=b"", env={"NO_COLOR": "1"})
        self.assertTrue(all(c == 10 or 0x20 <= c < 0x7f for c in text), text)

    def test_colour(self):
        self.assertIn(b"\x1b[1;32mvalid\x1b[0m", on_terminal("lint", "policy", stdin=POLICY))
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn(b"\x1b", on_terminal("lint", "policy", stdin=POLICY, env=env))
        self.assertIn(b"\x1b", on_terminal("lint", "policy", stdin=POLICY, env={"NO_COLOR": ""}))
        self.assertNotIn(b"\x1b", waxwing("lint", "policy", stdin=POLICY).stdout)


if __name__ == "__main__":
    unittest.main()
