"""Promo codes: what was typed becomes fingerprints right here, and nothing else of it goes on (DOMAIN §7)."""

from contracts.promo import RedeemCode
from gateway.handlers.showing import show_in_private
from gateway.handlers.visit import Visit
from gateway.presenter import promo


def redeem(visit: Visit) -> None:
    """Redeem the code behind the command; without one, ask for it."""
    if visit.argument:
        _redeem(visit.argument, visit)
    else:
        ask(visit)


def ask(visit: Visit) -> None:
    """Ask for a code: the next text in the private chat is it, for ten minutes. Whatever else is done leaves that."""
    visit.chat.ask_for_code(visit.turn.now)
    show_in_private(promo.which_code(visit.voice), chat=visit.chat, origin=visit.origin, turn=visit.turn)


def hear_answer(visit: Visit) -> None:
    """Redeem what was typed when a code was asked for. A picture is none; what comes too late is not taken for one."""
    if not visit.chat.awaits_code(visit.turn.now):
        visit.chat.leave_code_question()
        visit.show(promo.too_late(visit.voice))
    elif not visit.words:
        visit.show(promo.which_code(visit.voice))
    else:
        visit.chat.leave_code_question()
        _redeem(visit.words, visit)


def redeem_link(visit: Visit) -> None:
    """Redeem the code of a link `promo_<code>`."""
    visit.introduce()
    _redeem("" if visit.link is None else visit.link.value, visit)


def _redeem(typed: str, visit: Visit) -> None:
    fingerprints = visit.services.peppers.fingerprints(typed)
    visit.ask(RedeemCode(player_id=visit.chat.player_id, fingerprints=fingerprints))
