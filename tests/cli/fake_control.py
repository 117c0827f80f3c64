"""A daemon's control socket that says what it is told to."""
import fcntl
import json
import os
import pty
import socket
import struct
import subprocess
import tempfile
import termios
import threading

END = {"end": True, "error": None}


def netstring(value):
    text = json.dumps(value).encode()
    return b"%d:%s," % (len(text), text)


def read_all(terminal):
    """What was written to it, once nobody has its other side."""
    shown = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            return shown
        if not part:
            return shown
        shown += part


def run_on_terminal(command, width, typed=None, **options):
    """typed: what somebody types there, ahead of all questions."""
    ours, theirs = pty.openpty()
    if typed is not None:
        options["stdin"] = theirs
        os.write(ours, typed)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    shown = []
    reader = threading.Thread(target=lambda: shown.append(read_all(ours)))
    reader.start()
    done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, check=False, **options)
    os.close(theirs)
    reader.join()
    os.close(ours)
    done.stdout = shown[0]
    return done


def run(command, *answer, settings="", terminal=False, width=80, stdin=None, environment=None,
        typed=None):
    """Its run, and what it asked. An answer of one function says what is answered to each request."""
    asked = []
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = os.path.join(folder, "control")
        listener.bind(path)
        listener.listen()

        def serve():
            while True:
                peer, _ = listener.accept()
                with peer:
                    request = peer.recv(65536)
                    if not request:
                        return
                    asked.append(json.loads(request[request.index(b":") + 1:-1]))
                    items = answer[0](asked[-1]) if answer and callable(answer[0]) else answer
                    try:
                        peer.sendall(b"".join(map(netstring, items)))
                    except (BrokenPipeError, ConnectionResetError):
                        pass  # it has enough
        thread = threading.Thread(target=serve)
        thread.start()
        config = os.path.join(folder, "waxwing.conf")
        with open(config, "w", encoding="ascii") as out:
            out.write(f'control = "unix:{path}"\nstore = "{folder}/waxwing.db"\n{settings.format(folder=folder)}')
        command = [*command, "--config", config]
        env = {**os.environ, **(environment or {})}
        if terminal:
            done = run_on_terminal(command, width, typed=typed, env=env)
        else:
            done = subprocess.run(command, capture_output=True, check=False, input=stdin, env=env)
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(path)
        thread.join()
    return done, asked
