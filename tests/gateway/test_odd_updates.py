"""Updates as Telegram sends them, now and next year: parts that nobody here knows keep nobody from an answer."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.gateway.conftest import NOW, PLAYER, ROUND, Desk, person
from tests.gateway.test_updates import row, screens, toasts

from contracts.gameplay import AnswerRound, ShowPlayer, View, WelcomePlayer
from contracts.gateway import PlayerReachabilityChanged, TelegramPaymentUpdate
from contracts.ids import short
from contracts.payments import RecordPayment, ShopView, ShowShop
from gateway.domain.effects import AnswerPreCheckout
from gateway.domain.limits import COMMANDS
from gateway.handlers import updates as handling
from gateway.handlers.visit import Visit

CHAT = {"id": PLAYER, "type": "private", "first_name": "Anna"}
GROUP = {"id": -100, "type": "supergroup", "title": "Klasse"}
UNKNOWN = {
    "an origin without its name": {"forward_origin": {"type": "hidden_user", "date": 1}},
    "an origin of next year": {"forward_origin": {"type": "hologram", "date": 1}},
    "a story without its chat": {"external_reply": {"origin": {"type": "user"}, "story": {}}},
    "a reply without anything": {"reply_to_message": {}},
    "a quote of another form": {"quote": [1]},
    "an entity of next year": {"entities": [{"type": "sparkle", "offset": "x"}]},
    "a date of another form": {"date": "today"},
    "no date": {"date": None},
    "a field of next year": {"aura": {"colour": [1, {"deep": None}]}},
    "another bot's message": {"via_bot": {"id": "x"}},
    "a picture of another form": {"photo": 5},
    "a chat with more in it": {"chat": CHAT | {"type": "private", "theme": 5, "username": {}}},
    "a player with more": {"from": person("de") | {"is_wizard": "yes", "last_name": 7}},
    "a thread": {"message_thread_id": "t", "is_topic_message": 2},
}


async def said(desk: Desk, **more: Any) -> Any:
    """A message of Anna's with these fields in it."""
    message = {"message_id": 1, "date": 1, "chat": CHAT, "from": person("de")} | more
    return await desk.update("message", message)


@pytest.mark.parametrize("odd", UNKNOWN.values(), ids=UNKNOWN)
async def test_what_is_known_of_a_message_is_enough_to_answer_it(desk: Desk, odd: dict[str, Any]) -> None:
    decision = await said(desk, text="/play", **odd)
    assert decision.only(ShowPlayer).view is View.MENU
    assert (row(decision).status, row(decision).command, row(decision).chat_id) == ("handled", "/play", PLAYER)
    decision = await said(desk, text="hallo", **odd)
    assert screens(decision)[0].keyboard


@pytest.mark.parametrize("odd", UNKNOWN.values(), ids=UNKNOWN)
async def test_a_tap_on_whatever_message_is_heard(desk: Desk, odd: dict[str, Any]) -> None:
    message = {"message_id": 50, "date": 1, "chat": CHAT, "from": {"id": 42, "is_bot": True, "first_name": "S"}} | odd
    data = f"a:{short(ROUND)}:2"
    tap = {"id": "q7", "from": person("de"), "chat_instance": 5, "data": data, "message": message, "aura": {}}
    decision = await desk.update("callback_query", tap)
    assert decision.only(AnswerRound).option == 2
    assert decision.origins[-1] == f"c:q7:{PLAYER}:50@{round(desk.now.timestamp() * 1000)}"


async def test_nobody_has_the_id_0(desk: Desk) -> None:
    for message in ({"text": "/start", "from": person("de") | {"id": 0}}, {"text": "/start", "from": {"id": -5}}):
        decision = await said(desk, **message)
        assert (decision.emitted, decision.effects, row(decision).status) == ([], [], "ignored")


