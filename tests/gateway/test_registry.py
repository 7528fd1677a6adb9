"""The command registry drives dispatch, help and the menu."""

import pytest

from gateway.domain.chat import Role
from gateway.domain.deep_link import DeepLink, parse_deep_link
from gateway.domain.registry import Category, Command, Registry, split_command
from gateway.handlers.commands import COMMANDS


def nothing(_: object) -> None:
    """Handles whatever it is."""


STAFF: Registry[object] = Registry(
    [
        Command(name="play", category=Category.GAME, handler=nothing),
        Command(name="ban", category=Category.OPERATIONS, role=Role.OPERATOR, handler=nothing),
    ]
)


def test_a_role_sees_its_own_commands_and_those_below() -> None:
    assert [c.name for c in STAFF.visible(Role.PLAYER)] == ["play"]
    assert [c.name for c in STAFF.visible(Role.OWNER)] == ["play", "ban"]
    assert STAFF.find("ban", Role.PARTNER) is None
    assert STAFF.find("BAN", Role.OPERATOR) is not None
    assert STAFF.by_category(Role.PLAYER) == [
        (Category.GAME, (Command(name="play", category=Category.GAME, handler=nothing),))
    ]


def test_the_nearest_match() -> None:
    def nearest(name: str) -> str | None:
        match = COMMANDS.nearest(name, Role.PLAYER)
        return match.name if match else None

    assert nearest("pley") == "play"
    assert nearest("setings") == "settings"
    assert nearest("xyzzyxyzzy") is None
    assert STAFF.nearest("ban", Role.PLAYER) is None


@pytest.mark.parametrize("name", ["Play", "spiel!", "ü", "x" * 33, ""])
def test_names_that_telegram_would_refuse_are_refused_here(name: str) -> None:
    with pytest.raises(ValueError, match="command name"):
        Registry([Command(name=name, category=Category.GAME, handler=nothing)])


def test_a_name_is_used_once() -> None:
    with pytest.raises(ValueError, match="play"):
        Registry([Command(name="play", category=Category.GAME, handler=nothing)] * 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/play", ("play", "")),
        ("/PLAY@Starquiz_Bot", ("play", "")),
        ("/start ref_ABC  ", ("start", "ref_ABC")),
        ("/play\nlos", ("play", "los")),
        ("/play\tlos", ("play", "los")),
        ("/play\u00a0los", ("play", "los")),
        ("/play\u3000los", ("play", "los")),
        ("/play\u2028los", ("play", "los")),
        ("/play\u200b", ("play", "")),
        ("/play\ufeff", ("play", "")),
        ("\u200e/play", ("play", "")),
        (" /play", ("play", "")),
        ("\u2068/play\u2069", ("play", "")),
        ("\u202b/play@starquiz_bot\u202c", ("play", "")),
        ("\u061c/start\u2067shop_ENERGY_10", ("start", "shop_ENERGY_10")),
        ("/play\n\n", ("play", "")),
        ("/start\nshop_ENERGY_10", ("start", "shop_ENERGY_10")),
        ("/start\r\nshop_ENERGY_10\nlos", ("start", "shop_ENERGY_10 los")),
        ("/play@starquiz_bot\nhi", ("play", "hi")),
        ("/play@starquiz_bot\u00a0hi", ("play", "hi")),
        ("/play@another_bot\nhi", None),
        ("/play@", ("play", "")),
        ("/@starquiz_bot", None),
        ("/ play", None),
        ("\u200b", None),
        ("/play@another_bot", None),
        ("play", None),
        ("/", None),
        ("", None),
    ],
)
def test_splitting_a_command(text: str, expected: tuple[str, str] | None) -> None:
    assert split_command(text, "starquiz_bot") == expected


def test_deep_links() -> None:
    assert parse_deep_link("ref_ABC123") == DeepLink("ref", "ABC123")
    assert parse_deep_link("shop_ENERGY_10") == DeepLink("shop", "ENERGY_10")
    assert parse_deep_link("duel_AaH-vu7Xc_6Tv9UpTSSM4A") == DeepLink("duel", "AaH-vu7Xc_6Tv9UpTSSM4A")
    for unknown in ("", "ref_", "gift_1", "ref_a b", "ref_" + "x" * 59, "xref_1"):
        assert parse_deep_link(unknown) is None
