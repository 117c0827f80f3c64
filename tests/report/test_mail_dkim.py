#!/usr/bin/python3
"""test_mail_dkim.py MAKE_REPORT SCHEMA: reports and their mails, by programs of others.

JSON by docs/schema/tlsrpt.json, the mail by Python's email package, its signature by dkimpy.
"""
import base64
import copy
import email
import email.policy
import gzip
import json
import re
import subprocess
import sys
import tempfile
import unittest
from email.utils import parsedate_to_datetime
from pathlib import Path

import dkim
import jsonschema

SCHEMA = Path(sys.argv.pop())
MAKE = sys.argv.pop()

FILE = "reporter.example!example.com!1795824000!1795910399!611281examplecom9f86d081884c7d65.json.gz"
ID = "2026-11-28.1.example.com.9f86d081884c7d65@reporter.example"


def make(*args):
    return subprocess.run([MAKE, *args], capture_output=True, check=True).stdout


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout


class Json(unittest.TestCase):
    def setUp(self):
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
        self.reports = [json.loads(line) for line in make("json").splitlines()]

    def test_what_is_written_is_valid(self):
        self.assertEqual(len(self.reports), 4)
        for report in self.reports:
            self.validator.validate(report)

    def test_the_example_of_rfc_8460(self):
        """Appendix B, with mx-host as the array that section 4.4 says it is, and a URI without its spaces. As it stands
        there it is not valid."""
        policy = {"policy-type": "sts", "policy-domain": "company-y.example", "mx-host": ["*.mail.company-y.example"],
                  "policy-string": ["version: STSv1", "mode: testing", "mx: *.mail.company-y.example", "max_age: 86400"]}
        uri = "https://reports.company-x.example/report_info?id=5065427c-23d3#StarttlsNotSupported"
        details = [
            {"result-type": "certificate-expired", "sending-mta-ip": "2001:db8:abcd:0012::1",
             "receiving-mx-hostname": "mx1.mail.company-y.example", "failed-session-count": 100},
            {"result-type": "starttls-not-supported", "sending-mta-ip": "2001:db8:abcd:0013::1",
             "receiving-mx-hostname": "mx2.mail.company-y.example", "receiving-ip": "203.0.113.56",
             "failed-session-count": 200, "additional-information": uri},
            {"result-type": "validation-failure", "sending-mta-ip": "198.51.100.62", "receiving-ip": "203.0.113.58",
             "receiving-mx-hostname": "mx-backup.mail.company-y.example", "failed-session-count": 3,
             "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"}]
        report = {
            "organization-name": "Company-X", "contact-info": "sts-reporting@company-x.example",
            "date-range": {"start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z"},
            "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
            "policies": [{"policy": policy, "failure-details": details, "summary": {
                "total-successful-session-count": 5326, "total-failure-session-count": 303}}]}
        self.validator.validate(report)
        policy["mx-host"] = "*.mail.company-y.example"
        self.assertFalse(self.validator.is_valid(report))
        policy["mx-host"] = ["*.mail.company-y.example"]
        details[1]["additional-information"] = uri.replace("?", " ? ")
        self.assertFalse(self.validator.is_valid(report))

    def test_what_is_broken_is_not(self):
        def at(report, *path):
            for step in path:
                report = report[step]
            return report

        policy, tlsa, none = (("policies", i) for i in (0, 1, 4))
        detail = (*policy, "failure-details", 0)
        for path, change in [
                ((), {"organization-name": None}), ((), {"contact-info": "mailto:a"}), ((), {"contact-info": None}),
                ((), {"report-id": 7}), ((), {"policies": {}}), ((), {"extra": 1}),
                (("date-range",), {"start-datetime": "2026-11-28"}), (("date-range",), {"start-datetime": "2026-11-28T00:00:00"}),
                (("date-range",), {"end-datetime": None}), (policy, {"summary": None}), (policy, {"policy": {}}),
                ((*policy, "policy"), {"policy-type": "mta-sts"}), ((*policy, "policy"), {"policy-string": "version: STSv1"}),
                ((*policy, "policy"), {"policy-string": []}), ((*policy, "policy"), {"mx-host": "*.example.com"}),
                ((*policy, "policy"), {"policy-domain": "example.com."}), ((*policy, "policy"), {"mx-host-pattern": ["a.example"]}),
                ((*tlsa, "policy"), {"mx-host": ["mx.example.com"]}), ((*tlsa, "policy"), {"policy-string": ["3 1 1 1F 85"]}),
                ((*tlsa, "policy"), {"policy-string": ["3 1 1 1F8"]}), ((*none, "policy"), {"policy-string": ["a"]}),
                ((*none, "policy"), {"policy-domain": None}),
                ((*policy, "summary"), {"total-failure-session-count": None}),
                ((*policy, "summary"), {"total-successful-session-count": -1}),
                ((*policy, "summary"), {"total-successful-session-count": "17"}),
                ((*policy, "summary"), {"total-successful-session-count": 2**53}),
                (policy, {"failure-details": {}}), (detail, {"result-type": "timeout"}), (detail, {"result-type": None}),
                (detail, {"failed-session-count": 1.5}), (detail, {"sending-mta-ip": "mx.example.com"}),
                (detail, {"receiving-ip": "2001:DB8::7"}), (detail, {"receiving-ip": "192.0.2.256"}),
                (detail, {"additional-information": "looked itself"}), (detail, {"failure-reason-code": ""})]:
            broken = copy.deepcopy(self.reports[0])
            for key, value in change.items():
                if value is None:
                    del at(broken, *path)[key]
                else:
                    at(broken, *path)[key] = value
            self.assertFalse(self.validator.is_valid(broken), (path, change))


