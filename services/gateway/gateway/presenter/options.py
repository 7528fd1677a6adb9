"""The board of a question: its four options while it is open, and what is left of it once it is answered."""

from contracts.gameplay import AnswerView, RoundView
from gateway.buttons import answers
from gateway.domain.screen import Button, Keyboard
from gateway.presenter import keyboard
from gateway.texts import Voice

SHORT_OPTION = 16
"""Up to this many characters two options share a row."""


def open_board(view: RoundView, voice: Voice) -> Keyboard:
    """Return the four options, and the way out below them."""
    options = [
        Button(text=text, callback_data=data) for text, data in zip(view.options, answers(view.round_id), strict=True)
    ]
    return (*_rows(options, view.options), (keyboard.stop(voice),))


def answered_board(answer: AnswerView, voice: Voice) -> Keyboard:
    """Return the four options as they stand when the question is answered: marked, coloured, and disabled."""
    options = [_answered(index, answer, voice) for index in range(len(answer.options))]
    return _rows(options, answer.options)


def moved_board(voice: Voice) -> Keyboard:
    """Return what is left of a board whose game goes on in a newer message."""
    return ((keyboard.disabled(voice.plain("button-moved")),),)


def result(answer: AnswerView, voice: Voice) -> Keyboard:
    """Return of an answered board what matters: the right option, before it the wrong one that was chosen."""
    indexes = (answer.right,) if answer.is_right else (answer.chosen, answer.right)
    options = [_answered(index, answer, voice) for index in indexes]
    return _rows(options, [answer.options[index] for index in indexes])


def _answered(index: int, answer: AnswerView, voice: Voice) -> Button:
    text = answer.options[index]
    if index == answer.right:
        return keyboard.right(voice, text)
    return keyboard.wrong(voice, text) if index == answer.chosen else keyboard.disabled(text)


def _rows(buttons: list[Button], options: "tuple[str, ...] | list[str]") -> Keyboard:
    if max(len(text) for text in options) <= SHORT_OPTION:
        return tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    return tuple((button,) for button in buttons)
