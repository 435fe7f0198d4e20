"""What an operation is, and how it stands in the OpenAPI document."""

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from catalogue.core.actor import Scope
from catalogue.core.examples import example_of
from catalogue.core.query import DEFAULT_LIMIT, LARGEST_LIMIT, LONGEST_TEXT
from catalogue.core.resource import Resource
from catalogue.core.schemas import ListOf, Nested, ReadSchema
from catalogue.core.types import UtcDateTime

SECURITY_SCHEME = "oauth2"


class Public(Enum):
    """The mark of an operation that needs no token."""

    PUBLIC = "public"


PUBLIC = Public.PUBLIC


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method on one path."""

    name: str
    method: str
    scope: Scope | Public
    body: type[ma.Schema] | None = None
    answer: type[ma.Schema] | None = None
    status: int = 200
    statuses: tuple[int, ...] = ()
    query: type[ma.Schema] | None = None
    lists: Resource | None = None
    if_match: bool = False
    idempotent: bool = False
    problems: tuple[int, ...] = ()
    multipart_file: str | None = None
    max_bytes_setting: str | None = None

    def document(self) -> dict[str, Any]:
        """The operation in the OpenAPI document; flask-smorest adds path and summary."""
        document: dict[str, Any] = {
            "operationId": self.name,
            "parameters": self._parameters(),
            "responses": self._answers() | self._errors(),
            "security": [],
        }
        if isinstance(self.scope, Scope):
            document["security"] = [{SECURITY_SCHEME: [self.scope.value]}]
        if self.body:
            document["requestBody"] = self._body()
        return document

    def _parameters(self) -> list[Any]:
        parameters: list[Any] = []
        if self.lists:
            parameters += _list_parameters(self.lists)
        if self.query:
            parameters.append({"in": "query", "schema": self.query})
        if self.if_match:
            parameters.append("IfMatch")
        if self.idempotent:
            parameters.append("IdempotencyKey")
        if self.method == "GET":
            parameters.append("IfNoneMatch")
        return parameters

    def _body(self) -> dict[str, Any]:
        assert self.body is not None  # noqa: S101 - narrows the type for mypy
        if self.multipart_file:
            content: dict[str, Any] = {"multipart/form-data": {"schema": self.body}}
        else:
            kind = "application/merge-patch+json" if self.method == "PATCH" else "application/json"
            content = {kind: {"schema": self.body, "example": example_of(self.body)}}
        return {"required": True, "content": content}

    def _answers(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for status in self.statuses or (self.status,):
            answer: dict[str, Any] = {"description": _MEANINGS.get(status, "Done.")}
            schema = list_schema(self.lists) if self.lists else self.answer
            if schema is not None and status not in {204, 304}:
                answer["content"] = {
                    "application/json": {"schema": schema, "example": example_of(schema)}
                }
                answer["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}
            if status in {201, 202}:
                answer.setdefault("headers", {})["Location"] = {
                    "$ref": "#/components/headers/Location"
                }
            found[str(status)] = answer
        if self.method == "GET":
            found["304"] = {"description": "It is still as the client has it."}
        return found

    def _errors(self) -> dict[str, Any]:
        statuses = {400, 406, 500, 503, *self.problems}
        if isinstance(self.scope, Scope):
            statuses |= {401, 403, 404}
        if self.body:
            statuses |= {413, 415, 422}
        if self.if_match:
            statuses |= {412, 428}
        if self.idempotent or self.method != "GET":
            statuses |= {409, 422}
        return {str(status): f"Problem{status}" for status in sorted(statuses)}


_MEANINGS = {
    200: "Here it is.",
    201: "It has been created.",
    202: "The work has been accepted and goes on; follow Location.",
    204: "It is done; there is nothing to say.",
}


@cache
def list_schema(resource: Resource) -> type[ReadSchema]:
    """The schema of a page. With `fields` an item may lack any field but its id."""
    name = resource.answer.__name__

    def bind(self: Any, field_name: str, field_obj: Any) -> None:
        ReadSchema.on_bind_field(self, field_name, field_obj)
        field_obj.required = field_name == "id"

    item = type(f"{name}ListItem", (resource.answer,), {"on_bind_field": bind})
    return type(
        f"{name}List",
        (ReadSchema,),
        {"items": ListOf(Nested(item), max=LARGEST_LIMIT), "page": Nested(PageSchema)},
    )


class PageSchema(ReadSchema):
    """Where this page stands in the whole list."""

    next_cursor = ma.fields.String(
        allow_none=True, metadata={"description": "Give it as `cursor` for the next page."}
    )
    has_more = ma.fields.Boolean(metadata={"description": "Whether more rows follow."})
    total = ma.fields.Integer(
        metadata={"description": "The rows on all pages; only with `total=true`.", "optional": True}
    )


def _list_parameters(resource: Resource) -> list[dict[str, Any]]:
    vocabulary = resource.vocabulary
    default = ",".join(f"-{n}" if d else n for n, d in vocabulary.default_sort)
    sorts = "|".join(vocabulary.sorts)
    parameters = [
        _parameter(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
            "How many rows at most.",
        ),
        _parameter("cursor", {"type": "string"}, "The `next_cursor` of the page before."),
        _parameter(
            "sort",
            {
                "type": "string",
                "default": default,
                "pattern": f"^-?({sorts})(,-?({sorts})){{0,3}}$",
            },
            "Fields to sort by; `-` before one reverses it.",
        ),
        _parameter(
            "fields",
            {"type": "array", "items": {"type": "string", "enum": list(vocabulary.fields)}},
            "Only these fields, and the id.",
        )
        | {"style": "form", "explode": False},
        _parameter("total", {"type": "boolean"}, "Whether to count the rows on all pages."),
    ]
    if vocabulary.searchable:
        parameters.append(
            _parameter(
                "q", {"type": "string", "maxLength": LONGEST_TEXT}, "Words that must all be there."
            )
        )
    for name, asked in vocabulary.filters.items():
        kind = _kind(asked.type)
        meaning = f"Only rows whose {name} holds this." if asked.contains else None
        parameters.append(_parameter(name, kind, meaning or f"Only rows with this {name}."))
        parameters += [_operator_parameter(name, o, kind) for o in sorted(asked.operators)]
    return parameters


def _operator_parameter(name: str, operator: str, kind: dict[str, Any]) -> dict[str, Any]:
    match operator:
        case "in":
            schema: dict[str, Any] = {
                "type": "array",
                "items": kind,
                "maxItems": 100,
                "minItems": 1,
            }
            parameter = _parameter(f"{name}__in", schema, f"Only rows with one of these {name}.")
            return parameter | {"style": "form", "explode": False}
        case "gte":
            return _parameter(f"{name}__gte", kind, f"Only rows with this {name} or a later one.")
        case "lte":
            return _parameter(
                f"{name}__lte", kind, f"Only rows with this {name} or an earlier one."
            )
        case _:
            return _parameter(
                f"{name}__isnull", {"type": "boolean"}, f"Only rows without (or with) a {name}."
            )


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"in": "query", "name": name, "schema": schema, "description": description}


def _kind(type_: Any) -> dict[str, Any]:
    if isinstance(type_, sa.Enum):
        return {"type": "string", "enum": list(type_.enums)}
    if isinstance(type_, sa.Boolean):
        return {"type": "boolean"}
    if isinstance(type_, sa.Integer):
        return {"type": "integer", "minimum": -2147483647, "maximum": 2147483647}
    if isinstance(type_, sa.Numeric):
        return {"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"}
    if isinstance(type_, sa.Uuid):
        return {"type": "string", "format": "uuid"}
    if isinstance(type_, sa.Date):
        return {"type": "string", "format": "date"}
    if isinstance(type_, UtcDateTime | sa.DateTime):
        return {"type": "string", "format": "date-time"}
    return {"type": "string"}
