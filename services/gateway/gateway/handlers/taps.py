"""What each button does: one table, by the data's prefix."""

from collections.abc import Callable, Mapping
from typing import Any

from aiogram.filters.callback_data import CallbackData

from contracts.gameplay import AnswerRound, ChangeSettings, ShowLeaderboard, ShowPlayer, StartGame, StopGame
from contracts.payments import BuyProduct, ShowPurchases, ShowShop
from gateway.buttons import (
    AnswerButton,
    BuyButton,
    HelpButton,
    LanguageButton,
    LanguagesButton,
    PlayButton,
    PlayOnButton,
    PurchasesButton,
    SettingButton,
    ShopButton,
    StopButton,
    SupportButton,
    TopButton,
    ViewButton,
)
from gateway.domain.chat import LANGUAGES
from gateway.domain.limits import Verdict
from gateway.domain.log import Outcome
from gateway.domain.screen import Screen
from gateway.handlers.visit import Visit
from gateway.presenter import answers, notices
from gateway.presenter.pages import SETTINGS

OPTIONS = 4


class ForgedError(ValueError):
    """Callback data that this bot never made or no longer makes."""


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
    known = _BUTTONS.get(prefix)
    if known is None:
        raise ForgedError(prefix)
    kind, act = known
    try:
        button = kind.unpack(data)
    except (TypeError, ValueError) as error:
        raise ForgedError(prefix) from error
    act(button, visit)


def _answer(button: AnswerButton, visit: Visit) -> None:
    try:
        round_id = button.round_id
    except ValueError as error:
        raise ForgedError("round") from error
    if not 0 <= button.option < OPTIONS:
        raise ForgedError("option")
    visit.ask(AnswerRound(player_id=visit.chat.player_id, round_id=round_id, option=button.option))


def _play(button: PlayButton, visit: Visit) -> None:
    visit.ask(StartGame(player_id=visit.chat.player_id, mode=button.mode))


def _play_on(button: PlayOnButton, visit: Visit) -> None:
    visit.show(Screen())
    visit.ask(StartGame(player_id=visit.chat.player_id, mode=button.mode), origin=visit.origin.as_message())


def _buy(button: BuyButton, visit: Visit) -> None:
    if button.place is None:
        raise ForgedError("surface")
    visit.ask(BuyProduct(player_id=visit.chat.player_id, product=button.product, surface=button.surface))


def _shop(button: ShopButton, visit: Visit) -> None:
    visit.ask(ShowShop(player_id=visit.chat.player_id, view=button.view))


def _purchases(_: PurchasesButton, visit: Visit) -> None:
    visit.ask(ShowPurchases(player_id=visit.chat.player_id))


def _support(_: SupportButton, visit: Visit) -> None:
    visit.show(notices.support(visit.front.support_contact, visit.voice))


def _stop(_: StopButton, visit: Visit) -> None:
    visit.ask(StopGame(player_id=visit.chat.player_id))


def _view(button: ViewButton, visit: Visit) -> None:
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=button.view))


def _top(button: TopButton, visit: Visit) -> None:
    visit.ask(ShowLeaderboard(player_id=visit.chat.player_id, period=button.period))


def _setting(button: SettingButton, visit: Visit) -> None:
    if button.name not in SETTINGS:
        raise ForgedError("setting")
    switch: dict[str, Any] = {button.name: button.on}
    visit.ask(ChangeSettings(player_id=visit.chat.player_id, **switch))


def _languages(_: LanguagesButton, visit: Visit) -> None:
    visit.show(answers.languages(visit.voice))


def _language(button: LanguageButton, visit: Visit) -> None:
    if button.language not in LANGUAGES:
        raise ForgedError("language")
    visit.chat.language = button.language
    visit.introduce()
    visit.show(answers.language_changed(visit.voice))


def _help(_: HelpButton, visit: Visit) -> None:
    visit.show(answers.guide(visit.front.registry, visit.chat.role, visit.voice))


_BUTTONS: Mapping[str, tuple[type[CallbackData], Callable[[Any, Visit], None]]] = {
    kind.__prefix__: (kind, act)
    for kind, act in (
        (AnswerButton, _answer),
        (PlayButton, _play),
        (PlayOnButton, _play_on),
        (BuyButton, _buy),
        (ShopButton, _shop),
        (PurchasesButton, _purchases),
        (SupportButton, _support),
        (StopButton, _stop),
        (ViewButton, _view),
        (TopButton, _top),
        (SettingButton, _setting),
        (LanguagesButton, _languages),
        (LanguageButton, _language),
        (HelpButton, _help),
    )
}
