"""Players to whom promo makes offers, in real turns: what gameplay and payments would say of them, and the moments."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from redeeming_stage import Stage

from contracts.berlin import day_of
from contracts.gameplay import StreakChanged, StreakState, StreakView
from contracts.payments import (
    Currency,
    PremiumChanged,
    PremiumTerm,
    Product,
    Provider,
    PurchaseCredited,
    PurchaseRefunded,
    RefundReason,
)
from contracts.promo import ConsiderOffer, NoteOfferTap, OfferMade, OfferSurface, OfferTap
from promo.domain.impression import is_held_out

WEDNESDAY = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
"""Noon in Berlin, in winter."""
PLAYER = next(one for one in count(7) if not is_held_out(one, WEDNESDAY))
HELD_OUT = next(one for one in count(7) if is_held_out(one, WEDNESDAY))
_numbers = count(1)


def moment(player_id: int = PLAYER, **more: Any) -> ConsiderOffer:
    """Somebody with enough energy looks at the menu, unless told otherwise."""
    given: dict[str, Any] = {
        "surface": OfferSurface.START,
        "tap": f"tap-{next(_numbers)}",
        "energy": 12,
        "is_premium": False,
        "streak_days": 0,
    }
    return ConsiderOffer(player_id=player_id, **(given | more))


def empty(player_id: int = PLAYER, **more: Any) -> ConsiderOffer:
    """Somebody has nothing left to play with."""
    return moment(player_id, **({"surface": OfferSurface.EMPTY, "energy": 0} | more))


def credited(product: Product, at: datetime, number: int = 0, **more: Any) -> PurchaseCredited:
    identifier = number or next(_numbers)
    given: dict[str, Any] = {"player_id": PLAYER, "amount": 15, "currency": Currency.XTR}
    return PurchaseCredited(
        purchase_id=UUID(int=identifier), product=product, provider=Provider.TELEGRAM, charge_id=f"stx{identifier}",
        credited_at=at, **(given | more),
    )  # fmt: skip


def refunded(event: PurchaseCredited, at: datetime) -> PurchaseRefunded:
    return PurchaseRefunded(
        player_id=event.player_id, purchase_id=event.purchase_id, product=event.product, amount=event.amount,
        currency=event.currency, charge_id=event.charge_id, reason=RefundReason.OPERATOR, refunded_at=at,
        was_credited=True, surface=event.surface,
    )  # fmt: skip


def premium(rank: int, begins: datetime, ends: datetime, revision: int = 1) -> PremiumChanged:
    term = PremiumTerm(begins=begins, ends=ends, rank=rank)
    return PremiumChanged(player_id=PLAYER, revision=revision, terms=(term,), changed_at=begins)


def streak(days: int, on: date, *, is_played: bool = True) -> StreakChanged:
    state = StreakState.ACTIVE_TODAY if is_played else StreakState.AT_RISK if days else StreakState.NONE
    view = StreakView(days=days, best=days, state=state, saver_tokens=0)
    return StreakChanged(player_id=PLAYER, streak=view, berlin_day=on)


def played(now: datetime, days_ago: int, streak_days: int = 1) -> StreakChanged:
    """They last played so many Berlin days ago."""
    return streak(streak_days, day_of(now).local - timedelta(days=days_ago))


async def offered(stage: Stage, asked: ConsiderOffer) -> OfferMade | None:
    """Return the offer that is made of a moment."""
    stage.said.clear()
    await stage.take(asked)
    made = [one for one in stage.said if isinstance(one, OfferMade)]
    assert len(made) <= 1
    return made[0] if made else None


async def tapped(stage: Stage, made: OfferMade, tap: OfferTap) -> None:
    await stage.take(NoteOfferTap(player_id=made.player_id, impression_id=made.impression_id, tap=tap))


async def row(stage: Stage, impression_id: UUID) -> Any:
    return await stage.pool.fetchrow("select * from impressions where id = $1", impression_id)
