"""The five deliveries of the demo: what is staged, what must happen, and the play itself."""

import contextlib
from dataclasses import dataclass

from . import zones


@dataclass(frozen=True)
class Scene:
    """`held` and `why`: the fate that Waxwing must bring about, and the words that must give the reason.
    `harm`: what the same delivery comes to without Waxwing, or empty when there is none."""

    title: str
    domain: str
    story: str
    held: bool
    why: str
    attack: str = ""
    harm: str = ""


SCENES = (
    Scene("All is well", "good.example",
          "The domain demands TLS with a valid certificate (mode enforce), and its mail server has one.",
          held=False, why="Verified TLS"),
    Scene("Somebody cuts out STARTTLS", "stripped.example",
          "An attacker on the path removes the mail server's offer to encrypt. Without a policy Postfix takes "
          "that for an old server, and sends the mail in clear.",
          held=True, why="TLS is required, but was not offered", attack="strip-starttls",
          harm="sent in clear, for the attacker to read"),
    Scene("The wrong certificate", "wrong-name.example",
          "The mail server shows a certificate for another name: it could be anybody's server.",
          held=True, why="Server certificate not verified",
          harm="sent to a server that could not prove who it is"),
    Scene("The mail exchanger is swapped", "swapped.example",
          "The domain has no DNSSEC. An attacker answers the MX question with a server of his own, that has "
          "a perfectly valid certificate for its own name.",
          held=True, why="Server certificate not verified", attack="swap-mx",
          harm="handed to the attacker's own server, over good TLS"),
    Scene("Only testing", "testing.example",
          "The mail server's certificate is wrong here too, but the domain is still trying its policy out (mode "
          "testing): mail must flow.",
          held=False, why="250"),
)


def _channel(fate):
    if not fate.tls:
        return "in clear"
    return "verified TLS" if fate.tls == "Verified" else "TLS without a look at the name"


class Play:
    """Plays scenes on a screen; `failures` collects what did not go as told."""

    def __init__(self, lab, daemon, screen):
        self._lab = lab
        self._daemon = daemon
        self._screen = screen
        self._unprotected = lab.sender()
        self._protected = lab.sender(daemon.map)
        self.failures = []

    @property
    def version(self):
        return ".".join(str(part) for part in self._protected.version())

    def play(self, number, scene):
        screen = self._screen
        screen.heading(f"{number} of {len(SCENES)}  {scene.title}")
        screen.text(scene.story)
        screen.space()
        with self._attack(scene):
            if scene.harm:
                self._without(scene)
            answer = self._daemon.lookup(scene.domain)
            screen.fact("Waxwing answers", answer.removeprefix("OK ") if answer.startswith("OK ")
                        else "no demand (NOTFOUND)", "bold")
            delivery = self._with(scene)
        if scene.attack and delivery.status == "deferred":
            self._afterwards(delivery)

    def _attack(self, scene):
        if not scene.attack:
            return contextlib.nullcontext()
        self._screen.fact("attacker", f"{scene.attack} on {scene.domain}", "yellow")
        return self._lab.attack(scene.attack, scene.domain)

    def _without(self, scene):
        fate = self._unprotected.send("alice@" + scene.domain)
        arrived = self._lab.mx.arrived(fate) if fate.status == "sent" else None
        self._screen.verdict("without Waxwing", scene.harm if arrived else fate.reason, good=False)
        self._expect(arrived is not None, scene, "the attack fails without Waxwing too")
        if scene.attack == "swap-mx":
            self._expect(arrived and arrived.host == zones.ATTACKER_MX, scene, "the attacker's server got nothing")
        if scene.attack == "strip-starttls":
            self._expect(arrived and not arrived.tls, scene, "STARTTLS was not stripped")

    def _with(self, scene):
        fate = self._protected.send("alice@" + scene.domain)
        if fate.status == "sent":
            arrived = self._lab.mx.arrived(fate)
            words = f"delivered to {arrived.host}, {_channel(fate)}"
        else:
            words = f"kept in the queue: {fate.reason}"
        as_told = fate.status == ("deferred" if scene.held else "sent") and fate.shows(scene.why)
        self._screen.verdict("with Waxwing", words, good=as_told)
        self._expect(as_told, scene, f"{fate.status}: {fate.reason}")
        self._expect((self._protected.queued(fate) is not None) == scene.held, scene, "the queue says otherwise")
        return fate

    def _afterwards(self, delivery):
        fate = self._protected.retry(delivery)
        good = fate.status == "sent" and fate.tls == "Verified"
        self._screen.verdict("attack over", "the same mail is delivered, verified TLS" if good else fate.reason, good)
        if not good:
            self.failures.append(f"{delivery.recipient} after the attack: {fate.status}: {fate.reason}")

    def _expect(self, true, scene, otherwise):
        if not true:
            self.failures.append(f"{scene.domain}: {otherwise}")
