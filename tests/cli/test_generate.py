#!/usr/bin/python3
"""test_generate.py WAXWING: `waxwing generate` from the outside, without network; and that what it writes passes
`waxwing lint` and `waxwing check --zone --policy`."""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

WAXWING = sys.argv.pop(1) if len(sys.argv) > 1 else "waxwing"
MX = ("--offline", "--mx", "mx1.example.com")


def waxwing(*args, stdin=None):
    return subprocess.run([WAXWING, *args], input=stdin, capture_output=True, check=False, text=True)


def generate(*args, domain="example.com"):
    return waxwing("generate", *args, domain)


def made(*args, domain="example.com"):
    done = generate("--json", *args, domain=domain)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


class Made(unittest.TestCase):
    def test_defaults(self):
        out = made(*MX)
        self.assertEqual((out["mode"], out["max_age"], out["mx"]), ("testing", 1209600, ["mx1.example.com"]))
        self.assertRegex(out["id"], r"^20[0-9]{6}T[0-9]{6}Z$")
        self.assertEqual(out["rua"], ["mailto:postmaster@example.com"])
        self.assertEqual([r["name"] for r in out["records"]], ["_smtp._tls.example.com", "_mta-sts.example.com"])
        self.assertTrue(any("postmaster" in note for note in out["notes"]))

    def test_what_is_given(self):
        out = made(*MX, "--mx", "*.example.net", "--mode", "enforce", "--max-age", "60d", "--id", "abc1",
                   "--rua", "mailto:tls@example.com", "--rua", "https://example.com/tls")
        self.assertEqual(out["policy"], "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: *.example.net\r\n"
                                        "max_age: 5184000\r\n")
        self.assertEqual([r["value"] for r in out["records"]],
                         ["v=TLSRPTv1; rua=mailto:tls@example.com,https://example.com/tls;", "v=STSv1; id=abc1;"])
        self.assertEqual(out["warnings"], [])

    def test_names_are_written_as_senders_read_them(self):
        out = made("--offline", "--mx", "MX1.Example.com.", "--mx", "*.bücher.example", "--mx", "mx1.example.com",
                   domain="BÜCHER.example")
        self.assertEqual(out["mx"], ["mx1.example.com", "*.xn--bcher-kva.example"])
        self.assertEqual(out["domain"], "xn--bcher-kva.example")
        self.assertEqual(len([n for n in out["notes"] if "is written as" in n]), 2)

    def test_opting_out(self):
        out = made("--offline", "--mode", "none")
        self.assertEqual((out["mx"], out["rua"]), ([], []))
        self.assertEqual(len(out["records"]), 1)
        self.assertIn("mode: none", out["policy"])

    def test_folders_go_into_the_snippets(self):
        out = made(*MX, "--policy-host-root", "/srv/sts", "--certificate-dir", "/etc/tls")
        for text in out["servers"].values():
            self.assertIn("/srv/sts", text)
            self.assertIn("/etc/tls/fullchain.pem", text)
        self.assertIn("/srv/sts/.well-known/mta-sts.txt", out["steps"])
        self.assertIn("/etc/letsencrypt/live/mta-sts.example.com/fullchain.pem", made(*MX)["servers"]["nginx"])

    def test_each_format_alone(self):
        args = (*MX, "--id", "a1")
        out = made(*args)
        self.assertEqual(generate(*args, "--format", "zone").stdout, out["zone"])
        self.assertEqual(generate(*args, "--format", "steps").stdout, out["steps"])
        for server, text in out["servers"].items():
            self.assertEqual(generate(*args, "--format", server).stdout, text)
        done = subprocess.run([WAXWING, "generate", *args, "--format", "policy", "example.com"], capture_output=True,
                              check=True)
        self.assertEqual(done.stdout, out["policy"].encode())

    def test_the_next_step_keeps_where_reports_go(self):
        self.assertNotIn("--rua", made(*MX)["steps"])
        steps = made(*MX, "--rua", "mailto:a@example.net", "--rua", "https://example.net/?a&b")["steps"]
        self.assertIn("--mode enforce --rua 'mailto:a@example.net' --rua 'https://example.net/?a&b' example.com\n", steps)

    def test_the_order_is_reports_certificate_policy_record(self):
        lines = [line for line in made(*MX)["steps"].splitlines() if line[:1].isdigit()]
        self.assertEqual([line.split()[1] for line in lines[:4]], ["Reports:", "Certificate:", "Policy:", "Record:"])


