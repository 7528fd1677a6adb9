"""Commands for the benchmarks: games whose every round is known in advance, as ids are functions of their cause."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from contracts.envelope import first_envelope
from contracts.gameplay import AnswerRound, Mode, StartGame
from contracts.ids import new_entity_id
from contracts.message import Contract, encode, subject_of

Message = tuple[str, dict[str, str], bytes]
ANSWERS = 9
"""Answers a player gives after starting a game: with the start ten units of energy, half of what a newcomer has."""


def games(players: Sequence[int], *, tag: str) -> Iterator[Message]:
    """Yield (subject, headers, body): every player starts, then all answer their first round, and so on."""
    now = datetime.now(UTC)
    for player_id in players:
        yield _message(StartGame(player_id=player_id, mode=Mode.QUICK_MIX_A1A2), f"{tag}:{player_id}:0", now)
    for number in range(1, ANSWERS + 1):
        asked_at = now + timedelta(milliseconds=number - 1)
        for player_id in players:
            round_id = new_entity_id(f"{tag}:{player_id}:{number - 1}", 1, asked_at)
            answer = AnswerRound(player_id=player_id, round_id=round_id, option=number % 4)
            yield _message(answer, f"{tag}:{player_id}:{number}", asked_at + timedelta(milliseconds=1))


def _message(message: Contract, identifier: str, time: datetime) -> Message:
    envelope = first_envelope(message, identifier=identifier, time=time, source="bench")
    return subject_of(message), envelope.headers(), encode(message)
