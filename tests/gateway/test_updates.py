"""Updates become commands, answers and a line in the log; whatever is tapped is answered."""

from datetime import timedelta
from typing import Any

import pytest
from tests.gateway.conftest import NOW, PLAYER, ROUND, Desk, person

from contracts.gameplay import (
    AnswerRound,
    ChangeSettings,
    Mode,
    Period,
    ShowLeaderboard,
    ShowPlayer,
    StartGame,
    StopGame,
    View,
    WelcomePlayer,
)
from contracts.gateway import PlayerReachabilityChanged
from contracts.ids import short
from contracts.payments import BuyProduct, Product, ShopView, ShowPurchases, ShowShop
from gateway.domain.effects import AnswerTap, ShowScreen
from gateway.domain.log import UpdateRow
from gateway.handlers.commands import COMMANDS
from gateway.handlers.taps import ForgedError


def row(decision: Any) -> UpdateRow:
    """The update's line in the log: there is always exactly one."""
    (found,) = decision.records
    assert isinstance(found, UpdateRow)
    return found


def screens(decision: Any) -> list[ShowScreen]:
    return [effect for effect in decision.effects if isinstance(effect, ShowScreen)]


def toasts(decision: Any) -> list[AnswerTap]:
    return [effect for effect in decision.effects if isinstance(effect, AnswerTap)]


async def test_start_introduces_the_player_and_asks_for_the_welcome(desk: Desk) -> None:
    decision = await desk.say("/start", language="en-GB")
    welcome = [message for message in decision.emitted if isinstance(message, WelcomePlayer)]
    assert welcome[-1] == WelcomePlayer(player_id=PLAYER, name="Anna", language="en")
    assert decision.only(ShowPlayer).view is View.WELCOME
    assert decision.origins[-1] == f"m:{PLAYER}"
    assert (desk.chat.language, desk.chat.first_name, desk.chat.username) == ("en", "Anna", "anna")
    line = row(decision)
    assert (line.kind, line.command, line.status, line.chat_id) == ("message", "/start", "handled", PLAYER)


@pytest.mark.parametrize(
    ("parameter", "command"),
    [("ref_ABC", "/start ref"), ("nonsense", "/start"), ("", "/start")],
)
async def test_deep_links_welcome_everyone_and_are_noted(desk: Desk, parameter: str, command: str) -> None:
    decision = await desk.say(f"/start {parameter}")
    assert decision.only(ShowPlayer).view is View.WELCOME
    assert row(decision).command == command


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/play", ShowPlayer(player_id=PLAYER, view=View.MENU)),
        ("/daily", StartGame(player_id=PLAYER, mode=Mode.DAILY_CHALLENGE)),
        ("/streak", ShowPlayer(player_id=PLAYER, view=View.STREAK)),
        ("/stats@starquiz_bot", ShowPlayer(player_id=PLAYER, view=View.STATS)),
        ("/top", ShowLeaderboard(player_id=PLAYER, period=Period.DAY)),
        ("/settings", ShowPlayer(player_id=PLAYER, view=View.SETTINGS)),
        ("/shop", ShowShop(player_id=PLAYER, view=ShopView.SHOP)),
        ("/premium", ShowShop(player_id=PLAYER, view=ShopView.PREMIUM)),
        ("/purchases", ShowPurchases(player_id=PLAYER)),
        ("/start shop_ENERGY_10", ShowShop(player_id=PLAYER, view=ShopView.SHOP)),
        ("/start shop_PREMIUM_YEAR", ShowShop(player_id=PLAYER, view=ShopView.PREMIUM)),
        ("/start shop_forged", ShowShop(player_id=PLAYER, view=ShopView.SHOP)),
    ],
)
async def test_commands_that_another_service_answers(desk: Desk, text: str, expected: Any) -> None:
    decision = await desk.say(text)
    assert decision.emitted[-1] == expected
    assert screens(decision) == []


async def test_every_registered_command_has_a_handler(desk: Desk) -> None:
    for command in COMMANDS:
        desk.now += timedelta(minutes=1)
        desk.chat.role = command.role
        decision = await desk.say(f"/{command.name}")
        assert row(decision).status == "handled"
        texts = [screen.text for screen in screens(decision)]
        assert not any("🤔" in text for text in texts), command.name
        assert texts or len(decision.emitted) > 0


async def test_help_and_language_are_answered_here(desk: Desk) -> None:
    (help_screen,) = screens(await desk.say("/help"))
    assert "/play" in help_screen.text
    (languages,) = screens(await desk.say("/language"))
    assert languages.message_id == 0


