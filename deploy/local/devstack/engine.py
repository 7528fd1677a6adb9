"""A database or message server as a child process: started, stopped, killed and restarted by its own pid."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

_POLL_SECONDS = 0.005


class EngineError(RuntimeError):
    """An engine did not start or stop; the text carries the end of its log."""


def start(
    command: Sequence[str],
    log: Path,
    *,
    user: str | None = None,
    readable: Sequence[Path] = (),
    defaults: Mapping[str, str] | None = None,
) -> psutil.Popen:
    """Start an engine in a session of its own, so that a Ctrl-C at the terminal reaches it only through its owner.

    `user` names the account to run as (only root may); `readable` are paths that account must be able to reach;
    `defaults` are environment variables for it, unless the environment sets them.
    """
    env = {**(defaults or {}), **os.environ}
    argv = list(command) if user is None else as_user(user, command, readable)
    with log.open("ab") as out:
        return psutil.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd="/", env=env
        )


def as_user(user: str, command: Sequence[str], readable: Sequence[Path]) -> list[str]:
    """Return the command that runs `command` as another account.

    Where that account cannot reach a path of `readable` (a checkout under root's home, say), the program and what it
    starts get CAP_DAC_OVERRIDE, which bypasses file permissions for reading and writing alike. No file's permissions
    are changed. Raises EngineError without setpriv.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EngineError("Postgres refuses to run as root, and setpriv (util-linux) is missing; run as another user.")
    account = pwd.getpwnam(user)
    argv = [setpriv, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    if not all(_open_to_all(path) for path in readable):
        # The secure bit makes access() see that right too: initdb looks for its neighbour with it.
        argv += ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [*argv, "--", *command]


def _open_to_all(path: Path) -> bool:
    resolved = path.resolve()
    return all(parent.stat().st_mode & 0o001 for parent in [*resolved.parents, resolved] if parent.is_dir())


def wait_until(ready: Callable[[], bool], process: psutil.Popen, log: Path, seconds: float) -> None:
    """Wait for an engine to be ready; raise EngineError with its log's end when it died or took longer."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise EngineError(f"{log.stem} ended with code {process.returncode} before it was ready:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise EngineError(f"{log.stem} was not ready after {seconds:g} s:\n{tail(log)}")
        time.sleep(_POLL_SECONDS)


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log file, indented."""
    if not log.exists():
        return "    (no log)"
    return "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-lines:])


def stop(process: psutil.Popen, first: signal.Signals, seconds: float) -> None:
    """Ask a process to end with `first`; kill it when it has not after `seconds`."""
    if process.poll() is not None:
        return
    process.send_signal(first)
    try:
        process.wait(seconds)
    except psutil.TimeoutExpired:
        kill(process)


def kill(process: psutil.Popen) -> None:
    """End a process and what it started at once (SIGKILL), and wait until they are gone."""
    family: list[psutil.Process] = [process]
    with suppress(psutil.NoSuchProcess):
        family += process.children(recursive=True)
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.send_signal(signal.SIGKILL)
    process.wait(10)
    wait_gone(family[1:], 10)


def wait_gone(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until processes (of whatever parent) are gone; return those that live after `seconds`."""
    deadline = time.monotonic() + seconds
    while alive := [process for process in processes if _lives(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL_SECONDS)
    return alive


def _lives(process: psutil.Process) -> bool:
    try:
        # An orphan waits as a zombie until the machine's first process takes note; it holds nothing any more.
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_root() -> bool:
    """Tell whether this process has root's rights, which Postgres refuses."""
    return os.geteuid() == 0
