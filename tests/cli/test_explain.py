#!/usr/bin/python3
"""test_explain.py PROGRAM FOLDER: what `waxwing explain` makes of what was seen (PROGRAM is draw_explained). FOLDER holds
reports as recorded from the lab, NAME.json, and how each is drawn, NAME.txt; write those anew with --write, and read the
difference."""
import copy
import json
import os
import subprocess
import sys
import unittest

WRITE = "--write" in sys.argv
PROGRAM, FOLDER = [a for a in sys.argv[1:] if a != "--write"]
NAMES = sorted(name[:-5] for name in os.listdir(FOLDER) if name.endswith(".json"))
BOXES = "│├└─§"
EVIL = ["\033[2J\u009b31m\r\n", "%s%n" * 40, 7, -1, 1 << 62, 1.5, True, None, [], {}, [None], [7], {"a": "b"},
        ["\033[31m"], "x" * 3000, "a " * 2000]


def run(argument, *arguments):
    done = subprocess.run([PROGRAM, *arguments], input=json.dumps(argument), capture_output=True, check=False, text=True)
    if done.returncode:
        raise AssertionError(f"{arguments}: {done.returncode} {done.stderr} {argument}")
    return done.stdout


def draw(width, *reports):
    return run(reports, "draw", str(width))


def recorded(name):
    with open(os.path.join(FOLDER, name + ".json"), encoding="ascii") as f:
        return json.load(f)


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, path + (key,))


class Drawn(unittest.TestCase):
    def test_recorded_reports(self):
        for name in NAMES:
            path = os.path.join(FOLDER, name + ".txt")
            report = recorded(name)
            drawn = draw(0, report) + "\n" + draw(80, report)
            if WRITE:
                with open(path, "w", encoding="utf-8") as f:
                    f.write(drawn)
            with open(path, encoding="utf-8") as f, self.subTest(name):
                self.assertEqual(drawn, f.read())

    def test_plain_is_ascii(self):
        for name in NAMES:
            self.assertTrue(draw(0, recorded(name)).isascii())

    def test_nothing_is_wider_than_the_terminal(self):
        for name in NAMES:
            for width in (40, 60, 80, 120):
                for line in draw(width, recorded(name)).splitlines():
                    self.assertLessEqual(len(line), width, line)

    def test_wrapping_loses_no_word(self):
        for name in NAMES:
            def words(drawn):
                return "".join(c for c in drawn if c not in BOXES + "`|-[] \n").replace("section", "")
            plain, wrapped = (sorted(words(draw(width, recorded(name)))) for width in (0, 60))
            self.assertEqual([c for c in plain if c != "§"], wrapped)


class Hostile(unittest.TestCase):
    """The child that talks to strangers may have been taken over, and the daemon may be somebody else."""

    def test_values(self):
        report, evils = recorded("mismatch-live"), []
        for i, path in enumerate(p for p in places(report) if p):
            for value in (EVIL[0], EVIL[1 + i % (len(EVIL) - 1)]):
                evils.append(copy.deepcopy(report))
                inner = evils[-1]
                for key in path[:-1]:
                    inner = inner[key]
                inner[path[-1]] = value
        self.assertGreater(len(evils), 100)
        for width in (0, 50):
            for line in draw(width, *evils, *({"domain": value} for value in EVIL)).split("\n"):
                self.assertTrue(all(" " <= c <= "~" or c in BOXES for c in line), repr(line))
                self.assertTrue(len(line) <= (width or 10_000), line)

    def test_reports(self):
        look = {key: recorded("secure")[key] for key in ("dns", "mta_sts", "mx", "now")}
        for value in EVIL:
            for key in look:
                run({"look": {**look, key: value}, "daemon": {**look["now"], "dane": value, "override": value}}, "report")


def now(level, **more):
    answers = {"QUERY": level, "QUERYwithTLSRPT": level}
    return {"level": level, "why": "for this", "section": "RFC 1 section 1", "until": None, "last": "no-record", "mode": None,
            "dane": None, "override": None, "dry_run": False, "would_answer": None, "postfix": answers, **more}


def look(level, verdict="validating", hosts=(), **more):
    return {"dns": {"verdict": verdict}, "mta_sts": {}, "mx": {"hosts": list(hosts)}, "now": now(level, **more)}


