"""Which buttons are coloured, copy something or do nothing; and boards that nobody can answer any more."""

from typing import Any

import msgspec
import pytest
from tests.gateway.conftest import NEXT_ROUND, NOW, PLAYER, ROUND, Desk, FakeApi, Make
from tests.gateway.reading import sound

from actors.effects import Again, Attempt, Done
from contracts.gameplay import GameStarted, RoundCompleted, RoundRepeated
from contracts.payments import Product, ShopItem, ShopShown, ShopView
from gateway.domain.effects import AnswerTap, CloseBoard, ShowScreen
from gateway.domain.screen import Button, Screen, Style
from gateway.presenter import answers, keyboard, notices, rounds, shop
from gateway.telegram.boards import BoardCloser
from gateway.telegram.session import LeanSession, UnreachableError
from gateway.texts import Texts

TAP = f"c:q1:{PLAYER}:50"


def completed(make: Make, **more: Any) -> RoundCompleted:
    given: dict[str, Any] = {
        "player_id": PLAYER, "answer": make.answer(), "game": make.game(), "streak": make.streak(),
        "energy": make.energy(), "next_round": make.round(), "at": NOW, "berlin_day": make.day(), **more,
    }  # fmt: skip
    return RoundCompleted(**given)


def coloured(screen: Screen) -> dict[str, str]:
    return {button.text: button.style for row in screen.keyboard for button in row if button.style}


def offer(product: Product, amount: int) -> ShopItem:
    return ShopItem(product=product, amount=amount)


# -- which button has which colour ----------------------------------------------------------------------------


def test_only_the_way_out_of_a_question_is_coloured(texts: Texts, make: Make) -> None:
    event = GameStarted(player_id=PLAYER, round=make.round(), energy=make.energy())
    assert coloured(sound(rounds.game_started(event, texts.voice("de")))) == {"⏹ Stopp": Style.DANGER}


def test_a_right_answer_is_green_and_says_so(texts: Texts, make: Make) -> None:
    screen = sound(rounds.round_completed(completed(make), texts.voice("de")))
    assert coloured(screen) == {"⏹ Stopp": Style.DANGER, "✓ Ich heiße Anna.": Style.SUCCESS}
    assert screen.text.startswith("✅")


def test_a_wrong_answer_is_red_beside_the_right_one(texts: Texts, make: Make) -> None:
    answer = make.answer(options=("der", "die", "das", "den"), chosen=3)
    screen = sound(rounds.round_completed(completed(make, answer=answer), texts.voice("de")))
    assert coloured(screen) == {"⏹ Stopp": Style.DANGER, "✘ den": Style.DANGER, "✓ der": Style.SUCCESS}
    assert [button.text for button in screen.keyboard[-1]] == ["✘ den", "✓ der"]
    assert screen.text.startswith("❌")


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_answer_s_colours_move_no_option_and_can_be_tapped_by_nobody(
    language: str, texts: Texts, make: Make
) -> None:
    voice = texts.voice(language)
    first = sound(rounds.game_started(GameStarted(player_id=PLAYER, round=make.round(), energy=make.energy()), voice))
    later = sound(rounds.round_completed(completed(make), voice))
    assert later.keyboard[: len(first.keyboard)] == first.keyboard
    assert all(button.disabled and not button.callback_data for button in later.keyboard[-1])


def test_buy_buttons_are_blue_and_the_way_to_the_shop_is_not(texts: Texts) -> None:
    offers = (offer(Product.ENERGY_10, 10), offer(Product.PREMIUM_MONTH, 99))
    screen = sound(shop.shop_shown(ShopShown(player_id=PLAYER, view=ShopView.SHOP, offers=offers), texts.voice("de")))
    bought = {
        button.text: button.style
        for row in screen.keyboard
        for button in row
        if (button.callback_data or "").startswith("b:")
    }
    assert len(bought) == 1
    assert coloured(screen) == bought
    assert set(bought.values()) == {Style.PRIMARY}


def test_every_colour_has_a_sign_beside_it(texts: Texts) -> None:
    for language in ("de", "en"):
        voice = texts.voice(language)
        assert keyboard.right(voice, "x").text == "✓ x"
        assert keyboard.wrong(voice, "x").text == "✘ x"
        assert keyboard.stop(voice).text.startswith("⏹")


def test_an_older_replica_reads_the_colours_of_a_newer_one() -> None:
    newer = msgspec.json.encode({"text": "a", "callback_data": "a", "style": "gold", "shape": "round"})
    assert msgspec.json.decode(newer, type=Button).style == "gold"


# -- what can be copied ---------------------------------------------------------------------------------------


def test_the_way_from_a_group_can_be_copied(texts: Texts) -> None:
    screen = sound(answers.group("starquiz_bot", texts.voice("de")))
    (opened,), (copied,) = screen.keyboard
    assert copied.copy_text is not None
    assert copied.copy_text.text == opened.url == "https://t.me/starquiz_bot?start=group"


@pytest.mark.parametrize(("contact", "copied"), [("@help", 1), ("", 0), (" ", 0), ("x" * 256, 1), ("😀" * 129, 0)])
def test_a_contact_can_be_copied_if_there_is_one_and_it_fits(contact: str, copied: int, texts: Texts) -> None:
    screen = sound(notices.support(contact, texts.voice("de")))
    buttons = [button for row in screen.keyboard for button in row if button.copy_text]
    assert [button.copy_text.text for button in buttons if button.copy_text] == [contact] * copied


# -- boards that are left behind ------------------------------------------------------------------------------


def closed(effects: list[Any]) -> list[CloseBoard]:
    return [effect for effect in effects if isinstance(effect, CloseBoard)]


