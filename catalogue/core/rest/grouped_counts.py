"""Counts of a list's records by the values of one or two fields, in one statement.

The rows are those of the list with the same filters. A record counts by a field only if the actor
sees the field. Otherwise it counts as withheld, whatever the field holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from catalogue.core.codes import quote
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, bad_parameters
from catalogue.core.rest.columns import for_dialect
from catalogue.core.rest.list_request import read_list_query
from catalogue.core.rest.parameter_errors import unknown_parameter
from catalogue.core.rest.profiles import WITHHELD
from catalogue.core.rest.query import CONTROLS, QueryShape
from catalogue.core.rest.reader import read_batches, rule_parameters
from catalogue.core.rest.resource import Resource
from catalogue.core.rest.statements import KEPT_STATEMENTS

BY = "by"
MOST_GROUPINGS = 2
_REFUSED = frozenset(CONTROLS) - {"q"}
"""The parameters of a page, which counts do not have."""


@dataclass(frozen=True, eq=False)
class Entries:
    """The entries of a list field. A record counts once for each entry, or once without any."""

    column: Any
    joins: tuple[tuple[Any, Any], ...]
    """The tables to add to the source, each with its condition."""


def count_groups(
    context: Context, resource: Resource, arguments: Mapping[str, list[str]]
) -> list[dict[str, Any]]:
    """Count the records that the parameters match, by each combination of the fields in `by`.

    Raises BadRequest if a parameter is unknown or invalid.
    """
    filters = {name: texts for name, texts in arguments.items() if name != BY}
    by = _read_fields(resource, arguments.get(BY, []))
    if paging := [name for name in filters if name in _REFUSED or name == "as_of"]:
        known = [name for name in resource.list_parameters.names if name not in _REFUSED]
        raise bad_parameters([unknown_parameter(name, [BY, *known]) for name in paging])
    query, _ = read_list_query(context, resource, filters)
    shape = QueryShape(query.shape.conditions, query.shape.terms, fields=("id",))
    if resource.statements.sensitive(shape):
        # A filter by a sensitive field reads it, so the access log names the records.
        query.shape = QueryShape(
            shape.conditions, shape.terms, resource.list_parameters.default_sort, shape.fields
        )
        for _ in read_batches(context, resource, query):
            pass
    statement = _grouped(resource, shape, by, context.database.dialect)
    values = query.values | rule_parameters(context) | resource.rule_values(context)
    rows = context.session.execute(statement, values).all()
    return sorted((_group(by, row) for row in rows), key=_order)


def _read_fields(resource: Resource, names: Sequence[str]) -> tuple[str, ...]:
    errors = [
        FieldError(
            f"?{BY}",
            "invalid",
            f"{quote(name)} is not a field to count by. Use one of: {', '.join(resource.group_by)}.",
        )
        for name in names
        if name not in resource.group_by
    ]
    if len(set(names)) < len(names):
        errors.append(
            FieldError(f"?{BY}", "repeated", f"`{BY}` names a field more than once. Remove one.")
        )
    elif len(names) > MOST_GROUPINGS:
        detail = f"`{BY}` names more than {MOST_GROUPINGS} fields. Name fewer."
        errors.append(FieldError(f"?{BY}", "too_many", detail))
    if errors:
        raise bad_parameters(errors)
    return tuple(names)


@lru_cache(maxsize=KEPT_STATEMENTS)
def _grouped(
    resource: Resource, shape: QueryShape, by: tuple[str, ...], dialect: str
) -> sa.Select[Any]:
    source = resource.source if resource.source is not None else resource.model.__table__
    keys = []
    for i, name in enumerate(by):
        grouping = resource.group_by[name]
        if isinstance(grouping, Entries):
            for table, condition in grouping.joins:
                source = sa.orm.outerjoin(source, table, condition)
            grouping = grouping.column
        value = for_dialect(dialect, grouping)
        shown: Any = resource.profiles.shown_where(name) if resource.profiles else None
        if shown is not None:
            value = sa.case((shown, value), else_=sa.null())
        flag = sa.true() if shown is None else shown
        hidden = sa.case((flag, sa.literal_column("0")), else_=sa.literal_column("1"))
        keys += [value.label(f"value_{i}"), hidden.label(f"hidden_{i}")]
    if not keys:
        keys = [sa.literal_column("1").label("every")]
    # A subquery, because PostgreSQL takes an expression with parameters in GROUP BY for another.
    rows = (
        sa.select(*keys)
        .select_from(source)
        .where(*resource.statements.conditions(shape, dialect))
        .subquery("counted")
    )
    return sa.select(*rows.c, sa.func.count()).group_by(*rows.c)


def _group(by: tuple[str, ...], row: Any) -> dict[str, Any]:
    return {
        "values": {
            name: None if row[2 * i] is None else str(row[2 * i]) for i, name in enumerate(by)
        },
        WITHHELD: [name for i, name in enumerate(by) if row[2 * i + 1]],
        "count": row[-1],
    }


def _order(group: dict[str, Any]) -> list[tuple[bool, bool, str]]:
    """Return the sort key of a group: values first, then empty and withheld ones."""
    return [
        (value is None, name in group[WITHHELD], value or "")
        for name, value in group["values"].items()
    ]
