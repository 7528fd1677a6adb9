"""How amounts read: energy, streaks, prices, times and spans of time."""

from datetime import datetime

from contracts.berlin import ZONE
from contracts.gameplay import EnergyView, StreakView
from contracts.payments import Currency
from gateway.presenter import names
from gateway.texts import Voice


def energy(voice: Voice, view: EnergyView) -> str:
    """Return what there is to play with; without end under premium (DOMAIN §2)."""
    if view.premium:
        return voice.plain("energy-endless")
    return voice.plain("energy", amount=str(view.free + view.paid))


def energy_with_wait(voice: Voice, view: EnergyView) -> str:
    """Return the energy and when it is full again."""
    amount = energy(voice, view)
    if view.premium or not view.full_in_minutes:
        return amount
    return f"{amount} · {voice.plain('energy-full-in', time=minutes(voice, view.full_in_minutes))}"


def streak(voice: Voice, view: StreakView) -> str:
    """Return the streak in a few characters."""
    if not view.days:
        return voice.plain("streak-none-short")
    return voice.plain("streak-short", days=voice.plain("days", days=view.days))


def minutes(voice: Voice, amount: int) -> str:
    """Return a span given in minutes, at least one."""
    hours, rest = divmod(max(1, amount), 60)
    if not hours:
        return voice.plain("time-minutes", minutes=str(rest))
    if not rest:
        return voice.plain("time-hours", hours=str(hours))
    return voice.plain("time-hours-minutes", hours=str(hours), minutes=str(rest))


def clock(voice: Voice, milliseconds: int) -> str:
    """Return a playing time as minutes and seconds."""
    whole, seconds = divmod(milliseconds // 1000, 60)
    return voice.plain("time-clock", minutes=str(whole), seconds=f"{seconds:02d}")


def moment(voice: Voice, when: datetime) -> str:
    """Return day and time in Berlin."""
    local = when.astimezone(ZONE)
    return voice.plain("time-day", day=local.date(), time=f"{local:%H:%M}")


def price(voice: Voice, amount: int, currency: Currency) -> str:
    """Return a price: whole Stars, or minor units of a currency."""
    if currency is Currency.XTR:
        return voice.plain("price-stars", amount=str(amount))
    whole, cents = divmod(amount, 100)
    return voice.plain("price-money", whole=str(whole), cents=f"{cents:02d}", currency=currency.value)


def percent(part: int, whole: int) -> str:
    """Return a share in whole per cent, rounded down; 0 of nothing."""
    return str(part * 100 // whole) if whole else "0"


def name(voice: Voice, text: str) -> str:
    """Return a player's name, fit to be shown to anybody; a stand-in for one that cannot be seen."""
    return names.shown(text) or voice.plain("someone")
