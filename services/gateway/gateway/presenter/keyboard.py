"""Buttons that several screens share, and which of them are coloured.

Green is what was right, red what was wrong and what ends a game, blue what is bought. Colour is never the only sign:
not every app shows it, and not everybody sees it.
"""

from functools import cache
from uuid import UUID

from aiogram.filters.callback_data import CallbackData

from actors.fluent_catalogue import Value
from contracts.gameplay import Mode, Period, View
from contracts.ids import short
from contracts.payments import Product, ShopView
from gateway.buttons import (
    BuyButton,
    CodeButton,
    DiscountButton,
    HelpButton,
    InviteButton,
    LanguagesButton,
    PlayButton,
    PlayOnButton,
    PurchasesButton,
    ShopButton,
    StopButton,
    SupportButton,
    TopButton,
    ViewButton,
)
from gateway.domain.button_origin import ButtonOrigin
from gateway.domain.screen import Button, CopyText, Disabled, Style, units
from gateway.texts import Voice

Row = tuple[Button, ...]

RIGHT = Style.SUCCESS
WRONG = Style.DANGER
STOP = Style.DANGER
BUY = Style.PRIMARY

COPY_MAX = 256
"""So long may be what a button copies, in UTF-16 code units."""


def button(voice: Voice, key: str, data: CallbackData, style: Style | None = None, **values: Value) -> Button:
    """Return a button with a text of the catalogue."""
    return Button(text=voice.plain(key, **values), callback_data=data.pack(), style=style)


def right(voice: Voice, option: str) -> Button:
    """Return an option that was right, on a board that is answered."""
    return Button(text=voice.plain("button-right", option=option), style=RIGHT, disabled=Disabled())


def wrong(voice: Voice, option: str) -> Button:
    """Return the option that was chosen and is wrong, on a board that is answered."""
    return Button(text=voice.plain("button-wrong", option=option), style=WRONG, disabled=Disabled())


def disabled(text: str) -> Button:
    """Return a button that does nothing."""
    return Button(text=text, disabled=Disabled())


@cache  # on every question, and always the same
def stop(voice: Voice) -> Button:
    """Return the button that ends the running game."""
    return button(voice, "button-stop", StopButton(), STOP)


def can_copy(text: str) -> bool:
    """Whether a button can copy this: not nothing, and not too long."""
    return bool(text.strip()) and units(text) <= COPY_MAX


def copy(voice: Voice, key: str, text: str) -> Button:
    """Return the button that copies `text`, for which `can_copy` holds."""
    return Button(text=voice.plain(key), copy_text=CopyText(text))


def play(voice: Voice, mode: Mode = Mode.QUICK_MIX_A1A2, *, key: str = "button-play") -> Button:
    """Return the button that starts a game."""
    return button(voice, key, PlayButton(mode=mode))


def play_on(voice: Voice, mode: Mode) -> Button:
    """Return the button that starts a game in a new message."""
    return button(voice, "button-go-on", PlayOnButton(mode=mode))


def buy(voice: Voice, product: Product, place: ButtonOrigin, *, price: str = "") -> Button:
    """Return the button that brings a product's invoice; without a price where nobody has asked the shop for it."""
    name = voice.plain(f"product-{product.value}")
    data = BuyButton(product=product, surface=place.encode())
    if price:
        return button(voice, "button-buy-price", data, BUY, product=name, price=price)
    return button(voice, "button-buy", data, BUY, product=name)


def buy_with_discount(voice: Voice, product: Product, redemption_id: UUID, *, price: str) -> Button:
    """Return the button that brings a product's invoice at the price of a discount."""
    data = DiscountButton(product=product, redemption=short(redemption_id))
    return button(voice, "button-buy-price", data, BUY, product=voice.plain(f"product-{product.value}"), price=price)


def shop(voice: Voice) -> Button:
    """Return the button that leads to the shop."""
    return button(voice, "button-shop", ShopButton(view=ShopView.SHOP))


def code(voice: Voice) -> Button:
    """Return the button that asks for a promo code."""
    return button(voice, "button-code", CodeButton())


def cancel(voice: Voice) -> Button:
    """Return the way out of a question: to the shop, as every tap leaves the question."""
    return button(voice, "button-cancel", ShopButton(view=ShopView.SHOP))


def premium(voice: Voice) -> Button:
    """Return the button that leads to the plans of premium."""
    return button(voice, "button-premium", ShopButton(view=ShopView.PREMIUM))


def invite(voice: Voice) -> Button:
    """Return the button that leads to the player's own link."""
    return button(voice, "button-invite", InviteButton())


def purchases(voice: Voice) -> Button:
    """Return the button that leads to the player's purchases."""
    return button(voice, "button-purchases", PurchasesButton())


def support(voice: Voice) -> Button:
    """Return the button that leads to help with purchases."""
    return button(voice, "button-support", SupportButton())


def daily(voice: Voice, *, key: str = "button-daily") -> Button:
    """Return the button that starts or resumes today's challenge."""
    return button(voice, key, PlayButton(mode=Mode.DAILY_CHALLENGE))


def view(voice: Voice, what: View) -> Button:
    """Return the button that leads to one of the player's own pages."""
    keys = {
        View.MENU: "button-menu",
        View.STREAK: "button-streak",
        View.STATS: "button-stats",
        View.SETTINGS: "button-settings",
        View.WELCOME: "button-menu",
    }
    return button(voice, keys[what], ViewButton(view=what))


def modes(voice: Voice) -> Button:
    """Return the button that leads to the menu of modes."""
    return button(voice, "button-modes", ViewButton(view=View.MENU))


def top(voice: Voice) -> Button:
    """Return the button that leads to today's leaderboard."""
    return button(voice, "button-top", TopButton(period=Period.DAY))


def languages(voice: Voice) -> Button:
    """Return the button that leads to the languages."""
    return button(voice, "button-language", LanguagesButton())


def guide(voice: Voice) -> Button:
    """Return the button that leads to the help."""
    return button(voice, "button-help", HelpButton())
