"""Whether enforce is safe, said by a daemon that was sent reports: nobody's word counts but that of senders who sign."""

import contextlib
import email.message
import email.policy
import json
import smtplib
import time

import pytest
from test_intake import taking
from test_reports import SELECTOR, make_key

dkim = pytest.importorskip("dkim")

NAME, SECOND = "changing.example", "mx.good.example"
HOSTS = ["mx." + NAME, SECOND]
LARGE, SMALL = "good.example", "reported.example"
TODAY = int(time.time()) // 86400
POLICY = "".join(line + "\r\n" for line in ("version: STSv1", "mode: testing", *map("mx: {}".format, HOSTS), "max_age: 604800"))


@contextlib.contextmanager
def signing(lab, folder, build):
    """LARGE and SMALL sign their reports with the key that this gives."""
    path, strings = make_key(folder, build, LARGE)
    before = [(d, d.also) for d in map(lab.domain, (LARGE, SMALL))]
    for d, also in before:
        d.also = [*also, f"{SELECTOR}._domainkey TXT " + " ".join(f'"{s}"' for s in strings)]
    lab.dns.publish(*(d for d, _ in before))
    with open(path, "rb") as f:
        yield f.read()
    for d, d.also in before:
        pass
    lab.dns.publish(*(d for d, _ in before))


@pytest.fixture(scope="module", name="key")
def _key(lab, tmp_path_factory, build):
    """NAME, with two MX hosts that are well, has a policy in mode testing and asks for reports; the key of those who send
    them."""
    advised = lab.domain(NAME)
    before = advised.tlsrpt, advised.also
    policy, record = advised.policy, advised.record
    advised.tlsrpt = [f"v=TLSRPTv1; rua=mailto:tls-reports@{NAME}"]
    advised.also = [f"@ MX 20 {SECOND}."]
    lab.dns.publish(advised)
    lab.publish(NAME, record=["v=STSv1; id=testing;"], policy=POLICY)
    with signing(lab, tmp_path_factory.mktemp("advise"), build) as key:
        yield key
    advised.tlsrpt, advised.also = before
    lab.dns.publish(advised)
    lab.publish(NAME, record=record, policy=policy)


@pytest.fixture(name="daemon")
def _daemon(new_waxwingd):
    daemon, daemon.folder = taking(new_waxwingd)
    daemon.start()
    return daemon


def report_of(sender, day, number, policy, *failures):
    """What a sender of some hundred mails has to tell of a day (since 1970) on which it went by this policy; failures: result
    types at its last host."""
    date = time.strftime("%Y-%m-%d", time.gmtime(day * 86400))
    details = [{"result-type": result, "receiving-mx-hostname": policy["mx-host"][-1], "failed-session-count": 20}
               for result in failures]
    return {"organization-name": sender, "contact-info": "reports@" + sender, "report-id": f"{number}.{date}@{sender}",
            "date-range": {"start-datetime": date + "T00:00:00Z", "end-datetime": date + "T23:59:59Z"},
            "policies": [{"policy": policy, "failure-details": details, "summary": {
                "total-successful-session-count": 200, "total-failure-session-count": 20 * len(failures)}}]}


def report(sender, days_ago, number, *failures):
    return report_of(sender, TODAY - days_ago, number, {
        "policy-type": "sts", "policy-domain": NAME, "policy-string": POLICY.split("\r\n")[:-1], "mx-host": HOSTS}, *failures)


def fortnight():
    """Of LARGE each day, of SMALL some."""
    return [report(LARGE, days, 1) for days in range(1, 16)] + [report(SMALL, days, 1) for days in (2, 5, 9)]


def mail_of(content, key=None):
    """The mail that brings a report, signed if there is a key."""
    sender = content["organization-name"]
    domain = content["policies"][0]["policy"]["policy-domain"]
    message = email.message.EmailMessage()
    message["From"], message["To"] = "reports@" + sender, "tls-reports@" + domain
    message["Subject"] = f"Report Domain: {domain} Submitter: {sender} Report-ID: <{content['report-id']}>"
    message.add_attachment(json.dumps(content).encode(), "application", "tlsrpt+json", filename="report.json")
    octets = message.as_bytes(policy=email.policy.SMTP)
    headers = [b"from", b"to", b"subject"]
    return (dkim.sign(octets, SELECTOR.encode(), sender.encode(), key, include_headers=headers) if key else b"") + octets


def ingest(daemon, folder, mails):
    folder.mkdir()
    for i, mail in enumerate(mails):
        (folder / f"{i}.eml").write_bytes(mail)
    done = daemon.waxwing("report", "ingest", "--socket", f"unix:{daemon.folder}/submit", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr


def advise(daemon, *arguments):
    """(exit status, what it says)."""
    done = daemon.waxwing("advise", *arguments, "--config", daemon.conf, NAME)
    assert done.returncode in (0, 1) and not done.stderr, done
    return done.returncode, done.stdout


def advice(daemon):
    """(exit status, what is recommended, the ids of the reasons by what they speak for, the answer)."""
    status, text = advise(daemon, "--json")
    answer = json.loads(text)
    reasons = {}
    for reason in answer["reasons"]:
        reasons.setdefault(reason["severity"], set()).add(reason["id"])
    return status, answer["recommendation"], reasons, answer


def test_safe_and_not_safe(daemon, key, tmp_path):
    """Two weeks of reports that nobody has signed change nothing; signed they make it safe; then failures come."""
    ingest(daemon, tmp_path / "unsigned", map(mail_of, fortnight()))
    status, what, reasons, answer = advice(daemon)
    assert (status, what) == (1, "wait"), answer
    assert {"no-reports", "testing-short"} <= reasons["warning"] and "not-counted" in reasons["info"], answer
    assert answer["evidence"]["success"] == 0 and answer["evidence"]["not_counted"]["reports"] == 18

    ingest(daemon, tmp_path / "signed", [mail_of(content, key) for content in fortnight()])
    status, what, reasons, answer = advice(daemon)
    assert (status, what, answer["breaks"]) == (0, "enforce", []), answer
    assert set(reasons) == {"ok"} and reasons["ok"] >= {"long-enough", "days", "quiet", "inspection-clean"}, answer
    assert {(s["sender"], s["days"], s["success"]) for s in answer["evidence"]["senders"]} == {
        (LARGE, 15, 3000), (SMALL, 3, 600)}

    with smtplib.LMTP(f"{daemon.folder}/lmtp") as lmtp:
        for sender in (LARGE, SMALL):
            lmtp.sendmail("reports@" + sender, "tls-reports@" + NAME,
                          mail_of(report(sender, 1, 2, "certificate-expired"), key))
    status, what, reasons, answer = advice(daemon)
    assert (status, what) == (1, "fix") and "failures" in reasons["error"], answer
    broken, = answer["breaks"]
    assert {name: broken[name] for name in ("source", "id", "where", "sessions", "senders")} == {
        "source": "reports", "id": "certificate-expired", "where": SECOND, "sessions": 40, "senders": 2}
    status, text = advise(daemon)
    text = " ".join(text.split())
    assert status == 1 and text.startswith(f"{NAME}: fix Do not enforce yet: mail to {NAME} would be refused."), text
    assert f"What would break today x {SECOND} certificate-expired the certificate had expired: 40 sessions" in text, text
