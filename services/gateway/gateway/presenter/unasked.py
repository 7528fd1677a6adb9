"""Messages nobody asked for: reminders and gifts (DOMAIN §3, §4)."""

from contracts.berlin import day_of
from contracts.gameplay import PlayerGranted, Reminder, ReminderDue, View
from contracts.payments import Product
from gateway.domain.button_origin import ButtonOrigin, ButtonScreen
from gateway.domain.screen import Keyboard, Screen
from gateway.presenter import amounts, keyboard
from gateway.texts import Voice


def reminder_due(event: ReminderDue, voice: Voice) -> Screen:
    """A reminder, the way into the game, and the way to switch reminders off."""
    text = voice.html(f"remind-{event.reminder.value}", days=voice.plain("days", days=event.streak.days))
    rows: Keyboard
    if event.reminder is Reminder.STREAK_AT_RISK:
        saver = keyboard.buy(voice, Product.STREAK_SAVER_20, ButtonOrigin(ButtonScreen.REMINDER))
        rows = ((keyboard.play(voice), keyboard.daily(voice)), (saver,))
    else:
        rows = ((keyboard.daily(voice, key="button-daily-go"),),)
    return Screen(text=text, keyboard=(*rows, (keyboard.view(voice, View.SETTINGS),)))


def player_granted(event: PlayerGranted, voice: Voice) -> Screen:
    """A gift: what the player now has."""
    have = [amounts.energy(voice, event.energy)]
    if event.saver_tokens:
        have.append(voice.plain("tokens", tokens=event.saver_tokens))
    if event.duel_tickets:
        have.append(voice.plain("tickets", tickets=event.duel_tickets))
    if event.premium_until is not None:
        have.append(voice.plain("premium-until", until=day_of(event.premium_until).local))
    rows: Keyboard = ((keyboard.play(voice), keyboard.modes(voice)),)
    return Screen(text=f"{voice.html('gift')}\n{' · '.join(have)}", keyboard=rows)
