"""The game's screens in both languages: the parts a player needs are there, and the markup is sound."""

from typing import Any

import pytest
from tests.gateway.conftest import NEXT_ROUND, NOW, PLAYER, ROUND, Make
from tests.gateway.reading import data, labels, sound

from contracts.gameplay import (
    AnswerRefused,
    EnergyLevel,
    GameRefused,
    GameStarted,
    GameStopped,
    Level,
    Mode,
    Refusal,
    RoundCompleted,
    RoundRepeated,
)
from gateway.domain.screen import TOAST_MAX, Disabled, Screen
from gateway.presenter import rounds
from gateway.texts import Texts

LANGUAGES = pytest.mark.parametrize("language", ["de", "en"])


def completed(make: Make, **more: Any) -> RoundCompleted:
    given: dict[str, Any] = {
        "answer": make.answer(),
        "game": make.game(),
        "streak": make.streak(),
        "energy": make.energy(),
        "next_round": make.round(),
        "at": NOW,
        "berlin_day": make.day(),
        **more,
    }
    return RoundCompleted(player_id=PLAYER, **given)


@LANGUAGES
def test_a_question(language: str, texts: Texts, make: Make) -> None:
    event = GameStarted(player_id=PLAYER, round=make.round(), energy=make.energy())
    screen = sound(rounds.game_started(event, texts.voice(language)))
    assert "Ich ___ nach Hause &amp; zwar &lt;gern&gt;." in screen.text
    assert {"de": "Frage 6", "en": "Question 6"}[language] in screen.text
    assert "A2" in screen.text
    assert "⚡ 14" in screen.text
    assert labels(screen)[:4] == ["gehe", "gehst", "geht", "gehen"]
    assert [len(row) for row in screen.keyboard] == [2, 2, 1]
    assert data(screen)[-1] == "x"
    assert screen.round_id == NEXT_ROUND


def test_long_options_stand_one_above_the_other(texts: Texts, make: Make) -> None:
    event = GameStarted(
        player_id=PLAYER, round=make.round(options=("a" * 17, "b", "c", "d")), energy=make.energy(premium=True)
    )
    screen = sound(rounds.game_started(event, texts.voice("de")))
    assert [len(row) for row in screen.keyboard] == [1] * 5
    assert "∞" in screen.text


def test_the_daily_challenge_counts_its_questions_and_shows_no_energy(texts: Texts, make: Make) -> None:
    view = make.round(mode=Mode.DAILY_CHALLENGE, number=3, of=7)
    screen = rounds.game_started(GameStarted(player_id=PLAYER, round=view, energy=make.energy()), texts.voice("de"))
    assert "Frage 3/7" in screen.text
    assert "⚡" not in screen.text


@LANGUAGES
def test_a_right_answer(language: str, texts: Texts, make: Make) -> None:
    screen = sound(rounds.round_completed(completed(make), texts.voice(language)))
    assert {"de": "Richtig!", "en": "Correct!"}[language] in screen.text
    assert "Wie heißt du?\n➜ <b>Ich heiße Anna.</b>" in screen.text
    assert {"de": "Nach dem Namen", "en": "asks for a name"}[language] in screen.text
    assert screen.text.index("Ich heiße Anna.") < screen.text.index("Ich ___ nach Hause")
    assert screen.toast.endswith("4/5")
    assert screen.round_id == NEXT_ROUND


@LANGUAGES
def test_a_wrong_answer_shows_both(language: str, texts: Texts, make: Make) -> None:
    screen = sound(rounds.round_completed(completed(make, answer=make.answer(chosen=3)), texts.voice(language)))
    assert "❌" in screen.text
    assert "<s>Um acht.</s>" in screen.text
    assert "<b>Ich heiße Anna.</b>" in screen.text
    assert screen.toast.startswith("❌")


@pytest.mark.parametrize(
    ("text", "mode", "shown"),
    [
        ("___ Tisch & Stuhl stehen hier.", Mode.ARTIKEL_SPRINT, "<b>&lt;Der&gt;</b> Tisch &amp; Stuhl stehen hier."),
        ("Hier steht …", Mode.QUICK_MIX_A1A2, "Hier steht <b>&lt;Der&gt;</b>."),
        ("Wo steht …?", Mode.QUICK_MIX_A1A2, "Wo steht <b>&lt;Der&gt;</b>?"),
        ("___ und ___?", Mode.ARTIKEL_SPRINT, "___ und ___?\n➜ <b>&lt;Der&gt;</b>"),
        ("„Heute …“ Was kommt jetzt?", Mode.WORD_ORDER, "„Heute …“ Was kommt jetzt?\n➜ <b>&lt;Der&gt;</b>"),
    ],
)
def test_the_right_answer_stands_in_the_gap_of_its_sentence(
    text: str, mode: Mode, shown: str, texts: Texts, make: Make
) -> None:
    answer = make.answer(text=text, mode=mode, options=("<Der>", "Die", "Das", "Den"))
    screen = sound(rounds.round_completed(completed(make, answer=answer), texts.voice("de")))
    assert f"<blockquote>{shown}\n💡" in screen.text


def test_a_sentence_that_ends_already_gets_no_second_full_stop(texts: Texts, make: Make) -> None:
    answer = make.answer(text="Er sagt: …", options=("Hallo!", "b", "c", "d"))
    screen = sound(rounds.round_completed(completed(make, answer=answer), texts.voice("de")))
    assert "Er sagt: <b>Hallo!</b>\n" in screen.text


def test_an_english_player_gets_the_german_explanation_when_there_is_no_other(texts: Texts, make: Make) -> None:
    screen = rounds.round_completed(completed(make, answer=make.answer(explanation_en="")), texts.voice("en"))
    assert "Nach dem Namen" in screen.text


