"""What an operation is, and how it stands in the OpenAPI document."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from catalogue.core.actor import Scope
from catalogue.core.rest.as_of_parameter import AS_OF, AS_OF_DESCRIPTION, AS_OF_SCHEMA
from catalogue.core.rest.columns import AMOUNT, LARGEST_INTEGER
from catalogue.core.rest.examples import example_of
from catalogue.core.rest.query import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    LONGEST_TEXT,
    MOST_CHOICES,
    MOST_TERMS,
)
from catalogue.core.rest.resource import Resource
from catalogue.core.rest.schemas import ListOf, Nested, ReadSchema
from catalogue.core.types import UtcDateTime
from catalogue.core.vocabulary import Vocabulary

SECURITY_SCHEME = "oauth2"
JSON = "application/json"

ANY_TEXT = {"type": "string", "pattern": r"^[^\x00]*$"}
NO_COMMA = r"^[^\x00,]*$"
WORDS = rf"^\s*([^\s\x00]+(\s+[^\s\x00]+){{0,{MOST_TERMS - 1}}}\s*)?$"


LONGEST_REASON = 500


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
    rule: str = ""
    details: str = ""
    """What there is to say beyond the summary."""
    path: type[ma.Schema] | None = None
    """What the texts in the path must look like; without it only NUL is refused."""
    body: type[ma.Schema] | None = None
    response: type[ma.Schema] | None = None
    status: int = 200
    statuses: tuple[int, ...] = ()
    query: type[ma.Schema] | None = None
    list_of: Resource | None = None
    paginated: bool = False
    """Whether its answers lead to further pages, though it is not a resource's list."""
    if_match: bool = False
    """Whether If-Match is needed."""
    if_match_optional: bool = False
    """Whether If-Match is heeded where it is sent."""
    idempotent: bool = False
    is_query: bool = False
    """Whether it changes nothing, though it is a POST: a question that does not fit an address."""
    problems: tuple[int, ...] = ()
    media: str = JSON
    """What it answers with: other than JSON only for documents that are made for other programs."""
    multipart_file: str | None = None
    max_bytes_setting: str | None = None

    def document(self) -> dict[str, Any]:
        """The operation in the OpenAPI document; flask-smorest adds path and summary."""
        document: dict[str, Any] = {
            "operationId": self.name,
            "description": " ".join(self._description()),
            "parameters": self._parameters(),
            "responses": self._responses() | self._errors(),
            "security": [],
        }
        if isinstance(self.scope, Scope):
            document["security"] = [{SECURITY_SCHEME: [self.scope.value]}]
        if self.body:
            document["requestBody"] = self._body()
        return document

    def components(self) -> dict[str, dict[str, Any]]:
        """The named schemas that the list parameters refer to."""
        if self.list_of is None:
            return {}
        list_parameters = self.list_of.list_parameters
        types: list[Any] = [filterable.type for filterable in list_parameters.filters.values()]
        named = [type_.enum_class for type_ in types if _is_named(type_)]
        return {choices.__name__: enumeration(choices) for choices in named} | {
            _field_names(self.list_of): {
                "type": "string",
                "enum": list(list_parameters.fields),
                "description": f"A field of the {self.list_of.name}.",
            }
        }

    def path_parameter(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        declared = self.path().fields.get(name) if self.path else None
        if declared is not None:
            metadata = dict(declared.metadata)
            described = {n: metadata.pop(n) for n in ("description", "example") if n in metadata}
            return {"schema": schema | metadata} | described
        of = name.removesuffix("_id").replace("_", " ")
        if schema.get("format") == "uuid":
            return {"description": f"The id of the {of}."}
        return {"description": f"The code of the {of}, or its id."}

    def _description(self) -> Iterator[str]:
        if self.details:
            yield self.details
        if self.list_of:
            order = _default_sort(self.list_of)
            yield (
                f"The page holds at most `limit` rows, sorted by `{order}` unless `sort` says "
                "otherwise; its `next_cursor` and its Link header lead to the next."
            )
        if self.method == "PATCH":
            yield (
                "The body is a JSON Merge Patch (RFC 7396): what it leaves out stays as it is, "
                "and null clears a field."
            )
        if self.if_match:
            yield "Send the ETag of the record as it was read in If-Match."
        elif self.if_match_optional:
            yield "If-Match may name the state that the change is meant for."
        if self.idempotent:
            yield (
                "Sent again with the same Idempotency-Key within 24 hours it is not done again, "
                "and the first answer is given."
            )
        if isinstance(self.scope, Scope):
            yield f"Needs the scope `{self.scope.value}`."
        else:
            yield "Needs no token."

    def _parameters(self) -> list[Any]:
        parameters: list[Any] = []
        if self.list_of:
            parameters += _list_parameters(self.list_of)
        if self.query:
            parameters.append({"in": "query", "schema": self.query})
        if self.if_match:
            parameters.append("IfMatch")
        elif self.if_match_optional:
            parameters.append("IfMatchOptional")
        if self.idempotent:
            parameters.append("IdempotencyKey")
        if self.method == "GET":
            parameters.append("IfNoneMatch")
        elif isinstance(self.scope, Scope) and not self.is_query:
            parameters.append("ChangeReason")
        return parameters

    def _body(self) -> dict[str, Any]:
        assert self.body is not None  # noqa: S101 - narrows the type for mypy
        if self.multipart_file:
            kind, example = "multipart/form-data", example_of(self.body, only_required=True)
        elif self.method == "PATCH":
            kind, example = "application/merge-patch+json", example_of(self.body)
        else:
            kind, example = JSON, example_of(self.body)
        return {"required": True, "content": {kind: {"schema": self.body, "example": example}}}

    def _responses(self) -> dict[str, Any]:
        responses: dict[str, Any] = {}
        for status in self.statuses or (self.status,):
            response: dict[str, Any] = {"description": _MEANINGS.get(status, "Done.")}
            headers: dict[str, Any] = {}
            schema = list_schema(self.list_of) if self.list_of else self.response
            if self.media != JSON:
                response["content"] = {self.media: {"schema": {"type": "string"}}}
                headers["ETag"] = "ETag"
            elif schema is not None and status not in {204, 304}:
                response["content"] = {JSON: {"schema": schema, "example": example_of(schema)}}
                headers["ETag"] = "ETag"
            if status in {201, 202}:
                headers["Location"] = "Location"
            if self.list_of or self.paginated:
                headers["Link"] = "Link"
            if self.idempotent:
                headers["Idempotent-Replayed"] = "IdempotentReplayed"
            responses[str(status)] = response | ({"headers": headers} if headers else {})
        if self.method == "GET":
            responses["304"] = {
                "description": "It is still as the client has it.",
                "headers": {"ETag": "ETag"},
            }
        return responses

    def _errors(self) -> dict[str, Any]:
        statuses = {400, 406, 500, 503, *self.problems}
        if isinstance(self.scope, Scope):
            statuses |= {401, 403}
        if "<" in self.rule:
            statuses.add(404)
        if self.body:
            statuses |= {413, 415, 422}
        if self.if_match or self.if_match_optional:
            statuses.add(412)
        if self.if_match:
            statuses.add(428)
        if self.idempotent:
            statuses.add(413)
        if self.method != "GET" and not self.is_query:
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
    name = _name_of(resource)

    def bind(self: Any, field_name: str, field_obj: Any) -> None:
        ReadSchema.on_bind_field(self, field_name, field_obj)
        field_obj.required = field_name == "id"

    item = type(f"{name}ListItem", (resource.schema,), {"on_bind_field": bind})
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


def first_paragraph(docstring: str) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(docstring.strip().partition("\n\n")[0].split())


def enumeration(choices: type[StrEnum]) -> dict[str, Any]:
    """Describe an enumeration by its docstring and a list of what each value means."""
    description = first_paragraph(choices.__doc__ or choices.__name__)
    meanings = [f"- `{c.value}`: {c.meaning}" for c in choices if isinstance(c, Vocabulary)]
    return {
        "type": "string",
        "enum": [choice.value for choice in choices],
        "description": "\n".join([description, "", *meanings]) if meanings else description,
    }


def _name_of(resource: Resource) -> str:
    return resource.schema.__name__.removesuffix("Schema")


def _field_names(resource: Resource) -> str:
    return f"{_name_of(resource)}Field"


def _default_sort(resource: Resource) -> str:
    return ",".join(f"-{n}" if d else n for n, d in resource.list_parameters.default_sort)


def _list_parameters(resource: Resource) -> list[dict[str, Any]]:
    list_parameters = resource.list_parameters
    sorts = "|".join(list_parameters.sorts)
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
                "default": _default_sort(resource),
                "pattern": f"^-?({sorts})(,-?({sorts})){{0,3}}$",
            },
            "Fields to sort by; `-` before one reverses it.",
        ),
        _parameter(
            "fields",
            {"type": "array", "minItems": 1, "items": _reference(_field_names(resource))},
            "Only these fields, and the id.",
        )
        | {"style": "form", "explode": False},
        _parameter("total", {"type": "boolean"}, "Whether to count the rows on all pages."),
    ]
    if resource.as_of is not None:
        parameters.append(_parameter(AS_OF, AS_OF_SCHEMA, AS_OF_DESCRIPTION))
    if list_parameters.searchable:
        parameters.append(
            _parameter(
                "q",
                {"type": "string", "maxLength": LONGEST_TEXT, "pattern": WORDS},
                f"Words that must all be there; at most {MOST_TERMS}.",
            )
        )
    for name, field in list_parameters.filters.items():
        kind = _kind(field.type)
        meaning = f"Only rows whose {name} holds this." if field.contains else None
        parameters.append(_parameter(name, kind, meaning or f"Only rows with this {name}."))
        parameters += [_operator_parameter(name, o, kind) for o in sorted(field.operators)]
    return parameters


