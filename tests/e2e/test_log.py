"""What look-ups leave in the log: nothing from level info on, however many they are."""

import socket

from waiting import wait_until

LOOK_UPS = 10_000
AT_ONCE = 500
KEYS = ("good.example", "nothing.example", ".example", "[192.0.2.1]", "wildcard.example:25", "b\u00fccher.example")


def look_up_all(port):
    """Asks for the keys in turn, many on their way at a time; the number of answers."""
    answers = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as s:
        stream = s.makefile("rb")
        for start in range(0, LOOK_UPS, AT_ONCE):
            requests = [f"QUERY {KEYS[i % len(KEYS)]}".encode() for i in range(start, start + AT_ONCE)]
            s.sendall(b"".join(b"%d:%s," % (len(r), r) for r in requests))
            for _ in requests:
                length = b""
                while (byte := stream.read(1)) != b":":
                    length += byte
                stream.read(int(length) + 1)
                answers += 1
    return answers


def test_look_ups_are_not_logged(new_waxwingd):
    daemon = new_waxwingd(log_level="info")
    for key in KEYS:
        daemon.lookup(key)
    wait_until(daemon, lambda: "info policy domain=wildcard.example" in daemon.log())
    before = daemon.log()
    assert look_up_all(daemon.port) == LOOK_UPS
    assert daemon.log() == before