@LANGUAGES
def test_a_raised_streak_and_a_new_level_are_cheered(language: str, texts: Texts, make: Make) -> None:
    voice = texts.voice(language)
    raised = sound(rounds.round_completed(completed(make, streak=make.streak(days=5, raised=True)), voice))
    assert {"de": "5 Tage", "en": "5 days"}[language] in raised.toast
    assert {"de": "5 Tage", "en": "5 days"}[language] in raised.text
    first = sound(rounds.round_completed(completed(make, streak=make.streak(days=1, raised=True)), voice))
    assert {"de": "Tag 1!", "en": "day 1!"}[language] in first.text
    risen = sound(rounds.round_completed(completed(make, level_reached=Level.B1), voice))
    assert "B1" in risen.toast
    assert "B1" in risen.text


@LANGUAGES
def test_the_last_energy(language: str, texts: Texts, make: Make) -> None:
    empty = make.energy(0, level=EnergyLevel.EMPTY, next_in_minutes=17, full_in_minutes=590)
    event = completed(make, next_round=None, refusal=Refusal.NO_ENERGY, energy=empty)
    screen = sound(rounds.round_completed(event, texts.voice(language)))
    assert "🪫" in screen.text
    assert "17" in screen.text
    assert {"de": "9 Std 50 Min", "en": "9 h 50 min"}[language] in screen.text
    assert data(screen)[:3] == ["b:ENERGY_10:energy-QUICK_MIX_A1A2", "sh:shop", "p:DAILY_CHALLENGE"]
    assert screen.round_id is None
    assert "Ich heiße Anna." in screen.text


@LANGUAGES
def test_the_last_question_of_the_daily_challenge(language: str, texts: Texts, make: Make) -> None:
    event = completed(make, next_round=None, game=make.game(mode=Mode.DAILY_CHALLENGE, answered=7, right=5))
    screen = sound(rounds.round_completed(event, texts.voice(language)))
    assert "🎯" in screen.text
    assert [button.disabled for row in screen.keyboard for button in row] == [Disabled()]


@LANGUAGES
def test_a_repeated_answer_is_only_a_toast(language: str, texts: Texts, make: Make) -> None:
    for chosen, mark in ((0, "✅"), (2, "❌")):
        event = RoundRepeated(player_id=PLAYER, answer=make.answer(chosen=chosen))
        screen = sound(rounds.round_repeated(event, texts.voice(language)))
        assert screen.text == ""
        assert mark in screen.toast
        assert "Ich heiße Anna." in screen.toast
        assert "Anna.." not in screen.toast
        assert "Anna. war" not in screen.toast


def test_a_toast_is_cut_where_telegram_would_refuse_it(texts: Texts, make: Make) -> None:
    answer = make.answer(options=("x" * 300, "b", "c", "d"))
    screen = rounds.round_repeated(RoundRepeated(player_id=PLAYER, answer=answer), texts.voice("de"))
    assert len(screen.toast) == TOAST_MAX


@LANGUAGES
def test_answers_that_cannot_count(language: str, texts: Texts) -> None:
    voice = texts.voice(language)
    foreign = sound(
        rounds.answer_refused(AnswerRefused(player_id=PLAYER, round_id=ROUND, reason=Refusal.UNKNOWN_ROUND), voice)
    )
    assert (foreign.text, foreign.alert) == ("", True)
    assert "/play" in foreign.toast
    over = sound(
        rounds.answer_refused(AnswerRefused(player_id=PLAYER, round_id=ROUND, reason=Refusal.ROUND_OVER), voice)
    )
    assert "p:QUICK_MIX_A1A2" in data(over)


@LANGUAGES
@pytest.mark.parametrize("reason", list(Refusal))
def test_every_refusal_offers_a_next_step(language: str, reason: Refusal, texts: Texts, make: Make) -> None:
    event = GameRefused(player_id=PLAYER, mode=Mode.WORD_ORDER, reason=reason, energy=make.energy(0, next_in_minutes=5))
    screen = sound(rounds.game_refused(event, texts.voice(language)))
    assert screen.text
    assert screen.keyboard


@LANGUAGES
def test_a_locked_mode_names_what_opens_it(language: str, texts: Texts, make: Make) -> None:
    event = GameRefused(player_id=PLAYER, mode=Mode.WORD_ORDER, reason=Refusal.MODE_LOCKED, energy=make.energy())
    screen = sound(rounds.game_refused(event, texts.voice(language)))
    assert data(screen)[:2] == ["sh:premium", "sh:shop"]
    assert not [one for one in data(screen) if "MEGA_PACK_15" in one]  # the offer below has it
    assert {"de": "Satzbau", "en": "Word Order"}[language] in screen.text
    assert "Premium" in screen.text
    assert {"de": "Mega-Pack", "en": "mega pack"}[language] in screen.text


@LANGUAGES
def test_the_tally_of_a_game(language: str, texts: Texts, make: Make) -> None:
    voice = texts.voice(language)

    def stopped(game: Any) -> Screen:
        event = GameStopped(player_id=PLAYER, game=game, streak=make.streak(), energy=make.energy())
        return sound(rounds.game_stopped(event, voice))

    assert {"de": "80 %", "en": "80%"}[language] in stopped(make.game()).text
    assert data(stopped(make.game(mode=Mode.ARTIKEL_SPRINT)))[0] == "p:ARTIKEL_SPRINT"
    assert "%" not in stopped(make.game(answered=0, right=0)).text
    assert stopped(None).keyboard
    assert data(stopped(make.game(mode=Mode.DAILY_CHALLENGE)))[0] == "p:DAILY_CHALLENGE"
