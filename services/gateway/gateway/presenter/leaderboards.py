"""Leaderboards and the result of the daily challenge (DOMAIN §3)."""

from contracts.gameplay import DailyResultShown, LeaderboardShown, Mode, Period, RankedPlayer, View
from gateway.buttons import TopButton
from gateway.domain.screen import Button, Keyboard, Screen
from gateway.presenter import amounts, keyboard
from gateway.texts import Voice

MEDALS = 3


def leaderboard_shown(event: LeaderboardShown, voice: Voice) -> Screen:
    """The top ten, the asker's own place, and tabs for the other periods."""
    lines: list[str] = [voice.html("top", period=voice.plain(f"period-{event.period.value}"))]
    if event.top:
        lines += [_line(player, voice, own=player.player_id == event.player_id) for player in event.top]
        lines += ["", _own(event, voice)]
    else:
        lines.append(voice.html("top-empty"))
    rows: Keyboard = (
        tuple(_tab(period, chosen=period is event.period, voice=voice) for period in Period),
        (keyboard.play(voice), keyboard.daily(voice)),
        (keyboard.view(voice, View.STATS), keyboard.modes(voice)),
    )
    return Screen(text="\n".join(lines), keyboard=rows)


def daily_result_shown(event: DailyResultShown, voice: Voice) -> Screen:
    """Score, time and rank among all who finished that day's challenge so far."""
    lines: list[str] = [
        voice.html(
            "daily-result",
            day=event.day,
            right=str(event.right),
            of=str(event.of),
            time=amounts.clock(voice, event.total_ms),
            rank=str(event.rank),
            players=str(event.players),
            streak=amounts.streak(voice, event.streak),
        ),
        voice.html("daily-result-tomorrow"),
    ]
    rows: Keyboard = (
        (keyboard.play(voice, Mode.QUICK_MIX_A1A2, key="button-go-on"),),
        (keyboard.top(voice), keyboard.modes(voice)),
    )
    return Screen(text="\n".join(lines), keyboard=rows)


def _line(player: RankedPlayer, voice: Voice, *, own: bool) -> str:
    place = f"rank-{player.rank}" if player.rank <= MEDALS else "rank-other"
    return voice.html(
        "top-line-own" if own else "top-line",
        rank=voice.plain(place, rank=str(player.rank)),
        name=amounts.name(voice, player.name),
        right=str(player.right),
    )


def _own(event: LeaderboardShown, voice: Voice) -> str:
    if event.own is None:
        return voice.html("top-own-none")
    own = voice.html("top-own", rank=str(event.own.rank), right=event.own.right)
    return f"{own} · {voice.html('top-players', players=event.players)}" if event.players else own


def _tab(period: Period, *, chosen: bool, voice: Voice) -> Button:
    key = "button-period-chosen" if chosen else "button-period"
    return keyboard.button(voice, key, TopButton(period=period), name=voice.plain(f"period-{period.value}"))
