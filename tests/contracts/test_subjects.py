"""Subjects: a key is one token and can never reach another actor; templates that are no contract are refused."""

import re
import string
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import subjects
from contracts.gameplay import AnswerRound, DisableQuestion, StartGame
from contracts.gateway import TelegramUpdate
from contracts.generate import language
from contracts.ground import DeadLetterReceived
from contracts.message import (
    Command,
    Contract,
    UnknownContractError,
    find,
    registered,
    shape_of,
    subject_of,
    travels_on,
    type_name_of_subject,
    wildcard_of,
)

_TOKEN = st.text(st.sampled_from(string.ascii_letters + string.digits + "_-"), min_size=1, max_size=40)
_BREAKING = st.sampled_from([*". *>\t\r\n"])


@given(_TOKEN)
def test_a_key_stands_in_the_subject_as_it_is(key: str) -> None:
    message = DisableQuestion(question_id=key)
    assert subject_of(message) == f"gameplay.cmd.{key}.disable_question"


@given(_TOKEN, _BREAKING, _TOKEN, st.booleans())
def test_a_key_that_would_break_the_subject_is_refused(before: str, mark: str, after: str, bare: bool) -> None:
    key = mark if bare else f"{before}{mark}{after}"
    with pytest.raises(ValueError, match="question_id"):
        subject_of(DisableQuestion(question_id=key))


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ValueError, match="one subject token"):
        subject_of(DisableQuestion(question_id=""))


@given(_BREAKING, st.integers(0, 2**53))
def test_each_of_several_keys_is_checked(mark: str, player_id: int) -> None:
    raw, at = msgspec.Raw(b"{}"), msgspec.json.decode(b'"2026-03-29T01:00:00Z"', type=Any)
    update = TelegramUpdate(update_id=1, player_id=player_id, kind=f"mess{mark}age", update=raw, received_at=at)
    with pytest.raises(ValueError, match="kind"):
        subject_of(update)
    good = msgspec.structs.replace(update, kind="message")
    assert subject_of(good) == f"gateway.update.message.{player_id}"


@pytest.mark.parametrize("contract", language(), ids=lambda contract: contract.__name__)
def test_the_type_can_be_read_off_the_subject(contract: type[Contract]) -> None:
    """So that an operator may publish without headers; also for what any service may say."""
    shape = shape_of(contract)
    subject = contract.subject.format_map(dict.fromkeys(shape.fields, "42"))
    assert type_name_of_subject(subject) == shape.type_name
    assert find(shape.type_name) is contract


@pytest.mark.parametrize("contract", language(), ids=lambda contract: contract.__name__)
def test_a_contract_lies_in_the_stream_of_its_owner_and_kind(contract: type[Contract]) -> None:
    shape = shape_of(contract)
    owner = shape.owner or "gameplay"
    concrete = contract.subject.format_map(dict.fromkeys(shape.fields, owner))
    patterns = subjects.stream_subjects(owner, shape.kind)
    assert any(concrete.startswith(pattern.removesuffix(">")) for pattern in patterns)
    assert subjects.stream_name(owner, shape.kind).startswith(f"{owner.upper()}_")


def test_streams_of_one_service_do_not_overlap() -> None:
    found = [subject for kind in subjects.STREAM_KINDS for subject in subjects.stream_subjects("gameplay", kind)]
    prefixes = [subject.removesuffix(">") for subject in found]
    assert len(set(prefixes)) == len(prefixes)
    assert not any(a != b and a.startswith(b) for a in prefixes for b in prefixes)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("gameplay", "expected"),
        ("gameplay.cmd", "expected"),
        ("gameplay.order.{player_id}.start", "expected"),
        ("Gameplay.cmd.{player_id}.start", "expected"),
        ("gameplay.cmd.{player_id}.*", "expected"),
        ("gameplay.cmd.{nobody}.start", "no fields"),
    ],
)
def test_a_template_that_is_no_subject_is_refused(template: str, reason: str) -> None:
    before = registered()
    with pytest.raises(TypeError, match=reason):

        class _Odd(Command, frozen=True, kw_only=True):  # pyright: ignore[reportUnusedClass]
            subject: ClassVar[str] = template
            player_id: int

    assert registered() == before


def test_a_contract_is_known_when_it_is_declared() -> None:
    class Nod(Command, frozen=True, kw_only=True):
        subject: ClassVar[str] = "nodding.cmd.{head}.nod"
        head: str

    assert find("nodding.cmd.nod") is Nod
    assert type_name_of_subject("nodding.cmd.ann.nod", likely="nodding.cmd.nod") == "nodding.cmd.nod"


def test_a_second_contract_of_one_name_is_refused() -> None:
    before = registered()
    with pytest.raises(TypeError, match=r"gameplay\.cmd\.answer_round is declared twice"):

        class _AnotherAnswer(Command, frozen=True, kw_only=True):  # pyright: ignore[reportUnusedClass]
            subject: ClassVar[str] = "gameplay.cmd.{player_id}.answer_round"
            player_id: int

    assert registered() == before
    assert find("gameplay.cmd.answer_round") is AnswerRound


def test_a_module_that_is_executed_again_declares_the_same_again() -> None:
    def declare() -> type[Command]:
        class Wave(Command, frozen=True, kw_only=True):
            subject: ClassVar[str] = "waving.cmd.{hand}.wave"
            hand: str

        return Wave

    first, again = declare(), declare()
    assert first is not again
    assert find("waving.cmd.wave") is again


