#!/usr/bin/python3
"""test_check.py DRAW_CHECK WAXWING FOLDER SCHEMA CHECKS_MD: how `waxwing check` shows reports, without looking at any domain.
FOLDER holds reports, NAME.json, and how each is shown to people, NAME.txt; write those anew with --write, and read the
difference."""
import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

import jsonschema

WRITE = "--write" in sys.argv
DRAW, WAXWING, FOLDER, SCHEMA, CHECKS_MD = [a for a in sys.argv[1:] if a != "--write"]
NAMES = sorted(name[:-5] for name in os.listdir(FOLDER) if name.endswith(".json"))
BOXES = "│├└─§"
EVIL = ["\033[2J\u009b31m\r\n", "<script>alert(1)</script>\"'&amp;]]>", "%s%n" * 40, 7, -1, 1 << 62, 1.5, True, None, [], {}, [None],
        [7], {"a": "b"}, ["\033[31m"], "x" * 3000, "a " * 2000, "\ufffe\ud7ff"]
XHTML = "{http://www.w3.org/1999/xhtml}"
MISSING = {"domain": "gone.example", "why": "the process <that> inspects has ended too early"}


def run(reports, *arguments, width=0, colour=False):
    """Exit status and what was printed."""
    done = subprocess.run([DRAW, str(width), "colour" if colour else "plain", *arguments, "domain"], input=json.dumps(reports),
                          capture_output=True, check=False, text=True)
    if done.returncode < 0 or done.stderr:
        raise AssertionError(f"{arguments}: {done.returncode} {done.stderr} {str(reports)[:3000]}")
    return done.returncode, done.stdout


def shown(*reports, **how):
    return run(reports, **how)[1]


def written(reports, form, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        run(reports, form, path, *arguments)
        with open(path, encoding="utf-8") as f:
            return f.read()


def saved(name):
    with open(os.path.join(FOLDER, name + ".json"), encoding="ascii") as f:
        return json.load(f)


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, path + (key,))


def evil_reports():
    """A report with each of its values replaced by something else; the domain stays, as its parent sees to."""
    report, evils = saved("doubtful"), []
    del report["passed"][3:]  # all are alike
    for i, path in enumerate(p for p in places(report) if p and p != ("domain",)):
        for value in (EVIL[i % 2], EVIL[2 + i % (len(EVIL) - 2)]):
            evils.append(copy.deepcopy(report))
            inner = evils[-1]
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value
    return evils


class Terminal(unittest.TestCase):
    def test_saved_reports(self):
        for name in NAMES:
            path = os.path.join(FOLDER, name + ".txt")
            report = saved(name)
            drawn = shown(report) + "\n" + run([report], "-v", width=80)[1]
            if WRITE:
                with open(path, "w", encoding="utf-8") as f:
                    f.write(drawn)
            with open(path, encoding="utf-8") as f, self.subTest(name):
                self.assertEqual(drawn, f.read())

    def test_plain_is_ascii_without_trailing_space(self):
        for name in NAMES:
            plain = run([saved(name)], "-v")[1]
            self.assertTrue(plain.isascii())
            self.assertNotRegex(plain, r"[ \t]\n")

    def test_nothing_is_wider_than_the_terminal(self):
        for name in NAMES:
            for width in (60, 80, 100, 200):
                for line in run([saved(name)], "-v", width=width)[1].splitlines():
                    self.assertLessEqual(len(line), width, line)

    def test_every_word_stands_there_however_narrow(self):
        for name in NAMES:
            report = saved(name)
            for width in (0, 60):
                drawn = "".join(run([report], "-v", width=width)[1].split())
                for finding in report["findings"]:
                    for key in ("id", "where", "seen", "why", "fix", "source"):
                        self.assertIn("".join(finding[key].split()), drawn)

    def test_colour_adds_nothing_but_colour(self):
        for name in NAMES:
            coloured = shown(saved(name), width=80, colour=True)
            self.assertIn("\033[1m", coloured)
            self.assertEqual(re.sub(r"\033\[[0-9;]*m", "", coloured), shown(saved(name), width=80))

    def test_a_summary_of_several(self):
        drawn = shown(saved("good"), saved("broken"), MISSING)
        rows = [line.split() for line in drawn.split("DOMAIN")[1].splitlines()[1:]]
        self.assertEqual([row[0] for row in rows], ["good.example", "broken.example", "gone.example"])
        self.assertIn("gone.example: not inspected\n  the process <that> inspects has ended too early\n", drawn)
        self.assertNotIn("DOMAIN", shown(saved("good")))

    def test_hostile_values(self):
        evils = evil_reports()
        self.assertGreater(len(evils), 300)
        for width in (0, 50):
            for line in run(evils, "-v", width=width)[1].split("\n"):
                self.assertTrue(all(" " <= c <= "~" or c in BOXES for c in line), repr(line))
                self.assertLess(len(line), 10_000)