def _operator_parameter(name: str, operator: str, kind: dict[str, Any]) -> dict[str, Any]:
    match operator:
        case "in":
            schema: dict[str, Any] = {
                "type": "array",
                "items": kind if kind != ANY_TEXT else {"type": "string", "pattern": NO_COMMA},
                "maxItems": MOST_CHOICES,
                "minItems": 1,
            }
            parameter = _parameter(f"{name}__in", schema, f"Only rows with one of these as {name}.")
            return parameter | {"style": "form", "explode": False}
        case "gte":
            more = "later" if "format" in kind else "more"
            return _parameter(f"{name}__gte", kind, f"Only rows whose {name} is this or {more}.")
        case "lte":
            less = "earlier" if "format" in kind else "less"
            return _parameter(f"{name}__lte", kind, f"Only rows whose {name} is this or {less}.")
        case _:
            meaning = f"`true`: only rows without {name}; `false`: only rows with it."
            return _parameter(f"{name}__isnull", {"type": "boolean"}, meaning)


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"in": "query", "name": name, "schema": schema, "description": description}


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _is_named(type_: Any) -> bool:
    return isinstance(type_, sa.Enum) and type_.enum_class is not None


def _kind(type_: Any) -> dict[str, Any]:
    if _is_named(type_):
        return _reference(type_.enum_class.__name__)
    if isinstance(type_, sa.Boolean):
        return {"type": "boolean"}
    if isinstance(type_, sa.Integer):
        return {"type": "integer", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER}
    if isinstance(type_, sa.Numeric):
        return {"type": "string", "pattern": AMOUNT}
    if isinstance(type_, sa.Uuid):
        return {"type": "string", "format": "uuid"}
    if isinstance(type_, sa.Date):
        return {"type": "string", "format": "date"}
    if isinstance(type_, UtcDateTime | sa.DateTime):
        return {"type": "string", "format": "date-time"}
    return ANY_TEXT
