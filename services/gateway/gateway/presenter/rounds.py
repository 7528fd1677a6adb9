"""The game itself: questions, solutions, refusals, the end of a game (DOMAIN §3)."""

import re

from contracts.gameplay import (
    AnswerRefused,
    AnswerView,
    EnergyView,
    GameRefused,
    GameStarted,
    GameStopped,
    Mode,
    Refusal,
    RoundCompleted,
    RoundRepeated,
    RoundView,
    View,
)
from contracts.payments import Product
from gateway.domain.button_origin import ButtonOrigin, ButtonScreen
from gateway.domain.screen import TOAST_MAX, Keyboard, Screen, shortened
from gateway.presenter import amounts, keyboard, options
from gateway.texts import Voice

GAP = re.compile("___|…")
"""Where a word is missing in a question. In WORD_ORDER dots stand for the rest of a sentence, which is no gap."""
ENDS = (".", "!", "?")
"""What a sentence may end with already; dots at its end had taken the full stop's place."""


def game_started(event: GameStarted, voice: Voice) -> Screen:
    """The first question of a game, or the next one of a resumed challenge."""
    return Screen(
        text=_question(event.round, event.energy, voice),
        keyboard=options.open_board(event.round, voice),
        round_id=event.round.round_id,
        toast=voice.plain("welcome-round"),
    )


def round_completed(event: RoundCompleted, voice: Voice) -> Screen:
    """The solution above the next question, or above what there is to do when none started; its colours last of all.

    Below the buttons, so that the next options stand where the last ones stood, under the player's thumb.
    """
    head = _solved(event, voice)
    toast = _toast(event, voice)
    following = event.next_round
    if following is not None:
        return Screen(
            text=f"{head}\n\n{_question(following, event.energy, voice)}",
            keyboard=(*options.open_board(following, voice), *options.result(event.answer, voice)),
            round_id=following.round_id,
            toast=toast,
        )
    rest = _after_last(event, voice)
    rows: Keyboard = (*rest.keyboard, *options.result(event.answer, voice))
    return Screen(text=f"{head}\n\n{rest.text}", keyboard=rows, toast=toast)


def round_repeated(event: RoundRepeated, voice: Voice) -> Screen:
    """A toast with the first result; the message is left alone, it may show the next question by now."""
    key = "toast-repeated-right" if event.answer.is_right else "toast-repeated-wrong"
    return Screen(toast=shortened(voice.plain(key, answer=event.answer.options[event.answer.right]), TOAST_MAX))


def answer_refused(event: AnswerRefused, voice: Voice) -> Screen:
    """A toast for an answer that could not count; a round that is over offers a new game as well."""
    if event.reason is not Refusal.ROUND_OVER:
        return Screen(toast=voice.plain("toast-not-yours"), alert=True)
    return Screen(
        text=voice.html("round-over"),
        keyboard=_next_steps(voice),
        toast=voice.plain("toast-round-over"),
    )


def game_refused(event: GameRefused, voice: Voice) -> Screen:
    """Why no game started, and what can be played instead."""
    return refusal(event.reason, event.mode, event.energy, voice)


def game_stopped(event: GameStopped, voice: Voice) -> Screen:
    """The tally of a game."""
    game = event.game
    if game is None:
        return Screen(text=voice.html("game-none"), keyboard=_next_steps(voice))
    mode = voice.plain(f"mode-{game.mode.value}")
    if game.mode is Mode.DAILY_CHALLENGE:
        return Screen(text=voice.html("game-paused", mode=mode), keyboard=_resume(voice))
    steps: Keyboard = ((keyboard.play(voice, game.mode, key="button-again"),), *_next_steps(voice)[1:])
    if not game.answered:
        return Screen(text=voice.html("game-stopped-early", mode=mode), keyboard=steps)
    text = voice.html(
        "game-stopped",
        mode=mode,
        right=str(game.right),
        answered=str(game.answered),
        percent=amounts.percent(game.right, game.answered),
        streak=amounts.streak(voice, event.streak),
    )
    return Screen(text=text, keyboard=steps)


def refusal(reason: Refusal, mode: Mode, energy: EnergyView, voice: Voice) -> Screen:
    """Return the screen for a reason that keeps a round from starting."""
    if reason is Refusal.NO_ENERGY:
        return _no_energy(mode, energy, voice)
    if reason is Refusal.MODE_LOCKED:
        return _locked(mode, voice)
    if reason is Refusal.NO_QUESTIONS:
        return Screen(text=voice.html("out-of-questions"), keyboard=((keyboard.modes(voice),),))
    return Screen(text=voice.html("game-none"), keyboard=_next_steps(voice))


