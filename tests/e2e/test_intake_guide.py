"""Other ways of a report into Waxwing, as docs/intake.md describes them: a mailbox on IMAP that getmail empties, and Exim."""

import email.message
import email.policy
import email.utils
import gzip
import json
import os
import pathlib
import re
import shutil
import smtplib
import subprocess
import textwrap
import time

import guide
import pytest
from test_intake import DOMAIN, MAILED, asking_, received, taking  # asking_: the fixture
from test_reports import SELECTOR
from waiting import wait_until

from lab import proc
from lab.postfix import nobody

dkim = pytest.importorskip("dkim")

_INDENTED = re.compile(r"((?:    .*\n|\n(?=    ))+)")
_DOVECOT = """
base_dir = {folder}/base
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{pair}pem
ssl_key = <{pair}key
mail_location = maildir:{folder}/mail
first_valid_uid = 1
passdb {{
  driver = static
  args = password=open-sesame
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
}}
"""


@pytest.fixture
def mailbox(lab):
    """The new mails of a mailbox that can be had by IMAP over TLS; its folder, in which the server's are, too."""
    if not shutil.which("dovecot") or not shutil.which("getmail"):
        pytest.skip("needs the packages dovecot-imapd and getmail6")
    if not subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout.startswith("2.3."):
        pytest.skip("the configuration here is for Dovecot 2.3, of Debian 12")
    folder = pathlib.Path(lab.state, "dovecot")
    for part in ("mail/new", "mail/cur", "mail/tmp"):
        (folder / part).mkdir(parents=True)
    user = nobody()
    for path in (folder / "mail", *(folder / "mail").iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    conf = folder / "dovecot.conf"
    conf.write_text(_DOVECOT.format(folder=folder, pair=lab.pki.path("web-" + DOMAIN, ""),
                                    user=user.pw_uid, group=user.pw_gid))
    server = proc.start(["dovecot", "-F", "-c", str(conf)], str(folder / "out"))
    proc.wait_for("Dovecot", lambda: proc.port_open("127.0.0.1", 993), server, str(folder / "out"))
    yield folder / "mail"
    proc.stop(server)
    shutil.rmtree(folder)


def report_mail(path):
    """A mail with a report, signed with the key there."""
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = f"reports@{DOMAIN}", "tls-reports@example.net", "Report"
    message["Date"], message["Message-ID"] = email.utils.formatdate(), f"<1@{DOMAIN}>"
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
    message.add_attachment(gzip.compress(json.dumps({
        "organization-name": "The lab", "contact-info": "reports@" + DOMAIN, "report-id": "1@" + DOMAIN,
        "date-range": {"start-datetime": day + "T00:00:00Z", "end-datetime": day + "T23:59:59Z"},
        "policies": [{"policy": {"policy-type": "no-policy-found", "policy-domain": "example.net"},
                      "summary": {"total-successful-session-count": 7, "total-failure-session-count": 0}}]}).encode()),
        "application", "tlsrpt+gzip", filename="report.json.gz")
    mail = message.as_bytes(policy=email.policy.SMTP)
    with open(path, "rb") as f:
        return dkim.sign(mail, SELECTOR.encode(), DOMAIN.encode(), f.read(), include_headers=[b"from", b"subject"]) + mail


def test_a_mailbox(mailbox, new_waxwingd, asking):
    """getmail, by the configuration on the page. While there is no daemon the mail stays where it is."""
    daemon, folder = taking(new_waxwingd)
    text = guide.Guide("intake.md").sections["A mailbox on IMAP"]
    rcfile, = [block for block in _INDENTED.findall(text) if "[retriever]" in block]
    for said, meant in (("imap.example.net", "127.0.0.1"), ("password = ...", "password = open-sesame"),
                        ("/usr/bin/waxwing", daemon.command),
                        ('"ingest")', f'"ingest", "--socket", "unix:{folder}/submit")')):
        assert said in rcfile, rcfile
        rcfile = rcfile.replace(said, meant)
    command, = re.findall(r"`(getmail --getmaildir=[^`]*)`", text)
    home = mailbox.parent / "getmail"
    home.mkdir()
    (home / "rc").write_text(textwrap.dedent(rcfile))
    user = nobody()
    os.chown(home, user.pw_uid, user.pw_gid)

    def fetch():
        return subprocess.run(
            ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "sh", "-c",
             command.replace("/var/lib/waxwing-getmail", str(home)).replace("/etc/waxwing/getmailrc", str(home / "rc"))],
            capture_output=True, text=True, check=False, timeout=60)

    def lying():
        return [p for part in ("new", "cur") for p in (mailbox / part).iterdir()]

    (mailbox / "new" / "1.lab").write_bytes(report_mail(asking))
    os.chown(mailbox / "new" / "1.lab", user.pw_uid, user.pw_gid)
    fetch()
    assert len(lying()) == 1
    daemon.start()
    done = fetch()
    assert done.returncode == 0, done
    row = received(daemon)["example.net"]
    assert (row["sender"], row["verified"], row["success"], row["channel"]) == (DOMAIN, True, 7, "local"), row
    assert not lying()


@pytest.fixture
def receiving_exim(exim):
    """An Exim without Waxwing's files, to which MAILED is local."""
    exim.reset()
    exim.use(None)
    answers = os.path.join(exim.configuration, "update-exim4.conf.conf")
    with open(answers, encoding="utf-8") as f:
        text = f.read()
    with open(answers, "w", encoding="utf-8") as f:
        f.write(text.replace("dc_other_hostnames=''", f"dc_other_hostnames='{MAILED}'"))
    yield exim
    exim.reset()
    exim.use(None)


def test_exim(receiving_exim, new_waxwingd, asking):
    exim = receiving_exim
    daemon, folder = taking(new_waxwingd)
    daemon.start()
    for command in guide.Guide("intake.md").commands("Exim"):
        guide.run(command, {"/run/waxwing": folder, "systemctl restart exim4": "true"}, daemon, ("chroot", exim.root))
    with smtplib.SMTP("127.0.0.1", exim.port, timeout=10) as s:
        s.sendmail("reports@" + DOMAIN, "tls-reports@" + MAILED, report_mail(asking))
    wait_until(daemon, lambda: received(daemon))
    row, = received(daemon).values()
    assert (row["sender"], row["verified"], row["success"], row["channel"]) == (DOMAIN, True, 7, "lmtp"), row
    assert f"=> tls-reports <tls-reports@{MAILED}> R=waxwing_reports T=waxwing_reports" in exim.log()
