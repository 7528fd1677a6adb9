"""Free loopback ports."""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

LOOPBACK = "127.0.0.1"
# Below the ports that Linux, macOS and Windows take for outgoing connections: one of those, if handed out, may be some
# connection's own by the time a server binds it.
RANGE = range(20_000, 32_000)
_given: set[int] = set()


def free_port() -> int:
    """Return a port that is free on loopback and that no process gets from here again while this one lives."""
    for port in random.sample(RANGE, len(RANGE)):
        if port not in _given and is_free(port) and _reserve(port):
            _given.add(port)
            return port
    raise OSError(f"every port from {RANGE.start} to {RANGE.stop - 1} is taken: stop the programs that listen there")


def _reserve(port: int) -> bool:
    """Tell whether the port is this process's from now on: a lock that ends with the process, whatever ends it."""
    try:
        fcntl.lockf(_ledger(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _ledger() -> int:
    """Return the descriptor of the file whose n-th byte stands for port n; it stays open, or its locks would go."""
    path = Path(tempfile.gettempdir()) / f"starquiz-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port that only has connections fading away (TIME_WAIT) is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def choose_port(wanted: int) -> tuple[int, str]:
    """Return the wanted port, or another with a sentence that says so when it is taken (empty otherwise)."""
    if wanted == 0:
        return free_port(), ""
    if is_free(wanted):
        return wanted, ""
    other = next((port for port in range(wanted + 1, min(wanted + 50, 65536)) if is_free(port)), None) or free_port()
    return other, f"Port {wanted} is taken by another program; using {other} instead."
