"""One example of every contract, and the way they become golden files: `python tests/contracts/examples.py`.

A service's own examples may stand in a file beside this one, `<service>_examples.py`, as `EXAMPLES`: it is found.

A golden file is frozen: it is written when it is missing and never again. When a contract gains an optional field and
its `version` rises, fill the field in below and run this once more; the file of the older version stays and must decode
for ever.
"""

import importlib
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from contracts import gameplay as g
from contracts import gateway as t
from contracts.ground import (
    AlertCleared,
    AlertRaised,
    DeadLetterReceived,
    DeclaredJob,
    Figure,
    JobEnded,
    JobsDeclared,
    StorageCleared,
    StorageFailed,
)
from contracts.message import Contract, encode, shape_of

GOLDEN = Path(__file__).parent / "golden"

_PLAYER = 5512740098
_DAY = date(2026, 3, 29)
_AT = datetime(2026, 3, 29, 17, 42, 5, 318000, tzinfo=UTC)
_ROUND = UUID("019d3ab0-3dae-791d-9d1e-819decaf1d42")
_NEXT_ROUND = UUID("019d3ab0-4b06-72d4-81f6-958d0cc783a1")

_ENERGY = g.EnergyView(free=17, paid=5, premium=False, level=g.EnergyLevel.FINE, full_in_minutes=74, next_in_minutes=14)
_EMPTY = g.EnergyView(free=0, paid=0, premium=False, level=g.EnergyLevel.EMPTY, full_in_minutes=259, next_in_minutes=22)
_STREAK = g.StreakView(days=12, best=31, state=g.StreakState.ACTIVE_TODAY, saver_tokens=1, raised=True)
_AT_RISK = g.StreakView(days=11, best=31, state=g.StreakState.AT_RISK, saver_tokens=0)
_ANSWER = g.AnswerView(
    round_id=_ROUND,
    mode=g.Mode.ARTIKEL_SPRINT,
    text="Welcher Artikel passt? ___ Löffel liegt neben dem Teller.",
    options=("Das", "Der", "Die", "Den"),
    chosen=0,
    right=1,
    explanation="Löffel ist maskulin: der Löffel.",
    explanation_en="Löffel is masculine: der Löffel.",
    response_ms=4380,
)
_ROUND_VIEW = g.RoundView(
    round_id=_NEXT_ROUND,
    mode=g.Mode.ARTIKEL_SPRINT,
    question_id="ar-a2-042",
    level=g.Level.A2,
    category="home",
    text="Welcher Artikel passt? ___ Gabel fehlt noch.",
    options=("Dem", "Die", "Das", "Der"),
    number=5,
    started_at=_AT,
)
_DAILY_VIEW = g.RoundView(
    round_id=_NEXT_ROUND,
    mode=g.Mode.DAILY_CHALLENGE,
    question_id="dc-a1-007",
    level=g.Level.A1,
    category="everyday",
    text="Was sagt man am Morgen?",
    options=("Gute Nacht", "Guten Morgen", "Guten Abend", "Bis gestern"),
    number=1,
    of=7,
    started_at=_AT,
)
_TAP = msgspec.Raw(
    b'{"update_id":731904412,"callback_query":{"id":"4382910287731","from":{"id":5512740098,"is_bot":false,'
    b'"first_name":"Anna","language_code":"de"},"message":{"message_id":918,"date":1774806120,"chat":{"id":5512740098,'
    b'"type":"private","first_name":"Anna"},"text":"Frage 4"},"chat_instance":"-77120",'
    b'"data":"a:AZ06sD2ueR2dHoGd7K8dQg:1"}}'
)
_PRE_CHECKOUT = msgspec.Raw(
    b'{"update_id":731904413,"pre_checkout_query":{"id":"99120","from":{"id":5512740098,"is_bot":false,'
    b'"first_name":"Anna"},"currency":"XTR","total_amount":10,"invoice_payload":"p1.AZ06"}}'
)

