"""Lists in the OpenAPI document: their parameters, and the schema of a page."""

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from catalogue.core.rest.as_of_parameter import AS_OF, AS_OF_DESCRIPTION, AS_OF_SCHEMA
from catalogue.core.rest.columns import AMOUNT, LARGEST_INTEGER
from catalogue.core.rest.known_codes import filters_by_code
from catalogue.core.rest.list_format import ListFormat
from catalogue.core.rest.map_keys import MOST_KEYS
from catalogue.core.rest.query import (
    DEFAULT_LIMIT,
    ETAG,
    LARGEST_LIMIT,
    LARGEST_TOTAL_LIMIT,
    LONGEST_TEXT,
    MOST_CHOICES,
    MOST_REPEATS,
    MOST_SORTS,
    MOST_TERMS,
)
from catalogue.core.rest.resource import Resource
from catalogue.core.rest.schemas import ListOf, Nested, ReadSchema
from catalogue.core.text import NOT_BLANK
from catalogue.core.types import UtcDateTime

ANY_TEXT = {"type": "string", "pattern": r"^[^\x00]*$"}
NO_COMMA = r"^[^\x00,]*$"
WORDS = rf"^\s*([^\s\x00]+(\s+[^\s\x00]+){{0,{MOST_TERMS - 1}}}\s*)?$"


@cache
def list_schema(resource: Resource) -> type[ReadSchema]:
    """Make the schema of a page of a list.

    With the parameter `fields`, an item can lack any field but its id.
    """
    name = _name_of(resource)

    def bind(self: Any, field_name: str, field_obj: Any) -> None:
        ReadSchema.on_bind_field(self, field_name, field_obj)
        field_obj.required = field_name == "id"

    etag = ma.fields.String(
        metadata={"description": "The ETag of the record, for `If-Match`. Only with `fields=etag`."}
    )
    item = type(
        f"{name}ListItem",
        (resource.schema,),
        {"on_bind_field": bind, "__doc__": resource.schema.__doc__}
        | ({ETAG: etag} if resource.has_etags else {}),
    )
    items = ListOf(
        Nested(item),
        max=LARGEST_LIMIT,
        metadata={"description": "The rows of the page, in the order of `sort`."},
    )
    return type(
        f"{name}List",
        (ReadSchema,),
        {
            "items": items,
            "page": Nested(PageSchema),
            "__doc__": f"One page of a list, with a row for each {resource.noun}.",
        },
    )


class PageSchema(ReadSchema):
    """The position of a page in its list."""

    next_cursor = ma.fields.String(
        allow_none=True,
        metadata={
            "description": "The `cursor` of the next page. Null on the last page.",
        },
    )
    has_more = ma.fields.Boolean(metadata={"description": "Whether another page follows."})
    total = ma.fields.Integer(
        metadata={
            "description": "The number of rows on all pages. Present only with `total=true` or "
            "`total_limit`.",
            "optional": True,
        }
    )
    has_more_than_total = ma.fields.Boolean(
        metadata={
            "description": "Whether there are more rows than `total`. Present only with "
            "`total_limit`.",
            "optional": True,
        }
    )


def field_names(resource: Resource) -> str:
    """Return the name of the enumeration of a resource's fields."""
    return f"{_name_of(resource)}Field"


def group_field_names(resource: Resource) -> str:
    """Return the name of the enumeration of the fields that a resource is counted by."""
    return f"{_name_of(resource)}GroupField"


def default_sort(resource: Resource) -> str:
    """Return the value of `sort` for a request without that parameter."""
    return ",".join(f"-{n}" if d else n for n, d in resource.list_parameters.default_sort)


def named_choices(resource: Resource) -> list[type[StrEnum]]:
    """List the enumerations whose values the filters of a resource accept."""
    types: list[Any] = [field.type for field in resource.list_parameters.filters.values()]
    return [type_.enum_class for type_ in types if _is_named(type_)]


def list_parameters(resource: Resource) -> list[dict[str, Any]]:
    """Describe the query parameters of a list: paging, sorting, search and filters."""
    return [
        *_page_parameters(resource),
        *_filter_parameters(resource),
        *_map_key_parameters(resource),
    ]


def count_parameters(resource: Resource, most: int) -> list[dict[str, Any]]:
    """Describe the query parameters of counts: the fields to count by, search and filters."""
    by = _reference(group_field_names(resource))
    return [
        _parameter(
            "by",
            {"type": "array", "items": by, "maxItems": most, "uniqueItems": True},
            f"The fields to count by, at most {most}. Repeat the parameter for a second field. "
            "Without it, the response is one count of all records.",
        )
        | {"style": "form", "explode": True},
        *_search_parameters(resource),
        *_filter_parameters(resource),
        *_map_key_parameters(resource),
    ]


