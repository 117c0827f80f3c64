"""A /dev/log for programs that log by syslog alone: what they say goes into a file, a line each."""

import os
import re
import socket
import threading

_PRIORITY = re.compile(rb"^<\d+>")


class Syslog:
    """Takes messages at the socket `path` from `start` until `stop`, and appends them to `log_file`."""

    def __init__(self, path, log_file):
        self._path = path
        self._log_file = log_file
        self._socket = None
        self._thread = None

    def start(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._path)
        os.chmod(self._path, 0o666)
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def stop(self):
        if self._socket is None:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(b"", self._path)
        self._thread.join()
        self._socket.close()
        self._socket = None
        os.unlink(self._path)

    def _take(self):
        with open(self._log_file, "ab") as out:
            while message := self._socket.recv(8192):
                out.write(_PRIORITY.sub(b"", message).rstrip(b"\n\0") + b"\n")
                out.flush()
