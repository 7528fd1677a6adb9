"""What comes of a comparison of goods: events told again, the run's end, and what a person decides (DOMAIN §6).

Events are made from our own books when they are told again, with the grant's id or the premium's revision: however
often gameplay hears them, each counts once.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec

from actors.endpoints import AdminRequest, Endpoint
from actors.turn import Turn
from contracts.payments import (
    CompareGoods,
    EntitlementGranted,
    EntitlementRevoked,
    GoodsSettlement,
    ReconciliationDiffDetected,
    SettleGoods,
    TellPremium,
)
from payments.domain.customer import Customer
from payments.domain.goods import Granted, Ordered
from payments.domain.goods_runs import Acknowledged, CloseGoodsRun, GoodsClosed
from payments.domain.internal_commands import TellGrantAgain, TellPremiumAgain
from payments.handlers.admin_limits import Note, PlayerId
from payments.handlers.credit import premium_changed
from payments.handlers.goods import compare_changes, compare_everything
from payments.handlers.table import actor
from payments.store import goods as store

TOLD_MAX: Final = 20
_SOON: Final = timedelta(seconds=1)


@actor.on(TellGrantAgain)
def tell_grant_again(command: TellGrantAgain, sold: Granted | None, turn: Turn) -> None:
    """Say of a grant how it stands: given, or taken back. What was never granted is not told of."""
    if sold is None:
        return
    goods = msgspec.structs.asdict(sold.goods)
    about: dict[str, Any] = {"player_id": sold.player_id, "grant_id": command.grant_id, "reason": sold.product, **goods}
    if sold.revoked_at is None:
        turn.emit(EntitlementGranted(granted_at=sold.granted_at, **about))
    else:
        turn.emit(EntitlementRevoked(revoked_at=sold.revoked_at, **about))


@actor.on(TellPremiumAgain)
def tell_premium_again(command: TellPremiumAgain, customer: Customer, turn: Turn) -> None:
    """Say of a player's premium how it stands, with the revision that it has."""
    del command
    if customer.premium_revision:
        turn.emit(premium_changed(customer, turn))


@actor.on(CloseGoodsRun)
def close_goods_run(command: CloseGoodsRun, turn: Turn) -> None:
    """Finish the run's row; a diff is told of."""
    turn.record(GoodsClosed(command, turn.now))
    if command.diff_count:
        turn.emit(
            ReconciliationDiffDetected(
                run_id=command.run_id,
                book="goods",
                full=command.is_full,
                diffs=tuple(diff.line for diff in command.diffs[:TOLD_MAX]),
                diff_count=command.diff_count,
                at=turn.now,
            )
        )


# -- endpoints --------------------------------------------------------------------------------------


class CompareRequest(AdminRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be compared now."""

    full: bool = False
    """True for everything, as at 03:45; else what changed since the last run."""


class CompareAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The run has been ordered; `query.payments.goods_comparison` with its id tells what came of it."""

    started: bool
    run_id: UUID


class SettleGoodsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the grant is settled, or why not."""

    settled: bool
    reason: str = ""


class TellPremiumAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What gameplay will hear; `told` is False for a player who never had premium."""

    told: bool
    revision: int = 0
    until: datetime | None = None
    """When premium ends; None when none is running."""


def _to_compare(request: CompareRequest) -> CompareGoods:
    return CompareGoods(scope="full" if request.full else "changed")


@actor.admin("goods", "compare", answer=CompareAnswer, translate=_to_compare)
@actor.on(CompareGoods)
def compare_goods(command: CompareGoods, turn: Turn) -> None:
    """Let the job fire at once, for a run of this name."""
    run_id = turn.new_id()
    run = compare_everything if command.scope == "full" else compare_changes
    turn.at(turn.now + _SOON, run.due(run_id=run_id), name=f"goods_{run_id.hex}")
    turn.reply(CompareAnswer(started=True, run_id=run_id))


@actor.admin(
    "goods",
    "settle",
    answer=SettleGoodsAnswer,
    limits={"player_id": PlayerId, "note": Note},
    irreversible="The grant is taken back, or left out of every comparison from now on.",
)
@actor.on(SettleGoods)
def settle_goods(command: SettleGoods, ordered: Ordered | None, turn: Turn) -> None:
    """Have gameplay take back what was never granted, or leave a grant as it is for good."""
    if command.kind is GoodsSettlement.ACKNOWLEDGED:
        turn.record(Acknowledged(command.grant_id, turn.signed(command.note), turn.now))
    elif ordered is not None:
        # What was taken back is never given: sold already, or credited yet, the player would have paid for nothing.
        endpoint = "give the money back with admin.payments.refund.start, the goods follow"
        reason = (
            f"grant_id: it is a purchase, {ordered.state}; look at it with admin.payments.purchase.show, or {endpoint}"
        )
        turn.reply(SettleGoodsAnswer(settled=False, reason=reason))
        return
    else:
        turn.emit(
            EntitlementRevoked(
                player_id=command.player_id,
                grant_id=command.grant_id,
                reason=turn.signed(command.note),
                revoked_at=turn.now,
            )
        )
    turn.reply(SettleGoodsAnswer(settled=True))


@actor.admin(
    "premium",
    "tell",
    answer=TellPremiumAnswer,
    limits={"player_id": PlayerId, "above": Annotated[int, msgspec.Meta(ge=0, le=2**31 - 2)]},
    audited={"note": Note},
)
@actor.on(TellPremium)
def tell_premium(command: TellPremium, customer: Customer, turn: Turn) -> None:
    """Say how premium stands, above all that gameplay may know; of somebody without any, that there is none."""
    if not customer.premium_revision and not command.above:
        turn.reply(TellPremiumAnswer(told=False))
        return
    customer.say_premium(turn.now, above=command.above)
    turn.emit(premium_changed(customer, turn))
    running = customer.premium.active(turn.now)
    until = None if running is None else running.ends
    turn.reply(TellPremiumAnswer(told=True, revision=customer.premium_revision, until=until))


class GoodsRunsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Chooses among the comparisons with gameplay."""

    run_id: UUID | None = None
    """One run, as promised to an operator."""
    only_diffs: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class GoodsRunsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The last runs, the newest first."""

    runs: tuple[store.GoodsRun, ...]


@actor.query("goods_comparison", request=GoodsRunsQuery, response=GoodsRunsAnswer)
async def query_goods_comparison(request: GoodsRunsQuery, endpoint: Endpoint) -> GoodsRunsAnswer:
    """Show runs with what was told again and what differs."""
    async with endpoint.connection() as connection:
        rows = await store.read_runs(connection, request.run_id, request.only_diffs, request.limit)
    return GoodsRunsAnswer(runs=tuple(rows))
