"""The OpenAPI 3.1 document of the internal API, made from its routes and the structs that they take and answer."""

import inspect
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from contracts.schemas import DIALECT, components
from gateway.web.door import TOKEN_HEADER
from gateway.web.problems import MEDIA_TYPE, Problem
from gateway.web.reading import KEY_HEADER
from gateway.web.route import Route

_REFERENCE: Final = "#/components/schemas/{name}"
_PROBLEM: Final = {"$ref": _REFERENCE.format(name="Problem")}
_DESCRIPTION: Final = (
    "A thin front to what promo and referrals do for operators. Who asks is whose token it is; the owner "
    "of each call writes both down. Instants are RFC 3339 with a zone; in a query `+` is written `%2B`."
)
_REFUSALS: Final = {
    400: "A parameter, a header or the body does not fit; the problem names it",
    403: "Not allowed: the token or the address",
    502: "The owner failed, or answered what is no answer",
    503: "The owner cannot be asked now, or too much is under way; Retry-After says when to repeat it",
    504: "The owner did not answer in time: whether it was done is not known, repeat the request as it is",
}
_REFUSALS_OF_POST: Final = {
    408: "The body did not come in time",
    409: f"It stands otherwise, or the {KEY_HEADER} stands for another request",
    413: "The body is too large",
    415: "The body is not application/json",
}


def text(routes: Sequence[Route], document_path: str) -> str:
    """Return the document as it is served and committed."""
    return json.dumps(document(routes, document_path), indent=2, ensure_ascii=False) + "\n"


def document(routes: Sequence[Route], document_path: str) -> dict[str, Any]:
    """Return the document of these routes, with its own path among them."""
    kinds = [kind for route in routes for kind in (route.answer, route.takes)]
    _, schemas = components([*kinds, Problem], _REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    paths[document_path] = {"get": _own_operation()}
    for route in routes:
        if route.method == "GET":
            schemas.pop(route.takes.__name__, None)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {"title": "Starquiz, internal API", "version": "1.0.0", "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": TOKEN_HEADER}},
            "schemas": schemas,
        },
    }


def _operation(route: Route, schemas: dict[str, dict[str, Any]]) -> dict[str, Any]:
    is_post = route.method == "POST"
    found: dict[str, Any] = {
        "operationId": route.serve.__module__.rpartition(".")[2] + "_" + route.serve.__name__,
        "summary": route.summary,
        "tags": [route.path.split("/")[2]],
        "parameters": _parameters(route, schemas),
    }
    if is_post:
        body = {"$ref": _REFERENCE.format(name=route.takes.__name__)}
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    refusals = {**_REFUSALS, **(_REFUSALS_OF_POST if is_post else {}), **route.refuses}
    found["responses"] = {
        "200": _response(inspect.cleandoc(route.answer.__doc__ or ""), route.answer.__name__),
        **{str(code): _problem(when) for code, when in sorted(refusals.items())},
        "default": _problem("Any other refusal"),
    }
    return found


def _parameters(route: Route, schemas: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if route.place is not None:
        schema = {"type": "string", "pattern": f"^{route.place.pattern}$"}
        found.append(
            {"name": route.place.name, "in": "path", "required": True, "description": route.place.says,
             "schema": schema}
        )  # fmt: skip
    if route.method == "POST":
        says = "The request's own name: repeated under it, it has one effect and the first answer."
        schema = {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,64}$"}
        found.append({"name": KEY_HEADER, "in": "header", "required": True, "description": says, "schema": schema})
        return found
    taken = schemas[route.takes.__name__]
    for name, schema in taken["properties"].items():
        shown = {key: value for key, value in schema.items() if key != "description"}
        one = {"name": name, "in": "query", "required": name in taken.get("required", ()), "schema": shown}
        found.append(one | ({"description": schema["description"]} if "description" in schema else {}))
    return found


def _own_operation() -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {
        "operationId": "openapi_document",
        "summary": "This document",
        "tags": ["openapi"],
        "parameters": [],
        "responses": {
            "200": {"description": "OpenAPI 3.1", "content": content},
            "400": _problem(_REFUSALS[400]),
            "403": _problem(_REFUSALS[403]),
            "default": _problem("Any other refusal"),
        },
    }


def _response(description: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": _REFERENCE.format(name=schema)}}}
    return {"description": " ".join(description.split()) or HTTPStatus.OK.phrase, "content": content}


def _problem(when: str) -> dict[str, Any]:
    return {"description": when, "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