def host(action, probed=True):
    return {"probe": {} if probed else None, "judgement": {"action": action}}


CLASSES = [
    (look("secure"), None, "authenticated"),
    (look("dane-only"), None, "authenticated"),
    (look("dane"), None, "partly"),
    (look("encrypt"), None, "partly"),
    (look("none"), None, "open"),
    (look("testing"), None, "open"),
    (look("may"), None, "open"),
    (look("hold"), None, "held"),
    (look("none", last="fetch-failure"), None, "unknown"),
    (look("none", last="fetch-failure", mode="none"), None, "open"),
    (look("dane", verdict="unreachable"), None, "unknown"),
    (look("dane", verdict="unreachable"), now("secure"), "authenticated"),
    (look("hold", verdict="unreachable"), None, "held"),
    (look("none", verdict="stripped"), None, "open"),
    (None, None, "unknown"),
    (None, now("secure"), "authenticated"),
    (look("secure"), now("none"), "open"),
    (look("secure", hosts=[host("skip")]), None, "held"),
    (look("secure", hosts=[host("skip"), host("deliver")]), None, "authenticated"),
    (look("secure", hosts=[host("skip", probed=False)]), None, "authenticated"),
    (look("none", hosts=[host("skip")]), None, "held"),
]
DANE = {"mx": "secure", "hosts": [], "more": False, "until": "2026-01-01T00:00:00Z"}
DIFFERS = [
    (now("secure"), now("secure"), None),
    (now("secure", until="x", source="cache", checked="y"), now("secure"), None),
    (now("none"), now("dane-only", dane=DANE), ["it does not know whether DANE holds"]),
    (now("dane", dane=DANE), now("dane-only", dane={**DANE, "mx": "bogus"}),
     ["it goes by the TLSA state that it has found, which counts until 2026-01-01T00:00:00Z"]),
    (now("secure", mode="enforce", expires="2026-01-02T00:00:00Z", dane=DANE), now("none", dane=DANE),
     ["it goes by its cached policy, valid until 2026-01-02T00:00:00Z"]),
    (now("none", next_check="2026-01-03T00:00:00Z", dane=DANE), now("secure", mode="enforce", dane=DANE),
     ["it has found no policy, and does not look again until 2026-01-03T00:00:00Z"]),
    (now("may", override={"applied": True, "until": None}, dane=DANE), now("none", dane=DANE),
     ["an override that was not read here counts"]),
    (now("secure", dry_run=True, dane=DANE), now("secure", dane=DANE), ["its dry run is on"]),
    (now("none", dane=DANE), now("may", dane=DANE), ["its configuration is not the one that was read here"]),
]


class Reported(unittest.TestCase):
    def test_classes(self):
        for seen, daemon, wanted in CLASSES:
            with self.subTest(seen=seen, daemon=daemon):
                report = json.loads(run({"look": seen, "daemon": daemon}, "report"))
                self.assertEqual(report["class"], wanted)
                self.assertEqual(report["version"], 1)
                self.assertEqual(report["look_failed"], None if seen else "it failed")
                self.assertEqual(report["no_daemon"], None if daemon else "none answers")

    def test_why_the_daemon_says_something_else(self):
        for daemon, seen, why in DIFFERS:
            with self.subTest(why=why):
                report = json.loads(run({"look": {**look("none"), "now": seen}, "daemon": daemon}, "report"))
                self.assertEqual(report["differs"] and report["differs"]["why"], why)

    def test_an_answer_that_is_told(self):
        report = json.loads(run({"look": look("secure"), "daemon": now("may", dry_run=True, would_answer={
            "QUERY": "OK may", "QUERYwithTLSRPT": "OK may x"})}, "report"))
        self.assertEqual(report["mtas"], [{"mta": "Postfix", "told": [
            {"question": "QUERY", "answer": "may"}, {"question": "QUERYwithTLSRPT", "answer": "may"}],
            "without_dry_run": [{"question": "QUERY", "answer": "OK may"},
                                {"question": "QUERYwithTLSRPT", "answer": "OK may x"}]}])


if __name__ == "__main__":
    sys.argv[1:] = []
    unittest.main()
