"""JSON and texts of others: whatever is in them, what can be kept is kept, and keys stay apart."""

import json
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.foreign_json import DEPTH_MAX, is_plain, plain_json, read_foreign
from contracts.foreign_text import KEY_LENGTH_MAX, id_of_key, storable, storable_key

ODD = {
    "bytes that are no UTF-8": (b'{"a":"Kim \xed\xa0\xbd"}', {"a": "Kim \ufffd\ufffd\ufffd"}),
    "half of a surrogate pair": (b'{"a":"x\\ud83d"}', {"a": "x\ufffd"}),
    "the other half": (b'{"a":"\\ude00x\\ud83d\\ude00"}', {"a": "\ufffdx\U0001f600"}),
    "a backslash before a half": (b'{"a":"\\\\ud83d\\ude00"}', {"a": "\\ud83d\ufffd"}),
    "NUL": (b'{"a":"x\\u0000y"}', {"a": "x\ufffdy"}),
    "no NUL": (b'{"a":"x\\\\u0000y"}', {"a": "x\\u0000y"}),
    "a member's name": (b'{"\\ud83d":1,"\xff":2}', {"\ufffd": 2}),
    "a byte order mark": (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
    "control characters": (b'{"a":"x\ny\x00\x01"}', {"a": "x\ny\ufffd\x01"}),
    "unknown escapes": (b'{"a":"\\q\\u12\\\\n"}', {"a": "\ufffdq\ufffdu12\\n"}),
    "a number beyond 64 bits": (b'{"a":9223372036854775808,"b":-1' + b"0" * 5_000 + b"}", {"a": None, "b": None}),
    "a number beyond any": (b'{"a":1e400,"b":NaN,"c":-Infinity}', {"a": None, "b": None, "c": None}),
    "a fraction that is whole": (b'{"a":7.0,"b":1e3,"c":1.5,"\xff":0}', {"a": 7, "b": 1000, "c": 1.5, "\ufffd": 0}),
    "a name twice": (b'{"a":"\xff","a":2}', {"a": 2}),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "said"), ODD.values(), ids=ODD)
def test_what_is_odd_is_mended(raw: bytes, said: Any) -> None:
    assert read_foreign(raw) == said
    kept = plain_json(raw)
    assert kept == raw or msgspec.json.decode(kept) == said


@pytest.mark.parametrize("depth", [DEPTH_MAX, 900, 5_000, 200_000])
def test_what_lies_too_deep_is_left_out(depth: int) -> None:
    raw = b'{"a":' + b'[{"b":' * depth + b"1" + b"}]" * depth + b',"c":"]["}'
    before = sys.getrecursionlimit()
    found = read_foreign(raw)
    assert (found["c"], before) == ("][", sys.getrecursionlimit())
    assert len(plain_json(raw)) < 20 * DEPTH_MAX


def test_what_is_plain_is_left_as_it_is() -> None:
    for raw in (b'{"a": "x"}', '{"a":"\\ud83d\\ude00 ü"}'.encode(), b'{"a":[' + b"{}," * 500 + b"1]}", b"[1.50]"):
        assert plain_json(raw) is raw


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(), st.lists))
def test_plain_json_says_what_it_said(value: Any) -> None:
    for raw in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")):
        shown = json.loads(json.dumps(value).replace("\\u0000", "\\ufffd"))
        assert msgspec.json.decode(plain_json(raw)) == shown or "\\" in str(value) or "\x00" in str(value)


@given(st.binary(max_size=300))
def test_anything_is_json_or_a_value_error(raw: bytes) -> None:
    try:
        kept = plain_json(raw)
    except ValueError:
        return
    msgspec.json.decode(kept)
    assert is_plain(kept)


IDS = ("a", "a\x00", "a\ufffd", "a\ud83d", "a\ude00", "a\udced", "A" * 300, "A" * 299 + "B", "\x00" * 300, "\x00" * 299)


def test_keys_of_ids_stay_apart_and_can_be_kept() -> None:
    keys = [storable_key(one) for one in IDS]
    assert len(set(keys)) == len(IDS)
    assert keys[0] == "a"
    assert all(storable(key) == key and len(key) <= KEY_LENGTH_MAX for key in keys)
    assert [storable_key(key) for key in keys] == keys, "a key's own key is the key"
    assert [id_of_key(key) for key in keys[:6]] == list(IDS[:6])
    assert id_of_key("json:plain") == "json:plain"


def test_members_that_name_something_become_keys() -> None:
    rows = [b'{"id":"a\xed"}', b'{"id":"a\\udced"}', b'{"id":"a\\u0000"}', b'{"id":"a\\ufffd"}', b'{"id":"a\\ud83d"}']
    assert len({read_foreign(row, keys=("id",))["id"] for row in rows}) == len(rows)
    assert len({read_foreign(row)["id"] for row in rows}) == 1