class Mail(unittest.TestCase):
    def test_two_parts_as_others_read_them(self):
        text = make("mail")
        self.assertTrue(all(c < 0x80 for c in text))
        mail = email.message_from_bytes(text, policy=email.policy.default)
        self.assertEqual((mail.get_content_type(), mail.get_param("report-type")), ("multipart/report", "tlsrpt"))
        self.assertEqual(
            {name: mail.get_all(name) for name in ("From", "To", "Subject", "TLS-Report-Domain", "TLS-Report-Submitter",
                                                   "TLS-Required", "Auto-Submitted", "MIME-Version", "DKIM-Signature")},
            {"From": ["tls@reporter.example"], "To": ["reports@example.com"],
             "Subject": [f"Report Domain: example.com Submitter: reporter.example Report-ID: <{ID}>"],
             "TLS-Report-Domain": ["example.com"], "TLS-Report-Submitter": ["reporter.example"],
             "TLS-Required": ["No"], "Auto-Submitted": ["auto-generated"], "MIME-Version": ["1.0"], "DKIM-Signature": None})
        self.assertEqual(parsedate_to_datetime(mail["Date"]).timestamp(), 1795910399 + 3600)
        words, report = mail.get_payload()
        self.assertEqual(words.get_content_type(), "text/plain")
        for told in ("example.com", "Example \xfc", "2026-11-28", "22 went well, 5 failed", FILE, "tls@reporter.example", ID):
            self.assertIn(told, words.get_content())
        self.assertEqual(report.get_content_type(), "application/tlsrpt+gzip")
        self.assertEqual((report.get_content_disposition(), report.get_filename()), ("attachment", FILE))
        self.assertEqual(report["Content-Transfer-Encoding"], "base64")
        self.assertEqual(gzip.decompress(report.get_content()) + b"\n", make("json").splitlines(keepends=True)[0])

    def test_the_same_input_makes_the_same_mail(self):
        self.assertEqual(make("mail"), make("mail"))


class Dkim(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.file = str(Path(self.folder.name) / "key.pem")

    def rsa(self):
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.file)
        der = openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")
        return b"v=DKIM1; k=rsa; s=tlsrpt; p=" + base64.b64encode(der)

    def ed25519(self):
        openssl("genpkey", "-algorithm", "ED25519", "-out", self.file)
        der = openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")
        return b"v=DKIM1; k=ed25519; s=tlsrpt; p=" + base64.b64encode(der[-32:])

    @staticmethod
    def verify(mail, record):
        """The record is asked for by dkimpy at the name of selector and domain alone."""
        names = []

        def look_up(name, timeout=5):
            del timeout
            names.append(name)
            return record

        good = dkim.verify(mail, dnsfunc=look_up, tlsrpt="strict")
        return good and names == [b"2026._domainkey.reporter.example."]

    def test_signatures_verify(self):
        for kind in ("rsa", "ed25519"):
            record = getattr(self, kind)()
            mail = make("mail", self.file, "2026", "reporter.example")
            self.assertTrue(self.verify(mail, record), kind)
            tags = dict(re.findall(r"(\w+)=([^;]*)", re.sub(r"\s", "", email.message_from_bytes(mail)["DKIM-Signature"])))
            self.assertEqual((tags["a"], tags["c"], tags["d"], tags["s"]),
                             (f"{kind}-sha256", "relaxed/relaxed", "reporter.example", "2026"))
            self.assertNotIn("l", tags)
            self.assertEqual(tags["t"], str(1795910399 + 3600))
            fields = [name.lower() for name in tags["h"].split(":")]
            for name in ("from", "to", "subject", "date", "content-type", "tls-report-domain", "tls-report-submitter"):
                self.assertEqual(fields.count(name), 2, name)
            for name in ("message-id", "mime-version", "tls-required", "auto-submitted"):
                self.assertEqual(fields.count(name), 1, name)

    def test_a_changed_mail_does_not_verify(self):
        record = self.rsa()
        mail = make("mail", self.file, "2026", "reporter.example")
        self.assertTrue(self.verify(mail, record))
        for old, new in [(b"5 failed", b"0 failed"), (b"--=_tlsrpt--", b"--=_tlsrpt--\r\nmore"),
                         (b"TLS-Report-Domain: example.com", b"TLS-Report-Domain: example.net"),
                         (b"TLS-Required: No\r\n", b""), (b"Auto-Submitted: auto-generated", b"Auto-Submitted: no"),
                         (b"To: reports@", b"To: others@"),
                         *((b"MIME-Version:", name + b": x\r\nMIME-Version:") for name in (
                             b"From", b"To", b"Subject", b"Date", b"Content-Type", b"TLS-Report-Domain",
                             b"TLS-Report-Submitter"))]:
            changed = mail.replace(old, new, 1)
            self.assertNotEqual(changed, mail)
            self.assertFalse(self.verify(changed, record), (old, new))
        self.assertFalse(self.verify(mail, self.rsa()))


if __name__ == "__main__":
    unittest.main()
