"""The stand-ins for Slack, a hook and a heartbeat; faults of all of them; the page."""

import re
from typing import Any

import aiohttp
import pytest
from oncall_stage import KEY
from telegram_stage import RefusedError, Stage

SLACK, HOOK, BEAT = "/slack/services/T0/B0/sandbox", "/hook/alerts", "/heartbeat/alerts"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*Books differ*"}}


async def post(stage: Stage, path: str, body: Any) -> tuple[int, str]:
    async with stage.http.post(path, json=body) as answer:
        return answer.status, await answer.text()


async def page(stage: Stage) -> str:
    async with stage.http.get("/alerts") as answer:
        assert answer.status == 200
        return await answer.text()


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def test_slack_takes_text_and_blocks(stage: Stage) -> None:
    assert await post(stage, SLACK, {"text": "hello"}) == (200, "ok")
    assert await post(stage, SLACK, {"text": "hello", "blocks": [section("x" * 3000)] * 50}) == (200, "ok")
    first, second = await stage.api("GET", "oncall/slack")
    assert (first["n"], first["place"], first["body"]) == (1, "T0/B0", {"text": "hello"})
    assert await stage.api("GET", "oncall/slack?after=1") == [second]


FIELD = {"type": "mrkdwn", "text": "f"}


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ([], 400, "invalid_payload"),
        ({"text": 3}, 400, "invalid_payload"),
        ({}, 400, "no_text"),
        ({"text": "t", "blocks": [SECTION] * 51}, 400, "invalid_blocks"),
        ({"text": "t", "blocks": []}, 400, "invalid_blocks"),
        ({"text": "t", "blocks": [section("x" * 3001)]}, 400, "invalid_blocks"),
        ({"text": "t", "blocks": [section("")]}, 400, "invalid_blocks"),
        ({"text": "t", "blocks": [{"type": "section"}]}, 400, "invalid_blocks"),
        ({"text": "t", "blocks": [{"type": "section", "fields": [FIELD] * 11}]}, 400, "invalid_blocks"),
        (
            {"text": "t", "blocks": [{"type": "section", "fields": [{**FIELD, "text": "x" * 2001}]}]},
            400,
            "invalid_blocks",
        ),
        ({"text": "t", "blocks": [{"type": "header", "text": FIELD}]}, 400, "invalid_blocks"),
        ({"text": "t", "blocks": [{"type": "context", "elements": [FIELD] * 11}]}, 400, "invalid_blocks"),
        ({"text": "t", "blocks": [{"type": "poem"}]}, 400, "invalid_blocks"),
    ],
)
async def test_what_slack_refuses(stage: Stage, body: Any, status: int, word: str) -> None:
    assert await post(stage, SLACK, body) == (status, word)
    assert await stage.api("GET", "oncall/slack") == []


async def test_slack_knows_its_token_and_its_pace(stage: Stage) -> None:
    assert await post(stage, "/slack/services/T0/B0/wrong", {"text": "t"}) == (403, "invalid_token")
    assert [await post(stage, SLACK, {"text": "t"}) for _ in range(5)] == [(200, "ok")] * 5
    async with stage.http.post(SLACK, json={"text": "t"}) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "4")
    stage.clock.advance(4)
    assert await post(stage, SLACK, {"text": "t"}) == (200, "ok")


async def test_a_hook_takes_any_object_and_a_heartbeat_any_call(stage: Stage) -> None:
    assert (await post(stage, HOOK, {"severity": "error", "text": "x"}))[0] == 200
    assert (await post(stage, HOOK, [1]))[0] == 400
    [taken] = await stage.api("GET", "oncall/generic")
    assert (taken["place"], taken["body"]) == ("alerts", {"severity": "error", "text": "x"})
    async with stage.http.get(BEAT) as answer:
        assert answer.status == 200
    stage.clock.advance(60)
    await post(stage, BEAT, {})
    beat = (await stage.api("GET", "oncall/heartbeats"))["alerts"]
    assert (beat["count"], beat["last_at"] - beat["first_at"]) == (2, 60)


async def fail(stage: Stage, **rule: Any) -> None:
    await stage.api("POST", "oncall/faults", {"faults": [{"on": "call", **rule}], "clear": True})


async def test_faults(stage: Stage) -> None:
    await fail(stage, call="slack", do="429")
    async with stage.http.post(SLACK, json={"text": "t"}) as answer:
        assert (answer.status, answer.headers.get("Retry-After")) == (429, None)
    assert (await post(stage, HOOK, {}))[0] == 200
    await fail(stage, call="slack", do="429", retry_after="Wed, 21 Oct 2026 07:28:00 GMT")
    async with stage.http.post(SLACK, json={"text": "t"}) as answer:
        assert answer.headers["Retry-After"] == "Wed, 21 Oct 2026 07:28:00 GMT"
    [rule] = (await stage.api("GET", "oncall/faults"))["faults"]
    assert (rule["call"], rule["hits"], rule["retry_after"]) == ("slack", 1, "Wed, 21 Oct 2026 07:28:00 GMT")
    await fail(stage, call="pagerduty", do="503")
    assert (await post(stage, "/pagerduty/v2/enqueue", {}))[0] == 503
    await fail(stage, call="generic", do="raw")
    status, said = await post(stage, HOOK, {})
    assert (status, "<html>" in said) == (502, True)
    await fail(stage, call="heartbeat", do="timeout", seconds=0)
    with pytest.raises(aiohttp.ClientError):
        await post(stage, BEAT, {})
    await stage.api("DELETE", "oncall/faults")
    assert (await post(stage, BEAT, {}))[0] == 200


