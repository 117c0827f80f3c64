"""What Sendmail makes of answers that Waxwing never gives, by the rule sets that are shipped with it and by ours: why
src/core/sendmail.h and packaging/sendmail/waxwing.m4 are as they are."""

import pytest
from lab.socketmap import Socketmap

CLEAR = "no-starttls.example"
GOOD = "good.example"
WRONG = "wrong-name.example"
UNTRUSTED = "untrusted.example"
SECURE = "OK secure match={} servername=hostname"
ENCRYPT = "OK encrypt secure servername=hostname"
# Words that Sendmail was not made for: those of lists with 255 octets, with one more, and of a reply beyond its buffers.
OTHERS = ":".join(["m01.x.example"] * 17)
FITS = OTHERS + ":m:mx.good.example"
CUT = OTHERS + ":mx:mx.good.example"
TOO_LONG = ":".join(["m01.x.example"] * 70 + ["mx.no-starttls.example"])

# Answer to sts, domain, what becomes of the mail by the shipped rule sets, answer to stsmx, and by ours beside them
CASES = {
    "good": (SECURE.format("mx.good.example"), GOOD, "sent", "OK secure", "sent"),
    "no match": ("OK secure servername=hostname", GOOD, "sent", "OK secure", "sent"),
    "asterisk": (SECURE.format("*.good.example"), GOOD, "deferred", "OK secure", "sent"),
    "leading dot": (SECURE.format(".good.example"), GOOD, "sent", "OK secure", "sent"),
    "no servername": ("OK secure match=mx.good.example", GOOD, "deferred", "OK secure", "deferred"),
    "more behind": (SECURE.format("mx.good.example") + " a=b", GOOD, "deferred", "OK secure", "deferred"),
    "not among them": (SECURE.format("mx2.good.example"), GOOD, "deferred", "NOTFOUND ", "deferred"),
    "ask": (SECURE.format("-ask-"), GOOD, "deferred", "OK secure", "sent"),
    "ask, untrusted": (SECURE.format("-ask-"), UNTRUSTED, "deferred", "OK secure", "deferred"),
    "ask, clear": (SECURE.format("-ask-"), CLEAR, "deferred", "OK secure", "deferred"),
    "255 octets": (SECURE.format(FITS), GOOD, "sent", "OK secure", "sent"),
    "256 octets": (SECURE.format(CUT), GOOD, "deferred", "OK secure", "sent"),
    "wrong name": (SECURE.format("mx.wrong-name.example"), WRONG, "sent", "OK secure", "deferred"),
    "untrusted": (SECURE.format("mx.untrusted.example"), UNTRUSTED, "deferred", "OK secure", "deferred"),
    "encrypt": (ENCRYPT, UNTRUSTED, "deferred", "OK encrypt", "sent"),
    "encrypt, clear": (ENCRYPT, CLEAR, "deferred", "OK encrypt", "deferred"),
    "not found": ("NOTFOUND ", CLEAR, "sent", "OK none", "sent"),
    "temporary": ("TEMP x", CLEAR, "deferred", "TEMP x", "deferred"),
    # Here the shipped rule sets fail open.
    "too long": (SECURE.format(TOO_LONG), CLEAR, "sent", "OK secure" + " secure" * 200, "deferred"),
    "permanent": ("PERM x", CLEAR, "sent", "PERM x", "deferred"),
    "empty": ("OK ", CLEAR, "sent", "OK ", "deferred"),
    "may": ("OK may", CLEAR, "sent", "OK may", "deferred"),
    # Between two look-ups the answer may change.
    "secure at last": ("NOTFOUND ", CLEAR, "sent", "OK secure", "deferred"),
    "secure at last, untrusted": ("NOTFOUND ", UNTRUSTED, "sent", "OK secure", "deferred"),
}


@pytest.fixture(scope="module")
def server():
    with Socketmap() as made:
        yield made


@pytest.mark.parametrize("ours", (False, True), ids=("shipped", "ours"))
def test_answers(server, sendmail, ours):
    assert (len(FITS), len(CUT)) == (255, 256)
    sendmail.use(server.sendmail_socket, with_ours=ours)
    wrong = {}
    for name, (sts, domain, shipped, stsmx, by_ours) in CASES.items():
        server.answers = {"sts": sts, "stsmx": stsmx}
        delivery = sendmail.send("user@" + domain)
        if delivery.status != (by_ours if ours else shipped):
            wrong[name] = delivery.reason
    assert not wrong


def test_what_is_asked(server, sendmail):
    server.answers = {"sts": SECURE.format("mx.good.example"), "stsmx": "OK secure"}
    server.asked.clear()
    sendmail.use(server.sendmail_socket)
    assert sendmail.send("user@Good.Example").status == "sent"
    assert set(server.asked) == {"sts good.example", "stsmx mx.good.example@good.example"}
