"""A socketmap server that answers what it is told, be it wise or not; or nothing at all."""

import contextlib
import socket
import threading


class Socketmap:
    """`answers` maps requests ("NAME KEY") or map names to payloads, None to silence; all others get `otherwise`."""

    def __init__(self, answers=None, otherwise="NOTFOUND "):
        self.answers = answers or {}
        self.otherwise = otherwise
        self.asked = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.2)
        self._open = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def port(self):
        return self._listener.getsockname()[1]

    @property
    def sendmail_socket(self):
        return f"inet:{self.port}@127.0.0.1"

    def stop(self):
        self._ended.set()
        self._thread.join()
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _accept(self):
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._listener.accept()
                connection.settimeout(None)
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError, ValueError):
            stream = connection.makefile("rb")
            while request := _netstring(stream):
                self.asked.append(request)
                answer = self.answers.get(request, self.answers.get(request.split(" ")[0], self.otherwise))
                if answer is not None:
                    payload = answer.encode()
                    connection.sendall(b"%d:%s," % (len(payload), payload))


def _netstring(stream):
    length = b""
    while (byte := stream.read(1)).isdigit():
        length += byte
    if not byte:
        return None
    return stream.read(int(length) + 1)[:-1].decode()