@pytest.mark.parametrize("do", ["cut_after", "timeout_after", "raw_after"])
async def test_what_takes_effect_and_fails_all_the_same(stage: Stage, do: str) -> None:
    more = {"seconds": 0} if do.startswith("timeout") else {}
    await fail(stage, call="slack", do=do, **more)
    try:
        assert (await post(stage, SLACK, {"text": "t"}))[0] == 502
    except aiohttp.ClientError:
        assert do != "raw_after"
    assert len(await stage.api("GET", "oncall/slack")) == 1


async def test_an_unknown_stand_in_has_no_faults(stage: Stage) -> None:
    with pytest.raises(RefusedError) as refused:
        await fail(stage, call="teams", do="503")
    assert refused.value.body["field"] == "faults[0].call"


async def test_the_page_shows_what_arrived_and_runs_nothing_of_it(stage: Stage) -> None:
    assert "No incident" in await page(stage)
    evil = "<script>alert(1)</script>"
    payload = {"summary": evil, "source": evil, "severity": "critical", "custom_details": {evil: evil, "n": 3}}
    event = {"routing_key": KEY, "event_action": "trigger", "dedup_key": "a", "payload": payload}
    links = [{"href": "javascript:alert(1)", "text": "no"}, {"href": "https://runbooks.test/x", "text": "Runbook"}]
    assert (await post(stage, "/pagerduty/v2/enqueue", {**event, "links": links}))[0] == 202
    text = "🔴 *bold* &lt;b&gt; <https://runbooks.test/y|the runbook> <!date^1|then> <javascript:alert(1)|no>"
    await post(stage, SLACK, {"text": "t", "blocks": [section(text), {"type": "divider"}]})
    await post(stage, HOOK, {"severity": "error", "text": evil})
    shown = await page(stage)
    assert "<script>alert" not in shown
    assert "javascript:" not in re.sub(r"<p[^>]*>javascript:alert\(1\)</p>", "", shown)
    for expected in (
        '<article class="card critical is-triggered"',
        '<a href="https://runbooks.test/x" rel="noreferrer">Runbook</a>',
        '<b>bold</b> &lt;b&gt; <a href="https://runbooks.test/y" rel="noreferrer">the runbook</a> then no',
        '<article class="card critical"><p class="meta"><span class="place">T0/B0',
        '<article class="card error"><p class="meta">',
    ):
        assert expected in shown


async def test_the_pages_buttons(stage: Stage) -> None:
    payload = {"summary": "Books differ", "source": "payments", "severity": "warning"}
    await post(
        stage,
        "/pagerduty/v2/enqueue",
        {"routing_key": KEY, "event_action": "trigger", "dedup_key": "a", "payload": payload},
    )
    [incident] = await stage.api("GET", "oncall/pagerduty")
    for action, status, left in (("acknowledge", "acknowledged", 1), ("resolve", "resolved", 0)):
        async with stage.http.post(f"/alerts/pagerduty/{incident['id']}/{action}") as answer:
            assert (answer.status, answer.url.path) == (200, "/alerts")
            assert (await answer.text()).count(f"/alerts/pagerduty/{incident['id']}/") == left
        assert [one["status"] for one in await stage.api("GET", "oncall/pagerduty")] == [status]
    async with stage.http.post(f"/alerts/pagerduty/{incident['id']}/resolve") as answer:
        assert answer.status == 200
    async with stage.http.post("/alerts/pagerduty/QNOBODY/resolve") as answer:
        assert answer.status == 404


async def test_faults_by_the_page(stage: Stage) -> None:
    async with stage.http.post("/alerts/faults", data={"call": "slack", "do": "503"}) as answer:
        assert "slack → 503" in await answer.text()
    assert (await post(stage, SLACK, {"text": "t"}))[0] == 503
    async with stage.http.post("/alerts/clear/faults") as answer:
        assert "slack → 503" not in await answer.text()
    assert (await post(stage, SLACK, {"text": "t"}))[0] == 200
    async with stage.http.post("/alerts/faults", data={"call": "slack", "do": "explode"}) as answer:
        assert answer.status == 400
    async with stage.http.post("/alerts/clear/arrivals") as answer:
        assert answer.status == 200
    assert await stage.api("GET", "oncall/slack") == []


async def test_a_heartbeat_that_stopped_is_shown_as_lost(stage: Stage) -> None:
    await post(stage, BEAT, {})
    assert '<span class="beat alive"' in await page(stage)
    stage.clock.advance(151)
    assert '<span class="beat dead"' in await page(stage)
