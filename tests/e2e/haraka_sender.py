"""A Haraka that sends by the recipe in examples/haraka, as tests/e2e/haraka/package-lock.json names it."""

import json
import os
import shutil
import smtplib
import subprocess

from lab import proc

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PORT = 10090


class Haraka:
    """`installed` is where lab/haraka has put it."""

    def __init__(self, lab, installed, api_port):
        self._directory = os.path.join(lab.state, "haraka")
        self._outcomes = os.path.join(self._directory, "outcomes")
        self.log_file = os.path.join(self._directory, "log")
        package = os.path.join(installed, "node_modules", "Haraka")
        self._program = os.path.join(package, "bin", "haraka")
        self._ca = lab.pki.ca
        self._process = None
        config = os.path.join(self._directory, "config")
        plugins = os.path.join(self._directory, "plugins")
        os.makedirs(config)
        os.mkdir(plugins)
        shutil.copy(os.path.join(package, "config", "connection.ini"), config)
        shutil.copy(os.path.join(ROOT, "examples", "haraka", "waxwing.js"), plugins)
        shutil.copy(os.path.join(HERE, "haraka", "lab.js"), plugins)
        for name, text in {
            "me": "out.sender.net\n",
            "plugins": "lab\nwaxwing\n",
            "smtp.ini": f"listen=127.0.0.1:{PORT}\nnodes=0\n",
            "log.ini": "level=NOTICE\n",
            "outbound.ini": "local_mx_ok=true\nconnect_timeout=3\n",
            "waxwing.ini": f"port={api_port}\n",
            "lab.ini": f"outcomes={self._outcomes}\n",
        }.items():
            with open(os.path.join(config, name), "w", encoding="utf-8") as f:
                f.write(text)

    def start(self):
        self._process = proc.start(["node", self._program, "-c", self._directory], self.log_file,
                                   env={**os.environ, "NODE_EXTRA_CA_CERTS": self._ca}, start_new_session=True)
        proc.wait_for("Haraka", lambda: proc.port_open("127.0.0.1", PORT), self._process, self.log_file)

    def stop(self):
        proc.stop_group(self._process)

    def send_all(self, recipients, seconds=60):
        """One message to each, all at once: recipient → {"status": "sent" | "deferred" | "bounced", "more": …}, after
        the first attempts."""
        before = len(self._all())
        with smtplib.SMTP("127.0.0.1", PORT, local_hostname="lab", timeout=30) as s:
            for recipient in recipients:
                s.sendmail("demo@sender.net", [recipient],
                           f"From: demo@sender.net\r\nTo: {recipient}\r\nSubject: by Haraka\r\n\r\nHello.\r\n")
        outcomes = proc.wait_for("the first attempts of Haraka",
                                 lambda: self._of(recipients, before), log=self.log_file, seconds=seconds)
        return outcomes

    def _all(self):
        try:
            with open(self._outcomes, encoding="utf-8") as f:
                return [json.loads(line) for line in f]
        except FileNotFoundError:
            return []

    def _of(self, recipients, before):
        found = {one["recipient"]: one for one in self._all()[before:]}
        return found if set(recipients) <= set(found) else None


def usable(directory):
    """None, or why Haraka cannot be run from there."""
    if not os.path.exists(os.path.join(directory, "node_modules", "Haraka")):
        return f"no Haraka in {directory}: make it with lab/haraka"
    version = subprocess.run(["node", "-p", "process.versions.node"], capture_output=True, text=True, check=False)
    if version.returncode != 0 or int(version.stdout.split(".")[0]) < 20:
        return "Haraka wants Node 20"
    return None
