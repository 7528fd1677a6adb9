"""Peeking: what of an update addresses it, whatever else it holds."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ingress.addressing import Address, NotAnUpdateError, read_address

MESSAGE = {"update_id": 5, "message": {"message_id": 1, "from": {"id": 7, "first_name": "ü"}, "text": "hi"}}


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (MESSAGE, Address(5, "message", 7, False)),
        ({"update_id": 1, "callback_query": {"id": "1", "from": {"id": 9}}}, Address(1, "callback_query", 9, False)),
        (
            {"update_id": 1, "pre_checkout_query": {"id": "1", "from": {"id": 9}}},
            Address(1, "pre_checkout_query", 9, True),
        ),
        ({"update_id": 1, "message": {"from": {"id": 9}, "successful_payment": {}}}, Address(1, "message", 9, True)),
        (
            {"update_id": 1, "message": {"from": {"id": 42}, "chat": {"id": 9}, "refunded_payment": {}}},
            Address(1, "message", 9, True),
        ),
        (
            {"update_id": 1, "message": {"from": {"id": 42}, "chat": {"id": -100}, "refunded_payment": {}}},
            Address(1, "message", 0, True),
        ),
        ({"update_id": 1, "poll_answer": {"user": {"id": 9}}}, Address(1, "poll_answer", 9, False)),
        ({"update_id": 1, "channel_post": {"chat": {"id": -1}}}, Address(1, "channel_post", -1, False)),
        ({"update_id": 1, "kind_of_next_year": {"x": 1}}, Address(1, "kind_of_next_year", 0, False)),
    ],
)
def test_peeking(update: dict[str, object], expected: Address) -> None:
    assert read_address(msgspec.json.encode(update)) == expected


@given(
    body=st.binary(max_size=200) | st.text(max_size=50).map(lambda text: f'{{"update_id":1,"{text}":{{}}}}'.encode())
)
def test_peeking_at_anything_says_update_or_not(body: bytes) -> None:
    try:
        seen = read_address(body)
    except NotAnUpdateError:
        return
    assert seen.update_id >= 0
    assert set(seen.kind) <= set("_abcdefghijklmnopqrstuvwxyz")
    assert seen.kind
