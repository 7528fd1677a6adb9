"""Ports and processes of the local run."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.ports import LOOPBACK, RANGE, choose_port, free_port, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    listener = socket.create_server((LOOPBACK, 0))
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def test_a_taken_port_is_said_so_and_another_is_chosen(taken: int) -> None:
    port, notice = choose_port(taken)
    assert port != taken
    assert is_free(port)
    assert str(taken) in notice
    assert str(port) in notice


def test_a_free_port_is_used_without_a_word() -> None:
    wanted = free_port()
    assert choose_port(wanted) == (wanted, "")


def test_any_port_will_do_for_zero() -> None:
    port, notice = choose_port(0)
    assert is_free(port)
    assert notice == ""


def test_no_two_processes_are_given_the_same_port() -> None:
    mine = [free_port() for _ in range(50)]
    assert len(set(mine)) == 50
    # Each of the others may only choose among the ports given above and one more.
    spare = next(port for port in RANGE if port not in mine and is_free(port))
    code = f"from devstack import ports; ports.RANGE = {sorted([*mine, spare])}; print(ports.free_port())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(said.stdout) == spare


def test_no_outgoing_connection_takes_a_port_that_was_given() -> None:
    ephemeral = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not ephemeral.exists():
        pytest.skip("only Linux tells which ports it takes for outgoing connections")
    lowest = int(ephemeral.read_text(encoding="ascii").split()[0])
    assert RANGE.stop <= lowest
