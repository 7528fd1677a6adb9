"""Playing: the menu of modes, a game's start and end, and the answers in between."""

from contracts.gameplay import AnswerRound, Mode, ShowPlayer, StartGame, StopGame, View
from gateway.buttons import AnswerButton, PlayButton, PlayOnButton
from gateway.domain.screen import Screen
from gateway.handlers.visit import ForgedError, Visit

OPTIONS = 4


def modes(visit: Visit) -> None:
    """Show the menu of modes."""
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=View.MENU))


def daily(visit: Visit) -> None:
    """Start or resume today's challenge."""
    visit.ask(StartGame(player_id=visit.chat.player_id, mode=Mode.DAILY_CHALLENGE))


def play(button: PlayButton, visit: Visit) -> None:
    """Start a game where the button stands."""
    visit.ask(StartGame(player_id=visit.chat.player_id, mode=button.mode))


def play_on(button: PlayOnButton, visit: Visit) -> None:
    """Start a game below the message with the button, which stays as it is."""
    visit.show(Screen())
    visit.ask(StartGame(player_id=visit.chat.player_id, mode=button.mode), origin=visit.origin.as_message())


def answer(button: AnswerButton, visit: Visit) -> None:
    """Answer a round with one of its options."""
    try:
        round_id = button.round_id
    except ValueError as error:
        raise ForgedError("round") from error
    if not 0 <= button.option < OPTIONS:
        raise ForgedError("option")
    visit.ask(AnswerRound(player_id=visit.chat.player_id, round_id=round_id, option=button.option))


def stop(visit: Visit) -> None:
    """End the running game; gameplay answers with the tally."""
    visit.ask(StopGame(player_id=visit.chat.player_id))