async def test_a_tap_of_nobody_stops_turning(desk: Desk) -> None:
    decision = await desk.update("callback_query", {"id": "q7", "from": {"name": "?"}, "data": f"a:{short(ROUND)}:2"})
    assert decision.emitted == []
    assert [toast.query_id for toast in toasts(decision)] == ["q7"]
    assert row(decision).status == "unreadable"


@pytest.mark.parametrize("old", [{}, None, {"status": "hologram"}, {"status": "restricted"}])
async def test_blocking_is_noted_whatever_else_the_update_says(desk: Desk, old: Any) -> None:
    change = {"chat": CHAT, "from": {"id": "?"}, "date": None, "old_chat_member": old, "via_join_request": 5}
    gone = await desk.update("my_chat_member", change | {"new_chat_member": {"status": "kicked"}})
    assert gone.only(PlayerReachabilityChanged).reachable is False
    back = await desk.update("my_chat_member", change | {"new_chat_member": {"status": "member", "rank": 5}})
    assert back.only(PlayerReachabilityChanged).reachable is True
    assert row(back).status == "handled"


@pytest.mark.parametrize("new", [{"status": "hologram"}, {"status": 5}, {}, None, []])
@pytest.mark.parametrize("blocked_at", [NOW, None])
async def test_a_status_that_nobody_knows_changes_nothing(desk: Desk, new: Any, blocked_at: Any) -> None:
    desk.chat.blocked_at = blocked_at
    decision = await desk.update("my_chat_member", {"chat": CHAT, "new_chat_member": new})
    assert (decision.emitted, desk.chat.blocked_at, row(decision).status) == ([], blocked_at, "ignored")


@pytest.mark.parametrize("chat", [GROUP, None, {}, 5, {"id": -100}])
async def test_what_becomes_of_the_bot_elsewhere_says_nothing_of_the_player(desk: Desk, chat: Any) -> None:
    decision = await desk.update("my_chat_member", {"chat": chat, "new_chat_member": {"status": "kicked"}})
    assert (decision.emitted, desk.chat.blocked_at) == ([], None)


async def test_a_room_is_no_player_whatever_becomes_of_the_bot_in_it(desk: Desk) -> None:
    change = {"chat": {"id": PLAYER, "type": "supergroup"}, "new_chat_member": {"status": "kicked"}}
    decision = await desk.update("my_chat_member", change)
    assert (decision.emitted, desk.chat.blocked_at) == ([], None)


@pytest.mark.parametrize("kind", ["edited_message", "hologram", "message_reaction", "business_message"])
async def test_kinds_that_nobody_asked_for_are_let_be(desk: Desk, kind: str) -> None:
    message = {"message_id": 1, "chat": CHAT, "from": person("de"), "text": "/play", "edit_date": 5}
    decision = await desk.update(kind, message)
    assert (decision.emitted, decision.effects, row(decision).status) == ([], [], "ignored")
    assert desk.chat.command_tokens == COMMANDS.burst


async def test_forty_odd_forwards_are_limited_like_any_others(desk: Desk) -> None:
    answered = 0
    for _ in range(40):
        decision = await said(desk, text="hallo", forward_origin={"type": "hidden_user", "date": 1})
        answered += len(screens(decision))
    assert answered == 11


# -- what fails all the same ---------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message and every tap meets a fault of ours, when half of it is done."""

    def fail(visit: Visit, *, is_private: bool) -> Any:
        visit.chat.language = "xx"
        visit.ask(ShowPlayer(player_id=PLAYER, view=View.MENU))
        raise KeyError("ours \x00 1")

    def fail_tap(_: str, visit: Visit) -> Any:
        visit.ask(ShowPlayer(player_id=PLAYER, view=View.MENU))
        raise KeyError("ours")

    monkeypatch.setattr(handling, "hear_message", fail)
    monkeypatch.setattr(handling, "hear_tap", fail_tap)


