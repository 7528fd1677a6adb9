"""Telegram Premium as a gift (DOMAIN §9, payout): asked for once, looked up when its outcome is unknown.

Telegram takes no key of ours for the call. So it is noted before the call that it is made, and whoever finds the note
does not call: what came of it is read off Telegram's list, which shows it, or denies it once it is whole.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog

from actors.effects import Again, Attempt, Done, EffectResult, asked_seconds
from actors.endpoints import Endpoint
from actors.jobs import Job
from actors.turn import Turn
from contracts.payments import (
    STARS_OF_MONTHS,
    GiftAnswer,
    GiftsAnswer,
    GiftsQuery,
    GiftState,
    GiveTelegramPremium,
    Provider,
    SettleGift,
    TelegramPremiumGiven,
    TelegramPremiumNotGiven,
)
from payments.domain.reconciliation import Diff, DiffKind
from payments.domain.recovery import RecoverySettings
from payments.domain.stars import NANOS
from payments.domain.telegram_gift import RecordGift, TelegramGift
from payments.handlers.admin_limits import Note
from payments.handlers.provider_lists import check_balance, read_on
from payments.handlers.table import actor
from payments.providers import (
    ProviderDeniedError,
    ProviderRefusedError,
    ProviderUnavailableError,
    ProviderUntouchedError,
)
from payments.providers.registry import PaymentProviders
from payments.store.telegram_gifts import GiftCalls, read_called, read_gifts, read_not_listed, read_rows_of_no_gift

_ASK_AGAIN_SECONDS: Final = 20.0
_LET_IN_AGAIN_SECONDS: Final = 600.0

log = structlog.get_logger()


class GiftAtTelegram(msgspec.Struct, frozen=True):
    """Effect: ask Telegram to give Telegram Premium."""

    gift_id: UUID
    player_id: int
    months: int
    stars: int


@actor.on(GiveTelegramPremium)
def give_telegram_premium(command: GiveTelegramPremium, gift: TelegramGift | None, turn: Turn) -> None:
    """Have Telegram asked, once; said again, what came of it is told again."""
    if gift is not None:
        _tell(gift, turn)
        return
    stars = STARS_OF_MONTHS.get(command.months)
    if stars is None:
        reason = f"months: {command.months} is none of {', '.join(map(str, STARS_OF_MONTHS))}"
        turn.emit(_not_given(command, reason, turn))
        return
    made = TelegramGift(
        gift_id=command.gift_id,
        player_id=command.player_id,
        months=command.months,
        stars=stars,
        state=GiftState.ASKED,
        asked_at=turn.now,
    )
    turn.create(made)
    effect = GiftAtTelegram(made.gift_id, made.player_id, made.months, made.stars)
    turn.perform(effect, ordering_key=f"gift:{made.player_id}")


@actor.effect(GiftAtTelegram, concurrency=2)
async def give_at_telegram(
    effect: GiftAtTelegram, providers: PaymentProviders, calls: GiftCalls, attempt: Attempt
) -> EffectResult:
    """Ask Telegram, if nobody may have asked before; only what it certainly did not do is asked for again."""
    if not await calls.claim(effect.gift_id, attempt.now):
        return _known(effect, GiftState.UNSURE, "it may have been asked for before")
    try:
        await providers.stars.gift_premium(effect.player_id, effect.months, effect.stars)
    except (ProviderUntouchedError, ProviderDeniedError) as error:
        await calls.release(effect.gift_id)
        log.warning("gift_put_off", gift_id=str(effect.gift_id), error=str(error))
        said = error.retry_after_seconds if isinstance(error, ProviderUntouchedError) else None
        otherwise = _ASK_AGAIN_SECONDS if isinstance(error, ProviderUntouchedError) else _LET_IN_AGAIN_SECONDS
        return Again(after_seconds=asked_seconds(said, otherwise=otherwise))
    except ProviderRefusedError as error:
        return _known(effect, GiftState.FAILED, error.code)
    except ProviderUnavailableError as error:
        log.warning("gift_unsure", gift_id=str(effect.gift_id), error=str(error))
        return _known(effect, GiftState.UNSURE, str(error))
    return _known(effect, GiftState.GIVEN, "")


def _known(effect: GiftAtTelegram, state: GiftState, reason: str) -> Done:
    return Done(RecordGift(gift_id=effect.gift_id, state=state, reason=reason))


@actor.on(RecordGift)
def record_gift(command: RecordGift, gift: TelegramGift | None, turn: Turn) -> None:
    """Take what is known of a gift, and tell of it once it is certain."""
    if gift is not None and gift.learn(command.state, command.reason, command.row_id, turn.now):
        _tell(gift, turn)


@actor.admin(
    "gift",
    "settle",
    answer=GiftAnswer,
    limits={"note": Note},
    irreversible="The payout ends as you say, whatever Telegram's list shows later.",
)
@actor.on(SettleGift)
def settle_gift(command: SettleGift, gift: TelegramGift | None, turn: Turn) -> None:
    """Take a person's word for a gift whose outcome is unknown."""
    if gift is None:
        turn.reply(GiftAnswer(settled=False, reason="gift_id: no such gift; a payout's id is its gift's"))
        return
    if gift.state is not GiftState.UNSURE:
        reason = f"gift_id: it is {gift.state}; only one that is UNSURE waits for a word"
        turn.reply(GiftAnswer(settled=False, reason=reason, gift=gift.view()))
        return
    state = GiftState.GIVEN if command.given else GiftState.FAILED
    gift.learn(state, turn.signed(command.note), None, turn.now)
    _tell(gift, turn)
    turn.reply(GiftAnswer(settled=True, gift=gift.view()))


