"""Processes of the local run: ready, told apart from broken, stopped, and never left behind."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from devstack.leftovers import AlreadyRunningError, RunRecord
from devstack.ports import free_port
from devstack.processes import Plan, ProcessError, Program, error_in

_SERVER = """
    import http.server, os, sys
    print("secret" if "BOT_TOKEN" in os.environ else "clean", flush=True)
    print('{"level": "error", "event": "boiler_cold", "error": "no fire"}', flush=True)
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200); self.end_headers()
        def log_message(self, *_): pass
    http.server.HTTPServer(("127.0.0.1", int(os.environ["HTTP_PORT"])), Handler).serve_forever()
"""
_STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"

MakeProgram = Callable[[str], Program]


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def make_program(tmp_path: Path, reports: list[str]) -> MakeProgram:
    def make(source: str) -> Program:
        (tmp_path / "boiler.py").write_text(source)
        port = free_port()
        env = {"HTTP_PORT": str(port), "PYTHONPATH": str(tmp_path)}
        return Program(Plan("boiler", "boiler", (), env, tmp_path / "boiler.log", port), reports.append)

    return make


async def test_a_process_is_waited_for_and_stopped(
    make_program: MakeProgram, reports: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "not for the boiler")
    program = make_program(textwrap.dedent(_SERVER))
    await program.start()
    await program.wait_ready(20)
    assert program.pid
    assert await program.stop() == -signal.SIGTERM
    assert program.pid == 0
    assert program.plan.log.read_text().startswith("clean\n")
    assert reports == ["boiler: boiler_cold no fire"]


async def test_a_process_that_does_not_listen_to_sigterm_is_killed(
    make_program: MakeProgram, reports: list[str]
) -> None:
    program = make_program(_STUBBORN + textwrap.dedent(_SERVER))
    await program.start()
    await program.wait_ready(20)
    assert await program.stop(seconds=0.2) == -signal.SIGKILL
    assert "boiler did not stop within 0.2 s" in reports[-1]


async def test_a_process_that_breaks_shows_its_last_words(make_program: MakeProgram) -> None:
    program = make_program("raise SystemExit('the pipe burst')")
    await program.start()
    with pytest.raises(ProcessError, match=r"(?s)boiler ended before it was ready \(exit code 1\).*the pipe burst"):
        await program.wait_ready(20)


async def test_a_process_that_is_never_ready_is_given_up(make_program: MakeProgram) -> None:
    program = make_program("import signal; signal.pause()")
    await program.start()
    try:
        with pytest.raises(ProcessError, match=r"boiler was not ready after 0\.3 s"):
            await program.wait_ready(0.3)
    finally:
        await program.kill()


@pytest.mark.parametrize("line", [b"", b"error", b'{"level": "info", "error": "none"}', b'["error"]', b'{"error"'])
def test_only_errors_reach_the_terminal(line: bytes) -> None:
    assert error_in(line) == ""


def test_one_run_per_data_directory(tmp_path: Path) -> None:
    first = RunRecord(tmp_path)
    assert first.claim() == 0
    first.say_where("http://here/")
    with pytest.raises(AlreadyRunningError, match="http://here/"):
        RunRecord(tmp_path).claim()
    first.release()
    RunRecord(tmp_path).claim()


def test_what_a_lost_run_left_behind_is_ended(tmp_path: Path) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    lost = RunRecord(tmp_path)
    lost.claim()
    lost.add(sleeper.pid)
    lost._lock.close()  # as its death would
    assert RunRecord(tmp_path).claim() == 1
    assert sleeper.wait(5) == -signal.SIGTERM


def test_a_stranger_that_got_the_same_id_is_left_alone(tmp_path: Path) -> None:
    lost = RunRecord(tmp_path)
    lost.claim()
    born = psutil.Process().create_time() - 3600
    (tmp_path / "run.json").write_text(f'{{"processes": [[{os.getpid()}, {born}]]}}')
    lost._lock.close()
    assert RunRecord(tmp_path).claim() == 0
