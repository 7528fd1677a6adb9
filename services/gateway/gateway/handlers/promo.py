"""Promo codes: what was typed becomes fingerprints right here, and nothing else of it goes on (DOMAIN §7)."""

from contracts.promo import RedeemCode
from gateway.handlers.visit import Visit
from gateway.presenter import promo


def redeem(visit: Visit) -> None:
    """Redeem the code behind the command; without one, say how it is done."""
    if not visit.argument:
        visit.show(promo.how_to_redeem(visit.voice))
        return
    _redeem(visit.argument, visit)


def redeem_link(visit: Visit) -> None:
    """Redeem the code of a link `promo_<code>`."""
    visit.introduce()
    _redeem("" if visit.link is None else visit.link.value, visit)


def _redeem(typed: str, visit: Visit) -> None:
    fingerprints = visit.services.peppers.fingerprints(typed)
    visit.ask(RedeemCode(player_id=visit.chat.player_id, fingerprints=fingerprints))
