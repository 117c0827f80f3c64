"""Accepts connections on many addresses, each in a thread that does one thing: for servers that misbehave."""

import contextlib
import selectors
import socket
import struct
import threading

# Longer than any deadline that a client may have.
PATIENCE = 120


class Acceptor:
    """A behaviour is a function of the connection; whatever it leaves open is closed without a goodbye."""

    def __init__(self):
        self._ready = selectors.DefaultSelector()
        self._stopping = False
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def listen(self, address, port, behave):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, port), family=family)
        listener.setblocking(False)
        self._ready.register(listener, selectors.EVENT_READ, behave)

    def start(self):
        self._thread.start()

    def stop(self):
        self._stopping = True
        if self._thread.is_alive():
            self._thread.join()
        for key in list(self._ready.get_map().values()):
            key.fileobj.close()
        self._ready.close()

    def _accept(self):
        while not self._stopping:
            for key, _ in self._ready.select(0.1):
                with contextlib.suppress(OSError):
                    connection, _ = key.fileobj.accept()
                    threading.Thread(target=_serve, args=(connection, key.data), daemon=True).start()


def _serve(connection, behave):
    with connection, contextlib.suppress(OSError):
        connection.settimeout(PATIENCE)
        behave(connection)


def stay_silent(connection):
    while connection.recv(4096):
        pass


def reset(connection):
    """To be closed with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(_connection):
    pass