class Status(unittest.TestCase):
    def test_by_worst_finding_and_fail_on(self):
        good, doubtful, broken = saved("good"), saved("doubtful"), saved("broken")
        info = dict(good, findings=[dict(doubtful["findings"][0], severity="info")])
        unknown = dict(good, outlook={"kind": "unknown", "words": None})
        for reports, level, want in [
                ([unknown], "error", 75), ([unknown, doubtful], "error", 75), ([unknown, broken], "error", 1),
                ([dict(unknown, offline=True)], "error", 0),
                ([good], "info", 0), ([info], "warning", 0), ([info], "info", 3),
                ([doubtful], "error", 0), ([doubtful], "warning", 2), ([doubtful], "info", 2),
                ([broken], "error", 1), ([broken], "warning", 1), ([broken], "never", 0),
                ([broken, good], "error", 1), ([info, doubtful], "info", 2), ([good, info], "warning", 0),
                ([MISSING], "error", 75), ([broken, MISSING], "error", 75), ([MISSING], "never", 75)]:
            for form in ((), ("--json",)):
                self.assertEqual(run(reports, "--fail-on", level, *form)[0], want, (level, len(reports)))
        self.assertEqual(run([broken])[0], 1)

    def test_a_severity_that_is_none_is_an_error(self):
        self.assertEqual(run([dict(saved("good"), findings=[{"id": "x", "severity": "fine"}])])[0], 1)


class Json(unittest.TestCase):
    def test_a_line_for_each_domain_by_the_schema(self):
        with open(SCHEMA, encoding="utf-8") as f:
            schema = json.load(f)
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        reports = [saved(name) for name in NAMES]
        lines = run(reports + [MISSING], "--json")[1].splitlines()
        self.assertEqual([json.loads(line) for line in lines[:-1]], reports)
        self.assertEqual(json.loads(lines[-1]), {"version": 1, "domain": "gone.example", "failed": MISSING["why"]})
        for line in lines:
            validator.validate(json.loads(line))
        for broken in (dict(reports[0], mode="strict"), dict(reports[0], extra=1), {"version": 1, "domain": "a.example"},
                       dict(reports[0], passed=[1]), dict(reports[0], at="now")):
            self.assertFalse(validator.is_valid(broken), broken.keys())


class Watched(unittest.TestCase):
    def test_since_when_a_finding_stands(self):
        report = saved("broken")
        self.assertNotIn("since", shown(report))
        for finding in report["findings"]:
            finding["since"] = "2026-11-01T00:00:00Z; acknowledged by \033[31m"
        text = shown(report)
        places = [f["id"] for f in report["findings"]]
        self.assertEqual(text.count("since 2026-11-01T00:00:00Z; acknowledged by"), len(set(places)), "once for all places")
        self.assertNotIn("\033", text)