async def test_an_unknown_command_names_the_nearest(desk: Desk) -> None:
    (screen,) = screens(await desk.say("/pley"))
    assert "/play?" in screen.text
    (screen,) = screens(await desk.say("/xyzzyxyzzy"))
    assert "🤔" in screen.text
    assert "/help" in screen.text


async def test_free_text_and_stickers_are_nudged(desk: Desk) -> None:
    (screen,) = screens(await desk.say("Hallo?"))
    assert screen.keyboard
    message = {
        "message_id": 1,
        "date": 1,
        "chat": {"id": PLAYER, "type": "private"},
        "from": {"id": PLAYER, "is_bot": False, "first_name": "Anna"},
        "sticker": {"file_id": "s"},
    }
    (screen,) = screens(await desk.update("message", message))
    assert screen.keyboard


async def test_groups_are_shown_the_way_to_the_private_chat(desk: Desk) -> None:
    group = {"id": -100, "type": "supergroup", "title": "Klasse"}
    (screen,) = screens(await desk.say("/play", chat=group))
    assert screen.chat_id == -100
    assert screen.keyboard[0][0].url
    chatter = await desk.say("hi all", chat=group)
    assert (chatter.effects, row(chatter).status) == ([], "ignored")


async def test_a_new_name_reaches_the_game_once(desk: Desk) -> None:
    assert (await desk.say("/play")).only(WelcomePlayer).name == "Anna"
    assert [type(message) for message in (await desk.say("/play")).emitted] == [ShowPlayer]


async def test_a_tap_on_an_answer(desk: Desk) -> None:
    await desk.say("/start")
    decision = await desk.tap(f"a:{short(ROUND)}:2", message_id=50, query_id="q77")
    assert decision.emitted == [AnswerRound(player_id=PLAYER, round_id=ROUND, option=2)]
    assert decision.origins == [f"c:q77:{PLAYER}:50@{round(desk.now.timestamp() * 1000)}"]
    assert decision.effects == []
    assert (row(decision).command, row(decision).kind) == ("tap:a", "callback_query")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("p:ARTIKEL_SPRINT", StartGame(player_id=PLAYER, mode=Mode.ARTIKEL_SPRINT)),
        ("x", StopGame(player_id=PLAYER)),
        ("v:streak", ShowPlayer(player_id=PLAYER, view=View.STREAK)),
        ("t:week", ShowLeaderboard(player_id=PLAYER, period=Period.WEEK)),
        ("s:daily_push:0", ChangeSettings(player_id=PLAYER, daily_push=False)),
        ("sh:premium", ShowShop(player_id=PLAYER, view=ShopView.PREMIUM)),
        ("pu", ShowPurchases(player_id=PLAYER)),
        ("b:ENERGY_10:shop", BuyProduct(player_id=PLAYER, product=Product.ENERGY_10, surface="shop")),
        (
            "b:MEGA_PACK_15:locked-WORD_ORDER",
            BuyProduct(player_id=PLAYER, product=Product.MEGA_PACK_15, surface="locked-WORD_ORDER"),
        ),
        ("s:streak_reminder:1", ChangeSettings(player_id=PLAYER, streak_reminder=True)),
    ],
)
async def test_taps_that_another_service_answers(desk: Desk, data: str, expected: Any) -> None:
    assert (await desk.tap(data)).emitted[-1] == expected


@pytest.mark.parametrize(
    "data",
    [
        "", ":", "a", "a:", "a:short:1", f"a:{short(ROUND)}", f"a:{short(ROUND)}:4", f"a:{short(ROUND)}:-1",
        f"a:{short(ROUND)}:x", f"a:{short(ROUND)}:1:1", "a:" + "Z" * 22 + ":1", "p:NO_SUCH_MODE", "p:", "v:root",
        "t:year", "b:ENERGY_10", "b:ENERGY_10:", "b:ENERGY_10:moon", "b:GOLD:shop", "b:ENERGY_10:shop:1", "sh:cellar",
        "n:NO_SUCH_MODE", "su:1",
        "s:role:1", "s:player_id:1", "s:daily_push:maybe", "l:tlh", "l:", "zzz", "a" * 64, "ü:1", "x:1", "h:1", "\x00",
    ],
)  # fmt: skip
async def test_forged_data_gets_a_clear_toast(desk: Desk, data: str) -> None:
    await desk.say("/start")
    decision = await desk.tap(data)
    assert decision.emitted == []
    (toast,) = toasts(decision)
    assert "/play" in toast.text
    assert toast.alert
    assert row(decision).status == "forged"
    assert issubclass(ForgedError, ValueError)