EXAMPLES: tuple[Contract, ...] = (
    # -- the ground
    DeadLetterReceived(
        service="gameplay",
        letter_id="17",
        letter_subject="gameplay.cmd.5512740098.answer_round",
        error="UnreadableMessageError: gameplay.cmd.answer_round: Expected `int`, got `str` - at `$.option`",
        attempts=1,
        at=_AT,
    ),
    StorageFailed(service="payments", stream="PAYMENTS_EVT", error="no acknowledgement within 5.0 s", at=_AT),
    StorageCleared(service="payments", stream="PAYMENTS_EVT", at=_AT),
    AlertRaised(
        service="alerts",
        event="job_overdue",
        key="payments:recovery",
        summary="payments's job recovery was to be done by 2026-03-29 17:40 UTC",
        figures=(Figure("period_seconds", 300), Figure("result", "done")),
        about="payments",
        has_end=True,
        at=_AT,
    ),
    AlertCleared(service="alerts", event="job_overdue", key="payments:recovery", at=_AT),
    JobsDeclared(service="payments", jobs=(DeclaredJob(job="recovery", period_seconds=300),), at=_AT),
    JobEnded(service="payments", job="recovery", started_at=_AT, ended_at=_AT, seconds=0.318, result="done"),
    # -- gateway
    t.TelegramUpdate(update_id=731904412, player_id=_PLAYER, kind="callback_query", update=_TAP, received_at=_AT),
    t.TelegramPaymentUpdate(
        update_id=731904413, player_id=_PLAYER, kind="pre_checkout_query", update=_PRE_CHECKOUT, received_at=_AT
    ),
    t.PlayerReachabilityChanged(player_id=_PLAYER, reachable=False, at=_AT),
    t.MeetRoom(chat_id=-1001234567890, thread_id=77),
    t.MoveRoom(chat_id=-4455667788, moved_to=-1001234567890),
    t.TelegramUpdatesDegraded(
        bot="starquiz_bot", pending=412, answered_ratio=0.83, last_error="Connection timed out", at=_AT
    ),
    # -- gameplay: commands
    g.WelcomePlayer(player_id=_PLAYER, name="Anna", language="de"),
    g.StartGame(player_id=_PLAYER, mode=g.Mode.QUICK_MIX_A1A2),
    g.AnswerRound(player_id=_PLAYER, round_id=_ROUND, option=1),
    g.StopGame(player_id=_PLAYER),
    g.ShowPlayer(player_id=_PLAYER, view=g.View.STATS),
    g.ShowLeaderboard(player_id=_PLAYER, period=g.Period.WEEK),
    g.ShowDailyResult(player_id=_PLAYER, day=_DAY),
    g.ChangeSettings(player_id=_PLAYER, daily_push=False, daily_reminder=True, streak_reminder=None),
    g.GrantToPlayer(
        player_id=_PLAYER,
        reason="lost a streak to our outage of 28 March",
        operator="mira",
        paid_energy=10,
        saver_tokens=1,
        duel_tickets=2,
        premium_days=7,
        premium_rank=1,
        mode_hours=24,
    ),
    g.SettleStreak(player_id=_PLAYER),
    g.RemindPlayer(player_id=_PLAYER, reminder=g.Reminder.STREAK_AT_RISK, day=_DAY),
    g.AbandonRound(player_id=_PLAYER, round_id=_ROUND),
    g.DisableQuestion(question_id="ar-a2-042", operator="mira", reason="two options are right"),
    g.EnableQuestion(question_id="ar-a2-042", operator="mira", reason="mended"),
    # -- gameplay: events
    g.PlayerRestated(
        hearer="referrals",
        player_id=_PLAYER,
        joined_at=_AT,
        language="de",
        answered=412,
        right=305,
        levels=(g.ModeLevel(mode=g.Mode.ARTIKEL_SPRINT, level=g.Level.A2),),
        best_streak=31,
        active_on=_DAY,
        streak_days=12,
        streak_settled_on=_DAY,
        first_day_at=_AT,
        second_day_at=_AT,
        twentieth_at=_AT,
        as_of=_AT,
    ),
    g.PlayerJoined(player_id=_PLAYER, at=_AT),
    g.GameStarted(player_id=_PLAYER, round=_DAILY_VIEW, energy=_ENERGY),
    g.GameRefused(player_id=_PLAYER, mode=g.Mode.ARTIKEL_SPRINT, reason=g.Refusal.NO_ENERGY, energy=_EMPTY),
    g.RoundCompleted(
        player_id=_PLAYER,
        answer=_ANSWER,
        game=g.GameView(mode=g.Mode.ARTIKEL_SPRINT, answered=4, right=3),
        streak=_STREAK,
        energy=_ENERGY,
        next_round=_ROUND_VIEW,
        refusal=None,
        level_reached=g.Level.A2,
        at=_AT,
        berlin_day=_DAY,
    ),
    g.PlayerPlayed(player_id=_PLAYER, answered=131, at=_AT, berlin_day=_DAY),
    g.RoundRepeated(player_id=_PLAYER, answer=_ANSWER),
    g.AnswerRefused(player_id=_PLAYER, round_id=_ROUND, reason=g.Refusal.ROUND_OVER),
    g.GameStopped(
        player_id=_PLAYER,
        game=g.GameView(mode=g.Mode.ARTIKEL_SPRINT, answered=4, right=3),
        streak=_STREAK,
        energy=_ENERGY,
    ),
    g.RoundAbandoned(player_id=_PLAYER, round_id=_ROUND, mode=g.Mode.ARTIKEL_SPRINT),
    g.DailyCompleted(player_id=_PLAYER, day=_DAY, right=6, total_ms=41_250),
    g.DailyResultShown(
        player_id=_PLAYER, day=_DAY, right=6, of=7, total_ms=41_250, rank=38, players=1204, streak=_STREAK
    ),
    g.StreakChanged(player_id=_PLAYER, streak=_AT_RISK, savers_used=1, days_frozen=0, lost_days=0, berlin_day=_DAY),
    g.PlayerShown(
        player_id=_PLAYER,
        view=g.View.STATS,
        energy=_ENERGY,
        streak=_STREAK,
        modes=(
            g.ModeView(mode=g.Mode.QUICK_MIX_A1A2, open=True, level=g.Level.A2, answered=310, right=251),
            g.ModeView(mode=g.Mode.CASES_PRACTICE, open=True, access_until=datetime(2026, 3, 30, 9, 0, tzinfo=UTC)),
            g.ModeView(mode=g.Mode.WORD_ORDER, open=False),
        ),
        settings=g.SettingsView(daily_push=True, daily_reminder=False, streak_reminder=True),
        answered=402,
        right=318,
        right_today=14,
        daily_done_today=True,
        premium_until=datetime(2026, 4, 5, 17, 0, tzinfo=UTC),
        saver_tokens=1,
        duel_tickets=2,
    ),
    g.LeaderboardShown(
        player_id=_PLAYER,
        period=g.Period.WEEK,
        top=(
            g.RankedPlayer(rank=1, player_id=700100200, name="Jürgen", right=212, total_ms=903_000),
            g.RankedPlayer(rank=2, player_id=700100201, name="Ольга", right=198),
        ),
        own=g.RankedPlayer(rank=57, player_id=_PLAYER, name="Anna", right=64),
        players=1391,
    ),
    g.SettingsChanged(
        player_id=_PLAYER, settings=g.SettingsView(daily_push=False, daily_reminder=True, streak_reminder=True)
    ),
    g.ReminderDue(player_id=_PLAYER, reminder=g.Reminder.DAILY_PUSH, streak=_AT_RISK, day=_DAY),
    g.PlayerGranted(
        player_id=_PLAYER,
        grant_id="admin:gameplay.player.grant:ticket-4711",
        energy=_ENERGY,
        saver_tokens=2,
        duel_tickets=2,
        premium_until=datetime(2026, 4, 5, 17, 0, tzinfo=UTC),
    ),
    g.QuestionSwitched(question_id="ar-a2-042", enabled=False, operator="mira"),
)


def beside() -> list[Contract]:
    """Return the examples in the files beside this one."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*_examples.py"))
    return [example for name in names for example in importlib.import_module(name).EXAMPLES]


def write_missing(folder: Path = GOLDEN) -> list[str]:
    """Write the examples that have no file yet; returns their names."""
    folder.mkdir(exist_ok=True)
    written: list[str] = []
    for example in (*EXAMPLES, *beside()):
        path = folder / f"{shape_of(type(example)).type_name}.v{example.version}.json"
        if not path.exists():
            path.write_bytes(msgspec.json.format(encode(example), indent=2) + b"\n")
            written.append(path.name)
    return written


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name}\n" for name in write_missing()) or "every example has its file\n")
