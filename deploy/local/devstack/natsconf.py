"""The NATS server's configuration: one account for the application, one user per service with allow lists.

Only allow lists are written: what is not named is refused, and who has no list may do nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Allowed(Protocol):
    """What a user may say and hear, as `actors.deploying.permissions` derives it from a service's declaration."""

    @property
    def publish(self) -> tuple[str, ...]:
        """Subjects the user may publish to."""
        ...

    @property
    def subscribe(self) -> tuple[str, ...]:
        """Subjects the user may subscribe to (`subject queue` for a queue group)."""
        ...


@dataclass(frozen=True, slots=True)
class NatsUser:
    """A user of the application's account."""

    name: str
    public_key: str
    allowed: Allowed


@dataclass(frozen=True, slots=True)
class NatsConfig:
    """What a local server is told."""

    port: int
    store: Path
    users: Sequence[NatsUser] = ()
    """Empty: no authentication at all, every client may do everything (tests of the ground only)."""
    system_key: str = ""
    """Public key of the system account's user; used with `users`."""
    sync_interval: str = "2m"
    """How often JetStream's files are synced to disk: a duration, or `always`. Loss of power is all it matters for."""
    max_payload_bytes: int = 1024 * 1024


def render(config: NatsConfig) -> str:
    """Return the text of the configuration file."""
    parts = [
        f"listen: 127.0.0.1:{config.port}",
        "server_name: starquiz-local",
        f"max_payload: {config.max_payload_bytes}",
        f"jetstream {{ store_dir: {_quoted(str(config.store))}, sync_interval: {_quoted(config.sync_interval)} }}",
    ]
    if config.users:
        parts += _accounts(config)
    return "\n".join(parts) + "\n"


def _accounts(config: NatsConfig) -> list[str]:
    lines = ["accounts {", "  APP {", "    jetstream: enabled", "    users: ["]
    for user in config.users:
        lines += _user(user)
    lines += ["    ]", "  }", "  SYS {", f"    users: [{{ nkey: {config.system_key} }}]", "  }", "}"]
    return [*lines, "system_account: SYS"]


def _user(user: NatsUser) -> list[str]:
    return [
        f"      {{ # {user.name}",
        f"        nkey: {user.public_key}",
        "        permissions {",
        f"          publish {{ {_only(user.allowed.publish)} }}",
        f"          subscribe {{ {_only(user.allowed.subscribe)} }}",
        "        }",
        "      }",
    ]


def _only(subjects: Sequence[str]) -> str:
    if not subjects:
        # To the server an empty allow list means everything.
        return 'deny: [">"]'
    return "allow: [" + ", ".join(_quoted(subject) for subject in subjects) + "]"


def _quoted(text: str) -> str:
    return json.dumps(text)