class Files(unittest.TestCase):
    def test_html(self):
        for reports in ([saved("broken")], [saved("good"), saved("doubtful"), MISSING]):
            text = written(reports, "--html")
            root = ElementTree.fromstring(text)
            self.assertEqual(len(root.findall(f".//{XHTML}section")), len(reports))
            self.assertFalse(re.search(r"(?:src|href)=\"(?!#)|url\(|@import|<script", text), "something from outside")
            words = "".join(root.itertext())
            for report in reports:
                for finding in report.get("findings", []):
                    for key in ("id", "where", "seen", "why", "fix"):
                        self.assertIn(finding[key], words)
            for link in root.iter(f"{XHTML}a"):
                self.assertTrue(root.findall(f".//*[@id='{link.get('href')[1:]}']"))
        self.assertIn(MISSING["why"], words)

    def test_junit(self):
        for level, failures in (("error", [0, 0, 3]), ("warning", [0, 3, 5]), ("info", [0, 4, 5]), ("never", [0, 0, 0])):
            reports = [saved("good"), saved("doubtful"), saved("broken")]
            suites = ElementTree.fromstring(written(reports + [MISSING], "--junit", "--fail-on", level)).findall("testsuite")
            self.assertEqual([suite.get("name") for suite in suites],
                             ["good.example", "doubtful.example", "broken.example", "gone.example"])
            for suite, report, failed in zip(suites, reports, failures):
                cases = suite.findall("testcase")
                names = [case.get("name") for case in cases]
                self.assertEqual(len(names), len(set(names)))
                self.assertEqual(len(names), int(suite.get("tests")))
                self.assertEqual(set(names), {f["id"] for f in report["findings"]} | set(report["passed"]) |
                                 {c["id"] for c in report["not_tested"]})
                self.assertEqual((len(suite.findall("testcase/failure")), int(suite.get("failures"))), (failed, failed))
                self.assertEqual(len(suite.findall("testcase/skipped")), len(report["not_tested"]))
            self.assertEqual(suites[-1].find("testcase/error").get("message"), MISSING["why"])

    def test_hostile_values(self):
        evils = evil_reports()
        page = ElementTree.fromstring(written(evils, "--html"))
        self.assertEqual({e.tag for e in page.iter() if e.tag.startswith(XHTML)} & {XHTML + "script", XHTML + "img"}, set())
        self.assertEqual(len(page.findall(f".//{XHTML}section")), len(evils))
        self.assertEqual(len(ElementTree.fromstring(written(evils, "--junit")).findall("testsuite")), len(evils))

    def test_what_cannot_be_written_is_told_before(self):
        with tempfile.TemporaryDirectory() as folder:
            missing = os.path.join(folder, "nowhere", "file")
            for form in ("--html", "--junit"):
                for path, status in ((missing, 70), ("/dev/null", 64), (folder, 64)):
                    done = subprocess.run([DRAW, "0", "plain", form, path, "domain"], input=json.dumps([saved("good")]),
                                          capture_output=True, check=False, text=True)
                    self.assertEqual(done.returncode, status)
                    self.assertIn("waxwing check: ", done.stderr)
            self.assertEqual(os.listdir(folder), [])


def waxwing(*arguments, **how):
    return subprocess.run([WAXWING, "check", *arguments], capture_output=True, check=False, text=True, **how)


class CommandLine(unittest.TestCase):
    def test_the_list(self):
        checks = json.loads(waxwing("--list", "--json").stdout)
        self.assertGreater(len(checks), 0)
        rows = waxwing("--list").stdout.splitlines()
        self.assertEqual(rows[0].split("\t"), ["ID", "SEVERITY", "OTHERWISE", "TITLE", "SOURCE"])
        self.assertEqual([row.split("\t")[0] for row in rows[1:]], [check["id"] for check in checks])
        for check in checks:
            self.assertEqual(set(check), {"id", "area", "severity", "otherwise", "title", "why", "fix", "source"})

    def test_the_docs_are_the_list(self):
        done = waxwing("--list", "--markdown")
        with open(CHECKS_MD, encoding="utf-8") as f:
            self.assertEqual(done.stdout, f.read(), "docs/checks.md: make it anew by `waxwing check --list --markdown`")

    def test_wrong_command_lines(self):
        for arguments in ((), ("--parallel", "0", "a.example"), ("--parallel", "101", "a.example"), ("--parallel", "1x", "a.example"),
                          ("--deadline", "4", "a.example"), ("--deadline", "601", "a.example"), ("--fail-on", "some", "a.example"),
                          ("--list", "a.example"), ("--markdown", "a.example"), ("--nothing",), ("--html",), ("a..example",),
                          ("-5", "a.example"), ("192.0.2.1",)):
            done = waxwing(*arguments)
            self.assertEqual((done.returncode, done.stdout), (64, ""), arguments)
            self.assertTrue(done.stderr.startswith("waxwing check: "), done.stderr)

    def test_input(self):
        for text, status, words in (("a.example\n\n# none\nb..example\n", 65, "line 4"), ("# none\n \n", 65, "names no domain"),
                                    ("a.example\0b\n", 65, "line 1"),
                                    ("".join(f"d{i}.example\n" for i in range(10001)), 64, "more than 10000")):
            done = waxwing("--input", "-", input=text)
            self.assertEqual((done.returncode, done.stdout), (status, ""))
            self.assertIn(words, done.stderr)
        self.assertEqual(waxwing("--input", "/nowhere/file").returncode, 66)

    def test_nobody_is_asked_without_rights(self):
        """Each domain is told of, once, in its order, when the process that inspects fails at once."""
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
            config.write('fetch { ca_file = "/nowhere/authorities.pem" }\nconfine = false\n')
            config.flush()
            done = waxwing("--config", config.name, "--json", "b.example", "B.example.", "straße.example", "a.example")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line["domain"] for line in lines], ["b.example", "xn--strae-oqa.example", "a.example"])
        self.assertEqual(done.returncode, 75)
        self.assertTrue(all("authorities" in line["failed"] for line in lines), lines)

    def test_help(self):
        self.assertEqual(waxwing("--help").returncode, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