@pytest.mark.usefixtures("broken")
async def test_a_message_that_fails_leaves_nothing_but_an_apology_a_line_and_what_it_costs(desk: Desk) -> None:
    decision = await desk.say("/play")
    assert decision.emitted == []
    (screen,) = screens(decision)
    assert screen.chat_id == PLAYER
    assert "😕" in screen.text
    line = row(decision)
    assert (line.status, line.error, line.chat_id) == ("failed", "KeyError: 'ours \\x00 1'", PLAYER)
    assert (desk.chat.language, desk.chat.first_name) == ("", "")
    assert desk.chat.command_tokens == COMMANDS.burst - 1


@pytest.mark.usefixtures("broken")
async def test_an_apology_in_a_group_opens_no_way_to_play_there(desk: Desk) -> None:
    message = {"message_id": 1, "date": 1, "chat": GROUP, "from": person("de"), "text": "/play"}
    (screen,) = screens(await desk.update("message", message))
    assert (screen.chat_id, screen.keyboard) == (GROUP["id"], ())


async def test_only_a_tap_in_private_tells_that_a_player_is_back(desk: Desk) -> None:
    desk.chat.blocked_at = NOW
    below = {"message_id": 5, "date": 1, "chat": GROUP, "text": "…"}
    tap = {"id": "q1", "from": person("de"), "data": "v:menu", "message": below}
    decision = await desk.update("callback_query", tap)
    assert [one for one in decision.emitted if isinstance(one, PlayerReachabilityChanged)] == []
    assert desk.chat.blocked_at == NOW
    assert (await desk.tap("v:menu", query_id="q2")).only(PlayerReachabilityChanged).reachable is True


@pytest.mark.usefixtures("broken")
async def test_messages_that_fail_count_against_their_sender(desk: Desk) -> None:
    heard = [await desk.say("/play") for _ in range(40)]
    assert [row(one).status for one in heard] == ["failed"] * 10 + ["limited"] * 30
    assert [len(screens(one)) for one in heard] == [1] * 11 + [0] * 29


@pytest.mark.usefixtures("broken")
async def test_a_tap_that_fails_stops_turning_and_counts(desk: Desk) -> None:
    texts: list[bool] = []
    for number in range(40):
        decision = await desk.tap("x", query_id=f"q{number}")
        (toast,) = toasts(decision)
        assert (toast.query_id, decision.emitted, row(decision).status) == (f"q{number}", [], "failed")
        assert screens(decision) == []
        texts.append(bool(toast.text))
    assert texts == [True] * 10 + [False] * 30


# -- commands, albums, service messages ----------------------------------------------------------------


@pytest.mark.parametrize("gap", ["\n", "\t", "\u00a0", "\u3000", "\u2009", "\r\n", "\u200b ", "\u202f", "\u2028"])
async def test_a_command_ends_at_any_white_space(desk: Desk, gap: str) -> None:
    assert (await desk.say(f"/play{gap}los")).only(ShowPlayer).view is View.MENU
    assert (await desk.say(f"/play@Starquiz_Bot{gap}hi")).only(ShowPlayer).view is View.MENU
    linked = await desk.say(f"/start{gap}shop_PREMIUM_YEAR{gap}bitte")
    assert linked.only(ShowShop).view is ShopView.PREMIUM
    assert row(linked).command == "/start shop"


async def test_a_command_below_a_picture_is_one(desk: Desk) -> None:
    decision = await said(desk, photo=[{"file_id": "p"}], caption="/Play\nlos")
    assert decision.only(ShowPlayer).view is View.MENU


async def test_an_album_is_one_message(desk: Desk) -> None:
    parts = [await said(desk, message_id=n, photo=[{}], media_group_id="77") for n in range(10)]
    assert [len(screens(part)) for part in parts] == [1] + [0] * 9
    assert [row(part).status for part in parts] == ["handled"] + ["ignored"] * 9
    assert desk.chat.command_tokens == COMMANDS.burst - 1
    again = await said(desk, photo=[{}], media_group_id="78")
    assert len(screens(again)) == 1