def _tell(gift: TelegramGift, turn: Turn) -> None:
    """Say what came of a gift, if that is certain."""
    if gift.state is GiftState.GIVEN:
        about: dict[str, Any] = {"player_id": gift.player_id, "gift_id": gift.gift_id, "months": gift.months}
        turn.emit(TelegramPremiumGiven(stars=gift.stars, at=gift.settled_at or turn.now, **about))
    elif gift.state is GiftState.FAILED:
        turn.emit(_not_given(gift, gift.reason, turn))


def _not_given(gift: TelegramGift | GiveTelegramPremium, reason: str, turn: Turn) -> TelegramPremiumNotGiven:
    return TelegramPremiumNotGiven(
        player_id=gift.player_id, gift_id=gift.gift_id, months=gift.months, reason=reason, at=turn.now
    )


# -- what Telegram's list says ----------------------------------------------------------------------


@actor.every(300, name="telegram_gifts")
async def look_gifts_up(job: Job) -> None:
    """Every 5 minutes: look in Telegram's list for gifts that are not certain, or not seen there yet.

    One that is not there is denied only by a list that is whole: so long after the call, and even with the balance.
    """
    async with job.connection() as connection:
        if not await read_called(connection, job.now):
            return
    try:
        await read_on(job, Provider.TELEGRAM)
        async with job.connection() as connection:
            called = await read_called(connection, job.now)
        # A row is one gift's: of two that it might be, the older one's.
        rows = {one.row_id: one.gift_id for one in reversed(called) if one.row_id is not None}
        await job.take([RecordGift(gift_id=one, state=GiftState.GIVEN, row_id=row) for row, one in rows.items()])
        before = job.now - job.resource(RecoverySettings).gift_denied
        missed = [
            one for one in called if one.row_id is None and one.state is GiftState.UNSURE and one.called_at <= before
        ]
        if missed and await _is_whole(job, min(one.stars for one in missed)):
            await _deny(job, [one.gift_id for one in missed])
        elif missed:
            log.warning("gifts_not_denied", gifts=len(missed), why="the balance may have what the list has not")
    except ProviderUnavailableError as error:
        log.warning("gifts_not_looked_up", error=str(error))


async def _is_whole(job: Job, least: int) -> bool:
    """Whether Telegram's list cannot lack a gift of so many Stars or more."""
    return (await check_balance(job, job.resource(PaymentProviders).stars)).rules_out(least * NANOS)


async def _deny(job: Job, missed: list[UUID]) -> None:
    """Say of those that the list still has not, now that it was read whole, that they were not given."""
    async with job.connection() as connection:
        listed = {one.gift_id: one.row_id for one in await read_called(connection, job.now)}
    reason = "Telegram's list, even with the balance, has no such gift"
    denied = [gift_id for gift_id in missed if gift_id in listed and listed[gift_id] is None]
    await job.take([RecordGift(gift_id=one, state=GiftState.FAILED, reason=reason) for one in denied])


async def gifts_not_listed(job: Job, limit: int) -> list[Diff]:
    """Return the gifts that were given, by Telegram's own answer, and that its list has not after an hour."""
    async with job.connection() as connection:
        rows = await read_not_listed(connection, job.now - 2 * job.resource(RecoverySettings).gift_denied, limit)
    return [
        Diff(
            DiffKind.GIFT_NOT_LISTED,
            f"gift {gift_id}: player {player_id} got Telegram Premium for {stars} XTR at {at}, and no row says so",
        )
        for gift_id, player_id, stars, at in rows
    ]


async def gifts_of_nobody(job: Job, before: datetime, window: tuple[datetime, datetime], limit: int) -> list[Diff]:
    """Return the rows of Telegram Premium that belong to no gift by now: whoever gave it, it was our Stars."""
    async with job.connection() as connection:
        rows = await read_rows_of_no_gift(connection, before, window, limit)
    return [
        Diff(
            DiffKind.GIFT_NOT_OURS,
            f"{Provider.TELEGRAM} transaction {row_id}: player {player_id} got Telegram Premium for {stars} XTR "
            f"at {at}, and no payout asked for it",
            row_id,
        )
        for row_id, player_id, stars, at in rows
    ]


@actor.query("telegram_gifts", request=GiftsQuery, response=GiftsAnswer)
async def query_telegram_gifts(request: GiftsQuery, endpoint: Endpoint) -> GiftsAnswer:
    """Tell how gifts stand; what nobody asked for is left out."""
    async with endpoint.connection() as connection:
        found = await read_gifts(connection, request.gift_ids)
    return GiftsAnswer(gifts=tuple(gift.view() for gift in found))
