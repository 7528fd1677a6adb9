"""Free loopback ports."""

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a port that is free on loopback right now. Whoever uses it should do so soon."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


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
