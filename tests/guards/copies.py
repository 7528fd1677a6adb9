"""Copies of the tree, each with an environment of its own in which the copy's packages are the ones that are found."""

import os
import shutil
import subprocess
import venv
from pathlib import Path

import psutil

_GRACE_SECONDS = 10


class Copy:
    """One copy of what git would carry, with the checkout's packages and none of the checkout's code."""

    def __init__(self, source: Path, root: Path) -> None:
        """Make it in `root`, which must not exist."""
        self.root = root
        for name in _carried(source):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target)
        self._python = _environment(source, root)

    def put(self, file: str, text: str) -> None:
        """Write a file's text."""
        path = self.root / file
        was = path.stat()
        path.write_text(text)
        # Byte code is judged by its source's time and length, and the same second may bring the same length again.
        os.utime(path, (was.st_atime, was.st_mtime + 1))

    def run(self, arguments: list[str], log: Path, seconds: float, report: Path | None = None) -> int | None:
        """Run `python -m …` there; return its exit code, None when it had to be ended after `seconds`."""
        env = {**os.environ, "PYTHONPATH": str(self.root / "tests"), "VIRTUAL_ENV": str(self.root / ".venv")}
        env |= {"PYTEST_ADDOPTS": ""} | ({} if report is None else {"GUARDS_REPORT": str(report)})
        with log.open("wb") as out:
            process = psutil.Popen(
                [str(self._python), "-m", *arguments],
                cwd=self.root,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
            try:
                return process.wait(seconds)
            except psutil.TimeoutExpired:
                return None
            finally:
                _end(process)


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


def _end(process: psutil.Popen) -> None:
    """End what a run has left behind: itself, when it is out of time, and the servers that it started."""
    family: list[psutil.Process] = []
    if process.is_running():
        family = [process, *process.children(recursive=True)]
    for member in family:
        if member.is_running():
            member.kill()
    psutil.wait_procs(family, _GRACE_SECONDS)
