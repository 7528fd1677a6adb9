"""A player's own pages: welcome, menu, streak, statistics, settings (DOMAIN §2–§4)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from contracts.berlin import day_of
from contracts.gameplay import Mode, ModeView, PlayerShown, SettingsChanged, SettingsView, StreakView, View
from contracts.payments import Product
from gateway.buttons import PlayButton, SettingButton
from gateway.domain.button_origin import ButtonOrigin, ButtonScreen
from gateway.domain.screen import Button, Keyboard, Screen
from gateway.presenter import amounts, keyboard
from gateway.texts import Voice

SETTINGS = ("daily_push", "daily_reminder", "streak_reminder")
"""The switches of a player, in the order shown."""


def player_shown(event: PlayerShown, voice: Voice, name: str, now: datetime) -> Screen:
    """Return the page that was asked for; `name` is what Telegram calls the player."""
    if event.view is View.WELCOME:
        return _welcome(event, voice, name)
    if event.view is View.MENU:
        return _menu(event, voice, now)
    return _PAGES[event.view](event, voice)


def settings_changed(event: SettingsChanged, voice: Voice) -> Screen:
    """Return the switches as they now are."""
    screen = _settings_screen(event.settings, voice)
    return Screen(text=screen.text, keyboard=screen.keyboard, toast=voice.plain("toast-saved"))


def _welcome(event: PlayerShown, voice: Voice, name: str) -> Screen:
    who = amounts.name(voice, name)
    text = (
        voice.html("welcome-back", name=who, streak=amounts.streak(voice, event.streak))
        if event.answered
        else voice.html("welcome", name=who)
    )
    rows: Keyboard = (
        (keyboard.play(voice),),
        (_daily(event, voice),),
        (keyboard.modes(voice), keyboard.guide(voice)),
    )
    return Screen(text=text, keyboard=rows)


def _menu(event: PlayerShown, voice: Voice, now: datetime) -> Screen:
    energy = amounts.energy_with_wait(voice, event.energy)
    lines: list[str] = [voice.html("menu", energy=energy, streak=amounts.streak(voice, event.streak))]
    modes = [mode for mode in event.modes if mode.mode is not Mode.DAILY_CHALLENGE]
    if any(not mode.open for mode in modes):
        lines.append(voice.html("menu-locked-hint"))
    rows: Keyboard = (
        (_daily(event, voice),),
        *((_mode(mode, voice, now),) for mode in modes),
        (keyboard.top(voice), keyboard.view(voice, View.STATS)),
        (keyboard.view(voice, View.STREAK), keyboard.view(voice, View.SETTINGS)),
        (keyboard.shop(voice), keyboard.code(voice)),
        (keyboard.invite(voice),),
    )
    return Screen(text="\n".join(lines), keyboard=rows)


def _mode(view: ModeView, voice: Voice, now: datetime) -> Button:
    name = voice.plain(f"mode-{view.mode.value}")
    data = PlayButton(mode=view.mode)
    if not view.open:
        return keyboard.button(voice, "button-mode-locked", data, mode=name)
    if view.access_until is not None and view.access_until > now:
        left = amounts.minutes(voice, -int(-(view.access_until - now).total_seconds() // 60))
        return keyboard.button(voice, "button-mode-hours", data, mode=name, time=left)
    if view.level is not None:
        return keyboard.button(voice, "button-mode-level", data, mode=name, level=view.level.value)
    return keyboard.button(voice, "button-mode-open", data, mode=name)


def _streak(event: PlayerShown, voice: Voice) -> Screen:
    view = event.streak
    lines: list[str] = [
        voice.html("streak-page", days=voice.plain("days", days=view.days)),
        voice.html(f"streak-state-{view.state.value}"),
        voice.html("streak-page-best", best=voice.plain("days", days=view.best)),
    ]
    if view.saver_tokens:
        lines.append(voice.html("tokens", tokens=view.saver_tokens))
    saver: Keyboard = (
        ((keyboard.buy(voice, Product.STREAK_SAVER_20, ButtonOrigin(ButtonScreen.STREAK)),),) if view.days else ()
    )
    rows: Keyboard = (
        (keyboard.play(voice), _daily(event, voice)),
        *saver,
        (keyboard.view(voice, View.STATS), keyboard.top(voice)),
    )
    return Screen(text="\n".join(lines), keyboard=rows)


def _stats(event: PlayerShown, voice: Voice) -> Screen:
    rows: Keyboard = (
        (keyboard.play(voice), keyboard.view(voice, View.STREAK)),
        (keyboard.top(voice), keyboard.modes(voice)),
        (keyboard.invite(voice),),
    )
    if not event.answered:
        return Screen(text=voice.html("stats-empty"), keyboard=rows)
    lines: list[str] = [
        voice.html(
            "stats",
            right=str(event.right),
            answered=str(event.answered),
            percent=amounts.percent(event.right, event.answered),
            today=str(event.right_today),
            streak=amounts.streak(voice, event.streak),
            energy=amounts.energy(voice, event.energy),
        )
    ]
    lines += [_stats_line(mode, voice) for mode in event.modes if mode.answered]
    lines += _belongings(event, voice)
    return Screen(text="\n".join(lines), keyboard=rows)


def _stats_line(view: ModeView, voice: Voice) -> str:
    name = voice.plain(f"mode-{view.mode.value}")
    right, answered = str(view.right), str(view.answered)
    if view.level is None:
        return voice.html("stats-mode", mode=name, right=right, answered=answered)
    return voice.html("stats-mode-level", mode=name, right=right, answered=answered, level=view.level.value)


def _belongings(event: PlayerShown, voice: Voice) -> list[str]:
    lines: list[str] = []
    if event.premium_until is not None:
        lines.append(voice.html("premium-until", until=day_of(event.premium_until).local))
    if event.saver_tokens:
        lines.append(voice.html("tokens", tokens=event.saver_tokens))
    if event.duel_tickets:
        lines.append(voice.html("tickets", tickets=event.duel_tickets))
    return lines


def _settings(event: PlayerShown, voice: Voice) -> Screen:
    return _settings_screen(event.settings, voice)


def _settings_screen(settings: SettingsView, voice: Voice) -> Screen:
    switches = tuple((_switch(name, on=getattr(settings, name), voice=voice),) for name in SETTINGS)
    rows: Keyboard = (*switches, (keyboard.languages(voice), keyboard.modes(voice)))
    return Screen(text=voice.html("settings"), keyboard=rows)


def _switch(name: str, *, on: bool, voice: Voice) -> Button:
    key = "button-setting-on" if on else "button-setting-off"
    return keyboard.button(voice, key, SettingButton(name=name, on=not on), name=voice.plain(f"setting-{name}"))


def _daily(event: PlayerShown, voice: Voice) -> Button:
    return keyboard.daily(voice, key="button-daily-done" if event.daily_done_today else "button-daily")


def streak_note(lost_days: int, savers_used: int, days_frozen: int, view: StreakView, voice: Voice) -> Screen | None:
    """Return a short note about a streak that was lost, saved or frozen; None when nothing of that happened."""
    rows: Keyboard = ((keyboard.play(voice), keyboard.view(voice, View.STREAK)),)
    if lost_days > 1:
        return Screen(text=voice.html("streak-lost", lost=voice.plain("days", days=lost_days)), keyboard=rows)
    days = voice.plain("days", days=view.days)
    if savers_used:
        return Screen(text=voice.html("streak-saved", tokens=savers_used, days=days), keyboard=rows)
    if days_frozen:
        return Screen(text=voice.html("streak-frozen", days=days), keyboard=rows)
    return None


_PAGES: Mapping[View, Callable[[PlayerShown, Voice], Screen]] = {
    View.STREAK: _streak,
    View.STATS: _stats,
    View.SETTINGS: _settings,
}
