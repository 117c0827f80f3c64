"""How another process in the namespace speaks to the running lab: one JSON request a connection."""

import json
import os
import socket
import socketserver
import threading

from . import namespace, proc, sender

PATH = os.path.join(namespace.STATE, "control.sock")


class Control:
    """Serves `ask` for one Lab, in a thread."""

    def __init__(self, lab):
        self._lab = lab
        self._sender = None
        self._calls = {"attack_on": lab.attack_on, "attack_off": lab.attack_off, "attacks": self._attacks,
                       "send": self._send, "mail": self._mail}
        self._server = socketserver.ThreadingUnixStreamServer(PATH, _Handler)
        self._server.daemon_threads = True
        self._server.control = self
        self._one_at_a_time = threading.Lock()
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def call(self, request):
        with self._one_at_a_time:
            try:
                return {"result": self._calls[request["call"]](*request["arguments"])}
            except (KeyError, TypeError, ValueError, namespace.Unavailable, proc.StartError) as error:
                return {"error": str(error.args[0] if error.args else error)}

    def _attacks(self):
        return self._lab.attacker.active

    def _send(self, recipient, waxwing):
        maps = sender.WAXWING if waxwing else None
        if self._sender is None:
            self._sender = self._lab.sender(maps)
        self._sender.use(maps)
        found = self._sender.send(recipient)
        return {"status": found.status, "relay": found.relay, "tls": found.tls, "reason": found.reason}

    def _mail(self, domain):
        return [vars(m) for m in self._lab.mx.messages(domain)] if self._lab.mx else []


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        answer = self.server.control.call(json.loads(self.rfile.readline()))
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def ask(call, *arguments):
    """Calls into the running lab from inside its namespace; RuntimeError when that says no."""
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(PATH)
            s.sendall(json.dumps({"call": call, "arguments": arguments}).encode() + b"\n")
            answer = json.loads(s.makefile("rb").readline())
    except OSError as error:
        raise RuntimeError(f"no lab runs here ({error.strerror}): start one with `lab/lab shell`") from error
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["result"]
