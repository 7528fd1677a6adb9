"""What a code gave, or why it is not taken (DOMAIN §7)."""

from contracts.promo import CodeRefused, PremiumRedeemed
from gateway.domain.screen import Keyboard, Screen
from gateway.presenter import amounts, keyboard
from gateway.texts import Voice


def how_to_redeem(voice: Voice) -> Screen:
    """How a code is redeemed."""
    return Screen(text=voice.html("promo-how"), keyboard=_ways_on(voice))


def premium_redeemed(event: PremiumRedeemed, voice: Voice) -> Screen:
    """Premium days, and straight into the game."""
    text = voice.html("promo-premium", days=str(event.days))
    return Screen(text=text, keyboard=((keyboard.play(voice), keyboard.modes(voice)),))


def code_refused(event: CodeRefused, voice: Voice) -> Screen:
    """Why the code is not taken; after a wrong guess also how many more there are."""
    until = amounts.moment(voice, event.until) if event.until is not None else ""
    text = voice.html(f"promo-refused-{event.reason.value}", until=until)
    if event.tries_left:
        text = f"{text}\n{voice.html('promo-tries-left', tries=event.tries_left)}"
    elif event.tries_left is not None:
        text = f"{text}\n{voice.html('promo-no-tries-left', until=until)}"
    return Screen(text=text, keyboard=_ways_on(voice))


def _ways_on(voice: Voice) -> Keyboard:
    return ((keyboard.play(voice), keyboard.shop(voice)),)
