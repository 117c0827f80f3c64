#!/usr/bin/python3
"""test_simulate.py WAXWING DECISION_SPACE GUIDE: `waxwing simulate` from the outside, over every cell of the table, and
the examples of its guide."""
import itertools
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

WAXWING, SPACE, GUIDE = sys.argv.pop(1), Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
HOST, DOMAIN = "mx1.example.com", "example.org"
COLUMNS = ["policy", "dane", "required", "suffices", "mx", "tls"]
ANSWERS = ["action", "policy_type", "result_type", "source"]


def simulate(text, *args):
    return subprocess.run([WAXWING, "simulate", *args], input=text.encode(), capture_output=True, check=False)


def judged(*scenarios):
    """The results of scenarios, which are Python values."""
    done = simulate("\n".join(json.dumps(s) for s in scenarios))
    assert (done.returncode, done.stderr) == (0, b""), done
    return [json.loads(line) for line in done.stdout.splitlines()]


POLICIES = {
    "enforce": {"policy": {"mode": "enforce", "max_age": 9, "mx": ["mail.example.com", "*.example.com"]}},
    "testing": {"policy": {"mode": "testing", "max_age": 9, "mx": ["mail.example.com", "*.example.com"]}},
    "nothing": {"policy": None},
}
DANE = {
    "none": {"dane": "none"},
    "insecure": {"dane": "insecure", "tlsa_match": True},
    "bogus": {"dane": "bogus", "tlsa_match": True},
    "failed": {"dane": "lookup-failed", "tlsa_match": True},
    "unusable": {"dane": "secure-unusable", "tlsa_match": True},
    "pkix": {"dane": "secure-usable", "tlsa_match": True, "tlsa_usage": 0},
    "mismatch": {"dane": "secure-usable", "tlsa_match": False, "tlsa_usage": 2},
    "ee": {"dane": "secure-usable", "tlsa_match": True, "tlsa_usage": 3},
    "ta": {"dane": "secure-usable", "tlsa_match": True, "tlsa_usage": 2},
}


def cert(names, status="ok", **more):
    return {"cert": {"names": names, "status": status}, **more}


RIGHT, WRONG = ["mail.example.com", HOST], ["mail.example.com"]
TLS = {
    "good": cert(RIGHT, tls_version="1.3"),
    "wildcard": cert(["*.example.com"], tls_version="1.2"),
    "next-hop": cert([DOMAIN]),
    "cn": cert([], cn=HOST),
    "cn-beside": {"cert": {"names": WRONG, "cn": HOST}},
    "wrong": cert(WRONG),
    "expired": cert(RIGHT, "expired"),
    "expired-wrong": cert(WRONG, "expired"),
    "untrusted": cert(RIGHT, "untrusted"),
    "untrusted-wrong": cert(WRONG, "untrusted"),
    "self": cert(RIGHT, "self-signed"),
    "self-wrong": cert(WRONG, "self-signed"),
    "old": cert(RIGHT, tls_version="1.1"),
    "old-expired": cert(RIGHT, "expired", tls_version="1.1"),
    "no-cert": {},
    "handshake": cert(RIGHT, handshake="fail"),
    "starttls": cert(RIGHT, starttls=False),
}
VALUES = [list(POLICIES), list(DANE), ["no", "yes"], ["no", "yes"], ["in", "out"], list(TLS)]


def chosen(cell, values):
    if cell == "*":
        return values
    names = cell.lstrip("!").split("|")
    assert set(names) <= set(values), cell
    return [v for v in values if (v in names) != cell.startswith("!")]


def cells():
    """(the values of the columns, the answers) for each cell of the table."""
    for line in SPACE.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        row = [cell.strip() for cell in line.split(",")]
        for values in itertools.product(*map(chosen, row, VALUES)):
            yield dict(zip(COLUMNS, values)), dict(zip(ANSWERS, row[len(COLUMNS):]))


def scenario(cell):
    host = {"host": HOST, **DANE[cell["dane"]], **TLS[cell["tls"]]}
    policy = json.loads(json.dumps(POLICIES[cell["policy"]]))
    if cell["mx"] == "out" and policy["policy"]:
        policy["policy"]["mx"] = ["mail.example.com", "*.mx1.example.com", "example.com"]
    return {**policy, "domain": DOMAIN, "require_dane": cell["required"] == "yes",
            "dane_suffices": cell["suffices"] == "yes", "mx": [host]}


def cached(of):
    """The same with the policy from the cache, after a fetch that has failed."""
    return {**of, "policy": None, "cached": {**of["policy"], "age": 8},
            "discovery": {"txt": "ok-new-id", "fetch": "http-503"}}


