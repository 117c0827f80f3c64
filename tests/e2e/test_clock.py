"""The lab's clock: who is started with it goes by it, from one moment to the next."""

import datetime
import json
import time

from lab.clock import DAY
from waiting import wait_until


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def status(daemon):
    return json.loads(daemon.waxwing("status", "--json", "--config", daemon.conf).stdout)


def test_a_daemon_goes_by_it(lab, new_waxwingd):
    """Its roles too, those that run already; and 30 days later a policy of a week is forgotten."""
    clock = lab.clock
    clock.advance(10 * DAY)
    daemon = new_waxwingd(clock=clock)
    assert abs(seconds(status(daemon)["since"]) - clock.now()) < 60
    assert clock.now() - time.time() > 9 * DAY
    assert daemon.lookup("good.example").startswith("OK secure")
    clock.advance(30 * DAY)
    lab.publish("good.example", record=[])
    try:
        wait_until(daemon, lambda: daemon.lookup("good.example").startswith("NOTFOUND"))
    finally:
        lab.publish("good.example", record=["v=STSv1; id=1;"])
    gone = daemon.kill_role("keeper")
    daemon.wait_role("keeper", gone)
    roles = {role["role"]: role for role in status(daemon)["roles"]}
    assert abs(seconds(roles["keeper"]["since"]) - clock.now()) < 60


def test_a_postfix_goes_by_it(lab):
    """Its log tells the time, and so does what it sends."""
    clock = lab.clock
    sender = lab.sender(clock=clock)
    try:
        for days in (0, 40):
            clock.advance(days * DAY)
            before = time.gmtime(clock.now())
            delivery = sender.send("someone@good.example")
            assert delivery.status == "sent", delivery
            lab.mx.arrived(delivery)
            [mail] = [m for m in lab.mx.mails(delivery.recipient) if delivery.subject.encode() in m]
            today = [before, time.gmtime(clock.now())]  # it may be midnight meanwhile
            assert any(delivery.log[-1].startswith(time.strftime("%b %d", t)) for t in today), delivery.log
            assert any(time.strftime("%-d %b %Y", t).encode() in mail for t in today), mail
    finally:
        sender.stop()
