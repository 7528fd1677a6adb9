"""`make run` from outside: what it prints, what answers, and that nothing is left when it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from devstack.ports import LOOPBACK, free_port

_START_SECONDS = 60
_STOP_SECONDS = 30


class _Run:
    """A started `python -m devstack run`, its terminal read line by line."""

    def __init__(self, data_dir: Path, port: int) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "BOT_TOKEN"}
        environment |= {"PORT": str(port), "DATA_DIR": str(data_dir)}
        command = [sys.executable, "-m", "devstack", "run"]
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._said = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the terminal shows the pattern; fail with all of its text when the run ends before."""
        with self._said:
            self._said.wait_for(lambda: re.search(pattern, self.text) or not self._reader.is_alive(), _START_SECONDS)
        found = re.search(pattern, self.text)
        assert found, f"never said {pattern!r}:\n{self.text}"
        return found

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send it a signal, and wait."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Return its exit code; whatever it does, it is gone afterwards."""
        try:
            return self.process.wait(_STOP_SECONDS)
        finally:
            self.process.kill()
            self._reader.join()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            with self._said:
                self.lines.append(line)
                self._said.notify_all()


MakeRun = Callable[[int], _Run]


@pytest.fixture
def data_dir(infra_folder: Path) -> Path:
    return infra_folder / "run"


@pytest.fixture
def make_run(data_dir: Path) -> Iterator[MakeRun]:
    made: list[_Run] = []

    def make(port: int) -> _Run:
        made.append(_Run(data_dir, port))
        return made[-1]

    yield make
    for run in made:
        run.end()


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def _players(address: str) -> list[object]:
    with urllib.request.urlopen(f"{address}sandbox/api/players", timeout=10) as answer:
        return json.load(answer)


def _asked(data_dir: Path, *words: str) -> tuple[int, str]:
    """Ask as a person does at a terminal; returns the exit code and what was printed."""
    command = [sys.executable, "-m", "devstack", "ask", *words, "--data-dir", str(data_dir)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_START_SECONDS)
    return done.returncode, done.stdout + done.stderr


def test_it_says_where_to_play_and_ctrl_c_stops_all_of_it(make_run: MakeRun, data_dir: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        wanted = taken.getsockname()[1]
        run = make_run(wanted)
        address = run.wait_for(r"Play: +(http://\S+/)")[1]
        run.wait_for("Ctrl-C")
    assert f"Port {wanted} is taken" in run.text
    assert str(wanted) not in address
    assert len(_players(address)) == 2

    answer = _asked(data_dir, "query.payments.catalogue")
    assert (answer[0], "ENERGY_10" in answer[1]) == (0, True)
    assert _asked(data_dir, "admin.gameplay.dead_letter.list.ops") == (0, '{"letters":[]}\n')
    for words, told in (
        (("query.gameplay.player", '{"player_id": 42}'), '"code":404'),
        (("query.gameplay.nothing", "{}"), "nobody answers on query.gameplay.nothing"),
        (("admin.gameplay.dead_letter.list.mira", "{}"), "OPERATORS=mira make run"),
        (("query.gameplay.player", "{player_id: 42}"), "no JSON"),
    ):
        code, said = _asked(data_dir, *words)
        assert (code, told in said) == (1, True), said

    second = make_run(free_port())
    assert second.wait() == 1
    assert f"already runs from {data_dir}: {address}" in second.text

    family = run.family()
    assert {"postgres", "nats-server"} <= {process.name() for process in family}
    assert run.end() == 0
    assert _alive(family) == []
    assert "Traceback" not in run.text
    code, said = _asked(data_dir, "query.payments.catalogue")
    assert (code, "nothing runs" in said) == (1, True), said


def test_a_run_that_was_lost_is_cleaned_up_by_the_next(make_run: MakeRun) -> None:
    lost = make_run(free_port())
    lost.wait_for("Ctrl-C")
    family = psutil.Process(lost.process.pid).children()
    lost.end(signal.SIGKILL)
    assert _alive(family), "nothing outlived the run: there is nothing to clean up"

    run = make_run(free_port())
    run.wait_for("Ctrl-C")
    assert "had left" in run.text
    assert _alive(family) == []
    assert run.end() == 0
