"""What operators ask of restatements: who shall hear what, begun once, stopped; and what is told to one alone."""

from typing import Any
from uuid import UUID

import pytest
from library import LATE, LIBRARY, OTHER, BookChanged, BookRestated, library
from town import Town

from actors.actor import Actor
from actors.deploying.permissions import permissions
from actors.deploying.provision import provision


async def test_a_stopped_one_tells_no_more_and_another_may_begin(town: Town) -> None:
    await town.fill(500)
    await provision(town.nc, [LATE])
    await town.start(LIBRARY)
    begun = await town.begin(rows_per_second=1)
    busy = await town.begin("r-2", rows_per_second=1)
    assert (busy["code"], begun["id"] in busy["error"]) == (409, True)
    request = {"request_id": "s-1", "id": begun["id"]}
    assert await town.ask("stop", **request) == {"id": begun["id"], "stopped": True}
    assert (await town.ask("stop", **(request | {"request_id": "s-2"})))["stopped"] is False
    again = await town.begin("r-3", rows_per_second=2000)
    assert again["id"] != begun["id"]
    await town.until(lambda: _state(town, again["id"], "done"))
    assert await _state(town, begun["id"], "stopped")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"what": "shelves"}, "what: library cannot tell 'shelves' again; use one of books"),
        ({"hearer": "La.te"}, "hearer: "),
        ({"hearer": "library"}, "hearer: "),
        ({"hearer": "latr"}, "hearer: no 'latr' hears books; it is heard by late, other. Provision the hearer first"),
        ({"rows_per_second": 0}, "rows_per_second"),
        ({"request_id": "r 1"}, "request_id: "),
    ],
)
async def test_bad_input_names_the_field_and_the_remedy(town: Town, wrong: dict[str, Any], words: str) -> None:
    await provision(town.nc, [LATE, OTHER])
    await town.start(LIBRARY)
    answer = await town.begin(**wrong)
    assert answer["code"] == 400
    assert words in answer["error"]
    assert await town.row() is None


async def test_a_hearer_that_nobody_provisioned_yet_is_refused(town: Town) -> None:
    await town.start(LIBRARY)
    refused = await town.begin()
    assert refused["code"] == 400
    assert refused["error"] == "hearer: no 'late' hears books; nobody hears it yet. Provision the hearer first"


async def test_one_request_id_begins_one_restatement(town: Town) -> None:
    await provision(town.nc, [LATE])
    await town.start(LIBRARY)
    begun = await town.begin()
    await town.until(town.done)
    assert await town.begin() == begun
    other = await town.begin(hearer="other")
    assert (other["code"], "request_id: " in other["error"]) == (409, True)


# -- to it alone --------------------------------------------------------------------------------


def test_a_hearer_hears_what_is_told_to_it_and_to_nobody_else() -> None:
    (consumer,) = [consumer for consumer in LATE.consumers() if consumer.stream == "LIBRARY_EVT"]
    assert consumer.filters == ("library.evt.*.book_changed", "library.evt.late.book_restated")
    (other,) = [consumer for consumer in OTHER.consumers() if consumer.stream == "LIBRARY_EVT"]
    assert "library.evt.other.book_restated" in other.filters
    assert "library.evt.*.book_restated" in permissions(LIBRARY, [LIBRARY, LATE]).publish


def test_an_event_that_everybody_would_hear_is_refused() -> None:
    with pytest.raises(TypeError, match=r"BookChanged.subject names no \{hearer\}"):
        Actor("library").restate("books", page="", event=BookChanged)(lambda row, hearer, as_of: row)


def test_nothing_is_declared_twice() -> None:
    with pytest.raises(TypeError, match="books is restated twice"):
        library.restate("books", page="", event=BookRestated)(lambda row, hearer, as_of: row)


async def _state(town: Town, identifier: str, state: str) -> bool:
    sql = "select state = $2 from restatements where id = $1"
    return bool(await (await town.at("library")).fetchval(sql, UUID(identifier), state))
