"""Identifiers: the same cause makes the same id, different ones different ids, and entities sort by their time."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.ids import derived_id, from_short, new_entity_id, short

_CAUSES = st.text(st.characters(codec="utf-8"), max_size=200)
_NUMBERS = st.integers(1, 10_000)
_FIRST, _LAST = datetime(2020, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - the strategy adds the zone
_TIMES = st.datetimes(_FIRST, _LAST, timezones=st.just(UTC))
_TELEGRAM_START_ALPHABET = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


@given(st.uuids())
def test_short_is_22_characters_that_telegram_takes_and_reads_back(identifier: uuid.UUID) -> None:
    text = short(identifier)
    assert len(text) == 22
    assert set(text) <= _TELEGRAM_START_ALPHABET
    assert from_short(text) == identifier


@given(st.text(max_size=30) | st.text(st.sampled_from(sorted(_TELEGRAM_START_ALPHABET)), min_size=22, max_size=22))
def test_from_short_takes_what_short_wrote_and_nothing_else(text: str) -> None:
    try:
        identifier = from_short(text)
    except ValueError:
        return
    assert short(identifier) == text


@pytest.mark.parametrize("text", ["", "a" * 21, "a" * 23, "AZ06sD2ueR2dHoGd7K8d g", "AZ06sD2ueR2dHoGd7K8d+g", "ä" * 22])
def test_from_short_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="short id"):
        from_short(text)


@given(st.uuids(), st.sampled_from("BCDEFHIJKLMNOPRSTUVWXYZabcdefhijklmnopqrstuvwxyz"))
def test_stray_bits_in_the_last_character_are_refused(identifier: uuid.UUID, last: str) -> None:
    forged = short(identifier)[:21] + last
    if last in "AQgw":
        assert short(from_short(forged)) == forged
    else:
        with pytest.raises(ValueError, match="stray bits"):
            from_short(forged)


@given(_CAUSES, _NUMBERS)
def test_a_derived_id_is_the_same_every_time_and_stays_short(cause: str, number: int) -> None:
    assert derived_id(cause, number) == derived_id(cause, number)
    assert len(derived_id(cause, number)) <= 80


@given(st.tuples(_CAUSES, _NUMBERS), st.tuples(_CAUSES, _NUMBERS))
def test_different_causes_or_numbers_make_different_ids(one: tuple[str, int], other: tuple[str, int]) -> None:
    assert (derived_id(*one) == derived_id(*other)) == (one == other)
    assert (new_entity_id(*one, _EPOCH) == new_entity_id(*other, _EPOCH)) == (one == other)


@given(st.integers(1, 60))
def test_a_long_chain_of_causes_does_not_grow(length: int) -> None:
    identifier = "tg:731904412"
    seen = {identifier}
    for _ in range(length):
        identifier = derived_id(identifier, 1)
        assert len(identifier) <= 80
        seen.add(identifier)
    assert len(seen) == length + 1


@given(_CAUSES, _NUMBERS, _TIMES)
def test_an_entity_id_is_a_uuid_of_version_7_and_the_same_on_a_replay(cause: str, number: int, at: datetime) -> None:
    identifier = new_entity_id(cause, number, at)
    assert identifier == new_entity_id(cause, number, at)
    assert identifier.version == 7
    assert identifier.variant == uuid.RFC_4122
    assert abs((identifier.int >> 80) - at.timestamp() * 1000) <= 1


@given(_CAUSES, _CAUSES, _TIMES, st.integers(2, 10**9))
def test_entity_ids_sort_by_their_time(one: str, other: str, at: datetime, later_ms: int) -> None:
    later = at + timedelta(milliseconds=later_ms)
    assert new_entity_id(one, 1, at) < new_entity_id(other, 1, later)


_EPOCH = datetime(2026, 3, 29, tzinfo=UTC)
