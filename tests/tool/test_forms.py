"""A request's schema as options: what is asked for, what it may be, and the body that comes of it."""

from typing import Annotated, Any

import msgspec
import pytest

from starquiz.endpoints import Endpoint, commands, in_order
from starquiz.forms import fields, filled
from starquiz.troubles import ToolError


class Within(msgspec.Struct, frozen=True, kw_only=True):
    state: str | None = None
    page: int = 1


class Request(msgspec.Struct, kw_only=True):
    request_id: str
    note: str | None = None
    player_id: Annotated[int, msgspec.Meta(ge=1, le=9)]
    ids: tuple[int, ...] = ()
    full: bool = False
    filter: Within = Within()
    names: dict[str, int] = {}
    dry_run: bool = False


FORM = fields(msgspec.json.schema(Request))


def test_each_field_is_an_option_what_is_needed_first() -> None:
    assert [(one.option, one.kind, one.required) for one in FORM] == [
        ("--player-id", "integer", True),
        ("--note", "string", False),
        ("--ids", "integer", False),
        ("--full", "boolean", False),
        ("--filter.state", "string", False),
        ("--filter.page", "integer", False),
        ("--names", "json", False),
        ("--field.dry-run", "boolean", False),
    ]
    assert (FORM[0].least, FORM[0].most, FORM[2].is_list) == (1, 9, True)


def test_only_what_was_given_is_sent() -> None:
    given = {"field__player_id": 3, "field__filter__state": "OPEN", "field__full": False, "field__names": '{"a": 1}'}
    body = filled(FORM, given)
    assert body == {"player_id": 3, "full": False, "filter": {"state": "OPEN"}, "names": {"a": 1}}


def test_what_should_be_json_and_is_not_names_the_option() -> None:
    with pytest.raises(ToolError, match="--names: write it as JSON"):
        filled(FORM, {"field__player_id": 3, "field__names": "{"})


def _endpoint(subject: str) -> Endpoint:
    return Endpoint(service="shop", subject=subject, request={})


def test_a_query_with_the_name_of_a_group_is_its_show() -> None:
    found = commands(map(_endpoint, ["query.shop.prices", "admin.shop.prices.set_one", "query.shop.open_days"]))
    assert set(found) == {("shop", "prices", "show"), ("shop", "prices", "set-one"), ("shop", "open-days")}
    both = commands(map(_endpoint, ["query.shop.prices", "admin.shop.prices.show"]))
    assert set(both) == {("shop", "prices", "look"), ("shop", "prices", "show")}


def test_an_answer_stands_in_its_author_s_order() -> None:
    schema: dict[str, Any] = msgspec.json.schema(Request)
    answer = {"filter": {"page": 1, "state": "x"}, "more": 1, "player_id": 3, "request_id": "r"}
    assert list(in_order(answer, schema, schema)) == ["request_id", "player_id", "filter", "more"]
    assert list(in_order(answer, schema, schema)["filter"]) == ["state", "page"]
