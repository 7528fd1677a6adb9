"""Making an offer, and what players do with it (DOMAIN §8): the impression is written first, then it is shown."""

from datetime import timedelta
from typing import Final

from actors.turn import Turn
from contracts.payments import HoldDiscount, OfferNote
from contracts.promo import ConsiderOffer, NoteOfferTap, OfferMade, OfferTap, RedemptionState
from promo.domain.impression import Impression, is_held_out, reach_of, tally_of
from promo.domain.prospect import Prospect, Shown
from promo.domain.redemption import Redemption
from promo.domain.sight import Sight
from promo.domain.trigger import Choice, PersonalDiscount, choose
from promo.domain.triggers import declared
from promo.handlers.table import actor

MOMENT_LASTS: Final = timedelta(seconds=60)
"""Whoever was asked about later than that is somewhere else by now."""


@actor.on(ConsiderOffer)
def consider_offer(command: ConsiderOffer, prospect: Prospect, turn: Turn) -> None:
    """Make the offer that fits the moment, if there is one; for the holdout it is only written down."""
    if turn.now - turn.message.time > MOMENT_LASTS or prospect.has_offer_of(command.tap):
        return
    choice = choose(Sight(prospect, command, turn.now), declared())
    if choice is None:
        return
    impression = _write(command, choice, prospect, turn)
    if not impression.is_withheld:
        _show(command, impression, choice, turn)


def _write(command: ConsiderOffer, choice: Choice, prospect: Prospect, turn: Turn) -> Impression:
    before, chosen = prospect.offered_at, choice.trigger
    impression = Impression(
        id=turn.new_id(),
        player_id=command.player_id,
        trigger=chosen.name,
        surface=command.surface,
        tap=command.tap,
        at=turn.now if before is None else max(turn.now, before),
        previous_at=before,
        is_blocking=chosen.is_blocking,
        is_withheld=is_held_out(command.player_id, turn.now),
        percent=0 if chosen.discount is None else chosen.discount.percent,
    )
    turn.create(impression)
    turn.record(tally_of(impression, impressions=1))
    turn.record(reach_of(impression))
    prospect.note_shown(Shown(chosen.name, command.tap, impression.at, chosen.is_blocking))
    return impression


def _show(command: ConsiderOffer, impression: Impression, choice: Choice, turn: Turn) -> None:
    discount = choice.trigger.discount
    made = OfferMade(
        player_id=command.player_id,
        impression_id=impression.id,
        trigger=impression.trigger,
        surface=command.surface,
        products=choice.products,
        is_blocking=impression.is_blocking,
        mode=command.mode,
        percent=impression.percent,
        until=None if discount is None else turn.now + discount.lasts,
    )
    if discount is not None:
        _reserve(made, discount, turn)
    turn.emit(made)


def _reserve(made: OfferMade, discount: PersonalDiscount, turn: Turn) -> None:
    """Promise a discount: a redemption without a code, which has the impression's id. Payments tells the prices."""
    until = turn.now + discount.lasts
    turn.create(
        Redemption(
            id=made.impression_id,
            player_id=made.player_id,
            code_id=None,
            batch_id=None,
            campaign=None,
            state=RedemptionState.RESERVED,
            made_at=turn.now,
            changed_at=turn.now,
            percent=discount.percent,
            reserved_until=until,
            promised_until=until,
        )
    )
    turn.emit(
        HoldDiscount(
            player_id=made.player_id,
            redemption_id=made.impression_id,
            percent=discount.percent,
            products=made.products,
            reserved_until=until,
            offer=OfferNote(
                trigger=made.trigger, is_blocking=made.is_blocking, mode="" if made.mode is None else made.mode.value
            ),
        )
    )


@actor.on(NoteOfferTap)
def note_offer_tap(command: NoteOfferTap, prospect: Prospect, impression: Impression | None, turn: Turn) -> None:
    """Note the first click and the first dismissal; whoever wants it no more is left alone with it for 72 hours."""
    if impression is None or impression.player_id != command.player_id or impression.is_withheld:
        return
    if command.tap is OfferTap.BUY:
        if impression.clicked_at is None:
            impression.clicked_at = turn.now
            turn.record(tally_of(impression, clicks=1))
        return
    if impression.dismissed_at is None:
        impression.dismissed_at = turn.now
        turn.record(tally_of(impression, dismissals=1))
    if command.tap is OfferTap.MUTE and impression.muted_at is None:
        impression.muted_at = turn.now
        prospect.mute(impression.trigger, turn.now)
