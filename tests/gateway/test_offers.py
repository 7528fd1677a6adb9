"""Offers in the chat (DOMAIN §8): asked for after the answer, shown below it, bought from, taken away."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.gateway.conftest import NOW, PLAYER, Desk, Make

from actors.testing import Decision
from contracts.gameplay import EnergyLevel, EnergyView, GameRefused, Mode, PlayerShown, Refusal, RoundCompleted, View
from contracts.payments import BuyProduct, DiscountedProduct, DiscountHeld, OfferNote, Product
from contracts.promo import ConsiderOffer, NoteOfferTap, OfferMade, OfferSurface, OfferTap, impression_of
from gateway.domain.effects import AnswerTap, RemoveMessage, ShowScreen
from gateway.domain.log import UpdateRow

TAP = f"c:q77:{PLAYER}:50"
CHAT = f"m:{PLAYER}"
IMPRESSION = UUID("019d3aa9-10c2-7a4b-b0d4-5f6a2be29c11")
EMPTY = EnergyView(free=0, paid=0, premium=False, level=EnergyLevel.EMPTY, full_in_minutes=60, next_in_minutes=9)
HELD = DiscountHeld(
    player_id=PLAYER, redemption_id=IMPRESSION, percent=20, reserved_until=NOW + timedelta(hours=48),
    products=(DiscountedProduct(product=Product.MEGA_PACK_15, base_amount=15, amount=12),),
    offer=OfferNote(trigger="COMEBACK_3D", mode="WORD_ORDER"),
)  # fmt: skip


def made(**more: Any) -> OfferMade:
    given: dict[str, Any] = {
        "trigger": "ENERGY_ZERO",
        "surface": OfferSurface.EMPTY,
        "products": (Product.ENERGY_10, Product.PREMIUM_MONTH),
        "is_blocking": True,
        "mode": Mode.TRENNBARE_VERBEN,
    }
    return OfferMade(player_id=PLAYER, impression_id=IMPRESSION, **(given | more))


def completed(make: Make, **more: Any) -> RoundCompleted:
    given: dict[str, Any] = {"next_round": make.round(), "energy": make.energy()}
    return RoundCompleted(
        player_id=PLAYER, answer=make.answer(), game=make.game(), streak=make.streak(), at=NOW, berlin_day=make.day(),
        **(given | more),
    )  # fmt: skip


def shown(make: Make, view: View, *, answered: int) -> PlayerShown:
    return PlayerShown(
        player_id=PLAYER, view=view, energy=make.energy(), streak=make.streak(), modes=make.modes(),
        settings=make.settings(), answered=answered, right=1, right_today=1, daily_done_today=False,
    )  # fmt: skip


def asked(decision: Decision) -> list[ConsiderOffer]:
    return [one for one in decision.emitted if isinstance(one, ConsiderOffer)]


def screen_of(decision: Decision) -> ShowScreen:
    (screen,) = [one for one in decision.effects if isinstance(one, ShowScreen)]
    return screen


# -- where promo is asked -----------------------------------------------------------------------


async def test_after_a_refusal_promo_is_asked_with_what_gameplay_said(desk: Desk) -> None:
    event = GameRefused(player_id=PLAYER, mode=Mode.WORD_ORDER, reason=Refusal.NO_ENERGY, energy=EMPTY)
    decision = await desk.hear(event, origin=TAP)
    assert "Energie leer" in screen_of(decision).text
    assert asked(decision) == [
        ConsiderOffer(
            player_id=PLAYER, surface=OfferSurface.EMPTY, tap="q77", energy=0, is_premium=False, mode=Mode.WORD_ORDER
        )
    ]
    assert decision.origins == [TAP]


@pytest.mark.parametrize(
    ("reason", "surface"),
    [
        (Refusal.MODE_LOCKED, OfferSurface.LOCKED),
        (Refusal.NO_ENERGY, OfferSurface.EMPTY),
        (Refusal.NO_QUESTIONS, None),
    ],
)
async def test_only_some_refusals_are_a_moment(desk: Desk, reason: Refusal, surface: OfferSurface | None) -> None:
    event = GameRefused(player_id=PLAYER, mode=Mode.WORD_ORDER, reason=reason, energy=EMPTY)
    assert [one.surface for one in asked(await desk.hear(event, origin=CHAT))] == ([surface] if surface else [])


async def test_an_answer_with_a_next_question_asks_nobody(desk: Desk, make: Make) -> None:
    assert asked(await desk.hear(completed(make), origin=TAP)) == []


async def test_the_answer_that_took_the_last_energy_is_a_moment(desk: Desk, make: Make) -> None:
    last = completed(make, next_round=None, refusal=Refusal.NO_ENERGY, energy=EMPTY)
    (moment,) = asked(await desk.hear(last, origin=TAP))
    assert (moment.surface, moment.tap, moment.streak_days) == (OfferSurface.EMPTY, "q77", last.streak.days)


@pytest.mark.parametrize("view", View)
async def test_the_menu_and_the_welcome_are_a_moment_for_who_has_played(desk: Desk, make: Make, view: View) -> None:
    expected = [OfferSurface.START] if view in (View.MENU, View.WELCOME) else []
    played = await desk.hear(shown(make, view, answered=3), origin=CHAT)
    assert [one.surface for one in asked(played)] == expected
    assert asked(await desk.hear(shown(make, view, answered=0), origin=CHAT)) == []


@pytest.mark.parametrize("origin", ["", "m:-100123", "c:q1:-100123:9"])
async def test_nobody_is_offered_anything_in_a_group_or_unasked(desk: Desk, make: Make, origin: str) -> None:
    assert asked(await desk.hear(shown(make, View.MENU, answered=3), origin=origin)) == []


# -- how it is shown ----------------------------------------------------------------------------


async def test_an_offer_is_a_message_of_its_own_and_answers_no_tap(desk: Desk) -> None:
    decision = await desk.hear(made(), origin=TAP)
    screen = screen_of(decision)
    assert (screen.chat_id, screen.message_id, screen.is_silent) == (PLAYER, 0, False)
    assert [one for one in decision.effects if isinstance(one, AnswerTap)] == []
    assert [button.text for row in screen.keyboard for button in row] == [
        "⚡ 10 Energie holen", "👑 Premium Monat holen", "✖️ Nicht jetzt", "🔕 Nicht mehr zeigen",
    ]  # fmt: skip
    data = [button.callback_data or "" for row in screen.keyboard for button in row]
    assert max(len(one.encode()) for one in data) <= 64


async def test_what_does_not_block_comes_without_a_sound(desk: Desk) -> None:
    assert screen_of(await desk.hear(made(is_blocking=False), origin=CHAT)).is_silent


async def test_the_open_question_stays_the_live_message(desk: Desk) -> None:
    desk.chat.show_round(IMPRESSION, 50)
    await desk.hear(made(), origin=TAP)
    assert (desk.chat.screen_round, desk.chat.screen_message_id) == (IMPRESSION, 50)


async def test_a_new_offer_without_a_text_of_its_own_has_the_text_of_any(desk: Desk) -> None:
    assert "Das bringt dich weiter" in screen_of(await desk.hear(made(trigger="LUNCH"), origin=CHAT)).text


def discounted(**more: Any) -> OfferMade:
    given: dict[str, Any] = {"products": (Product.MEGA_PACK_15,), "prices": HELD.products}
    return made(trigger="COMEBACK_3D", percent=20, until=HELD.reserved_until, **(given | more))


async def test_an_offer_with_a_discount_is_shown_once_with_its_prices(desk: Desk) -> None:
    """Promo's word is enough for it; what payments says of the discount later may be lost, or come twice."""
    screen = screen_of(await desk.hear(discounted(), origin=TAP))
    assert (await desk.hear(HELD, origin=TAP)).effects == []
    assert "wieder da" in screen.text
    assert "20 % Rabatt nur für dich</b>, bis" in screen.text
    assert "<s>⭐ 15</s> <b>⭐ 12</b>" in screen.text
    assert screen.keyboard[0][0].text.endswith("⭐ 12")
    assert screen.message_id == 0


