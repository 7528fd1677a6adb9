"""What operators send: each endpoint's request is its command, and takes the words that scripts and runbooks have."""

from typing import Any, Final

import msgspec
import pytest

from actors.spec import ServiceSpec
from contracts.subjects import admin_subject
from devstack.stack import load_specs

REQUESTS: Final = {
    "admin.gameplay.player.grant": (
        "player_id reason",
        "duel_tickets mode_hours paid_energy premium_days premium_rank saver_tokens",
    ),
    "admin.gameplay.question.disable": ("question_id reason", ""),
    "admin.gameplay.question.enable": ("question_id reason", ""),
    "admin.payments.catalogue.disable": ("product", ""),
    "admin.payments.catalogue.enable": ("product", ""),
    "admin.payments.catalogue.set_price": ("amount currency product", ""),
    "admin.payments.goods.compare": ("", "full"),
    "admin.payments.goods.settle": ("grant_id kind note player_id", ""),
    "admin.payments.ledger.account": ("account", "entries"),
    "admin.payments.premium.grant": ("days player_id rank reason", "source"),
    "admin.payments.premium.tell": ("note player_id", "above"),
    "admin.payments.purchase.show": ("purchase_id", ""),
    "admin.payments.reconciliation.run": ("", "full"),
    "admin.payments.reconciliation.settle": ("charge_id kind note provider", ""),
    "admin.payments.refund.orphan": ("charge_id note player_id", ""),
    "admin.payments.refund.settle": ("charge_id note outcome player_id", ""),
    "admin.payments.refund.start": ("note player_id purchase_id", ""),
    "admin.payments.review.credit": ("note player_id purchase_id", ""),
    "admin.payments.review.list": ("", "limit"),
    "admin.payments.review.refund": ("note player_id purchase_id", ""),
}
"""Endpoint → what must be sent besides `request_id`, and what may be. A new endpoint need not stand here."""

DOORS: Final = {
    admin_subject(spec.name, endpoint.noun, endpoint.verb).removesuffix(".*"): endpoint
    for spec in load_specs()
    for endpoint in spec.actor.admins
}


@pytest.mark.parametrize("subject", REQUESTS)
def test_an_endpoint_takes_the_words_it_always_took(subject: str) -> None:
    (schema,) = msgspec.json.schema(DOORS[subject].request)["$defs"].values()
    required = set(schema["required"])
    needed, optional = (set(words.split()) for words in REQUESTS[subject])
    assert (required - {"request_id"}, set(schema["properties"]) - required) == (needed, optional)
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("spec", load_specs(), ids=lambda spec: spec.name)
def test_an_endpoint_says_what_it_answers(spec: ServiceSpec) -> None:
    for endpoint in spec.actor.admins:
        answer: dict[str, Any] = msgspec.json.schema(endpoint.answer)
        assert answer["$defs"], f"{endpoint.noun} {endpoint.verb}"
        assert endpoint.about, f"{endpoint.noun} {endpoint.verb}: its handler has no docstring"
