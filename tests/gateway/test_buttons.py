"""What travels with a tap fits Telegram's limits and comes back whole; anything else is refused."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.gameplay import Mode, Period, View
from contracts.payments import Product, ShopView
from gateway.buttons import (
    AnswerButton,
    BuyButton,
    PlayButton,
    PlayOnButton,
    SettingButton,
    ShopButton,
    TopButton,
    ViewButton,
    answers,
)
from gateway.domain.button_origin import ButtonOrigin, ButtonScreen, parse_button_origin
from gateway.domain.deep_link import parse_deep_link, shop_link
from gateway.domain.origin import Origin, parse

PLACES = [ButtonOrigin(spot, mode) for spot in ButtonScreen for mode in (None, *Mode)]
IDS = st.integers(min_value=0, max_value=2**128 - 1).map(lambda number: UUID(int=number))


@given(round_id=IDS)
def test_answer_buttons_are_what_the_class_packs(round_id: UUID) -> None:
    for option, data in enumerate(answers(round_id)):
        button = AnswerButton.unpack(data)
        assert (button.round_id, button.option) == (round_id, option)
        assert button.pack() == data
        assert len(data.encode()) <= 64


def test_every_button_fits_into_64_bytes() -> None:
    data = [PlayButton(mode=mode).pack() for mode in Mode]
    data += [ViewButton(view=view).pack() for view in View]
    data += [TopButton(period=period).pack() for period in Period]
    data.append(SettingButton(name="streak_reminder", on=True).pack())
    data += [PlayOnButton(mode=mode).pack() for mode in Mode]
    data += [ShopButton(view=view).pack() for view in ShopView]
    data += [BuyButton(product=product, surface=place.encode()).pack() for product in Product for place in PLACES]
    assert all(len(one.encode()) <= 64 for one in data)


@given(
    chat_id=st.integers(min_value=-(2**53), max_value=2**53),
    query=st.from_regex(r"[0-9]{0,20}", fullmatch=True),
    message_id=st.integers(min_value=0, max_value=2**31),
    thread_id=st.integers(min_value=0, max_value=2**53),
    tapped=st.none() | st.integers(min_value=0, max_value=4 * 10**12),
)
def test_an_origin_comes_back_whole(
    chat_id: int, query: str, message_id: int, thread_id: int, tapped: int | None
) -> None:
    message_id, thread_id = message_id if query else 0, thread_id if query or chat_id else 0
    tapped_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=tapped) if tapped and query else None
    origin = Origin(chat_id=chat_id, query_id=query, message_id=message_id, thread_id=thread_id, tapped_at=tapped_at)
    text = origin.encode()
    assert parse(text) == origin
    assert len(text) <= 200


@given(text=st.text(max_size=60))
def test_a_garbled_origin_is_nowhere_or_well_formed(text: str) -> None:
    origin = parse(text)
    assert parse(origin.encode()) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m:",
        "m:x",
        "c:1:2",
        "c:1:2:x",
        "c:1:2:3:4",
        "z:1",
        "m:1/x",
        "m:1/2/3",
        "c:1:2/x:3",
        "c:1:2:3@x",
        f"c:1:2:3@{10**30}",
    ],
)
def test_malformed_origins(text: str) -> None:
    assert parse(text) == Origin()


def test_a_place_comes_back_whole_and_nothing_else_is_one() -> None:
    for place in PLACES:
        button = BuyButton.unpack(BuyButton(product=Product.ENERGY_10, surface=place.encode()).pack())
        assert button.place == place
        assert len(place.encode()) <= 32
    for forged in ("", "-", "shop-", "shop-NO_SUCH_MODE", "SHOP", "-WORD_ORDER", "energy-WORD_ORDER-x", "x"):
        assert parse_button_origin(forged) is None


@pytest.mark.parametrize("product", list(Product))
def test_a_forwarded_invoice_leads_to_the_shop(product: Product) -> None:
    link = parse_deep_link(shop_link(product.value))
    assert link is not None
    assert (link.kind, link.value) == ("shop", product.value)
    assert len(shop_link(product.value)) <= 64
