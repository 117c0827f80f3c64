"""The test site: `waxwing check` finds of each of its domains exactly what the domain's row says, and there is a domain for
each check. All are inspected by one run, as an operator with many domains does it."""

import datetime
import hashlib
import json
import os
import subprocess

import pytest
from conftest import ROOT

from lab import Unavailable, fixtures
from lab.waxwingd import Waxwingd, built

jsonschema = pytest.importorskip("jsonschema")

# What waits for an answer that never comes need not wait long.
SETTINGS = {"fetch": {"deadline": "6s"}, "dns": {"timeout": "4s"}}
SECONDS = 400

SITE = fixtures.load()
FIXTURES = [d for d in SITE.values() if d.raises is not None]
GOOD = SITE[fixtures.GOOD]


@pytest.fixture(scope="module")
def check(lab, build):
    """check(argument, …) runs `waxwing check` with the test site there, and gives the lines of JSON that it prints."""
    try:
        lab.site()
    except Unavailable as reason:
        pytest.skip(str(reason))
    configured = Waxwingd(lab, build, name="check", settings=SETTINGS)

    def run(*arguments):
        done = subprocess.run([configured.command, "check", "--json", "--config", configured.conf, *arguments],
                              capture_output=True, text=True, check=False, timeout=SECONDS)
        assert done.stderr == ""
        return {report["domain"]: report for report in map(json.loads, done.stdout.splitlines())}
    return run


@pytest.fixture(scope="module")
def every_id(build):
    """The id of every check that there is."""
    done = subprocess.run([built(build)[1], "check", "--list", "--json"], capture_output=True, text=True, check=True)
    return {row["id"] for row in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def reports(check, tmp_path_factory):
    """All of the reports."""
    earlier, alone = [d for d in FIXTURES if d.earlier], [d for d in FIXTURES if d.alone]
    found = check(*(d.name for d in FIXTURES if d not in earlier + alone))
    for d in alone:
        found.update(check(d.name))
    if earlier:
        path = tmp_path_factory.mktemp("check") / "earlier.json"
        path.write_text("".join(json.dumps(seen_earlier(d, found[GOOD.name])) + "\n" for d in earlier), encoding="ascii")
        found.update(check("--against", str(path), *(d.name for d in earlier)))
    return found


def seen_earlier(d, good):
    """The report that was made of the domain: as far as a later one needs it that of a good one, but for its facts."""
    then = d.earlier
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=d.days)
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    facts = {"id": then.record[0].partition("id=")[2].rstrip(";"), "mode": then.mode, "max_age": then.max_age,
             "sha256": hashlib.sha256(then.policy.encode()).hexdigest(),
             "testing_since": stamp if then.mode == "testing" else None, "mx": [host.name for host in then.mx]}
    return {**good, "domain": d.name, "at": stamp, "facts": facts}


@pytest.mark.parametrize("d", FIXTURES, ids=lambda d: d.name.removesuffix("." + fixtures.PARENT))
def test_raises_exactly_its_findings(reports, d):
    report = reports[d.name]
    found = {finding["id"] for finding in report["findings"]}
    assert found == set(d.raises), [(f["id"], f["where"], f["seen"]) for f in report["findings"]]


def test_every_check_is_made_of_the_good_domain(reports, every_id):
    report = reports[GOOD.name]
    assert report["findings"] == []
    assert report["not_tested"] == []
    assert set(report["passed"]) | history_checks() == every_id


def test_all_reports_are_as_the_schema_says(reports):
    with open(os.path.join(ROOT, "docs", "schema", "check-v1.json"), encoding="utf-8") as f:
        validator = jsonschema.Draft202012Validator(json.load(f))
    assert {name: error.message[:300] for name, report in reports.items() for error in validator.iter_errors(report)} == {}


def test_every_check_has_a_fixture(every_id):
    raised = {one for d in FIXTURES for one in d.raises}
    assert every_id - raised == set(), "no fixture raises it"
    assert raised - every_id == set(), "there is no such check"


def history_checks():
    """Those that are made only beside an earlier report."""
    return {one for d in FIXTURES if d.earlier for one in d.raises if one.startswith("history-")}
