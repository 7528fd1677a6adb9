"""The rules of what is promised: they call when the budget burns, stop when it does not, and call nobody for a few."""

from pathlib import Path

import pytest
from tests.observability.promtool import Play, ask, check

from observability import generate
from observability.burning import BURNS, ENOUGH_BAD, TRICKLE_BAD, Burn
from observability.objectives import OBJECTIVES, Objective

_MINUTES = {"m": 1, "h": 60, "d": 1440}
_EVERY_OBJECTIVE = pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda one: one.name)
_RATE = 1_000_000
"""Events a step of a busy day: so many that shares come out as they are meant."""


def minutes(window: str) -> int:
    return int(window[:-1]) * _MINUTES[window[-1]]


def series_of(objective: Objective) -> tuple[str, str]:
    """Return one series that counts events and one that counts those in time, as a service would have them."""
    label = {
        "update_accepted": 'outcome="200"',
        "precheckout_answered": 'outcome="ok"',
        "tap_answered": "",
        "payment_credited": 'what="payment_credited"',
    }[objective.name]
    bound = ",".join(filter(None, (label, f'le="{float(objective.within_s)}"')))
    return f"{objective.histogram}_count{{{label}}}", f"{objective.histogram}_bucket{{{bound}}}"


def burning(objective: Objective, *phases: tuple[int, int, float]) -> dict[str, str]:
    """Return both series over phases of (steps, events a step, share that is bad)."""
    count, good = series_of(objective)
    counted, in_time = [], []
    total = well = 0.0
    for steps, events, share in phases:
        counted.append(f"{total:g}+{events}x{steps}")
        in_time.append(f"{well:g}+{events * (1 - share):g}x{steps}")
        total += events * (steps + 1)
        well += events * (1 - share) * (steps + 1)
    return {count: " ".join(counted), good: " ".join(in_time)}


def _burns(objective: Objective, burn: Burn) -> Play:
    """It calls, and clears soon after it is over."""
    step, long, short = minutes(burn.short) // 5, minutes(burn.long), minutes(burn.short)
    share = min(1.0, 1.5 * burn.factor * objective.budget)
    alert = f'alertname="BudgetBurns",slo="{objective.name}",window="{burn.long}",severity="{burn.severity}"'
    series = burning(objective, (2 * long // step, _RATE, share), (3 * short // step, _RATE, 0.0))
    return Play(series, f"{step}m", [(f"{2 * long}m", alert, 1), (f"{2 * long + 2 * short}m", alert, 0)])


def _half_burns(objective: Objective, burn: Burn) -> Play:
    """Half as fast calls nobody by these windows."""
    step, long = minutes(burn.short) // 5, minutes(burn.long)
    series = burning(objective, (2 * long // step, _RATE, 0.5 * burn.factor * objective.budget))
    alert = f'alertname="BudgetBurns",slo="{objective.name}",window="{burn.long}"'
    return Play(series, f"{step}m", [(f"{2 * long}m", alert, 0)])


@_EVERY_OBJECTIVE
def test_a_burn_calls_and_clears_soon_after_and_half_of_it_calls_nobody(tmp_path: Path, objective: Objective) -> None:
    check(tmp_path, [play(objective, burn) for burn in BURNS for play in (_burns, _half_burns)], slo=objective.name)


@_EVERY_OBJECTIVE
def test_all_of_a_few_are_bad_and_nobody_is_called_but_a_ticket_is_made(tmp_path: Path, objective: Objective) -> None:
    """One an hour: not too few for the trickle, and not enough for a call."""
    bad = TRICKLE_BAD + 2
    assert bad < ENOUGH_BAD
    count, good = series_of(objective)
    series = {count: f"0x12 0+1x{bad} {bad}x60", good: "0x120"}
    calls = f'alertname="BudgetBurns",slo="{objective.name}"'
    ticket = f'alertname="BudgetTrickles",slo="{objective.name}",severity="ticket"'
    wanted = [("12h", ticket, 0), ("20h", calls, 0), ("20h", ticket, 1), ("60h", ticket, 0)]
    check(tmp_path, [Play(series, "1h", wanted)], slo=objective.name)


@_EVERY_OBJECTIVE
def test_bad_ones_alone_are_seen_and_where_nothing_is_measured_no_budget_burns(
    tmp_path: Path, objective: Objective
) -> None:
    """Without a good one there is nothing that counts good ones. Who misses a service is `ServiceGone`."""
    count, _ = series_of(objective)
    burns = f'alertname="BudgetBurns",slo="{objective.name}",window="1h"'
    nothing = Play({'up{job="another"}': "1x60"}, "1m", [("1h", f'slo="{objective.name}"', 0)])
    check(tmp_path, [Play({count: "0+100x120"}, "1m", [("2h", burns, 1)]), nothing], slo=objective.name)


def test_requests_of_strangers_and_what_telegram_is_not_to_repeat_burn_nothing(tmp_path: Path) -> None:
    count = "gateway_webhook_seconds_count"
    series = {f'{count}{{outcome="401"}}': "0+900x120", f'{count}{{outcome="404"}}': "0+900x120"}
    check(tmp_path, [Play(series, "1m", [("2h", 'slo="update_accepted"', 0)])], slo="update_accepted")


def test_updates_that_could_not_be_stored_burn_however_fast_they_were_refused(tmp_path: Path) -> None:
    series = {
        'gateway_webhook_seconds_count{outcome="200"}': "0+100x120",
        'gateway_webhook_seconds_bucket{outcome="200",le="0.2"}': "0+100x120",
        'gateway_webhook_seconds_count{outcome="503"}': "0+10x120",
        'gateway_webhook_seconds_bucket{outcome="503",le="0.2"}': "0+10x120",
    }
    alert = 'alertname="BudgetBurns",slo="update_accepted",window="1h"'
    check(tmp_path, [Play(series, "1m", [("2h", alert, 1)])], slo="update_accepted")


def test_prometheus_takes_the_rules_and_they_are_what_the_tables_say() -> None:
    code, said = ask("check", "rules", str(generate.RULES))
    assert code == 0, said
    assert generate.main(["--check"]) == 0
