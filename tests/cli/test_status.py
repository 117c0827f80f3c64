#!/usr/bin/python3
"""test_status.py WAXWING: `waxwing status`, when what answers on the socket means it ill."""
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


def netstring(value):
    text = json.dumps(value).encode()
    return b"%d:%s," % (len(text), text)


def status(*items):
    """What the command makes of this answer."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = os.path.join(folder, "control")
        listener.bind(path)
        listener.listen()

        def answer():
            peer, _ = listener.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"".join(map(netstring, (*items, END))))
        thread = threading.Thread(target=answer)
        thread.start()
        done = subprocess.run([WAXWING, "status", "--socket", "unix:" + path], capture_output=True, check=False)
        thread.join()
        return done


class Hostile(unittest.TestCase):
    def test_nothing_steers_the_terminal(self):
        done = status({"version": EVIL, "since": EVIL, "troubles": [EVIL], "dns": EVIL, "slowest_hosts": [{"host": EVIL}],
                       "lookups": {"total": 1, "answers": {EVIL: 1}}, "store": {"path": EVIL, "message": EVIL},
                       "roles": [{"role": EVIL, "since": EVIL}], "errors": [{"error": EVIL, "message": EVIL}]})
        self.assertEqual((done.returncode, done.stderr), (1, b""))
        self.assertTrue(all(c == 10 or c == 9 or 32 <= c < 127 for c in done.stdout), done.stdout)
        self.assertGreater(done.stdout.count(b"\\x1b[2J"), 8)

    def test_members_of_other_types(self):
        for value in (None, 7, [], {}, [None], [7], [[]], {"a": None}):
            item = {key: value for key in ("version", "since", "troubles", "dns", "lookups", "cache", "store", "roles",
                                           "errors", "slowest_hosts", "latency_cached", "flights", "overrides")}
            self.assertEqual(status(item).returncode, 1, value)


if __name__ == "__main__":
    unittest.main()
