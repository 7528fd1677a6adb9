"""Rate limits (DOMAIN §11): taps 5 a second with a burst of 10, commands 10 a minute, one notice a minute."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.gateway.conftest import NOW

from actors.token_bucket import Rate, refill
from gateway.domain.chat import Chat, nearest_language
from gateway.domain.limits import COMMANDS, TAPS, Verdict
from gateway.telegram.chat_limits import BUCKETS_MAX, EDITS, GROUP, MESSAGES, ChatPace

GAPS = st.lists(st.floats(min_value=0, max_value=30, allow_nan=False), max_size=200)


@given(gaps=GAPS)
def test_no_span_holds_more_taps_than_burst_and_rate_allow(gaps: list[float]) -> None:
    chat, now, passed = Chat(player_id=1), NOW, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if chat.may_tap(now) is Verdict.PASS:
            passed.append(now)
    for index, first in enumerate(passed):
        for count, later in enumerate(passed[index:], start=1):
            assert count <= TAPS.burst + TAPS.per_second * (later - first).total_seconds() + 1e-6


@given(gaps=GAPS)
def test_the_player_is_told_at_most_once_a_minute(gaps: list[float]) -> None:
    chat, now, told = Chat(player_id=1), NOW, []
    for gap in gaps:
        now += timedelta(seconds=gap / 100)
        verdicts = (chat.may_tap(now), chat.may_command(now))
        told += [now] * verdicts.count(Verdict.NOTICE)
    for earlier, later in pairwise(told):
        assert (later - earlier).total_seconds() >= 60


def test_ten_taps_at_once_pass_then_one_notice_then_silence() -> None:
    chat = Chat(player_id=1)
    verdicts = [chat.may_tap(NOW) for _ in range(13)]
    assert verdicts == [Verdict.PASS] * 10 + [Verdict.NOTICE] + [Verdict.SILENCE] * 2
    assert chat.may_tap(NOW + timedelta(seconds=0.2)) is Verdict.PASS


def test_ten_commands_a_minute_then_one_every_six_seconds() -> None:
    chat = Chat(player_id=1)
    assert [chat.may_command(NOW) for _ in range(11)].count(Verdict.PASS) == 10
    assert chat.may_command(NOW + timedelta(seconds=5)) is Verdict.SILENCE
    assert chat.may_command(NOW + timedelta(seconds=6)) is Verdict.PASS


def test_taps_and_commands_do_not_share_a_bucket() -> None:
    chat = Chat(player_id=1)
    for _ in range(10):
        chat.may_tap(NOW)
    assert chat.may_command(NOW) is Verdict.PASS


@given(
    tokens=st.floats(min_value=0, max_value=10),
    seconds=st.floats(min_value=-1e6, max_value=1e6, allow_nan=False),
    rate=st.sampled_from([TAPS, COMMANDS]),
)
def test_a_bucket_never_overflows_and_a_clock_that_goes_back_adds_nothing(
    tokens: float, seconds: float, rate: Rate
) -> None:
    full = refill(tokens, NOW, NOW + timedelta(seconds=seconds), rate)
    assert tokens <= full <= rate.burst
    if seconds <= 0:
        assert full == tokens


def test_a_chat_gets_a_burst_and_then_one_message_a_second() -> None:
    pace = ChatPace()
    waits = [pace.take(7, NOW) for _ in range(MESSAGES.burst + 1)]
    assert waits[:-1] == [0.0] * MESSAGES.burst
    assert 0 < waits[-1] <= 1
    assert pace.take(7, NOW + timedelta(seconds=1)) == 0
    assert pace.take(7, NOW + timedelta(seconds=1)) > 0


def test_edits_have_a_pace_of_their_own_in_private_chats_only() -> None:
    pace = ChatPace()
    assert [pace.take(7, NOW, edit=True) for _ in range(EDITS.burst + 1)].count(0) == EDITS.burst
    assert pace.take(7, NOW) == 0
    assert pace.take(7, NOW + timedelta(seconds=0.34), edit=True) == 0
    shared = [pace.take(-7, NOW, edit=bool(number % 2)) for number in range(GROUP.burst + 1)]
    assert shared.count(0) == GROUP.burst


def test_a_group_gets_twenty_a_minute() -> None:
    pace, now, sent = ChatPace(), NOW, 0
    for _ in range(600):
        now += timedelta(seconds=0.1)
        sent += pace.take(-7, now) == 0
    assert 20 <= sent <= 20 + GROUP.burst
    assert pace.take(-8, now) == 0


def test_the_oldest_buckets_are_forgotten() -> None:
    pace = ChatPace()
    for chat_id in range(1, BUCKETS_MAX + 100):
        pace.take(chat_id, NOW)
    assert len(pace._buckets) == BUCKETS_MAX


def test_the_nearest_language() -> None:
    codes = {"de": "de", "de-AT": "de", "en-GB": "en", "EN": "en", "fr": "en", "": "de", "de_DE": "de"}
    assert {code: nearest_language(code) for code in codes} == codes
