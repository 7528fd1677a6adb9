"""What players can tap: one table, by the prefix of a button's data."""

from collections.abc import Callable, Mapping
from typing import Any

from aiogram.filters.callback_data import CallbackData

from gateway.buttons import (
    AffiliateButton,
    AnswerButton,
    ApplyButton,
    BuyButton,
    CodeButton,
    DiscountButton,
    HelpButton,
    InviteButton,
    LanguageButton,
    LanguagesButton,
    OfferAwayButton,
    OfferButton,
    PayoutButton,
    PlayButton,
    PlayOnButton,
    PurchasesButton,
    RewardButton,
    SettingButton,
    ShopButton,
    StopButton,
    SupportButton,
    TopButton,
    ViewButton,
)
from gateway.domain.limits import Verdict
from gateway.domain.log import Outcome
from gateway.domain.registry import Handler
from gateway.domain.screen import Screen
from gateway.handlers import account, affiliates, game, offers, pages, promo, referrals, shop
from gateway.handlers.visit import ForgedError, Visit
from gateway.presenter import answers

Act = Callable[[Any, Visit], None]


def _just(act: Handler[Visit]) -> Act:
    """Have a button without fields do what a command does."""
    return lambda _, visit: act(visit)


BUTTONS: Mapping[str, tuple[type[CallbackData], Act]] = {
    kind.__prefix__: (kind, act)
    for kind, act in (
        (AnswerButton, game.answer),
        (PlayButton, game.play),
        (PlayOnButton, game.play_on),
        (StopButton, _just(game.stop)),
        (ViewButton, pages.view),
        (TopButton, pages.top_of),
        (SettingButton, pages.switch),
        (ShopButton, shop.shelf),
        (BuyButton, shop.buy),
        (DiscountButton, shop.buy_with_discount),
        (CodeButton, _just(promo.ask)),
        (OfferButton, offers.buy),
        (OfferAwayButton, offers.take_away),
        (PurchasesButton, _just(shop.purchases)),
        (InviteButton, _just(referrals.invite)),
        (RewardButton, referrals.choose_reward),
        (SupportButton, _just(shop.support)),
        (AffiliateButton, affiliates.page_of),
        (ApplyButton, _just(affiliates.apply)),
        (PayoutButton, affiliates.ask_payout),
        (LanguagesButton, _just(account.languages)),
        (LanguageButton, account.choose_language),
        (HelpButton, _just(account.guide)),
    )
}


def hear_tap(data: str, visit: Visit) -> Outcome:
    """Do what a button says. Every tap is answered: here, or by the event that comes of it."""
    verdict = visit.chat.may_tap(visit.turn.now)
    prefix = data.partition(":")[0][:8]
    if verdict is not Verdict.PASS:
        toast = answers.slow_down(visit.voice).toast if verdict is Verdict.NOTICE else ""
        visit.show(Screen(toast=toast))
        return Outcome("limited", "tap")
    try:
        _act(prefix, data, visit)
    except ForgedError:
        visit.show(answers.forged(visit.voice))
        return Outcome("forged", "tap")
    return Outcome("handled", f"tap:{prefix}")


def _act(prefix: str, data: str, visit: Visit) -> None:
    known = BUTTONS.get(prefix)
    if known is None:
        raise ForgedError(prefix)
    kind, act = known
    try:
        button = kind.unpack(data)
    except (TypeError, ValueError) as error:
        raise ForgedError(prefix) from error
    visit.chat.leave_code_question()
    act(button, visit)
