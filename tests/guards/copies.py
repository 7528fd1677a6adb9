"""Copies of the tree, each with an environment of its own in which the copy's packages are the ones that are found."""

import json
import os
import shutil
import subprocess
import threading
import venv
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

_GRACE_SECONDS = 10


class Copy:
    """One copy of what git would carry, with the checkout's packages and none of the checkout's code."""

    def __init__(self, source: Path, root: Path, more: Mapping[str, str] | None = None) -> None:
        """Make it in `root`, which must not exist, with `more` files by their paths."""
        self.root = root
        for name in _carried(source):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target)
        for name, text in (more or {}).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        self._python = _environment(source, root)
        self._warm: subprocess.Popen[str] | None = None

    def put(self, file: str, text: str) -> None:
        """Write a file's text."""
        path = self.root / file
        was = path.stat()
        path.write_text(text)
        # Byte code is judged by its source's time and length, and the same second may bring the same length again.
        os.utime(path, (was.st_atime, was.st_mtime + 1))

    def run(self, arguments: list[str]) -> tuple[int, str]:
        """Run `python -m …` there; return its exit code and what it printed."""
        done = subprocess.run(
            [str(self._python), "-m", *arguments], cwd=self.root, env=self._env(), capture_output=True, check=False
        )
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace").strip()

    def test(self, arguments: list[str], log: Path, seconds: float, report: Path) -> int | None:
        """Run pytest there; return its exit code, None when it had to be ended after `seconds`."""
        warm = self._warm
        if warm is None or warm.poll() is not None:
            warm = self._warm = self._start()
        if warm.stdin is None or warm.stdout is None:
            raise RuntimeError("started without pipes")
        warm.stdin.write(f"{json.dumps([arguments, str(log), str(report)])}\n")
        warm.stdin.flush()
        run = psutil.Process(int(warm.stdout.readline()))
        late = threading.Event()
        timer = threading.Timer(seconds, lambda: (late.set(), _end(run)))
        timer.start()
        try:
            code = int(warm.stdout.readline())
        finally:
            timer.cancel()
            _end(run)
        return None if late.is_set() else code

    def close(self) -> None:
        """End what was started for it."""
        if self._warm is not None:
            _end(psutil.Process(self._warm.pid))
            self._warm.wait()

    def _start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [str(self._python), "-m", "guards.warm"],
            cwd=self.root,
            env=self._env(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _env(self) -> dict[str, str]:
        own = {"PYTHONPATH": str(self.root / "tests"), "VIRTUAL_ENV": str(self.root / ".venv"), "PYTEST_ADDOPTS": ""}
        return {**os.environ, **own}


def _carried(source: Path) -> list[str]:
    """Return what is tracked or could be, as it lies there now."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=source, capture_output=True, check=True).stdout.decode().split("\0")
    return [name for name in listed if name and (source / name).is_file()]


def _environment(source: Path, root: Path) -> Path:
    """Make the copy's .venv: its own packages, then what is pinned in the checkout's; returns its Python.

    The checkout's editable installs are .pth files, which are not read in a directory that a .pth file names.
    """
    venv.create(root / ".venv", symlinks=True, with_pip=False)
    (own,) = (root / ".venv").glob("lib/python*/site-packages")
    (pinned,) = (source / ".venv").glob("lib/python*/site-packages")
    projects = [*root.glob("*/*/pyproject.toml"), *root.glob("sandbox/pyproject.toml")]
    lines = [*sorted(str(project.parent) for project in projects), str(pinned)]
    (own / "guards.pth").write_text("".join(f"{line}\n" for line in lines))
    for program in (source / ".venv/bin").iterdir():
        if not (root / ".venv/bin" / program.name).exists():
            (root / ".venv/bin" / program.name).symlink_to(program)
    return root / ".venv/bin/python"


def _end(process: psutil.Process) -> None:
    """End a process and the servers that it started; of one that has ended by itself, nothing is left."""
    family: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(family[1:], _GRACE_SECONDS)
