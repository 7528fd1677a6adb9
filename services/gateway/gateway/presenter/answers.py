"""What the gateway answers by itself: help, languages, hints."""

from typing import Any

from gateway.buttons import LanguageButton
from gateway.domain.chat import Role
from gateway.domain.registry import Registry
from gateway.domain.screen import Button, Keyboard, Screen
from gateway.presenter import keyboard
from gateway.texts import Voice


def guide(registry: Registry[Any], role: Role, voice: Voice) -> Screen:
    """How to play, and every command this role may use, under its heading."""
    blocks: list[str] = [voice.html("help")]
    for category, commands in registry.by_category(role):
        lines: list[str] = [voice.html(f"category-{category.value}")]
        for command in commands:
            key = "help-line-premium" if command.premium else "help-line"
            description = voice.plain(command.description_key)
            lines.append(voice.html(key, command=command.name, description=description))
        blocks.append("\n".join(lines))
    return Screen(text="\n\n".join(blocks), keyboard=_onward(voice))


def unknown_command(nearest: str, registry: Registry[Any], role: Role, voice: Voice) -> Screen:
    """The nearest match, if any, above the help."""
    first = voice.html("unknown-command-nearest", nearest=nearest) if nearest else voice.html("unknown-command")
    help_screen = guide(registry, role, voice)
    return Screen(text=f"{first}\n\n{help_screen.text}", keyboard=help_screen.keyboard)


def nudge(voice: Voice) -> Screen:
    """A friendly answer to free text."""
    return Screen(text=voice.html("nudge"), keyboard=_onward(voice))


def languages(voice: Voice) -> Screen:
    """Return the choice of language, with the way into a game below it."""
    rows: Keyboard = (
        (
            keyboard.button(voice, "button-german", LanguageButton(language="de")),
            keyboard.button(voice, "button-english", LanguageButton(language="en")),
        ),
        (keyboard.modes(voice),),
    )
    return Screen(text=voice.html("language"), keyboard=rows)


def language_changed(voice: Voice) -> Screen:
    """The confirmation, in the new language."""
    return Screen(text=voice.html("language-changed"), keyboard=_onward(voice), toast=voice.plain("toast-language"))


def slow_down(voice: Voice) -> Screen:
    """The one notice a minute for who is too fast (DOMAIN §11)."""
    return Screen(text=voice.html("slow-down"), toast=voice.plain("toast-slow-down"))


def forged(voice: Voice) -> Screen:
    """A toast for callback data that this bot never made or no longer knows."""
    return Screen(toast=voice.plain("toast-forged"), alert=True)


def failed(voice: Voice, *, is_private: bool = True) -> Screen:
    """An apology for what we could not do, through no fault of the player's; in a group without a way to play there."""
    onward = _onward(voice) if is_private else ()
    return Screen(text=voice.html("failed"), keyboard=onward, toast=voice.plain("toast-failed"))


def moment(voice: Voice) -> Screen:
    """A toast for a tap whose answer is late."""
    return Screen(toast=voice.plain("toast-moment"))


def group(bot_username: str, voice: Voice) -> Screen:
    """The way from a group to the private chat, to take and to hand on."""
    address = f"https://t.me/{bot_username}?start=group"
    rows: Keyboard = (
        (Button(text=voice.plain("button-private"), url=address),),
        (keyboard.copy(voice, "button-copy-link", address),),
    )
    return Screen(text=voice.html("group"), keyboard=rows)


def room(bot_username: str, voice: Voice) -> Screen:
    """The same way for those who speak in a group's or a channel's name: they must go there as themselves."""
    return Screen(text=voice.html("room"), keyboard=group(bot_username, voice).keyboard)


def _onward(voice: Voice) -> Keyboard:
    return ((keyboard.play(voice), keyboard.daily(voice)), (keyboard.modes(voice), keyboard.languages(voice)))