def _locked(mode: Mode, voice: Voice) -> Screen:
    name = voice.plain(f"mode-{mode.value}")
    rows: Keyboard = (
        # The mega pack is the offer's that may come below, and the shop's: nobody wants the same button twice.
        (keyboard.premium(voice), keyboard.shop(voice)),
        (keyboard.play(voice), keyboard.modes(voice)),
    )
    toast = voice.plain("toast-mode-locked", mode=name)
    return Screen(text=voice.html("mode-locked", mode=name), keyboard=rows, toast=toast)


def _no_energy(mode: Mode, energy: EnergyView, voice: Voice) -> Screen:
    text = voice.html(
        "energy-empty",
        next=amounts.minutes(voice, energy.next_in_minutes or energy.full_in_minutes),
        full=amounts.minutes(voice, energy.full_in_minutes),
    )
    place = ButtonOrigin(ButtonScreen.ENERGY, mode)
    rows: Keyboard = (
        # What else helps is the shop's, and the offer's that may come below: nobody wants the same buttons twice.
        (keyboard.buy(voice, Product.ENERGY_10, place), keyboard.shop(voice)),
        (keyboard.daily(voice),),
        (keyboard.top(voice), keyboard.view(voice, View.STATS)),
    )
    return Screen(text=text, keyboard=rows, toast=voice.plain("toast-energy-empty"))


def _after_last(event: RoundCompleted, voice: Voice) -> Screen:
    if event.refusal is not None:
        return refusal(event.refusal, event.game.mode, event.energy, voice)
    if event.game.mode is Mode.DAILY_CHALLENGE:
        return Screen(text=voice.html("daily-finished"))
    return game_stopped(
        GameStopped(player_id=event.player_id, game=event.game, streak=event.streak, energy=event.energy), voice
    )


def _question(view: RoundView, energy: EnergyView, voice: Voice) -> str:
    number = str(view.number)
    head = (
        voice.plain("question-number-of", number=number, of=str(view.of))
        if view.of
        else voice.plain("question-number", number=number)
    )
    level = view.level.value
    if view.mode is Mode.DAILY_CHALLENGE:
        return voice.html("question", number=head, level=level, text=view.text)
    left = amounts.energy(voice, energy)
    return voice.html("question-energy", number=head, level=level, text=view.text, energy=left)


def _solved(event: RoundCompleted, voice: Voice) -> str:
    lines: list[str] = [_solution(event.answer, voice)]
    if event.level_reached is not None:
        lines.append(voice.html("level-up", level=event.level_reached.value))
    if event.streak.raised:
        lines.append(voice.html("streak-raised", days=event.streak.days))
    return "\n".join(lines)


def _solution(answer: AnswerView, voice: Voice) -> str:
    head = (
        voice.html("answer-right")
        if answer.is_right
        else voice.html("answer-wrong", chosen=answer.options[answer.chosen])
    )
    body = _answered(answer, voice)
    explanation = answer.explanation_en if voice.language == "en" else answer.explanation
    if explanation := explanation or answer.explanation:
        body = f"{body}\n{voice.html('answer-explained', explanation=explanation)}"
    return f"{head}\n<blockquote>{body}</blockquote>"


def _answered(answer: AnswerView, voice: Voice) -> str:
    """Return the right answer in the gap of its sentence, or below a question that is no sentence with one gap."""
    right = answer.options[answer.right]
    around = GAP.split(answer.text)
    if answer.mode is Mode.WORD_ORDER or len(around) != 2:
        return voice.html("answer-below", text=answer.text, answer=right)
    before, after = around
    if not after and right[-1:] not in ENDS:
        after = "."
    return voice.html("answer-in-gap", before=before, answer=right, after=after)


def _toast(event: RoundCompleted, voice: Voice) -> str:
    if event.level_reached is not None:
        return voice.plain("toast-level-up", level=event.level_reached.value)
    if not event.answer.is_right:
        return voice.plain("toast-wrong" if event.next_round else "toast-wrong-last")
    if event.streak.raised:
        return voice.plain("toast-right-streak", days=event.streak.days)
    return voice.plain("toast-right", right=str(event.game.right), answered=str(event.game.answered))


def _next_steps(voice: Voice) -> Keyboard:
    return ((keyboard.play(voice),), (keyboard.daily(voice), keyboard.modes(voice)))


def _resume(voice: Voice) -> Keyboard:
    return ((keyboard.play(voice, Mode.DAILY_CHALLENGE, key="button-go-on"),), (keyboard.modes(voice),))
