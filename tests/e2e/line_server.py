"""A server for tests that reads lines and answers them as the test says."""

import contextlib
import socket
import threading


class LineServer:
    """Listens at ("127.0.0.1", PORT) or a path. `answer` gets each line and returns the octets of its answer, or None:
    then nothing is sent, and the connection stays open. `lines` are those that have come."""

    def __init__(self, address, answer, one=True):
        """one: the connection is closed after an answer."""
        self.lines = []
        self._answer = answer
        self._one = one
        self._open = []
        self._listener = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(address)
        self._listener.listen(128)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()
        self._thread.join()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection.makefile("rb") as stream:
            for line in stream:
                self.lines.append(line.decode())
                answer = self._answer(line.decode())
                if answer is None:
                    return
                connection.sendall(answer)
                if self._one:
                    break
            # The stream has the descriptor as well.
            connection.shutdown(socket.SHUT_RDWR)
