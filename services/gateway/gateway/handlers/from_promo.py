"""What promo says, shown to the player who typed a code or is made an offer (DOMAIN §7, §8)."""

from actors.turn import Turn
from contracts.promo import CodeRefused, OfferMade, PremiumRedeemed
from gateway.domain.chat import Chat
from gateway.domain.origin import parse
from gateway.handlers.showing import answer_in_private, show
from gateway.handlers.table import UpdateServices, actor
from gateway.presenter import offers, promo


@actor.on(PremiumRedeemed)
def premium_redeemed(event: PremiumRedeemed, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Tell what the code gave."""
    answer_in_private(promo.premium_redeemed(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(CodeRefused)
def code_refused(event: CodeRefused, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Tell why the code is not taken, and what to do now."""
    answer_in_private(promo.code_refused(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(OfferMade)
def offer_made(event: OfferMade, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show an offer below what it came of."""
    origin = parse(turn.message.origin).as_message()
    show(offers.offer_made(event, services.voice(chat)), chat=chat, origin=origin, turn=turn)
