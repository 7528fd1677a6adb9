"""What the gateway answers by itself: languages and help."""

from gateway.buttons import LanguageButton
from gateway.domain.chat import LANGUAGES, Role
from gateway.handlers.from_affiliates import show_commands
from gateway.handlers.visit import ForgedError, Visit
from gateway.presenter import answers


def languages(visit: Visit) -> None:
    """Offer the languages there are, where the player asked."""
    visit.show(answers.languages(visit.voice))


def choose_language(button: LanguageButton, visit: Visit) -> None:
    """Speak another language from here on, and let the game know."""
    if button.language not in LANGUAGES:
        raise ForgedError("language")
    visit.chat.language = button.language
    visit.introduce()
    if visit.chat.role is not Role.PLAYER:
        show_commands(visit.chat, visit.services, visit.turn)
    visit.show(answers.language_changed(visit.voice))


def guide(visit: Visit) -> None:
    """Show how to play and all commands."""
    visit.show(answers.guide(visit.services.registry, visit.chat.role, visit.voice))


def unknown_command(visit: Visit) -> None:
    """Name the nearest match and show the help."""
    registry, role = visit.services.registry, visit.chat.role
    nearest = registry.nearest(visit.command, role)
    visit.show(answers.unknown_command(nearest.name if nearest else "", registry, role, visit.voice))
