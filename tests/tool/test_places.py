"""Where to ask and as whom: said, or found on this machine; what is missing is named with its remedy."""

from pathlib import Path

import pytest

from starquiz.places import find_place
from starquiz.troubles import MISUSED, UNREACHED, ToolError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of a run on this machine, with the operator ops."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    (tmp_path / "nats").mkdir()
    (tmp_path / "secrets").mkdir()
    (tmp_path / "nats/nats.conf").write_text("listen: 127.0.0.1:4321\n")
    (tmp_path / "secrets/operator_ops.nk").write_text("SU…")
    return tmp_path


def test_a_run_on_this_machine_is_found(run: Path) -> None:
    place = find_place(None, None, None)
    assert (place.server, place.operator, place.key) == (
        "nats://127.0.0.1:4321",
        "ops",
        run / "secrets/operator_ops.nk",
    )


def test_an_operator_who_is_not_there_is_named(run: Path) -> None:
    del run
    with pytest.raises(ToolError, match="OPERATORS=eve make run") as trouble:
        find_place(None, "eve", None)
    assert trouble.value.code == MISUSED


def test_where_nothing_runs_the_remedy_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    with pytest.raises(ToolError, match="make run") as trouble:
        find_place(None, None, None)
    assert trouble.value.code == UNREACHED


@pytest.mark.parametrize(
    ("operator", "key", "says"), [(None, None, "STARQUIZ_OPERATOR"), ("mira", "/no/such", "--key")]
)
def test_elsewhere_one_says_who_and_by_which_key(operator: str | None, key: str | None, says: str) -> None:
    with pytest.raises(ToolError, match=says):
        find_place("nats://host:4222", operator, None if key is None else Path(key))


@pytest.mark.parametrize("name", ["../ops", "Mira", "a.b", "*"])
def test_a_name_that_cannot_stand_in_a_subject_is_refused(run: Path, name: str) -> None:
    del run
    with pytest.raises(ToolError, match="operator"):
        find_place(None, name, None)
