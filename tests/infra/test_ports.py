"""Ports and processes of the local run."""

import socket
from collections.abc import Iterator

import pytest

from devstack.ports import LOOPBACK, choose_port, free_port, is_free


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
