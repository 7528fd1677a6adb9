"""What Telegram shows a player whose payment is not taken (DOMAIN §6)."""

from contracts.payments import CheckoutRefusal
from gateway.texts import Voice


def refusal(reason: str, voice: Voice) -> str:
    """Return the words for a `CheckoutRefusal`; for anything else, such as silence, those that ask to try again."""
    known = reason in {one.value for one in CheckoutRefusal}
    return voice.plain(f"precheckout-{reason}" if known else "precheckout-later")
