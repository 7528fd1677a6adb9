"""Every `nats req` of the documents is one that its endpoint takes: the subject is there, the JSON is its request."""

import re
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from actors.engine.approvals import ApproveRequest, ListApprovals, RefuseRequest
from actors.engine.dead_letters import DropDeadLetters, ListDeadLetters, ResolveDeadLetters
from actors.engine.republishing import RepublishOutbox
from actors.engine.restate_endpoints import ListRestatements, StartRestatement, StopRestatement
from contracts.subjects import admin_subject
from devstack.stack import load_specs

ROOT: Final = Path(__file__).resolve().parents[2]
_REQUEST: Final = re.compile(r"nats req ([\w.]+)\s+(?:\\\s+)?'(\{.*?\})'")
_LEFT_OUT: Final = re.compile(r'"[^"]*…"')
_SOME_ID: Final = '"019d3ab0-0000-7000-8000-000000000000"'
"""In place of what a page leaves out (`"…"`): an id, or any text."""
_OF_EVERY_SERVICE: Final = {
    "approval.list": ListApprovals,
    "approval.approve": ApproveRequest,
    "approval.refuse": RefuseRequest,
    "dead_letter.list": ListDeadLetters,
    "dead_letter.replay": ResolveDeadLetters,
    "dead_letter.drop": DropDeadLetters,
    "outbox.republish": RepublishOutbox,
    "restate.start": StartRestatement,
    "restate.list": ListRestatements,
    "restate.stop": StopRestatement,
}


def _endpoints() -> dict[str, type[msgspec.Struct]]:
    """Return what each endpoint takes, by its subject without the operator."""
    found: dict[str, type[msgspec.Struct]] = {}
    for spec in load_specs():
        found |= {query.subject: query.request for query in spec.actor.queries}
        found |= {admin_subject(spec.name, a.noun, a.verb).removesuffix(".*"): a.request for a in spec.actor.admins}
        found |= {f"admin.{spec.name}.{name}": request for name, request in _OF_EVERY_SERVICE.items()}
    return found


def _requests() -> list[Any]:
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "services").glob("*/README.md")]
    return [
        pytest.param(subject, body, id=f"{page.stem}-{subject}")
        for page in sorted(pages)
        for subject, body in _REQUEST.findall(page.read_text(encoding="utf-8"))
    ]


def test_the_pages_are_read() -> None:
    assert len(_requests()) > 50


@pytest.mark.parametrize(("subject", "body"), _requests())
def test_a_request_on_a_page_is_one_that_its_endpoint_takes(subject: str, body: str) -> None:
    endpoint = subject.removesuffix(".mira") if subject.startswith("admin.") else subject
    assert subject.endswith(".mira") == subject.startswith("admin."), "the last part of an admin subject is who asks"
    request = _endpoints()[endpoint]
    filled = _LEFT_OUT.sub(_SOME_ID, body)
    msgspec.json.decode(filled, type=request, strict=True)
    # A question lets be what it does not know, so a slip of the pen would be answered as if it were not there.
    assert set(msgspec.json.decode(filled)) <= {field.encode_name for field in msgspec.structs.fields(request)}


def test_no_two_requests_on_a_page_have_one_id() -> None:
    """Who copies them one after the other must not wonder whether the second is taken for the first."""
    for page in sorted((ROOT / "docs/runbooks").glob("*.md")):
        ids = re.findall(r'"request_id": "([^"]+)"', page.read_text(encoding="utf-8"))
        assert sorted(one for one in set(ids) if ids.count(one) > 1) == [], page.name
