"""The sandbox as a process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def spawn() -> Iterator[Start]:
    """Start sandboxes; killed with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(**settings: str) -> subprocess.Popen[str]:
        env = {**os.environ, **settings}
        command = [sys.executable, "-m", "sandbox"]
        started.append(subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_leaves_cleanly_with_callers_hanging_on(
    spawn: Start, number: signal.Signals
) -> None:
    process = spawn(SANDBOX_START_PLAYERS="3")
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert ready["ready"] is True
    base = f"http://127.0.0.1:{ready['port']}"
    with urllib.request.urlopen(f"{base}/sandbox/api/players") as answer:
        assert len(json.load(answer)) == 3
    hanging = [socket.create_connection(("127.0.0.1", ready["port"])) for _ in range(3)]
    paths = ("/bot1:sandbox/getUpdates?timeout=50", "/sandbox/api/stream", "/sandbox/page/events?players=5000000001")
    for caller, path in zip(hanging, paths, strict=True):
        caller.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    hanging[1].recv(64)
    hanging[2].recv(64)
    begun = time.monotonic()
    process.send_signal(number)
    assert process.wait(timeout=8) == 0
    assert time.monotonic() - begun < 4
    for caller in hanging:
        caller.close()


def test_a_taken_port_is_said_plainly(spawn: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = spawn(SANDBOX_PORT=str(port))
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in errors
    assert "Traceback" not in errors
