"""The envelope: what is written is read, and whatever an operator's hand leaves out or gets wrong is made good."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import envelope
from contracts.envelope import Envelope, addressed, first_envelope, read_envelope
from contracts.gameplay import Mode, StartGame

_STORED = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=100)
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_FIRST, _LAST = datetime(1970, 1, 2), datetime(9998, 1, 1)  # noqa: DTZ001 - the strategy adds the zone
_TIMES = st.datetimes(_FIRST, _LAST, timezones=_ZONES)
_ENVELOPES = st.builds(
    Envelope,
    id=_TEXT.filter(bool),
    type_name=st.just("gameplay.cmd.start_game"),
    time=_TIMES.map(lambda time: time.astimezone(UTC)),
    source=_TEXT,
    cause=_TEXT,
    origin=_TEXT,
    reply_to=_TEXT,
    trace=_TEXT,
)


def _read(headers: dict[str, str] | None, subject: str = "gameplay.cmd.42.start_game") -> Envelope:
    return read_envelope(subject, headers, fallback_id="GAMEPLAY_CMD:7:1774746000000", stored_at=_STORED)


@given(_ENVELOPES)
def test_what_is_written_is_read(written: Envelope) -> None:
    assert _read(written.headers()) == written


@given(_ENVELOPES, _TEXT.filter(bool))
def test_a_replay_changes_the_transport_id_and_nothing_else(written: Envelope, transport_id: str) -> None:
    headers = written.headers(transport_id)
    assert headers[envelope.TRANSPORT_ID] == transport_id
    assert headers[envelope.ID] == written.id
    assert _read(headers) == written


@pytest.mark.parametrize("headers", [None, {}])
def test_a_message_published_by_hand_needs_no_headers(headers: dict[str, str] | None) -> None:
    heard = _read(headers)
    assert heard == Envelope(id="GAMEPLAY_CMD:7:1774746000000", type_name="gameplay.cmd.start_game", time=_STORED)


def test_the_transport_id_stands_in_for_a_missing_logical_id() -> None:
    assert _read({envelope.TRANSPORT_ID: "by-hand-1"}).id == "by-hand-1"


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "2026-03-29", "2026-03-29T01:00:00", "2026-13-01T00:00:00+00:00", "12", "\x00"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_a_time_that_is_none_or_has_no_offset_gives_way_to_the_time_of_storing(text: str) -> None:
    assert _read({envelope.TIME: text}).time == _STORED


@given(st.text())
def test_no_time_whatever_it_says_is_an_error(text: str) -> None:
    assert _read({envelope.TIME: text}).time.utcoffset() == timedelta(0)


@given(_TIMES)
def test_times_are_read_in_utc(time: datetime) -> None:
    heard = _read({envelope.TIME: time.isoformat()}).time
    assert heard == time
    assert heard.utcoffset() == timedelta(0)


@given(st.text(min_size=600, max_size=2000))
def test_ids_and_origins_from_outside_are_cut_to_what_an_index_holds(text: str) -> None:
    heard = _read({envelope.ID: text, envelope.ORIGIN: text})
    assert heard.id == heard.origin == text[:512]


@given(_TEXT)
def test_the_type_follows_from_the_subject_whatever_the_header_says(text: str) -> None:
    assert _read({envelope.TYPE: text}).type_name == "gameplay.cmd.start_game"


@given(st.dictionaries(st.sampled_from([*Envelope(id="", type_name="", time=_STORED).headers(), "x"]), _TEXT))
def test_no_headers_are_an_error(headers: dict[str, str]) -> None:
    assert _read(headers).type_name == "gameplay.cmd.start_game"


def test_a_first_message_is_addressed_by_its_contract() -> None:
    message = StartGame(player_id=42, mode=Mode.WORD_ORDER)
    more: dict[str, Any] = {"origin": "m:42", "reply_to": "_INBOX_gateway.x.1"}
    first = first_envelope(message, identifier="m1", time=_STORED, source="gateway", **more)
    subject, headers = addressed(message, first)
    assert subject == "gameplay.cmd.42.start_game"
    assert headers == {
        "ce-id": "m1",
        "ce-type": "gameplay.cmd.start_game",
        "ce-source": "gateway",
        "ce-time": "2026-03-29T01:00:00+00:00",
        "Nats-Msg-Id": "m1",
        "ce-origin": "m:42",
        "ce-replyto": "_INBOX_gateway.x.1",
    }
