"""Ports that nobody uses, below the range the system hands out by itself."""

import random
import socket

_FIRST, _LAST = 20000, 32000
_taken: set[int] = set()
_random = random.SystemRandom()


def _is_free(port: int) -> bool:
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(family, kind) as probe:
                try:
                    probe.bind((address, port))
                except OSError:
                    return False
    return True


def free_ports(count: int = 1, alignment: int = 2) -> int:
    """The first of `count` neighbouring ports that are free for UDP and TCP, IPv4 and IPv6."""
    for _ in range(200):
        first = _random.randrange(_FIRST, _LAST, alignment)
        block = range(first, first + count)
        if not _taken.intersection(block) and all(map(_is_free, block)):
            _taken.update(block)
            return first
    raise RuntimeError(f"no {count} free ports between {_FIRST} and {_LAST}")


def closed_port() -> int:
    """A port where nothing listens."""
    return free_ports(1)
