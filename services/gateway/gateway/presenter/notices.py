"""What players must be able to read about buying: help, terms, privacy (DOMAIN §6)."""

from gateway.domain.screen import Keyboard, Screen
from gateway.presenter import keyboard
from gateway.texts import Voice


def support(contact: str, voice: Voice) -> Screen:
    """How to get help with a purchase; without a contact that there is none: nobody reads what is written here."""
    where = voice.html("support-contact", contact=contact) if contact else voice.html("support-no-contact")
    copied: Keyboard = ((keyboard.copy(voice, "button-copy-contact", contact),),) if keyboard.can_copy(contact) else ()
    rows: Keyboard = (*copied, (keyboard.purchases(voice), keyboard.shop(voice)))
    return Screen(text=f"{voice.html('support')}\n{where}\n{voice.html('support-telegram')}", keyboard=rows)


def terms(voice: Voice) -> Screen:
    """What is bought, and on what terms."""
    rows: Keyboard = ((keyboard.shop(voice), keyboard.support(voice)),)
    return Screen(text=voice.html("terms"), keyboard=rows)


def privacy(contact: str, voice: Voice) -> Screen:
    """What is kept of a player, for how long, and how to have it deleted."""
    where = voice.html("privacy-contact", contact=contact) if contact else voice.html("privacy-no-contact")
    rows: Keyboard = ((keyboard.play(voice), keyboard.guide(voice)),)
    return Screen(text=f"{voice.html('privacy')}\n{where}", keyboard=rows)
