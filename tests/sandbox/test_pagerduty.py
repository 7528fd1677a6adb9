"""The stand-in for PagerDuty: events in, incidents, and signed webhooks back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from oncall_stage import KEY, Pager, open_pager
from telegram_stage import RefusedError, Stage, until


@pytest.fixture
async def pager(stage: Stage) -> AsyncIterator[Pager]:
    async with open_pager(stage) as one:
        yield one


async def test_one_key_is_one_incident_until_it_is_resolved(pager: Pager) -> None:
    told = await pager.trigger("a-1")
    assert told == {"status": "success", "message": "Event processed", "dedup_key": "a-1"}
    await pager.trigger("a-1", summary="Books differ by 3")
    await pager.trigger("b-1")
    first, second = await pager.incidents()
    assert (first["triggers"], first["title"], first["status"]) == (2, "Books differ by 3", "triggered")
    assert second["dedup_key"] == "b-1"
    assert (await pager.act("resolve"))[0] == 202
    await pager.trigger("a-1")
    assert [one["status"] for one in await pager.incidents()] == ["resolved", "triggered", "triggered"]


async def test_an_acknowledged_incident_stays_so_when_it_is_triggered_again(pager: Pager) -> None:
    await pager.trigger()
    await pager.act("acknowledge")
    await pager.trigger()
    [incident] = await pager.incidents()
    assert (incident["status"], incident["triggers"]) == ("acknowledged", 2)
    assert "routing_key" not in incident["event"]


async def test_what_finds_no_incident_is_accepted_and_dropped(pager: Pager) -> None:
    assert (await pager.act("acknowledge", "nobody's"))[0] == 202
    assert (await pager.act("resolve", "nobody's"))[0] == 202
    assert await pager.incidents() == []
    assert (await pager.stage.api("GET", "oncall"))["dropped"] == 2


async def test_without_a_key_each_trigger_is_its_own(pager: Pager) -> None:
    keys = {(await pager.trigger(None))["dedup_key"] for _ in range(3)}
    assert len(keys) == len(await pager.incidents()) == 3


PAYLOAD = {"summary": "s", "source": "here", "severity": "error"}
TRIGGER = {"routing_key": KEY, "event_action": "trigger", "payload": PAYLOAD}


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ([], "not valid JSON"),
        ({**TRIGGER, "routing_key": "short"}, "Length of 'routing_key'"),
        ({**TRIGGER, "routing_key": "x" * 32}, "Invalid routing key"),
        ({**TRIGGER, "event_action": "open"}, "event_action"),
        ({**TRIGGER, "dedup_key": "k" * 256}, "dedup_key"),
        ({"routing_key": KEY, "event_action": "resolve"}, "dedup_key"),
        ({**TRIGGER, "payload": None}, "payload"),
        ({**TRIGGER, "payload": {**PAYLOAD, "summary": "s" * 1025}}, "summary"),
        ({**TRIGGER, "payload": {**PAYLOAD, "source": " "}}, "source"),
        ({**TRIGGER, "payload": {**PAYLOAD, "severity": "fatal"}}, "severity"),
        ({**TRIGGER, "payload": {**PAYLOAD, "custom_details": "many"}}, "custom_details"),
        ({**TRIGGER, "links": [{"text": "runbook"}]}, "links"),
    ],
)
async def test_what_is_refused(pager: Pager, event: Any, said: str) -> None:
    status, answer = await pager.send(event)
    assert (status, answer["status"]) == (400, "invalid event")
    assert said in "; ".join(answer["errors"])
    assert await pager.incidents() == []


async def test_the_longest_that_is_taken(pager: Pager) -> None:
    await pager.trigger("k" * 255, summary="ß" * 1024, custom_details={"note": "n" * 400_000})
    status, answer = await pager.send({**TRIGGER, "payload": {**PAYLOAD, "custom_details": {"note": "n" * 600_000}}})
    assert (status, answer["status"]) == (413, "invalid event")


async def test_120_calls_a_minute(pager: Pager) -> None:
    for _ in range(120):
        await pager.trigger()
    async with pager.stage.http.post("/pagerduty/v2/enqueue", json=TRIGGER) as answer:
        assert (answer.status, answer.headers.get("Retry-After")) == (429, None)
    pager.stage.clock.advance(59.9)
    async with pager.stage.http.post("/pagerduty/v2/enqueue", json=TRIGGER) as answer:
        assert answer.status == 429
    pager.stage.clock.advance(0.1)
    await pager.trigger()
    assert (await pager.stage.api("GET", "oncall"))["refused"] == {"slack": 0, "pagerduty": 2}


async def test_people_act_and_the_webhook_hears_it(pager: Pager) -> None:
    await pager.trigger()
    [incident] = await pager.incidents()
    assert (await pager.press(incident["id"], "acknowledge"))["status"] == "acknowledged"
    assert (await pager.press(incident["id"], "resolve"))["status"] == "resolved"
    await pager.hook.wait_for(3)
    assert pager.hook.types == ["incident.triggered", "incident.acknowledged", "incident.resolved"]
    last = pager.hook.events[-1]
    assert last["data"]["incident_key"] == "a-1"
    assert (last["agent"]["summary"], last["agent"]["type"]) == ("Mira", "user_reference")
    assert last["occurred_at"] == "2027-01-15T08:00:00.000Z"
    assert pager.hook.headers[-1]["X-Webhook-Id"] == last["id"]
    with pytest.raises(RefusedError) as refused:
        await pager.press(incident["id"], "acknowledge")
    assert refused.value.status == 409
    with pytest.raises(RefusedError) as refused:
        await pager.press("QNOBODY", "resolve")
    assert refused.value.status == 404


async def test_events_of_one_incident_keep_their_order_while_one_is_tried_again(pager: Pager) -> None:
    pager.hook.statuses = [503]
    await pager.trigger()
    await pager.act("acknowledge")
    await until(lambda: 1.0 in pager.stage.clock.naps)
    await pager.trigger("b-1")
    await pager.hook.wait_for(2)  # another incident's event waits for nobody
    pager.hook.statuses = [429]
    pager.stage.clock.advance(1.0)
    await until(lambda: 2.0 in pager.stage.clock.naps)
    pager.stage.clock.advance(2.0)
    await until(lambda: pager.standins.delivery.under_way == 0)
    ours = [event for event in pager.hook.events if event["data"]["incident_key"] == "a-1"]
    assert [event["event_type"] for event in ours] == ["incident.triggered"] * 3 + ["incident.acknowledged"]
    assert len({event["id"] for event in ours}) == 2


async def test_what_the_webhook_refuses_is_dropped(pager: Pager) -> None:
    pager.hook.statuses = [401]
    await pager.trigger()
    await until(lambda: pager.standins.delivery.under_way == 0)
    assert pager.hook.types == ["incident.triggered"]


async def test_events_doubled_and_lost_on_their_way(pager: Pager) -> None:
    await pager.trigger()
    await pager.hook.wait_for(1)
    rules = [
        {"on": "event", "type": "incident.acknowledged", "do": "duplicate"},
        {"on": "event", "type": "incident.resolved", "do": "drop"},
    ]
    await pager.stage.api("POST", "oncall/faults", {"faults": rules})
    await pager.act("acknowledge")
    await pager.act("resolve")
    await until(lambda: pager.standins.delivery.under_way == 0)
    assert pager.hook.types[1:] == ["incident.acknowledged"] * 2
    assert pager.hook.events[1] == pager.hook.events[2]


async def test_events_wait_for_a_webhook(pager: Pager) -> None:
    url = (await pager.stage.api("GET", "oncall"))["webhook"]["url"]
    await pager.stage.api("DELETE", "oncall/pagerduty/webhook")
    await pager.trigger()
    await until(lambda: pager.standins.delivery.under_way == 1)
    assert pager.hook.events == []
    await pager.stage.api("POST", "oncall/pagerduty/webhook", {"url": url, "secrets": ["pdsec_new", "pdsec_old"]})
    await pager.hook.wait_for(1)