@pytest.mark.parametrize("place", [0, 3])
async def test_a_command_below_any_picture_of_an_album_is_heard(desk: Desk, place: int) -> None:
    asked = 0
    for number in range(10):
        more = {"caption": "/play"} if number == place else {}
        decision = await said(desk, video={}, media_group_id="77", **more)
        asked += len([one for one in decision.emitted if isinstance(one, ShowPlayer)])
    assert asked == 1


@pytest.mark.parametrize(
    "service",
    [
        {"pinned_message": {"message_id": 5, "date": 0, "chat": CHAT, "text": "/play"}},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86_400}},
        {"chat_background_set": {"type": {"type": "fill"}}},
        {"forum_topic_created": {"name": "Deutsch", "icon_color": 5}},
        {"forum_topic_edited": {}},
        {"boost_added": {"boost_count": 1}},
        {"write_access_allowed": {}},
        {"gift": {}},
        {"users_shared": {"request_id": 1, "users": []}},
        {"video_chat_started": {}},
        {"hologram_projected": {"by": 7}},
        {"text": ""},
        {},
    ],
)  # fmt: skip
async def test_what_nobody_typed_gets_no_nudge_and_costs_nothing(desk: Desk, service: dict[str, Any]) -> None:
    decision = await said(desk, **service)
    assert (decision.emitted, decision.effects, row(decision).status) == ([], [], "ignored")
    assert (desk.chat.command_tokens, desk.chat.first_name) == (COMMANDS.burst, "")


@pytest.mark.parametrize("content", ["voice", "sticker", "poll", "location", "document", "rich_message", "story"])
async def test_what_a_player_sends_is_nudged(desk: Desk, content: str) -> None:
    decision = await said(desk, **{content: {"hologram": 1}})
    assert screens(decision)[0].keyboard
    assert desk.chat.command_tokens == COMMANDS.burst - 1


@pytest.mark.parametrize(("text", "heard"), [
    ("/play", 1), ("/PLAY@Starquiz_Bot", 1), ("/plya@starquiz_bot\nlos", 1), ("/ban", 0), ("/play@other_bot", 0),
    ("/plya", 0), ("hallo @starquiz_bot", 0),
])  # fmt: skip
async def test_commands_of_other_bots_are_none_of_ours(desk: Desk, text: str, heard: int) -> None:
    decision = await desk.say(text, chat=GROUP)
    assert len(screens(decision)) == heard
    assert desk.chat.command_tokens == COMMANDS.burst - heard


# -- money ---------------------------------------------------------------------------------------------


async def pay(desk: Desk, kind: str, body: dict[str, Any]) -> Any:
    raw = msgspec.json.encode({"update_id": 9, kind: body})
    return await desk.hear(
        TelegramPaymentUpdate(update_id=9, player_id=PLAYER, kind=kind, update=msgspec.Raw(raw), received_at=NOW)
    )


@pytest.mark.parametrize("odd", UNKNOWN.values(), ids=UNKNOWN)
async def test_money_is_heard_whatever_stands_beside_it(desk: Desk, odd: dict[str, Any]) -> None:
    money = {"currency": "XTR", "total_amount": 5, "invoice_payload": "p", "telegram_payment_charge_id": "c", "aura": 1}
    message = {"message_id": 1, "date": 1, "chat": CHAT, "from": person("de"), "successful_payment": money} | odd
    assert (await pay(desk, "message", message)).only(RecordPayment).charge_id == "c"
    query = {"id": "pc", "from": person("de"), "currency": "XTR", "total_amount": 5, "invoice_payload": "p"}
    (effect,) = (await pay(desk, "pre_checkout_query", query | {"order_info": 5, "aura": {}})).effects
    assert isinstance(effect, AnswerPreCheckout)
    assert effect.payload == "p"


async def test_a_player_who_comes_back_with_an_odd_message_is_introduced(desk: Desk) -> None:
    desk.chat.blocked_at = NOW - timedelta(days=1)
    decision = await said(desk, text="/play", forward_origin={"type": "hidden_user"})
    assert decision.only(WelcomePlayer).name == "Anna"
    assert decision.only(PlayerReachabilityChanged).reachable is True
