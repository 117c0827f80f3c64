"""Runs the commands of docs/sendmail.md as they stand there, in their order, in a tree with Debian's Sendmail.

What differs from an operator's machine is put in place of what the guide says: names of the lab, where Waxwing is
installed, and that no systemd runs: each message has a Sendmail of its own here, which reads its configuration then.
"""

import guide

UNIX_SOCKET = "A Unix socket instead of a port"
UNDO = "Undo it"


def run(daemon, sendmail, command):
    replaced = {"example.com": "good.example", "/usr/local/share/waxwing/sendmail/": "/etc/mail/m4/",
                "systemctl restart sendmail": "true", "/run/waxwing/socketmap": daemon.unix_socket}
    inside = () if command.startswith("waxwing ") else ["chroot", sendmail.root]
    return guide.run(command, replaced, daemon, inside)


def protects(lab, sendmail):
    good = sendmail.send("user@good.example")
    assert good.status == "sent" and good.tls == "Verified", good.log
    with lab.attack("strip-starttls", "stripped.example"):
        stripped = sendmail.send("user@stripped.example")
    assert stripped.status == "deferred" and "does not support STARTTLS" in stripped.reason
    wildcard, wrong = sendmail.send_all(["user@wildcard-cert.example", "user@wrong-name.example"])
    assert wildcard.status == "sent" and wrong.status == "deferred", wrong.reason


def test_guide(lab, waxwingd, sendmail):
    page = guide.Guide("sendmail.md")
    sendmail.configure(sendmail.master_config())
    said = {command: run(waxwingd, sendmail, command) for command in page.steps()}
    assert "returns secure match=mx.good.example" in said["echo '/map sts example.com' | sendmail -bt"]
    assert "secure" in said["waxwing query example.com"]
    assert "***" not in said["make -C /etc/mail sendmail.cf"]
    protects(lab, sendmail)

    for command in page.commands(UNIX_SOCKET):
        run(waxwingd, sendmail, command)
    with open(sendmail.mail_directory + "/sendmail.cf", encoding="utf-8") as f:
        assert f.read().count("-T<TMPF> unix:" + waxwingd.unix_socket) == 2
    protects(lab, sendmail)

    for command in page.commands(UNDO):
        run(waxwingd, sendmail, command)
    undone = sendmail.send("user@self-signed.example")
    assert undone.status == "sent", undone.log


def test_the_guide_says_what_the_log_says():
    """Each reason in the guide is one that the rule sets give, so that it is found there."""
    with open(guide.ROOT + "/packaging/sendmail/waxwing.m4", encoding="utf-8") as f:
        rules = f.read()
    page = guide.Guide("sendmail.md").sections["3. See it work"]
    for words in ("is not among the MX hosts of the policy of", "certificate is not for", "no answer from Waxwing for",
                  "puzzling answer from Waxwing"):
        assert words in page and words in rules