async def test_a_question_shown_again_leaves_one_board_to_answer(desk: Desk, make: Make) -> None:
    desk.chat.show_round(NEXT_ROUND, 50)
    event = GameStarted(player_id=PLAYER, round=make.round(), energy=make.energy())
    decision = await desk.hear(event, origin=f"m:{PLAYER}")
    shown, left = decision.effects
    assert isinstance(shown, ShowScreen)
    assert isinstance(left, CloseBoard)
    assert left.message_id == 50
    assert [(button.text, button.callback_data) for row in left.keyboard for button in row] == [
        ("⬇️ Weiter geht’s unten", None)
    ]
    assert {wanted.ordering_key for wanted in decision.wanted} == {f"chat:{PLAYER}"}


async def test_a_challenge_that_rests_keeps_its_board(desk: Desk, make: Make) -> None:
    desk.chat.show_round(ROUND, 50)
    event = GameStarted(player_id=PLAYER, round=make.round(), energy=make.energy())
    assert closed((await desk.hear(event, origin=f"m:{PLAYER}")).effects) == []


async def test_a_question_shown_in_its_own_message_closes_nothing(desk: Desk, make: Make) -> None:
    desk.chat.show_round(NEXT_ROUND, 50)
    event = GameStarted(player_id=PLAYER, round=make.round(), energy=make.energy())
    assert closed((await desk.hear(event, origin=TAP)).effects) == []
    desk.chat.show_round(ROUND, 50)
    assert closed((await desk.hear(completed(make), origin=TAP)).effects) == []


async def test_the_other_message_with_an_answered_question_is_closed(desk: Desk, make: Make) -> None:
    desk.chat.show_round(ROUND, 60)
    decision = await desk.hear(completed(make, answer=make.answer(chosen=3)), origin=TAP)
    (left,) = closed(decision.effects)
    assert left.message_id == 60
    buttons = [button for row in left.keyboard for button in row]
    assert [button.style for button in buttons] == [Style.SUCCESS, None, None, Style.DANGER]
    assert all(button.disabled for button in buttons)
    assert (desk.chat.screen_round, desk.chat.screen_message_id) == (NEXT_ROUND, 50)


async def test_a_second_tap_on_an_older_board_closes_it(desk: Desk, make: Make) -> None:
    desk.chat.show_round(NEXT_ROUND, 60)
    toast, left = (await desk.hear(RoundRepeated(player_id=PLAYER, answer=make.answer()), origin=TAP)).effects
    assert isinstance(toast, AnswerTap)
    assert isinstance(left, CloseBoard)
    assert left.message_id == 50


@pytest.mark.parametrize("live", [50, 0])
async def test_a_second_tap_closes_no_message_that_shows_something_else(live: int, desk: Desk, make: Make) -> None:
    desk.chat.show_round(NEXT_ROUND, live)
    decision = await desk.hear(RoundRepeated(player_id=PLAYER, answer=make.answer()), origin=TAP)
    assert [type(effect) for effect in decision.effects] == [AnswerTap]


async def test_a_second_tap_leaves_the_end_of_a_game_alone(desk: Desk, make: Make) -> None:
    desk.chat.show_round(ROUND, 60)
    await desk.hear(completed(make, next_round=None), origin=TAP)
    decision = await desk.hear(RoundRepeated(player_id=PLAYER, answer=make.answer()), origin=TAP)
    assert [type(effect) for effect in decision.effects] == [AnswerTap]


# -- how a board is closed ------------------------------------------------------------------------------------


def attempt(*, superseded: bool = False) -> Attempt:
    return Attempt(effect_id="e", number=1, ordering_key="l", created_at=NOW, now=NOW, superseded=superseded)


def board(texts: Texts) -> CloseBoard:
    left = ((keyboard.right(texts.voice("de"), "der"),),)
    return CloseBoard(player_id=PLAYER, message_id=50, keyboard=left)


async def test_closing_changes_the_keyboard_alone(session: LeanSession, fake_api: FakeApi, texts: Texts) -> None:
    assert isinstance(await BoardCloser(session).close(board(texts), attempt()), Done)
    assert fake_api.calls == [
        (
            "editMessageReplyMarkup",
            {
                "chat_id": PLAYER,
                "message_id": 50,
                "reply_markup": {"inline_keyboard": [[{"text": "✓ der", "style": "success", "disabled": {}}]]},
            },
        )
    ]
    assert isinstance(await BoardCloser(session).close(board(texts), attempt(superseded=True)), Done)
    assert len(fake_api.calls) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [(400, "Bad Request: message is not modified"), (400, "Bad Request: message to edit not found"), (403, "blocked")],
)
async def test_a_board_that_cannot_be_closed_stays(
    code: int, words: str, session: LeanSession, fake_api: FakeApi, texts: Texts
) -> None:
    fake_api.reply(code, words)
    assert isinstance(await BoardCloser(session).close(board(texts), attempt()), Done)


async def test_a_board_is_closed_when_telegram_is_back(
    session: LeanSession, fake_api: FakeApi, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_api.reply(429, "Too Many Requests", retry_after=7)
    assert await BoardCloser(session).close(board(texts), attempt()) == Again(after_seconds=7)
    fake_api.reply(502, "Bad Gateway")
    assert isinstance(await BoardCloser(session).close(board(texts), attempt()), Again)

    async def unreachable(*_: Any) -> None:
        raise UnreachableError("away")

    monkeypatch.setattr(session, "call", unreachable)
    assert isinstance(await BoardCloser(session).close(board(texts), attempt()), Again)
