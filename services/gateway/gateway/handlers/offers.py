"""Offers (DOMAIN §8): promo is asked where one may be shown, and told what becomes of it.

An offer comes after the answer to what the player did, in a message of its own: never before it, never in its place.
"""

from actors.turn import Turn
from contracts.gameplay import EnergyView, GameRefused, PlayerShown, Refusal, RoundCompleted, StreakState, View
from contracts.payments import BuyProduct
from contracts.promo import ConsiderOffer, NoteOfferTap, OfferSurface, OfferTap, offer_surface
from gateway.buttons import OfferAwayButton, OfferButton
from gateway.domain.chat import Chat
from gateway.domain.effects import SCREEN_PRIORITY, RemoveMessage
from gateway.domain.origin import Origin, parse
from gateway.domain.screen import Screen
from gateway.handlers.visit import ForgedError, Visit

_SURFACES = {Refusal.NO_ENERGY: OfferSurface.EMPTY, Refusal.MODE_LOCKED: OfferSurface.LOCKED}
_STARTS = (View.WELCOME, View.MENU)


def at_start(event: PlayerShown, chat: Chat, turn: Turn) -> None:
    """Somebody came, or looks for what to play. Who has not played yet is left alone."""
    if event.view in _STARTS and event.answered:
        _ask(OfferSurface.START, event, event.energy, chat, turn)


def at_refusal(event: GameRefused | RoundCompleted, reason: Refusal, chat: Chat, turn: Turn) -> None:
    """No round could start: for want of energy, or the mode is locked."""
    surface = _SURFACES.get(reason)
    if surface is not None:
        _ask(surface, event, event.energy, chat, turn)


def _ask(
    surface: OfferSurface,
    event: PlayerShown | GameRefused | RoundCompleted,
    energy: EnergyView,
    chat: Chat,
    turn: Turn,
) -> None:
    """Have promo decide. Only who did something in the private chat is there to be shown anything."""
    origin = parse(turn.message.origin)
    if origin.chat_id != chat.player_id:
        return
    streak = None if isinstance(event, GameRefused) else event.streak
    mode = None
    if not isinstance(event, PlayerShown):
        mode = event.mode if isinstance(event, GameRefused) else event.game.mode
    turn.emit(
        ConsiderOffer(
            player_id=chat.player_id,
            surface=surface,
            tap=_tap(origin, turn),
            energy=energy.free + energy.paid,
            is_premium=energy.premium,
            streak_days=None if streak is None else streak.days,
            has_played_today=streak is not None and streak.state is StreakState.ACTIVE_TODAY,
            mode=mode,
        )
    )


def _tap(origin: Origin, turn: Turn) -> str:
    """Return what the player did: the callback, or the update with their message, from which all ids here derive."""
    return origin.query_id or turn.message.id.partition("/")[0]


def buy(button: OfferButton, visit: Visit) -> None:
    """Ask for the invoice of what an offer has, and tell promo of the click."""
    try:
        impression_id, mode = button.impression_id, button.interrupted
    except ValueError as error:
        raise ForgedError("offer") from error
    player_id = visit.chat.player_id
    visit.ask(
        BuyProduct(
            player_id=player_id,
            product=button.product,
            redemption_id=impression_id if button.discount else None,
            surface=offer_surface(impression_id, mode),
        )
    )
    visit.turn.emit(NoteOfferTap(player_id=player_id, impression_id=impression_id, tap=OfferTap.BUY), origin="")


def take_away(button: OfferAwayButton, visit: Visit) -> None:
    """Take the offer out of the chat, and tell promo."""
    try:
        impression_id = button.impression_id
    except ValueError as error:
        raise ForgedError("offer") from error
    player_id = visit.chat.player_id
    tap = OfferTap.MUTE if button.mute else OfferTap.DISMISS
    visit.show(Screen(toast=visit.voice.plain("toast-offer-muted" if button.mute else "toast-offer-away")))
    if visit.origin.message_id and visit.origin.chat_id == player_id:
        removal = RemoveMessage(player_id=player_id, message_id=visit.origin.message_id)
        visit.turn.perform(removal, ordering_key=f"chat:{player_id}", priority=SCREEN_PRIORITY)
    visit.turn.emit(NoteOfferTap(player_id=player_id, impression_id=impression_id, tap=tap), origin="")
