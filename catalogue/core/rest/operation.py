"""Operations: one method on one path, its rules, and its entry in the OpenAPI document."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from functools import cached_property
from typing import Any
from uuid import UUID

import marshmallow as ma

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.descriptions import enumeration, noun_phrase
from catalogue.core.rest.examples import example_of
from catalogue.core.rest.grouped_counts import MOST_GROUPINGS
from catalogue.core.rest.list_document import (
    count_parameters,
    default_sort,
    field_names,
    group_field_names,
    list_parameters,
    list_schema,
    named_choices,
)
from catalogue.core.rest.list_format import JSON, LIST_MEDIA, ListFormat
from catalogue.core.rest.resource import Resource
from catalogue.core.rest.schemas import Secret

SECURITY_SCHEME = "oauth2"


class NoScope(Enum):
    """The rule of an operation that requires no particular scope."""

    PUBLIC = auto()
    """The operation requires no token."""
    ANY_TOKEN = auto()
    """The operation requires a valid token, whatever its scopes."""


PUBLIC, ANY_TOKEN = NoScope.PUBLIC, NoScope.ANY_TOKEN


@dataclass(frozen=True, kw_only=True)
class Operation:
    """The declaration of one method on one path."""

    name: str
    method: str
    scope: Scope | NoScope
    rule: str = ""
    details: str = ""
    """Further paragraphs of the view's docstring, for the description."""
    path: type[ma.Schema] | None = None
    """The schema of the parts of the path. Without one, only NUL and invalid UTF-8 are refused."""
    body: type[ma.Schema] | None = None
    response: type[ma.Schema] | None = None
    status: int = 200
    statuses: tuple[int, ...] = ()
    """The success statuses, if there are several."""
    query: type[ma.Schema] | None = None
    list_of: Resource | None = None
    counts_of: Resource | None = None
    """The resource whose records the operation counts by its fields."""
    paginated: bool = False
    """True if responses link to a next page although `list_of` is not set."""
    if_match: bool = False
    """True if If-Match is required."""
    if_match_optional: bool = False
    """True if If-Match is optional, and checked when the client sends it."""
    idempotent: bool = False
    is_query: bool = False
    """True for a POST that changes nothing, because its query is too long for a URL."""
    find_holder: Callable[[Context, dict[str, Any], str], UUID | None] | None = None
    """`find_holder(context, fields, pointer)`: the record that has the value at `pointer` already.

    The value must be unique, so the request failed. The record must be visible to the actor.
    """
    problems: tuple[int, ...] = ()
    """Further statuses of errors that the operation returns."""
    media: str = JSON
    """The media type of the response: JSON, except for files that other programs read."""
    other_media: tuple[str, ...] = ()
    """Further media types of the response, which a query parameter selects."""
    multipart_file: str | None = None
    max_bytes_setting: str | None = None

    @property
    def writes(self) -> bool:
        """Whether the operation can change something."""
        return self.method != "GET" and not self.is_query

    @property
    def all_media(self) -> tuple[str, ...]:
        """The media types of the response, the usual one first.

        A list also has the file formats.
        """
        return LIST_MEDIA if self.list_of else (self.media, *self.other_media)

    @cached_property
    def secret_fields(self) -> tuple[str, ...]:
        """The fields of the response that no idempotency key stores."""
        declared = self.response().fields if self.response else {}
        return tuple(name for name, field in declared.items() if isinstance(field, Secret))

    def document(self) -> dict[str, Any]:
        """Describe the operation for the OpenAPI document. flask-smorest adds path and summary."""
        document: dict[str, Any] = {
            "operationId": self.name,
            "description": " ".join(self._description()),
            "parameters": self._parameters(),
            "responses": self._responses() | self._errors(),
            "security": [],
        }
        if self.scope is not PUBLIC:
            scopes = [self.scope.value] if isinstance(self.scope, Scope) else []
            document["security"] = [{SECURITY_SCHEME: scopes}]
        if self.body:
            document["requestBody"] = self._body()
        return document

    def components(self) -> dict[str, dict[str, Any]]:
        """Describe the named schemas that the list parameters refer to."""
        if self.counts_of is not None:
            return {
                group_field_names(self.counts_of): {
                    "type": "string",
                    "enum": list(self.counts_of.group_by),
                    "description": f"A field by which a {self.counts_of.noun} can be counted.",
                }
            }
        if self.list_of is None:
            return {}
        named: list[type[StrEnum]] = [ListFormat, *named_choices(self.list_of)]
        return {choices.__name__: enumeration(choices) for choices in named} | {
            field_names(self.list_of): {
                "type": "string",
                "enum": list(self.list_of.list_parameters.selectable),
                "description": f"The name of a field of the {self.list_of.noun}.",
            }
        }

    def path_parameter(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a part of the path, by its schema if the operation has one."""
        declared = self.path().fields.get(name) if self.path else None
        if declared is not None:
            metadata = dict(declared.metadata)
            described = {n: metadata.pop(n) for n in ("description", "example") if n in metadata}
            return {"schema": schema | metadata} | described
        of = name.removesuffix("_id").replace("_", " ")
        if schema.get("format") == "uuid":
            return {"description": f"The id of the {of}."}
        return {"description": f"The code or the id of the {of}."}

    def _description(self) -> Iterator[str]:
        if self.details:
            yield self.details
        if self.list_of:
            yield (
                f"The page holds at most `limit` rows, sorted by `{default_sort(self.list_of)}` "
                "unless you set `sort`. `next_cursor` and the `Link` header lead to the next page. "
                "With `format=csv`, `xlsx` or `ods` the response is a file with the whole list."
            )
        elif self.method == "GET" and "<" in self.rule:
            yield "A record that your agency cannot see returns 404, like one that does not exist."
        if self.method == "PATCH":
            yield (
                "The body is a JSON Merge Patch (RFC 7396). Fields that you leave out stay "
                "unchanged, and null clears a field."
            )
        if self.if_match:
            yield "Send the ETag of the record as you read it in `If-Match`."
        elif self.if_match_optional:
            yield "Send an ETag in `If-Match` to act only on the record as you read it."
        if self.idempotent:
            yield (
                "If you repeat the request with the same `Idempotency-Key` within 24 hours, the "
                "API changes nothing and returns the first response."
            )
        yield from self._permissions()

    def _permissions(self) -> Iterator[str]:
        if self.scope is PUBLIC:
            yield "No access token is required."
            return
        if self.scope is ANY_TOKEN:
            yield "Requires an access token with any scopes."
            return
        yield f"Requires the scope `{self.scope.value}`."
        profiles = self.list_of.profiles if self.list_of else None
        if profiles is not None:
            yield "Fields that your agency cannot see are null, and `withheld` names them."
            if profiles.full_scope is not None:
                yield f"Sensitive fields also require the scope `{profiles.full_scope.value}`."

    def _parameters(self) -> list[Any]:
        parameters: list[Any] = []
        if self.list_of:
            parameters += list_parameters(self.list_of)
        if self.counts_of:
            parameters += count_parameters(self.counts_of, MOST_GROUPINGS)
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
        elif self.scope is not PUBLIC and not self.is_query:
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
            schema = list_schema(self.list_of) if self.list_of else self.response
            response: dict[str, Any] = {"description": self._success(status, schema)}
            headers: dict[str, Any] = {}
            if self.media != JSON:
                response["content"] = {media: _file_schema(media) for media in self.all_media}
                headers["ETag"] = "ETag"
            elif schema is not None and status not in {204, 304}:
                response["content"] = {JSON: {"schema": schema, "example": example_of(schema)}} | {
                    media: _file_schema(media) for media in self.all_media[1:]
                }
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
                "description": "Not modified. The ETag in `If-None-Match` is still current.",
                "headers": {"ETag": "ETag"},
            }
        return responses

    def _success(self, status: int, schema: type[ma.Schema] | None) -> str:
        """Describe a response by what its body holds."""
        noun = "the document" if schema is None else noun_phrase(schema)
        if self.list_of:
            noun = "one page of the list, or the whole list as a file"
        match status:
            case 201:
                return f"Created. The body holds {noun}, and `Location` its path."
            case 202:
                return (
                    f"Accepted. The work continues. The body holds {noun}, and `Location` its path."
                )
            case 204:
                return "Done. The response has no body."
            case _:
                return f"OK. The body holds {noun}."

    def _errors(self) -> dict[str, Any]:
        statuses = {400, 406, 414, 431, 500, 503, *self.problems}
        if self.scope is not PUBLIC:
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


def _file_schema(media: str) -> dict[str, Any]:
    """Describe the content of a file that is not JSON."""
    binary = {} if media.startswith("text/") else {"format": "binary"}
    return {"schema": {"type": "string"} | binary}
