"""A service's settings in a local run come from its own file, and reach no password of anybody's role."""

from pathlib import Path

import pytest

from devstack import local_env, roles
from devstack.local_env import LocalEnvError
from devstack.services import rooms
from devstack.vault import Vault

_SOURCES = {"sandbox": lambda _: "http://s", "secret": str.upper, "port": lambda name: f"1{len(name)}"}


def _read(folder: Path, text: str, *switched_on: str) -> dict[str, str]:
    file = folder / "local.env"
    file.write_text(text, encoding="utf-8")
    return local_env.read(file, set(switched_on), _SOURCES)


def test_a_section_holds_where_its_switch_is_on(tmp_path: Path) -> None:
    text = "A=1\n\n# said by hand\n[sandbox]\nB=${sandbox}/x\n[stripe]\nC=k_${secret:key}:${port:web}\n"
    assert _read(tmp_path, text) == {"A": "1"}
    assert _read(tmp_path, text, "sandbox") == {"A": "1", "B": "http://s/x"}
    assert _read(tmp_path, text, "stripe") == {"A": "1", "C": "k_KEY:13"}


def test_a_service_without_a_file_needs_nothing(tmp_path: Path) -> None:
    assert local_env.read(tmp_path / "local.env", {"sandbox"}, _SOURCES) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A=1\n[payments]", r":2: \[payments\] is none of sandbox"),
        ("a=1", ":1: expected NAME=value"),
        ("A", ":1: expected NAME=value"),
        ("A=${vault:x}", r":1: \$\{vault:x\} is none of port"),
        ("A=${secret:", r":1: a \$\{…\} that is not closed"),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(LocalEnvError, match=says):
        _read(tmp_path, text)


def test_a_shared_secret_is_nobody_s_password(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    names = [name for room in rooms() for name in (room.name, roles.owner_of(room.name))]
    assert not {vault.password(name) for name in names} & {vault.shared(name) for name in names}
    assert vault.shared("bot") == vault.shared("bot")