async def test_a_tap_without_data_is_answered(desk: Desk) -> None:
    decision = await desk.update(
        "callback_query", {"id": "q", "from": person("de"), "chat_instance": "1", "game_short_name": "g"}
    )
    assert len(toasts(decision)) == 1


async def test_a_tap_on_a_message_that_is_gone_or_inline(desk: Desk) -> None:
    gone = {"message_id": 5, "date": 0, "chat": {"id": PLAYER, "type": "private"}}
    decision = await desk.update(
        "callback_query", {"id": "q", "from": person("de"), "chat_instance": "1", "data": "h", "message": gone}
    )
    assert screens(decision)[0].message_id == 5
    decision = await desk.update(
        "callback_query", {"id": "q", "from": person("de"), "chat_instance": "1", "data": "h", "inline_message_id": "i"}
    )
    assert (screens(decision)[0].chat_id, screens(decision)[0].message_id) == (PLAYER, 0)


async def test_the_language_switches_at_once_and_the_game_hears_of_it(desk: Desk) -> None:
    await desk.say("/start", language="de")
    decision = await desk.tap("l:en", message_id=60)
    assert desk.chat.language == "en"
    assert decision.only(WelcomePlayer).language == "en"
    (screen,) = screens(decision)
    assert "English" in screen.text
    assert screen.message_id == 60
    assert toasts(decision)[0].text == "English ✅"
    await desk.say("/play", language="de")
    assert desk.chat.language == "en"


async def test_a_thousand_taps_in_a_second_are_all_answered(desk: Desk) -> None:
    await desk.say("/start")
    commands, notices, silent = 0, 0, 0
    for number in range(1000):
        desk.now = NOW + timedelta(milliseconds=number)
        decision = await desk.tap("x", query_id=f"q{number}")
        commands += len(decision.emitted)
        answered = toasts(decision)
        if not decision.emitted:
            assert [toast.query_id for toast in answered] == [f"q{number}"]
            assert row(decision).status == "limited"
            notices += bool(answered[0].text)
            silent += not answered[0].text
    assert 10 <= commands <= 15
    assert notices == 1
    assert commands + notices + silent == 1000


async def test_too_many_commands_get_one_notice_and_then_silence(desk: Desk) -> None:
    shown: list[str] = []
    for _ in range(30):
        shown += [screen.text for screen in screens(await desk.say("/help"))]
    assert len(shown) == 11
    assert "🐢" in shown[-1]


async def test_blocking_and_coming_back(desk: Desk) -> None:
    def change(status: str) -> dict[str, Any]:
        user = {"id": 42, "is_bot": True, "first_name": "Starquiz"}
        member: dict[str, Any] = {"user": user, "status": status}
        if status == "kicked":
            member["until_date"] = 0
        return {
            "chat": {"id": PLAYER, "type": "private", "first_name": "Anna"},
            "from": {"id": PLAYER, "is_bot": False, "first_name": "Anna"},
            "date": 1,
            "old_chat_member": {"user": user, "status": "member"},
            "new_chat_member": member,
        }

    await desk.say("/start")
    blocked = await desk.update("my_chat_member", change("kicked"))
    assert blocked.only(PlayerReachabilityChanged).reachable is False
    assert desk.chat.blocked_at == NOW
    assert (await desk.update("my_chat_member", change("kicked"))).emitted == []
    back = await desk.update("my_chat_member", change("member"))
    assert back.only(PlayerReachabilityChanged).reachable is True
    assert desk.chat.blocked_at is None
    desk.chat.blocked_at = NOW
    group = {"id": -100, "type": "supergroup", "title": "Klasse"}
    assert PlayerReachabilityChanged not in map(type, (await desk.say("/play", chat=group)).emitted)
    assert desk.chat.blocked_at == NOW
    assert (await desk.say("/play")).only(PlayerReachabilityChanged).reachable is True
    assert desk.chat.blocked_at is None


async def test_kinds_nobody_handles_are_logged_as_ignored(desk: Desk) -> None:
    decision = await desk.update(
        "poll",
        {
            "id": "1",
            "question": "?",
            "options": [],
            "total_voter_count": 0,
            "is_closed": True,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": False,
            "members_only": False,
        },
    )
    assert (decision.emitted, decision.effects, row(decision).status) == ([], [], "ignored")
