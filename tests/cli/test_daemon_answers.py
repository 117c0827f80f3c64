#!/usr/bin/python3
"""test_daemon_answers.py WAXWING: the commands that ask the daemon, when what answers on the socket means it ill."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

WAXWING = sys.argv.pop(1)
EVIL = "\033[2J\u009b31m\r\n"
END = {"end": True, "error": None}
KEYS = """address after anchors answers author before body cache certificate change changes checked counts dane detail dns domain domains
effect enforced error errors expires failed_id failures fetched first_seen flights forgotten id in_flight in_force in_force_until index
issuer key last last_seen latency_cached level list lookups maps message mode mx next_check not_after origin outcome overrides policy
postfix reason refused retry_at roles section set sha256 signer since size slowest_hosts source store taken timestamp total troubles turns unknown
until used version who why""".split()
NESTED = {"id": EVIL, "message": EVIL, "certificate": EVIL, "issuer": EVIL, "address": EVIL, "change": EVIL, "host": EVIL,
          "role": EVIL, "since": EVIL, "answers": {EVIL: 1}, "mode": EVIL, "expires": EVIL, "path": EVIL}
VALUES = [None, 7, -1, 1.5, True, [], {}, [None], [7], [EVIL], EVIL, {EVIL: EVIL}, NESTED, [NESTED]]
EXPORTED = [{"waxwing-cache": 1},
            {"domain": "a.example", "id": "1", "body": "x", "fetched": "2020-01-01T00:00:00Z",
             "expires": "2020-01-01T00:00:00Z", "checked": "2020-01-01T00:00:00Z"},
            {"policies": 1}]
COMMANDS = [["status"], ["cache", "history", "a.example"], ["cache", "list"], ["cache", "show", "a.example"],
            ["cache", "refresh", "a.example"], ["cache", "purge", "a.example"], ["cache", "export"],
            ["cache", "import", "-"], ["override", "list"], ["override", "set", "a.example", "may", "--reason", "x"],
            ["override", "remove", "a.example"], ["preload", "update"],
            ["preload", "make", "--from-cache", "--output", "/nonexistent/list"]]


def netstring(value):
    text = json.dumps(value).encode()
    return b"%d:%s," % (len(text), text)


def run(command, *answer):
    """A command's run, each of whose requests gets this answer."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = os.path.join(folder, "control")
        listener.bind(path)
        listener.listen()

        def serve():
            while True:
                peer, _ = listener.accept()
                with peer:
                    if not peer.recv(65536):
                        return
                    peer.sendall(b"".join(map(netstring, answer)))
        thread = threading.Thread(target=serve)
        thread.start()
        exported = "".join(json.dumps(line) + "\n" for line in EXPORTED).encode()
        done = subprocess.run([WAXWING, *command, "--socket", "unix:" + path], input=exported, capture_output=True,
                              check=False)
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(path)
        thread.join()
        return done


class Hostile(unittest.TestCase):
    def check(self, command, *answer):
        for form in ([], ["--json"]):
            with self.subTest(command=command + form, answer=answer[-2:]):
                done = run(command + form, *answer)
                self.assertIn(done.returncode, (0, 1, 70, 75), done.stderr)
                shown = done.stdout + done.stderr
                self.assertTrue(all(c in b"\n\t" or 32 <= c < 127 for c in shown), shown)

    def test_items(self):
        for command in COMMANDS:
            for value in VALUES:
                item = dict.fromkeys(KEYS, value)
                self.check(command, item, item, END)

    def test_ends(self):
        for command in COMMANDS:
            for value in VALUES:
                self.check(command, {"end": True, "error": value})
            self.check(command, {"end": True})


class Show(unittest.TestCase):
    def test_what_is_not_known_of_dane(self):
        words = b"  but          MX and TLSA records are not known now"
        known = {"mx": "secure", "hosts": [], "until": None}
        for level, dane, told in (("dane", None, True), ("dane-only", None, True), ("dane", known, False),
                                  ("dane-only", known, False), ("secure", None, False), ("none", None, False)):
            done = run(["cache", "show", "a.example"], {"domain": "a.example", "level": level, "dane": dane}, END)
            self.assertEqual(words in done.stdout, told, (level, dane, done))


if __name__ == "__main__":
    unittest.main()
