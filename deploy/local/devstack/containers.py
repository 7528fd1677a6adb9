"""Servers for tests in containers, through testcontainers (`INFRA=containers`). Needs Docker."""

import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from testcontainers.core.container import DockerContainer

from devstack.natsconf import NatsConfig, NatsUser, render
from devstack.ports import LOOPBACK, free_port
from devstack.testbed import NatsEngine, PostgresEngine

_POSTGRES_IMAGE = "postgres:18-alpine"
_NATS_IMAGE = "nats:2.15-alpine"
_PASSWORD = "for-tests-only"  # noqa: S105
_START_SECONDS = 60


class Containers:
    """Makes containers that keep their data and port over a kill and a restart."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds what is mounted into them: configuration files."""
        self._folder = folder

    def postgres(self) -> PostgresEngine:
        """Return a Postgres container, not yet started."""
        port = free_port()
        container = DockerContainer(_POSTGRES_IMAGE).with_bind_ports(5432, port)
        return _Postgres(container.with_env("POSTGRES_PASSWORD", _PASSWORD), port)

    def nats(self, users: Sequence[NatsUser] = (), system_key: str = "") -> NatsEngine:
        """Return a NATS container, not yet started."""
        port = free_port()
        file = Path(tempfile.mkdtemp(dir=self._folder)) / "nats.conf"
        text = render(NatsConfig(4222, Path("/data"), users, system_key))
        file.write_text(text.replace("listen: 127.0.0.1:", "listen: 0.0.0.0:"))
        container = DockerContainer(_NATS_IMAGE).with_bind_ports(4222, port)
        container = container.with_volume_mapping(str(file), "/starquiz/nats.conf", "ro")
        return _Nats(container.with_command("-c /starquiz/nats.conf"), port)


class _Container:
    def __init__(self, container: DockerContainer, port: int) -> None:
        self._container = container
        self._port = port
        self._made = False

    def start(self) -> None:
        if self._made:
            self._wrapped().start()
        else:
            self._container.start()
            self._made = True
        _wait(self._ready)

    def stop(self) -> None:
        if self._made:
            self._wrapped().stop(timeout=10)

    def kill(self) -> None:
        if self._made:
            self._wrapped().kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def _wrapped(self) -> Any:
        return self._container.get_wrapped_container()

    def _ready(self) -> bool:
        raise TypeError("a container says when it is ready")


class _Postgres(_Container):
    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        secret = _PASSWORD if password is None else password
        place = f"{LOOPBACK}:{self._port}/{quote(database)}"
        return f"postgresql://{quote(user)}:{quote(secret)}@{place}?sslmode=disable"

    def _ready(self) -> bool:
        # Over TCP: while the image prepares its data directory the server is on a Unix socket only.
        return self._container.exec(["pg_isready", "-h", "127.0.0.1"]).exit_code == 0


class _Nats(_Container):
    @property
    def url(self) -> str:
        return f"nats://{LOOPBACK}:{self._port}"

    def discard(self) -> None:
        self._container.stop()

    def _ready(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self._port), timeout=1) as client:
                return client.recv(5) == b"INFO "
        except OSError:
            return False


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"a container was not ready after {_START_SECONDS} s")
        time.sleep(0.05)