def _page_parameters(resource: Resource) -> Iterator[dict[str, Any]]:
    sorts = "|".join([*resource.list_parameters.sorts, *_key_pattern(resource)])
    yield _parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
        "The largest number of rows on the page.",
    )
    yield _parameter(
        "cursor",
        {"type": "string"},
        "The `next_cursor` of the page before. Send the other parameters unchanged.",
    )
    yield _parameter(
        "sort",
        {
            "type": "string",
            "default": default_sort(resource),
            "pattern": f"^-?({sorts})(,-?({sorts})){{0,{MOST_SORTS - 1}}}$",
        },
        f"The fields to sort by, separated by commas, at most {MOST_SORTS}. "
        "A `-` before a field reverses its order. Rows without a value come last.",
    )
    yield _parameter(
        "fields",
        {"type": "array", "minItems": 1, "items": _reference(field_names(resource))},
        "The fields to return, in addition to the id. All fields by default."
        + (" `etag` adds the entity tag of each record." if resource.has_etags else ""),
    ) | {"style": "form", "explode": False}
    yield _parameter(
        "total", {"type": "boolean"}, "Whether to count the rows on all pages, in `page.total`."
    )
    yield _parameter(
        "total_limit",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_TOTAL_LIMIT},
        "The most rows to count. Counting then ends early, and `page.has_more_than_total` shows "
        "whether there are more.",
    )
    yield _parameter(
        "format",
        _reference(ListFormat.__name__),
        "The format of the response. A file holds the whole list, so leave out `limit`, `cursor`, "
        "`total` and `total_limit`. Without this parameter, the header `Accept` decides.",
    )
    if resource.as_of is not None:
        yield _parameter(AS_OF, AS_OF_SCHEMA, AS_OF_DESCRIPTION)
    yield from _search_parameters(resource)


def _search_parameters(resource: Resource) -> Iterator[dict[str, Any]]:
    if resource.list_parameters.searchable:
        yield _parameter(
            "q",
            {"type": "string", "maxLength": LONGEST_TEXT, "pattern": WORDS},
            f"Words that must all occur in the record, in any order, at most {MOST_TERMS}. "
            "Case and accents do not matter.",
        )


def _filter_parameters(resource: Resource) -> Iterator[dict[str, Any]]:
    for name, field in resource.list_parameters.filters.items():
        kind = _kind(field.type)
        reference = filters_by_code(resource).get(name)
        codes = f" `GET {reference.path}` lists the codes." if reference else ""
        verb = "includes" if field.contains else "is"
        meaning = field.meaning or f"Only rows whose `{name}` {verb} this value.{codes}"
        if isinstance(field.type, sa.Boolean) and not field.meaning:
            meaning = (
                f"`true` returns only rows whose `{name}` is true. "
                "`false` returns only rows where it is false."
            )
        if field.contains:
            meaning += f" Repeat the parameter for rows with all of several values, at most {MOST_REPEATS}."
            yield _repeatable(name, kind, meaning)
        else:
            yield _parameter(name, kind, meaning)
        for operator in sorted(field.operators):
            yield _operator_parameter(name, operator, kind, codes)


def _key_pattern(resource: Resource) -> list[str]:
    keyed = resource.map_keys
    return [] if keyed is None else [rf"{keyed.field}\.{keyed.key_pattern}"]


def _map_key_parameters(resource: Resource) -> Iterator[dict[str, Any]]:
    """Describe the filters by keys of a map as one object, whose entries are the parameters."""
    keyed = resource.map_keys
    if keyed is None:
        return
    name = keyed.field
    schema = {
        "type": "object",
        "propertyNames": {"pattern": f"^{_key_pattern(resource)[0]}(__[a-z]+)?$"},
        "additionalProperties": ANY_TEXT,
        "maxProperties": MOST_KEYS,
    }
    meaning = (
        f"Filters by custom fields. Each entry is a parameter of its own: `{name}.KEY=value`. The "
        f"operators are those of other filters, as in `{name}.KEY__gte`, `__lte`, `__in`, "
        f"`__ne` and `__isnull`. `{keyed.listed_by}` lists the keys, and `sort={name}.KEY` sorts by one. At "
        f"most {MOST_KEYS} keys. A value that does not have the type of the field counts as null."
    )
    yield _parameter(name, schema, meaning) | {"style": "form", "explode": True}


def _operator_parameter(
    name: str, operator: str, kind: dict[str, Any], codes: str
) -> dict[str, Any]:
    match operator:
        case "in":
            schema: dict[str, Any] = {
                "type": "array",
                "items": kind if kind != ANY_TEXT else {"type": "string", "pattern": NO_COMMA},
                "maxItems": MOST_CHOICES,
                "minItems": 1,
            }
            meaning = (
                f"Only rows whose `{name}` is one of these values. Separate them by commas, at "
                f"most {MOST_CHOICES}.{codes}"
            )
            return _parameter(f"{name}__in", schema, meaning) | {"style": "form", "explode": False}
        case "ne":
            meaning = (
                f"Only rows whose `{name}` is not this value. Rows without a value are included. "
                f"Repeat the parameter to exclude several values, at most {MOST_REPEATS}.{codes}"
            )
            return _repeatable(f"{name}__ne", kind, meaning)
        case "contains":
            text = {"type": "string", "maxLength": LONGEST_TEXT, "pattern": NOT_BLANK}
            meaning = (
                f"Only rows whose `{name}` contains this text. Case and accents do not matter."
            )
            return _parameter(f"{name}__contains", text, meaning)
        case "gte":
            more = "later" if "format" in kind else "more"
            return _parameter(f"{name}__gte", kind, f"Only rows whose `{name}` is this or {more}.")
        case "lte":
            less = "earlier" if "format" in kind else "less"
            return _parameter(f"{name}__lte", kind, f"Only rows whose `{name}` is this or {less}.")
        case _:
            meaning = (
                f"`true` returns only rows whose `{name}` is null. `false` returns only the others."
            )
            return _parameter(f"{name}__isnull", {"type": "boolean"}, meaning)


def _name_of(resource: Resource) -> str:
    return resource.schema.__name__.removesuffix("Schema")


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"in": "query", "name": name, "schema": schema, "description": description}


def _repeatable(name: str, kind: dict[str, Any], description: str) -> dict[str, Any]:
    schema = {"type": "array", "items": kind, "minItems": 1, "maxItems": MOST_REPEATS}
    return _parameter(name, schema, description) | {"style": "form", "explode": True}


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
