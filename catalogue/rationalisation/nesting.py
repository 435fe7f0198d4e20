"""Lists of objects within a record, with ids, moments and lists in them, alike on both stores."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.core.columns import Twin, json_list
from catalogue.core.types import UtcDateTime


def object_list(
    entry: dict[str, Any],
    *,
    of: type[Any],
    where: ColumnElement[bool],
    order_by: Any,
) -> Twin:
    """What belongs to a record in other tables, as a JSON list of objects.

    PostgreSQL knows what an id and a list are. SQLite keeps both as texts of its own form.
    """
    columns = {name: sa.type_coerce(c, sa.types.NullType()) for name, c in entry.items()}
    source = (
        sa.select(*[c.label(name) for name, c in columns.items()])
        .where(where)
        .order_by(order_by)
        .correlate(of)
        .subquery("entry")
    )
    pairs: list[ColumnElement[Any]] = []
    for name, expression in entry.items():
        pairs += [sa.literal_column(f"'{name}'"), _sqlite(source.c[name], expression.type)]
    sqlite = sa.select(sa.func.json_group_array(sa.func.json_object(*pairs))).scalar_subquery()
    return Twin(
        postgresql=json_list(entry, of=of, where=where, order_by=order_by).postgresql,
        sqlite=sa.type_coerce(sqlite, sa.JSON()),
    )


def _sqlite(column: ColumnElement[Any], type_: sa.types.TypeEngine[Any]) -> ColumnElement[Any]:
    if isinstance(type_, sa.Uuid):
        starts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        parts = [sa.cast(sa.func.substr(column, at, n), sa.String) for at, n in starts]
        written: ColumnElement[str] = parts[0]
        for part in parts[1:]:
            written = written + sa.literal_column("'-'", sa.String) + part
        return written
    if isinstance(type_, UtcDateTime):
        moment = sa.cast(sa.func.replace(column, " ", "T"), sa.String)
        return moment + sa.literal_column("'+00:00'", sa.String)
    if isinstance(type_, sa.JSON):
        return sa.func.json(column)
    return column
