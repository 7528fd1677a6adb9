"""What operators may send that makes no sense: said with the field and the remedy, before anything is done."""

import json
from typing import Any

import pytest

from actors.endpoints import EndpointError, read_request
from promo.app import SPEC

GRANT = {"request_id": "r1", "name": "spring", "type": "PREMIUM_GRANT", "premium_days": 30}


def fault_of(noun: str, verb: str, request: dict[str, Any]) -> str:
    """Return what an operator is told."""
    endpoint = next(one for one in SPEC.actor.admins if (one.noun, one.verb) == (noun, verb))
    with pytest.raises((EndpointError, ValueError)) as refused:
        endpoint.command(read_request(endpoint.request, json.dumps(request).encode()))
    return str(refused.value)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "spring\n"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "overall"}, "name"),
        ({"name": "sp\u0000ring"}, "name"),
        ({"request_id": "r1\n"}, "request_id"),
        ({"valid_from": "2026-01-01T00:00:00"}, "valid_from"),
        ({"valid_until": "0001-01-01T00:00:00+14:00"}, "valid_until"),
        ({"valid_until": "9999-12-31T23:59:59-14:00"}, "valid_until"),
        ({"uses_max": 0}, "uses_max"),
        ({"uses_max": 10**18}, "uses_max"),
        ({"budget": -1}, "budget"),
        ({"budget": 1, "budget_period": "YEAR"}, "budget_period"),
        ({"premium_days": 2**31}, "premium_days"),
        ({"percent": 10}, "percent"),
        ({"type": "premium_grant"}, "type"),
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused_by_its_field(given: dict[str, Any], field: str) -> None:
    assert field in fault_of("campaign", "create", GRANT | given)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"created_from": "2026-01-01T00:00:00"}, "created_from"),
        ({"created_until": "0001-01-01T00:00:00+14:00"}, "created_until"),
        ({"page": 10**12}, "page"),
        ({"page_size": 0}, "page_size"),
        ({"status": "GONE"}, "status"),
        ({"name": "\u0000"}, "NUL"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_by_its_field(given: dict[str, Any], field: str) -> None:
    assert field in fault_of("campaign", "list", {"request_id": "r1", "filter": given})
