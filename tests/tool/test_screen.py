"""What is shown: any answer as something to read, at any width, and nothing that a terminal would obey."""

import io
from typing import Any

import pytest
from rich.console import Console

from starquiz.calls import Wish, confirm, verdict
from starquiz.endpoints import Endpoint
from starquiz.inert import escaped, inert
from starquiz.layout import fitting, laid_out, table
from starquiz.screen import Screen, plain
from starquiz.troubles import MISUSED, REFUSED, WAITING, ToolError

ROWS = [
    {"service": "payments", "job": f"job_{number}", "schedule": "every 300 s", "error": "x" * 90} for number in (1, 2)
]


def _shown(part: Any, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(part)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_table_keeps_to_the_width_and_cuts_no_name(width: int) -> None:
    columns = fitting(ROWS, ("service", "job", "schedule", "error"), ("schedule",), width)
    lines = _shown(table(ROWS, columns), width).splitlines()
    assert max(map(len, lines)) <= width
    assert sum("job_1" in line for line in lines) == 1
    assert "".join(line.split()[-1] for line in lines if "x" in line).count("x") == 180


def test_columns_that_may_go_go_where_room_is_scarce() -> None:
    columns = ("service", "job", "schedule", "error")
    assert fitting(ROWS, columns, ("schedule",), 40) == ["service", "job", "error"]
    assert fitting(ROWS, columns, ("schedule",), 100) == list(columns)


def test_lists_are_tables_and_what_is_too_wide_stands_below_one_another() -> None:
    wide = [{f"column_{number}": "value" for number in range(12)}] * 2
    shown = "".join(_shown(part, 80) for part in laid_out({"total": 2, "empty": None, "rows": wide}, 80))
    assert "empty" not in shown
    assert shown.count("column 3  ") == 2
    assert max(map(len, shown.splitlines())) <= 80


def test_instants_are_read_to_the_second() -> None:
    (part,) = laid_out({"at": "2026-12-01T00:24:20.164386Z"}, 80)
    assert "2026-12-01 00:24:20Z" in _shown(part, 80)


@pytest.mark.parametrize("live", ["\x1b[2J", "\x9b2J", "\u202e", "\r", "\x07"])
def test_a_player_s_text_does_nothing_to_a_terminal(live: str) -> None:
    (part,) = laid_out({"name": f"Eve{live}"}, 80)
    assert live not in _shown(part, 80)
    assert inert(live)[0] == "�"
    assert live[0] not in escaped(f'"{live}"')


def test_the_plain_command_line_is_quoted_for_a_shell() -> None:
    assert plain("query.a.b", {"text": "it's"}) == """nats req query.a.b '{"text": "it'"'"'s"}'"""


_FINAL = Endpoint(
    service="shop", subject="admin.shop.order.cancel", irreversible="It is gone.", confirm="order", request={}
)


def test_what_cannot_be_undone_is_not_sent_without_the_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    confirm(_FINAL, {"order": 7}, Wish(confirm="7"), Screen())
    for typed in ("", "8", "cancel"):
        with pytest.raises(ToolError) as refused:
            confirm(_FINAL, {"order": 7}, Wish(confirm=typed), Screen())
        assert refused.value.code == MISUSED
    confirm(_FINAL, {}, Wish(confirm="cancel"), Screen())  # nothing names it: the verb does


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"done": True, "reason": ""}, 0),
        ({"done": False, "reason": "note: too long"}, REFUSED),
        ({"started": True, "reason": "pending already"}, 0),
        ({"found": False}, REFUSED),
        ({"replayed": [], "failed": {"1": "no"}}, REFUSED),
        ({"waits_for_approval": True}, WAITING),
        ([], 0),
    ],
)
def test_a_script_sees_whether_it_was_done(answer: Any, code: int) -> None:
    assert verdict(answer, Screen()) == code