@pytest.mark.parametrize("name", ["", "gameplay.cmd.unheard_of", "gameplay.cmd.42.start_game"])
def test_an_unknown_type_name_is_said_to_be_unknown(name: str) -> None:
    with pytest.raises(UnknownContractError):
        find(name)


def test_request_subjects_and_inboxes_are_spelled_in_one_place() -> None:
    assert subjects.query_subject("gameplay", "player") == "query.gameplay.player"
    assert subjects.admin_subject("gameplay", "player", "grant", "mira") == "admin.gameplay.player.grant.mira"
    assert subjects.admin_subject("gameplay", "player", "grant") == "admin.gameplay.player.grant.*"
    assert subjects.timer_subject("gameplay", "duel-1") == "gameplay.timer.duel-1"
    assert subjects.due_subject("gameplay", "duel-1") == "gameplay.due.duel-1"
    assert subjects.inbox_prefix("gameplay") == "_INBOX_gameplay"


@pytest.mark.parametrize(
    ("pattern", "wanted", "heard"),
    [
        ("a.*.b", "a.1.b", True),
        ("a.*.b", "a.*.b", True),
        ("a.1.b", "a.*.b", False),
        ("a.>", "a.*.b", True),
        ("a.>", "a.>", True),
        ("a.>", "a", False),
        ("a.*", "a.>", False),
        ("a.*.b", "a.1", False),
        (">", "a.>", True),
        ("b.>", "a.1", False),
    ],
)
def test_a_pattern_covers_what_it_hears_all_of(pattern: str, wanted: str, heard: bool) -> None:
    assert subjects.covers(pattern, wanted) is heard


def test_what_any_service_may_say_is_heard_of_a_service() -> None:
    assert wildcard_of(DeadLetterReceived, "gameplay") == "gameplay.evt.*.dead_letter_received"
    assert wildcard_of(StartGame, "gameplay") == shape_of(StartGame).wildcard


# -- the subject is the truth -------------------------------------------------------------------


_CONTRACTS = st.sampled_from(registered())
_KEYS = st.text(st.sampled_from("a1_-."), min_size=1, max_size=5)


@given(_CONTRACTS, _CONTRACTS, _KEYS, st.booleans())
def test_what_a_message_calls_itself_changes_nothing_of_what_its_subject_says(
    on: type[Contract], called: type[Contract], key: str, fired: bool
) -> None:
    subject = re.sub(r"\{[a-z_]+\}", key, on.subject)
    if fired:
        subject = f"{subject.partition('.')[0]}.due.{subject.partition('.')[2]}.soon"
    likely = shape_of(called).type_name
    assert type_name_of_subject(subject, likely) == type_name_of_subject(subject)


def test_a_message_travels_on_the_subject_of_its_contract_with_its_own_keys_in_it() -> None:
    message = DisableQuestion(question_id="a")
    for subject in ("gameplay.cmd.a.disable_question", "gameplay.due.cmd.a.disable_question.soon"):
        assert travels_on(message, subject)
    for subject in (
        "gameplay.cmd.b.disable_question",
        "gameplay.cmd.a.enable_question",
        "gameplay.cmd.disable_question",
        "gameplay.cmd.a.a.disable_question",
        "gameplay.due.cmd.b.disable_question.soon",
        "gameplay.due.a.disable_question",
        "payments.cmd.a.disable_question",
    ):
        assert not travels_on(message, subject), subject
    assert not travels_on(DisableQuestion(question_id="a.b"), "gameplay.cmd.a.b.disable_question")


def test_a_timer_s_subject_has_the_message_s_own_within() -> None:
    fired = subjects.fired_subject("stage", "stage.cmd.ann.ring_later", "soon")
    assert (fired, type_name_of_subject(fired)) == ("stage.due.cmd.ann.ring_later.soon", "stage.cmd.ring_later")
    fired = subjects.fired_subject("payments", "payments.due.recovery", "now")
    assert (fired, type_name_of_subject(fired)) == ("payments.due.recovery.now", "payments.due.recovery")


@pytest.mark.parametrize("name", ["mira", "ben-2", "a_b"])
def test_an_operator_s_name_stands_in_a_subject(name: str) -> None:
    assert subjects.operator_in(subjects.admin_subject("gameplay", "player", "grant", name)) == name
    assert subjects.check_operator(name) == name
    assert subjects.is_inbox(f"{subjects.operator_inbox_prefix(name)}.abc.1")


@pytest.mark.parametrize("name", ["", "Mira", "a.b", "*", ">", "a b", "1a", "x" * 33])
def test_a_name_that_would_break_the_subject_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a letter first"):
        subjects.check_operator(name)


@pytest.mark.parametrize(
    "subject", ["", "_INBOX", "_INBOX.", "a.b", "_INBOX_x.>", "_INBOX_x.*", "_INBOX_x.a b", "_INBOXx.a"]
)
def test_an_inbox_is_one(subject: str) -> None:
    assert not subjects.is_inbox(subject)


@pytest.mark.parametrize(
    ("subject", "stream"),
    [
        ("gameplay.evt.42.round_completed", "GAMEPLAY_EVT"),
        ("payments.timer.cron.recovery", "PAYMENTS_TIMER"),
        ("payments.due.recovery", "PAYMENTS_TIMER"),
        ("payments.ready.probe", "PAYMENTS_READY"),
        ("admin.payments.review.list.mira", "admin.payments.review.list.mira"),
        ("nowhere", "nowhere"),
    ],
)
def test_a_subject_s_stream_is_known(subject: str, stream: str) -> None:
    assert subjects.stream_of_subject(subject) == stream
