"""Making an offer, and what players do with it (DOMAIN §8): the impression is written first, then it is shown."""

from datetime import datetime, timedelta
from typing import Final

from actors.turn import Turn
from contracts.promo import ConsiderOffer, NoteOfferTap, OfferMade, OfferTap
from promo.domain.impression import Impression, is_held_out, reach_of, tally_of
from promo.domain.prices import PriceBook
from promo.domain.prospect import Prospect, Shown
from promo.domain.sight import Sight
from promo.domain.trigger import Choice, choose
from promo.domain.triggers import declared
from promo.handlers import promises
from promo.handlers.table import actor

MOMENT_LASTS: Final = timedelta(seconds=60)
"""Whoever was asked about later than that is somewhere else by now."""


@actor.on(ConsiderOffer)
def consider_offer(command: ConsiderOffer, prospect: Prospect, prices: PriceBook, turn: Turn) -> None:
    """Make the offer that fits the moment, if there is one; for the holdout it is only written down."""
    if turn.now - turn.message.time > MOMENT_LASTS or prospect.has_offer_of(command.tap):
        return
    now = prospect.instant(turn.now)
    choice = choose(Sight(prospect, command, now), declared())
    if choice is None:
        return
    impression = _write(command, choice, prospect, now, turn)
    if not impression.is_withheld:
        _show(command, impression, choice, prices, turn)


def _write(command: ConsiderOffer, choice: Choice, prospect: Prospect, now: datetime, turn: Turn) -> Impression:
    before, chosen = prospect.offered_at, choice.trigger
    is_withheld = is_held_out(command.player_id, now)
    if before is not None and is_held_out(command.player_id, before) is not is_withheld:
        before = None  # with the year they came into the other group, where nothing was before
    impression = Impression(
        id=turn.new_id(),
        player_id=command.player_id,
        trigger=chosen.name,
        surface=command.surface,
        tap=command.tap,
        at=now,
        previous_at=before,
        is_blocking=chosen.is_blocking,
        is_withheld=is_withheld,
        percent=0 if chosen.discount is None else chosen.discount.percent,
    )
    turn.create(impression)
    turn.record(tally_of(impression, impressions=1))
    turn.record(reach_of(impression))
    prospect.note_shown(Shown(chosen.name, command.tap, impression.at, chosen.is_blocking))
    return impression


def _show(command: ConsiderOffer, impression: Impression, choice: Choice, prices: PriceBook, turn: Turn) -> None:
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
        prices=prices.discounted(choice.products, impression.percent),
    )
    if discount is not None:
        promises.reserve(made, discount, turn)
    turn.emit(made)


@actor.on(NoteOfferTap)
def note_offer_tap(command: NoteOfferTap, prospect: Prospect, impression: Impression | None, turn: Turn) -> None:
    """Note the first click and the first dismissal; whoever wants it no more is left alone with it for 72 hours.

    From each time on that they say so: a message that is too old to be taken away can be tapped on again.
    """
    if impression is None or not impression.is_shown_to(command.player_id):
        return
    if command.tap is OfferTap.BUY:
        if impression.clicked_at is None:
            impression.clicked_at = turn.now
            turn.record(tally_of(impression, clicks=1))
        return
    if impression.dismissed_at is None:
        impression.dismissed_at = turn.now
        turn.record(tally_of(impression, dismissals=1))
    if command.tap is OfferTap.MUTE:
        impression.muted_at = impression.muted_at or turn.now
        prospect.mute(impression.trigger, turn.now)