async def test_a_discount_whose_prices_are_not_known_is_offered_all_the_same(desk: Desk) -> None:
    screen = screen_of(await desk.hear(discounted(prices=()), origin=TAP))
    assert "20 % Rabatt nur für dich</b>, bis" in screen.text
    assert "<s>" not in screen.text
    assert (await _tap(desk, screen, 0)).only(BuyProduct).redemption_id == IMPRESSION


# -- what a player does with it -----------------------------------------------------------------


async def _tap(desk: Desk, screen: ShowScreen, row: int, column: int = 0) -> Decision:
    return await desk.tap(screen.keyboard[row][column].callback_data or "", message_id=61)


async def test_buying_names_the_impression_and_the_mode_and_is_a_click(desk: Desk) -> None:
    screen = screen_of(await desk.hear(made(), origin=TAP))
    decision = await _tap(desk, screen, 1)
    bought = decision.only(BuyProduct)
    assert (bought.product, bought.redemption_id) == (Product.PREMIUM_MONTH, None)
    assert (impression_of(bought.surface), bought.surface[-16:]) == (IMPRESSION, "TRENNBARE_VERBEN")
    click = NoteOfferTap(player_id=PLAYER, impression_id=IMPRESSION, tap=OfferTap.BUY)
    assert decision.only(NoteOfferTap) == click


async def test_buying_with_the_discount_redeems_it(desk: Desk) -> None:
    bought = (await _tap(desk, screen_of(await desk.hear(discounted(), origin=TAP)), 0)).only(BuyProduct)
    assert (bought.product, bought.redemption_id) == (Product.MEGA_PACK_15, IMPRESSION)
    assert impression_of(bought.surface) == IMPRESSION


@pytest.mark.parametrize(
    ("column", "tap", "toast"), [(0, OfferTap.DISMISS, "weiter geht’s"), (1, OfferTap.MUTE, "erst mal nicht mehr")]
)
async def test_an_offer_is_taken_away(desk: Desk, column: int, tap: OfferTap, toast: str) -> None:
    screen = screen_of(await desk.hear(made(), origin=TAP))
    decision = await _tap(desk, screen, 2, column)
    assert decision.only(NoteOfferTap) == NoteOfferTap(player_id=PLAYER, impression_id=IMPRESSION, tap=tap)
    assert [one for one in decision.effects if isinstance(one, RemoveMessage)] == [
        RemoveMessage(player_id=PLAYER, message_id=61)
    ]
    (answer,) = [one for one in decision.effects if isinstance(one, AnswerTap)]
    assert toast in answer.text


@pytest.mark.parametrize(
    "data", ["o:ENERGY_10:nonsense:0:", "o:ENERGY_10:AZ06qRDCekuw1F9qK-KcEQ:0:CHESS", "oa:x:0", "oa:x"]
)
async def test_what_was_forged_does_nothing(desk: Desk, data: str) -> None:
    decision = await desk.tap(data)
    assert decision.emitted == [] or all(type(one).__name__ == "WelcomePlayer" for one in decision.emitted)
    (line,) = [one for one in decision.records if isinstance(one, UpdateRow)]
    assert line.status == "forged"
