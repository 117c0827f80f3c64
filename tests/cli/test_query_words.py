#!/usr/bin/python3
"""test_query_words.py WAXWING: what `waxwing query` says that a delivery must have, for each level that there is, and of
DANE, for each state."""
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
    "none": "no demand: no MTA-STS policy is known",
    "testing": "no demand yet",
    "secure": "TLS with a valid certificate for a listed MX host",
    "hold": "no delivery for now",
    "may": "no demand: TLS when it is offered",
    "encrypt": "TLS, whatever the certificate",
    "dane": "what the TLSA records of each MX host ask",
    "dane-only": "TLS with a certificate that matches the TLSA records",
}
# What is known of the MX records, and of the two hosts: the lines about that.
DANE = [
    ("secure", ["none", "none"], ["MX records   validated by DNSSEC"]),
    ("secure", ["none", "insecure"], ["MX records   validated by DNSSEC"]),
    ("secure", ["secure-usable", "none"], ["MX records   validated by DNSSEC",
                                           "  hosts      mx0.a.example: usable TLSA records",
                                           "             mx1.a.example: no TLSA records"]),
    ("secure", ["secure-unusable", "insecure"], ["MX records   validated by DNSSEC",
                                                 "  hosts      mx0.a.example: TLSA records, none of them usable",
                                                 "             mx1.a.example: no DANE: not signed all the way"]),
    ("secure", ["bogus", "lookup-failed"], ["MX records   validated by DNSSEC",
                                            "  hosts      mx0.a.example: does not stand up to DNSSEC",
                                            "             mx1.a.example: the look-up failed"]),
    ("insecure", [], ["MX records   not signed: no DANE"]),
    ("bogus", [], ["MX records   do not stand up to DNSSEC"]),
    ("failed", [], ["MX records   could not be looked up"]),
    ("null", [], ["MX records   none: no host takes mail for it"]),
    ("no-dnssec", [], ["MX records   not validated: DNSSEC does not get through to this machine"]),
]


def query(level, dane=None, answer_to_postfix=""):
    """What the command makes of this level, from a daemon of fakes."""
    text = b"OK " + json.dumps({"domain": "a.example", "level": level, "mode": "testing" if level == "testing" else None,
                                "source": "cache", "last": "no-record", "dane": dane,
                                "postfix": {"QUERY": answer_to_postfix, "QUERYwithTLSRPT": answer_to_postfix}}).encode()
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

    def test_every_state_of_dane(self):
        for mx, states, lines in DANE:
            hosts = [{"host": f"mx{i}.a.example", "dane": state} for i, state in enumerate(states)]
            done = query("none", {"mx": mx, "hosts": hosts, "until": None, "more": False})
            told = done.stdout[done.stdout.index("  MX records"):done.stdout.index("  from ")].splitlines()
            self.assertEqual(told, ["  " + line for line in lines], (mx, states))

    def test_no_blank_at_the_end(self):
        self.assertIn("  Postfix gets NOTFOUND\n", query("none", answer_to_postfix="NOTFOUND ").stdout)


if __name__ == "__main__":
    unittest.main()
