"""Checks of the codes in filters: a code of an agency or capability must exist.

Without these checks, a misspelt code gives an empty list, which reads as "there are none". Only
resources that every agency can see count as reference data, so that a refusal reveals nothing.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import sqlalchemy as sa

from catalogue.core.codes import explain_unknown_code
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, bad_parameters
from catalogue.core.rest.columns import for_dialect
from catalogue.core.rest.query import FilterField, ListQuery
from catalogue.core.rest.resource import REFERENCE_DATA, Resource


def require_known_codes(context: Context, resource: Resource, query: ListQuery) -> None:
    """Raise BadRequest if a filter names a code that the reference data does not have."""
    errors = [
        FieldError(f"?{parameter}", "unknown", _message(reference, code, known))
        for parameter, reference, codes in _codes_in(resource, query)
        for known in [_known_codes(context, reference, codes)]
        for code in codes
        if code not in known
    ]
    if errors:
        raise bad_parameters(errors)


@cache
def filters_by_code(resource: Resource) -> dict[str, Resource]:
    """Return the filters that take a code, each with the resource whose codes it takes."""
    found = {
        name: _reference_of(filter_field)
        for name, filter_field in resource.list_parameters.filters.items()
    }
    # A list of the reference data itself can be searched for a code that does not exist.
    return {
        name: reference
        for name, reference in found.items()
        if reference is not None and (reference is not resource or name != "code")
    }


def _reference_of(filter_field: FilterField) -> Resource | None:
    if not isinstance(filter_field.type, sa.String):
        return None
    expression = filter_field.expression
    if filter_field.contains:
        expression = filter_field.contains(sa.bindparam("value", type_=sa.String()))
    for part in sa.sql.visitors.iterate(for_dialect("sqlite", expression)):
        if isinstance(part, sa.ColumnClause) and part.name == "code":
            # An alias, such as the one for the lead agency, stands for the table behind it.
            table: Any = getattr(part.table, "element", part.table)
            if table in REFERENCE_DATA:
                return REFERENCE_DATA[table]
    return None


def _codes_in(resource: Resource, query: ListQuery) -> Iterator[tuple[str, Resource, list[str]]]:
    """Yield each parameter of a request that names codes, with the resource of the codes."""
    for condition in query.shape.conditions:
        if condition.operator in {"eq", "in", "ne"}:
            reference = filters_by_code(resource).get(condition.name)
            if reference is not None:
                suffix = "" if condition.operator == "eq" else f"__{condition.operator}"
                name = f"{condition.name}{suffix}"
                yield (
                    name,
                    reference,
                    [query.values[f"{name}_{i}"] for i in range(condition.values)],
                )


def _known_codes(context: Context, reference: Resource, codes: list[str]) -> frozenset[str]:
    """Return the codes of the reference data. Read them again only if one of `codes` is missing.

    Codes are never removed, so those that this process has read stay valid.
    """
    cached = context.database.known_codes
    known = cached.get(reference.path, frozenset())
    if not known.issuperset(codes):
        column = reference.model.__table__.c.code
        known = cached[reference.path] = frozenset(context.session.scalars(sa.select(column)))
    return known


def _message(reference: Resource, code: str, known: frozenset[str]) -> str:
    return explain_unknown_code(reference.noun, code, known, listed_by=f"GET {reference.path}")
