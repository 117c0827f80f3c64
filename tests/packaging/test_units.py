#!/usr/bin/python3
"""test_units.py SERVICE SOCKET WAXWINGD: systemd finds no fault with the units, and little that they leave open."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77
# What systemd-analyze makes of the unit as a whole; 10 is a service without any hardening.
EXPOSURE_MAX = 2.0

service, sockets, program = (pathlib.Path(path).resolve() for path in sys.argv[1:])
del sys.argv[1:]


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60)


class Units(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        # The program is not where it will be installed.
        text = re.sub(r"^ExecStart=.*/waxwingd", f"ExecStart={program}", service.read_text(), flags=re.MULTILINE)
        (self.folder / service.name).write_text(text)
        shutil.copy(sockets, self.folder)

    def test_verify(self):
        for name in (service.name, sockets.name):
            done = analyze("verify", "--man=no", "--recursive-errors=no", str(self.folder / name))
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_security(self):
        done = analyze("security", "--offline=yes", f"--threshold={round(EXPOSURE_MAX * 10)}", "--no-pager",
                       str(self.folder / service.name))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_socket_stands_in_the_default_configuration(self):
        """A socket unit that the default configuration did not name would be closed at the start."""
        self.assertEqual(re.findall(r"^ListenStream=(.*)$", sockets.read_text(), re.MULTILINE), ["127.0.0.1:8461"])

    def test_queue_of_datagrams(self):
        """The file for sysctl.d, what waxwingd wants, and what it says to type are one number."""
        root = pathlib.Path(__file__).resolve().parents[2]
        header = (root / "src/daemon/datagram_queue.h").read_text()
        wanted, = re.findall(r"^#define WW_DATAGRAM_QUEUE_WANTED (\d+)$", header, re.MULTILINE)
        command, = re.findall(r'^#define WW_DATAGRAM_QUEUE_COMMAND "sysctl -w net\.unix\.max_dgram_qlen=(\d+)"$', header,
                              re.MULTILINE)
        shipped = re.findall(r"^net\.unix\.max_dgram_qlen = (\d+)$", (root / "packaging/sysctl.d/waxwing.conf").read_text(),
                             re.MULTILINE)
        self.assertEqual((command, shipped), (wanted, [wanted]))


if __name__ == "__main__":
    if shutil.which("systemd-analyze") is None:
        print("skipped: there is no systemd-analyze here")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