class Refused(unittest.TestCase):
    def refused(self, *args, says):
        done = generate(*args)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertIn("refused: ", done.stderr)
        self.assertIn(says, done.stderr)
        self.assertIn("refused", json.loads(generate("--json", *args).stdout))

    def test_what_would_break(self):
        for args, says in (
                (("--offline", "--mx", "192.0.2.1"), "address"),
                (("--offline", "--mx", "[2001:db8::1]"), "address"),
                (("--offline", "--mx", ".example.com"), "*.example.com"),
                (("--offline", "--mx", "a,b.example.com"), "--mx a,b"),
                (("--offline", "--mx", "mx.*.example.com"), "--mx mx.*"),
                ((*MX, "--max-age", "31557601"), "31557600"),
                ((*MX, "--max-age", "99999999999d"), "31557600"),
                ((*MX, "--mode", "enforce", "--max-age", "1h"), "--force"),
                ((*MX, "--rua", "tls@example.com"), "write mailto:tls@example.com"),
                ((*MX, "--rua", "http://example.com/"), "https:"),
                ((*MX, "--rua", "mailto:tls"), "an address is missing"),
                ((*MX, "--rua", "https:///x"), "a host is missing"),
                ((*MX, "--rua", "mailto:a@example.com!10m"), "%2110m"),
                ((*MX, "--rua", "mailto:a@example.com,mailto:b@example.com"), "%2Cmailto"),
                ((*MX, "--rua", "mailto:a@example.com;x"), "%3Bx"),
                ((*MX, "--rua", "mailto:a b@example.com"), "no URI at octet 8"),
                ((*MX, "--id", "2026-11-29"), "letters and digits"),
                ((*MX, "--id", "a" * 33), "letters and digits"),
                ((*MX, *("--rua", "mailto:a@example.com") * 9), "more than 8"),
                (("--offline", *(x for i in range(33) for x in ("--mx", f"m{i}.example.com"))), "more than 32")):
            with self.subTest(args=args):
                self.refused(*args, says=says)

    def test_force(self):
        out = made(*MX, "--mode", "enforce", "--max-age", "1h", "--force")
        self.assertEqual(out["max_age"], 3600)
        self.assertTrue(any("14 days" in w for w in out["warnings"]))

    def test_usage(self):
        for args in (("--offline",), (*MX, "--mode", "report"), (*MX, "--max-age", "soon"), (*MX, "--format", "iis"),
                     (*MX, "--policy-host-root", "relative"), (*MX, "--policy-host-root", "/a b"),
                     (*MX, "--certificate-dir", "/a;}"), (*MX, "--unknown"), (*MX, "example.org")):
            with self.subTest(args=args):
                done = generate(*args)
                self.assertEqual((done.returncode, done.stdout), (64, ""))
                self.assertIn("usage:", done.stderr)
        self.assertEqual(generate(*MX, domain="192.0.2.1").returncode, 64)
        self.assertEqual(waxwing("generate", *MX).returncode, 64)

    def test_help(self):
        done = waxwing("generate", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for option in ("--mx", "--write", "--policy-host-root", "--offline"):
            self.assertIn(option, done.stdout)

    def test_nothing_steers_a_terminal(self):
        done = generate("--offline", "--mx", "a\x1b[2Jb")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("\x1b", done.stderr)


class Taken(unittest.TestCase):
    """By the linters and the inspector."""

    def test_all_of_it(self):
        for args in ((), ("--mode", "enforce"), ("--mode", "enforce", "--max-age", "31557600"),
                     ("--mx", "*.example.net", "--rua", "https://example.com/" + "a" * 400)):
            with self.subTest(args=args), tempfile.TemporaryDirectory() as top:
                out = made(*MX, *args)
                folder = Path(top, "new")
                done = generate(*MX, *args, "--write", str(folder))
                self.assertEqual((done.returncode, done.stdout), (0, ""), done)
                self.assertEqual({p.name for p in folder.iterdir()},
                                 {"mta-sts.txt", "example.com.zone", "nginx.conf", "Caddyfile", "apache.conf", "STEPS"})
                self.assertEqual((folder / "mta-sts.txt").read_bytes().decode(), out["policy"])
                self.assertEqual(waxwing("lint", "policy", str(folder / "mta-sts.txt")).returncode, 0)
                lines = [line.split(" IN TXT ")[1] for line in out["zone"].splitlines() if " IN TXT " in line]
                for line, kind in zip(lines, ("tlsrpt-record", "record"), strict=True):
                    self.assertEqual(waxwing("lint", kind, stdin=line + "\n").returncode, 0)
                done = waxwing("check", "--json", "--zone", str(folder / "example.com.zone"), "--policy",
                               str(folder / "mta-sts.txt"), "example.com")
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                report = json.loads(done.stdout)
                self.assertEqual(report["counts"]["error"], 0)
                self.assertTrue({"sts-id", "tlsrpt-rua-missing"} <= set(report["passed"]), report["passed"])

    def test_a_folder_that_cannot_be_written(self):
        done = generate(*MX, "--write", "/dev/null")
        self.assertEqual(done.returncode, 70)
        self.assertIn("/dev/null", done.stderr)


class Files(unittest.TestCase):
    """`waxwing check --zone FILE --policy FILE`."""

    def check(self, zone, policy=None, *args):
        with tempfile.TemporaryDirectory() as top:
            files = []
            for option, text in (("--zone", zone), ("--policy", policy)):
                if text is not None:
                    path = Path(top, option[2:])
                    path.write_text(text, encoding="ascii")
                    files += [option, str(path)]
            return waxwing("check", *files, *args, "example.com")

    def test_a_broken_zone_file_names_its_line(self):
        done = self.check("@ MX 10 mx1\nmx1 A 192.0.2\n")
        self.assertEqual((done.returncode, done.stdout), (65, ""))
        self.assertIn("zone:2: ", done.stderr)

    def test_faults(self):
        done = self.check('@ MX 10 mx9\n_mta-sts TXT "v=STSv1; id=a-b"\n', made(*MX, "--mode", "enforce")["policy"], "--json")
        found = {f["id"]: f for f in json.loads(done.stdout)["findings"]}
        self.assertEqual(done.returncode, 1)
        self.assertTrue({"sts-id", "cover-mx-missed", "cover-mx-unused"} <= set(found), found)
        self.assertEqual(found["cover-mx-missed"]["severity"], "error")

    def test_for_people(self):
        done = self.check("@ MX 10 mx1\n", made(*MX, "--mode", "enforce")["policy"])
        self.assertIn("Once this is published, senders deliver by verified TLS alone.", done.stdout)

    def test_usage(self):
        for args in (("--zone", "/dev/null"), ("--policy", "/dev/null", "a.example", "b.example"),
                     ("--zone", "/dev/null", "--list"), ("--zone", "/dev/null", "--input", "-", "a.example")):
            with self.subTest(args=args):
                self.assertEqual(waxwing("check", *args).returncode, 64)
        self.assertEqual(waxwing("check", "--zone", "/nonexistent", "a.example").returncode, 66)


if __name__ == "__main__":
    unittest.main()