class Table(unittest.TestCase):
    def check(self, cell, answers, result):
        got = {key: result["mx"][0][key] for key in ANSWERS}
        got["result_type"] = got["result_type"] or "-"
        wanted = {**answers, "source": "RFC 8461 section 3.1" if answers["source"] == "-" else answers["source"]}
        self.assertEqual(got, wanted, cell)

    def test_every_cell(self):
        todo = list(cells())
        self.assertEqual(len(todo), 3 * 9 * 2 * 2 * 2 * 17)
        for (cell, answers), result in zip(todo, judged(*(scenario(cell) for cell, _ in todo))):
            self.assertIsNone(result["policy_result"])
            self.check(cell, answers, result)

    def test_every_cell_of_cached_policies(self):
        todo = [(cell, answers) for cell, answers in cells() if cell["policy"] != "nothing"]
        for (cell, answers), result in zip(todo, judged(*(cached(scenario(cell)) for cell, _ in todo))):
            self.assertEqual(result["policy_result"], "sts-policy-fetch-error")
            self.check(cell, answers, result)


GOOD = scenario(dict(zip(COLUMNS, ["enforce", "none", "no", "no", "in", "good"])))
BAD = scenario(dict(zip(COLUMNS, ["enforce", "none", "no", "no", "in", "wrong"])))


class Command(unittest.TestCase):
    def test_each_host_by_itself(self):
        both = {**GOOD, "mx": BAD["mx"] + GOOD["mx"] + BAD["mx"]}
        self.assertEqual([mx["action"] for mx in judged(both)[0]["mx"]], ["skip", "deliver", "skip"])

    def test_layouts(self):
        for text in (json.dumps(GOOD, indent=2), json.dumps(GOOD) * 3, " \r\n\t" + json.dumps(GOOD) + "\n\n"):
            with self.subTest(text=text):
                done = simulate(text)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertEqual(done.stdout.count(b"\n"), max(1, text.count('"policy"')))

    def test_files(self):
        with tempfile.NamedTemporaryFile() as f:
            f.write(json.dumps(GOOD).encode())
            f.flush()
            self.assertEqual(simulate("", f.name).stdout, simulate(json.dumps(GOOD), "-").stdout)
        self.assertEqual(simulate("", "/nonexistent/file").returncode, 66)

    def test_exit_status(self):
        held = {**BAD, "mx": BAD["mx"] * 2}
        half = {**BAD, "mx": BAD["mx"] + GOOD["mx"]}
        nobody = {**BAD, "mx": []}
        for scenarios, code in (([GOOD], 0), ([held], 1), ([half], 0), ([nobody], 0), ([held, GOOD], 1)):
            text = "\n".join(json.dumps(s) for s in scenarios)
            with self.subTest(text=text):
                self.assertEqual(simulate(text, "--exit-status").returncode, code)
                self.assertEqual(simulate(text).returncode, 0)

    def test_errors_name_their_place(self):
        wrong = {**GOOD, "mx": [{"host": HOST}, {"host": HOST, "dane": "good"}]}
        done = simulate(json.dumps(GOOD) + json.dumps(wrong) + json.dumps(GOOD))
        self.assertEqual(done.returncode, 65)
        self.assertEqual(done.stdout.count(b"\n"), 1)
        self.assertIn(b"waxwing simulate: scenario 2: mx[1].dane: one of these is wanted: none,", done.stderr)
        for text in ("", " ", "[]", "{", "null", '{"policy": null, "mx": []} x', "\0"):
            with self.subTest(text=text):
                self.assertEqual(simulate(text).returncode, 65)

    def test_table(self):
        lines = simulate(json.dumps(cached(BAD)), "--table").stdout.decode().splitlines()
        self.assertEqual(lines[0], "policy: sts-policy-fetch-error")
        self.assertEqual(lines[1].split("\t"), ["HOST", "ACTION", "POLICY", "RESULT", "SOURCE", "WHY"])
        self.assertEqual(lines[2].split("\t")[:5],
                         [HOST, "skip", "sts", "certificate-host-mismatch", "RFC 8461 section 4.2"])

    def test_a_terminal_is_not_steered(self):
        steering = {"policy": None, "mx": [{"host": "a\x1b[2Jb"}]}
        for args in ((), ("--table",)):
            self.assertNotIn(b"\x1b", simulate(json.dumps(steering), *args).stdout)

    def test_examples_of_the_guide(self):
        blocks = [json.loads(text) for text in re.findall(r"^```json\n(.*?)^```$", GUIDE.read_text(), re.M | re.S)]
        self.assertEqual(len(blocks), 2)
        self.assertEqual(judged(blocks[0]), [blocks[1]])

    def test_usage(self):
        self.assertEqual(simulate("", "--no-such").returncode, 64)
        self.assertEqual(simulate("", "a", "b").returncode, 64)
        self.assertIn(b"usage: waxwing simulate", simulate("", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
