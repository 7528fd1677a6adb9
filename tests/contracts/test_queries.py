"""Questions between services: their JSON is frozen like a contract's, and what is not known yet is passed over."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from contracts.gameplay import (
    GoodsView,
    GrantHeld,
    GrantsAnswer,
    GrantsQuery,
    PremiumAnswer,
    PremiumHeld,
    PremiumQuery,
)
from contracts.payments import (
    DiscountedPurchase,
    DiscountedPurchasesAnswer,
    DiscountedPurchasesQuery,
    PremiumTerm,
    PriceInStars,
    Product,
    PurchaseState,
    StarPricesAnswer,
)
from contracts.promo import DashboardQuery

_AT = datetime(2026, 3, 29, 17, 42, 5, tzinfo=UTC)
_GRANT = UUID("019d3ab0-3dae-791d-9d1e-819decaf1d42")
_GOODS = '{"paid_energy":15,"saver_tokens":0,"duel_tickets":0,"mode_hours":24}'
_NOTHING = '{"paid_energy":0,"saver_tokens":0,"duel_tickets":0,"mode_hours":0}'

FROZEN = [
    (
        GrantsQuery(ids=(_GRANT,)),
        f'{{"ids":["{_GRANT}"],"after":null,"since":null,"limit":500}}',
    ),
    (
        GrantsQuery(after=_GRANT, since=_AT, limit=2),
        f'{{"ids":null,"after":"{_GRANT}","since":"2026-03-29T17:42:05Z","limit":2}}',
    ),
    (
        GrantsAnswer(
            grants=(
                GrantHeld(
                    grant_id=_GRANT,
                    player_id=7,
                    heard=GoodsView(paid_energy=15, mode_hours=24),
                    given=GoodsView(paid_energy=15, mode_hours=24),
                    taken=GoodsView(),
                    granted_at=_AT,
                    changed_at=_AT,
                ),
            )
        ),
        (
            f'{{"grants":[{{"grant_id":"{_GRANT}","player_id":7,"heard":{_GOODS},"given":{_GOODS},"taken":{_NOTHING},'
            '"granted_at":"2026-03-29T17:42:05Z","revoked_at":null,"changed_at":"2026-03-29T17:42:05Z"}]}'
        ),
    ),
    (
        DiscountedPurchasesQuery(since=_AT, after=_GRANT, limit=2),
        f'{{"since":"2026-03-29T17:42:05Z","after":"{_GRANT}","limit":2}}',
    ),
    (
        DiscountedPurchasesAnswer(
            purchases=(
                DiscountedPurchase(
                    purchase_id=_GRANT,
                    player_id=7,
                    redemption_id=_GRANT,
                    product=Product.PREMIUM_MONTH,
                    state=PurchaseState.REFUNDED,
                    changed_at=_AT,
                    credited_at=_AT,
                    refunded_at=_AT,
                ),
            )
        ),
        (
            f'{{"purchases":[{{"purchase_id":"{_GRANT}","player_id":7,"redemption_id":"{_GRANT}",'
            '"product":"PREMIUM_MONTH","state":"REFUNDED","changed_at":"2026-03-29T17:42:05Z",'
            '"credited_at":"2026-03-29T17:42:05Z","refunded_at":"2026-03-29T17:42:05Z"}]}'
        ),
    ),
    (
        StarPricesAnswer(prices=(PriceInStars(product=Product.ENERGY_10, amount=10, valid_from=_AT),)),
        '{"prices":[{"product":"ENERGY_10","amount":10,"valid_from":"2026-03-29T17:42:05Z"}]}',
    ),
    (DashboardQuery(hours=168, until=_AT), '{"hours":168,"until":"2026-03-29T17:42:05Z"}'),
    (PremiumQuery(player_ids=(7, 8)), '{"player_ids":[7,8],"after":0,"limit":500}'),
    (
        PremiumAnswer(
            players=(
                PremiumHeld(
                    player_id=7,
                    revision=3,
                    terms=(PremiumTerm(begins=_AT, ends=_AT + timedelta(days=7), rank=1),),
                ),
            )
        ),
        (
            '{"players":[{"player_id":7,"revision":3,"terms":'
            '[{"begins":"2026-03-29T17:42:05Z","ends":"2026-04-05T17:42:05Z","rank":1}]}]}'
        ),
    ),
]


@pytest.mark.parametrize(("said", "frozen"), FROZEN, ids=lambda one: type(one).__name__)
def test_a_question_and_its_answer_read_as_they_always_did(said: msgspec.Struct, frozen: str) -> None:
    assert json.loads(msgspec.json.encode(said)) == json.loads(frozen)
    assert msgspec.json.decode(frozen, type=type(said)) == said
    assert msgspec.json.decode(frozen[:-1] + ',"from_the_future":1}', type=type(said)) == said


def test_an_answer_is_asked_for_in_bounded_pages() -> None:
    for body in (b'{"limit":0}', b'{"limit":1001}', json.dumps({"ids": [str(_GRANT)] * 1001}).encode()):
        with pytest.raises(msgspec.ValidationError, match=r"limit|ids"):
            msgspec.json.decode(body, type=GrantsQuery)


def test_a_window_is_of_1_to_168_hours_and_has_a_time_zone() -> None:
    for body in (b'{"hours":0}', b'{"hours":169}', b'{"until":"2026-03-29T17:42:05"}'):
        with pytest.raises(msgspec.ValidationError, match=r"hours|until"):
            msgspec.json.decode(body, type=DashboardQuery)
