#!/usr/bin/python3
"""test_query_words.py WAXWING: what `waxwing query` says that a delivery must have, for each level that there is."""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

WAXWING = sys.argv.pop(1)
WORDS = {
    "none": "no demand: no policy is known",
    "testing": "no demand yet",
    "secure": "TLS with a valid certificate for a listed MX host",
    "hold": "no delivery for now",
    "may": "no demand: TLS when it is offered",
    "encrypt": "TLS, whatever the certificate",
    "dane": "what the TLSA records of each MX host ask",
    "dane-only": "TLS with a certificate that matches the TLSA records",
}


def query(level):
    """What the command makes of this level, from a daemon of fakes."""
    text = b"OK " + json.dumps({"domain": "a.example", "level": level, "mode": "testing" if level == "testing" else None,
                                "source": "cache", "last": "no-record", "postfix": {}}).encode()
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = os.path.join(folder, "socketmap")
        listener.bind(path)
        listener.listen()

        def answer():
            peer, _ = listener.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"%d:%s," % (len(text), text))
        thread = threading.Thread(target=answer)
        thread.start()
        done = subprocess.run([WAXWING, "query", "--socket", "unix:" + path, "a.example"], capture_output=True,
                              check=False, text=True)
        thread.join()
        return done


class Words(unittest.TestCase):
    def test_every_level(self):
        for level, words in WORDS.items():
            done = query(level)
            self.assertTrue(done.stdout.startswith(f"a.example: {words}"), (level, done))

    def test_what_has_failed_steers_no_terminal(self):
        """The process that looks names a file, whose name begins an escape sequence in 8 bits."""
        with tempfile.TemporaryDirectory() as folder:
            conf = os.path.join(folder, "waxwing.conf")
            with open(conf, "w", encoding="utf-8") as f:
                f.write(f'store = "{folder}/waxwing.db"\ndns {{\n trust_anchor = "{folder}/\u009b31m"\n}}\n')
            for command in ("query", "explain"):
                done = subprocess.run([WAXWING, command, "--config", conf, "--direct", "a.example"],
                                      capture_output=True, check=False)
                self.assertEqual(done.returncode, 75, (command, done))
                self.assertIn(b"/\\xc2\\x9b31m: No such file", done.stderr, command)


if __name__ == "__main__":
    unittest.main()
