"""Pages, boards and messages in both languages: what a player needs is there, and the markup is sound."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.gateway.conftest import NOW, PLAYER, Make
from tests.gateway.reading import data, labels, sound

from contracts.gameplay import (
    DailyResultShown,
    LeaderboardShown,
    Level,
    Mode,
    ModeView,
    Period,
    PlayerGranted,
    PlayerShown,
    RankedPlayer,
    Reminder,
    ReminderDue,
    SettingsChanged,
    StreakState,
    View,
)
from gateway.domain.chat import Role
from gateway.domain.screen import Screen
from gateway.handlers.commands import COMMANDS
from gateway.presenter import answers, leaderboards, pages, unasked
from gateway.texts import Texts, Voice

LANGUAGES = pytest.mark.parametrize("language", ["de", "en"])


def shown(make: Make, view: View, **more: Any) -> PlayerShown:
    given: dict[str, Any] = {
        "energy": make.energy(),
        "streak": make.streak(),
        "modes": make.modes(),
        "settings": make.settings(),
        "answered": 40,
        "right": 31,
        "right_today": 6,
        "daily_done_today": False,
        **more,
    }
    return PlayerShown(player_id=PLAYER, view=view, **given)


@LANGUAGES
def test_the_welcome_has_play_and_daily_first(language: str, texts: Texts, make: Make) -> None:
    voice = texts.voice(language)
    new = sound(pages.player_shown(shown(make, View.WELCOME, answered=0), voice, "Eve <3", NOW))
    assert "Eve &lt;3" in new.text
    assert data(new)[:2] == ["p:QUICK_MIX_A1A2", "p:DAILY_CHALLENGE"]
    back = pages.player_shown(shown(make, View.WELCOME), voice, "Eve", NOW)
    assert back.text != new.text


@LANGUAGES
def test_the_menu(language: str, texts: Texts, make: Make) -> None:
    modes = (
        ModeView(mode=Mode.DAILY_CHALLENGE, open=True),
        ModeView(mode=Mode.QUICK_MIX_A1A2, open=True, level=Level.A2),
        ModeView(mode=Mode.CASES_PRACTICE, open=True, access_until=NOW + timedelta(hours=5, seconds=1)),
        ModeView(mode=Mode.WORD_ORDER, open=False),
    )
    screen = sound(
        pages.player_shown(shown(make, View.MENU, modes=modes, daily_done_today=True), texts.voice(language), "", NOW)
    )
    assert {"de": "2 Std 30 Min", "en": "2 h 30 min"}[language] in screen.text
    names = labels(screen)
    assert names[0].startswith("✅")
    assert names[1].endswith("A2")
    assert names[2].startswith("🔓")
    assert {"de": "5 Std 1 Min", "en": "5 h 1 min"}[language] in names[2]
    assert names[3].startswith("🔒")
    assert data(screen)[:4] == [f"p:{mode.mode.value}" for mode in modes]
    assert data(screen)[4:] == ["t:day", "v:stats", "v:streak", "v:settings", "sh:shop", "pc", "iv"]


@LANGUAGES
@pytest.mark.parametrize("state", list(StreakState))
def test_the_streak_page(language: str, state: StreakState, texts: Texts, make: Make) -> None:
    streak = make.streak(days=1, best=9, state=state, saver_tokens=1)
    screen = sound(pages.player_shown(shown(make, View.STREAK, streak=streak), texts.voice(language), "", NOW))
    assert {"de": "1 Tag", "en": "1 day"}[language] in screen.text
    assert {"de": "9 Tage", "en": "9 days"}[language] in screen.text
    assert {"de": "1 Streak-Retter", "en": "1 streak saver"}[language] in screen.text
    assert "b:STREAK_SAVER_20:streak" in data(screen)
    lost = shown(make, View.STREAK, streak=make.streak(days=0))
    screen = sound(pages.player_shown(lost, texts.voice(language), "", NOW))
    assert "b:STREAK_SAVER_20:streak" not in data(screen)
    none = shown(make, View.STREAK, streak=make.streak(saver_tokens=0))
    assert "🛟" not in sound(pages.player_shown(none, texts.voice(language), "", NOW)).text


@LANGUAGES
def test_the_statistics(language: str, texts: Texts, make: Make) -> None:
    voice = texts.voice(language)
    modes = (ModeView(mode=Mode.QUICK_MIX_A1A2, open=True, answered=20, right=13, level=Level.A1), *make.modes()[1:])
    event = shown(make, View.STATS, modes=modes, premium_until=NOW, saver_tokens=2, duel_tickets=1)
    screen = sound(pages.player_shown(event, voice, "", NOW))
    for part in ("31", "40", {"de": "77 %", "en": "77%"}[language], "13/20", "(A1)", "🛟", "🎟", "2026"):
        assert part in screen.text
    empty = sound(pages.player_shown(shown(make, View.STATS, answered=0, right=0), voice, "", NOW))
    assert "%" not in empty.text


@LANGUAGES
def test_the_settings_switch_to_the_other_side(language: str, texts: Texts, make: Make) -> None:
    voice = texts.voice(language)
    screen = sound(pages.player_shown(shown(make, View.SETTINGS), voice, "", NOW))
    assert data(screen)[:3] == ["s:daily_push:0", "s:daily_reminder:1", "s:streak_reminder:0"]
    assert [label[0] for label in labels(screen)[:3]] == ["🔔", "🔕", "🔔"]
    changed = sound(pages.settings_changed(SettingsChanged(player_id=PLAYER, settings=make.settings()), voice))
    assert changed.keyboard == screen.keyboard
    assert changed.toast


@LANGUAGES
def test_the_leaderboard(language: str, texts: Texts) -> None:
    voice = texts.voice(language)
    top = tuple(RankedPlayer(rank=rank, player_id=rank, name=f"<P{rank}>", right=50 - rank) for rank in range(1, 11))
    own = RankedPlayer(rank=34, player_id=PLAYER, name="Anna", right=1)
    event = LeaderboardShown(player_id=PLAYER, period=Period.WEEK, top=top, own=own, players=120)
    screen = sound(leaderboards.leaderboard_shown(event, voice))
    assert "🥇 \u2068&lt;P1&gt;\u2069 · <b>49</b>" in screen.text
    assert "4. \u2068&lt;P4&gt;\u2069" in screen.text
    assert "<b>34</b>" in screen.text
    assert "120" in screen.text
    assert data(screen)[:3] == ["t:day", "t:week", "t:all_time"]
    assert labels(screen)[1].startswith("•")
    assert not labels(screen)[0].startswith("•")
    nobody = sound(leaderboards.leaderboard_shown(LeaderboardShown(player_id=PLAYER, period=Period.DAY, top=()), voice))
    assert "🥇" not in nobody.text
    without = sound(
        leaderboards.leaderboard_shown(LeaderboardShown(player_id=PLAYER, period=Period.DAY, top=top), voice)
    )
    assert "👉" in without.text
    among = LeaderboardShown(player_id=3, period=Period.DAY, top=top, own=top[2], players=10)
    assert "🥉 <b>\u2068&lt;P3&gt;\u2069 · 47</b>" in sound(leaderboards.leaderboard_shown(among, voice)).text


def test_names_are_kept_to_one_line(texts: Texts) -> None:
    top = (
        RankedPlayer(rank=1, player_id=1, name="a\nb" + "x" * 60, right=5),
        RankedPlayer(rank=2, player_id=2, name=" \n ", right=4),
    )
    event = LeaderboardShown(player_id=PLAYER, period=Period.DAY, top=top)
    lines = leaderboards.leaderboard_shown(event, texts.voice("de")).text.splitlines()
    assert "a bx" in lines[1]
    assert len(lines[1]) < 50
    assert "Spieler" in lines[2]


@LANGUAGES
def test_the_daily_result(language: str, texts: Texts, make: Make) -> None:
    event = DailyResultShown(
        player_id=PLAYER, day=make.day(), right=5, of=7, total_ms=83_400, rank=3, players=120, streak=make.streak()
    )
    screen = sound(leaderboards.daily_result_shown(event, texts.voice(language)))
    assert "1:23" in screen.text
    assert "<b>3</b>" in screen.text
    assert "120" in screen.text
    assert {"de": "04.03.2026", "en": "4 Mar 2026"}[language] in screen.text


@LANGUAGES
@pytest.mark.parametrize("reminder", list(Reminder))
def test_reminders_lead_into_the_game_and_to_their_switch(
    language: str, reminder: Reminder, texts: Texts, make: Make
) -> None:
    event = ReminderDue(player_id=PLAYER, reminder=reminder, streak=make.streak(days=12), day=make.day())
    screen = sound(unasked.reminder_due(event, texts.voice(language)))
    assert "p:DAILY_CHALLENGE" in data(screen)
    assert "v:settings" in data(screen)
    if reminder is Reminder.STREAK_AT_RISK:
        assert "12" in screen.text
        assert "b:STREAK_SAVER_20:reminder" in data(screen)


@LANGUAGES
def test_a_gift(language: str, texts: Texts, make: Make) -> None:
    event = PlayerGranted(
        player_id=PLAYER, grant_id="g", energy=make.energy(20, paid=15), saver_tokens=1, duel_tickets=2,
        premium_until=NOW,
    )  # fmt: skip
    screen = sound(unasked.player_granted(event, texts.voice(language)))
    for part in ("⚡ 35", "🛟 1", "🎟 2", "👑"):
        assert part in screen.text


@LANGUAGES
def test_notes_about_the_streak(language: str, texts: Texts, make: Make) -> None:
    voice = texts.voice(language)
    note: Callable[..., Screen | None] = pages.streak_note
    lost = note(12, 0, 0, make.streak(days=0), voice)
    assert lost
    assert "12" in sound(lost).text
    saved = note(0, 1, 0, make.streak(days=12), voice)
    assert saved
    assert "🛟" in sound(saved).text
    frozen = note(0, 0, 2, make.streak(days=12), voice)
    assert frozen
    assert "🧊" in sound(frozen).text
    assert note(1, 0, 0, make.streak(days=0), voice) is None
    assert note(0, 0, 0, make.streak(), voice) is None


@LANGUAGES
def test_help_names_every_command_with_its_description(language: str, texts: Texts) -> None:
    voice: Voice = texts.voice(language)
    screen = sound(answers.guide(COMMANDS, Role.PLAYER, voice))
    for command in COMMANDS.visible(Role.PLAYER):
        assert f"/{command.name} – {voice.plain(command.description_key)}" in screen.text
    unknown = sound(answers.unknown_command("play", COMMANDS, Role.PLAYER, voice))
    assert "/play?" in unknown.text
    assert "/help" in unknown.text


@LANGUAGES
def test_what_the_gateway_says_by_itself(language: str, texts: Texts) -> None:
    voice = texts.voice(language)
    for screen in (
        answers.nudge(voice), answers.languages(voice), answers.language_changed(voice), answers.slow_down(voice),
        answers.forged(voice), answers.moment(voice), answers.group("starquiz_bot", voice),
    ):  # fmt: skip
        assert sound(screen).text or screen.toast
    assert data(answers.group("starquiz_bot", voice))[0] == "https://t.me/starquiz_bot?start=group"
    assert data(answers.languages(voice))[:2] == ["l:de", "l:en"]


@pytest.mark.parametrize("days", [1, 2, 5])
def test_german_notes_about_the_streak_agree_with_its_length(days: int, texts: Texts) -> None:
    voice = texts.voice("de")
    length = voice.plain("days", days=days)
    notes = [
        voice.html("streak-lost", lost=length),
        voice.html("streak-frozen", days=length),
        voice.html("streak-saved", tokens=1, days=length),
        voice.html("remind-streak_at_risk", days=length),
    ]
    wrong = (f"von {length}", f"{length} bleiben", f"deine {length}")
    assert [note for note in notes if any(one in note for one in wrong)] == []
