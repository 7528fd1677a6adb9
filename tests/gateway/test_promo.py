"""Promo codes in the chat: what goes on of what was typed, and what the player is told (DOMAIN §7)."""

import re
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from tests.gateway.conftest import NOW, PLAYER, Desk

from actors.testing import Decision
from contracts.gameplay import WelcomePlayer
from contracts.payments import BuyProduct, DiscountedProduct, DiscountHeld, Product
from contracts.promo import CodeRefused, PremiumRedeemed, RedeemCode, RedeemRefusal
from gateway.domain.effects import ShowScreen
from gateway.domain.log import UpdateRow

CHAT = f"m:{PLAYER}"


def screen_of(decision: Decision) -> ShowScreen:
    (screen,) = [one for one in decision.effects if isinstance(one, ShowScreen)]
    return screen


def text_of(decision: Decision) -> str:
    return screen_of(decision).text


def everything(decision: Decision) -> str:
    """Return all that a decision writes or says, as text."""
    rows = [msgspec.json.encode(one).decode() for one in (*decision.emitted, *decision.records, *decision.effects)]
    return " ".join(rows).upper()


@pytest.mark.parametrize(
    "typed", ["/promo SOMMERWIND", "/promo sommer wind", "/promo som-mer-wind", "/start promo_sommerwind"]
)
async def test_a_code_goes_on_as_its_fingerprint_alone(desk: Desk, typed: str) -> None:
    decision = await desk.say(typed)
    (sent,) = [one for one in decision.emitted if isinstance(one, RedeemCode)]
    assert sent == RedeemCode(player_id=PLAYER, fingerprints=desk.services.peppers.fingerprints("SOMMERWIND"))
    said = everything(decision)
    assert "SOMMER" not in said
    assert "WIND" not in said


async def test_a_link_with_a_code_also_introduces_the_player_and_is_logged_by_its_kind(desk: Desk) -> None:
    decision = await desk.say("/start promo_SOMMER26")
    assert [one.player_id for one in decision.emitted if isinstance(one, WelcomePlayer)][-1] == PLAYER
    (line,) = [one for one in decision.records if isinstance(one, UpdateRow)]
    assert line.command == "/start promo"


async def test_a_command_that_does_not_exist_is_not_kept_for_it_may_be_a_code(desk: Desk) -> None:
    decision = await desk.say("/promosommer26")
    (line,) = [one for one in decision.records if isinstance(one, UpdateRow)]
    assert line.command == "/?"


async def test_what_is_no_code_is_asked_like_a_wrong_one(desk: Desk) -> None:
    assert (await desk.say("/promo " + "x" * 65)).only(RedeemCode).fingerprints == ()


async def test_a_grant_is_told(desk: Desk) -> None:
    event = PremiumRedeemed(player_id=PLAYER, redemption_id=UUID(int=1), campaign="spring", days=30, rank=2)
    assert "30 Tage Premium" in text_of(await desk.hear(event, origin=CHAT))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("reason", RedeemRefusal)
async def test_every_refusal_is_told_in_words_and_with_a_way_on(
    desk: Desk, reason: RedeemRefusal, language: str
) -> None:
    desk.chat.language = language
    decision = await desk.hear(
        CodeRefused(player_id=PLAYER, reason=reason, until=NOW + timedelta(hours=1)), origin=CHAT
    )
    screen = screen_of(decision)
    assert screen.text.count("\n") == 1
    assert not re.search(r"4\d\d|_", screen.text)
    assert len(screen.keyboard[-1]) == 2


async def test_a_wrong_guess_says_how_many_are_left_and_the_last_one_until_when(desk: Desk) -> None:
    wrong = CodeRefused(player_id=PLAYER, reason=RedeemRefusal.INVALID, tries_left=1)
    decision = await desk.hear(wrong, origin=CHAT)
    assert "noch einen Versuch" in text_of(decision)
    assert screen_of(decision).keyboard[0][0].callback_data == "pc"  # another one at once
    last = msgspec.structs.replace(wrong, tries_left=0, until=NOW + timedelta(hours=1))
    assert "13:00" in text_of(await desk.hear(last, origin=CHAT))


async def test_a_discount_shows_old_and_new_price_and_buys_with_it(desk: Desk) -> None:
    redemption = UUID("019d3aa9-10c2-7a4b-b0d4-5f6a2be29c11")
    month = DiscountedProduct(product=Product.PREMIUM_MONTH, base_amount=99, amount=80)
    held = DiscountHeld(player_id=PLAYER, redemption_id=redemption, percent=20, reserved_until=NOW, products=(month,))
    decision = await desk.hear(held, origin=CHAT)
    assert "<s>⭐ 99</s> <b>⭐ 80</b>" in text_of(decision)
    data = screen_of(decision).keyboard[0][0].callback_data
    assert data is not None
    assert len(data.encode()) <= 64
    bought = (await desk.tap(data)).only(BuyProduct)
    assert (bought.product, bought.redemption_id, bought.surface) == (Product.PREMIUM_MONTH, redemption, "promo")


async def test_a_discount_that_fits_nothing_now_leads_back_into_the_game(desk: Desk) -> None:
    held = DiscountHeld(player_id=PLAYER, redemption_id=UUID(int=1), percent=20, reserved_until=NOW, products=())
    assert "nur passt gerade nichts" in text_of(await desk.hear(held, origin=CHAT))


async def test_a_forged_discount_buys_nothing(desk: Desk) -> None:
    assert not [one for one in (await desk.tap("bd:PREMIUM_MONTH:nonsense")).emitted if isinstance(one, BuyProduct)]
