"""Sort keys: how names are ordered, alike on both stores.

A key is stored beside its name, because neither store can fold `Ł` or count in text by itself. The
sort key of "Łódź 2" stands by L, and that of "vm 2" before that of "vm 10".
"""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import MappedColumn, mapped_column

from catalogue.core.database import Base, Entity
from catalogue.core.text import LONGEST_KEY, PLAIN_LETTERS, fold_for_search
from catalogue.core.types import Key

SUFFIX = "_sort"
_MOST_DIGITS = 99
_AT_ONCE = 1000


def sort_key(text: str) -> str:
    """Make the key by which a name is sorted.

    Each number begins with the count of its digits, so that 2 stands before 10: "vm 2" becomes
    "vm 012", and "vm 10" becomes "vm 0210".
    """
    return re.sub("[0-9]+", _counted, fold_for_search(text))[:LONGEST_KEY]


def _counted(match: re.Match[str]) -> str:
    digits = match[0].lstrip("0") or "0"
    return f"{min(len(digits), _MOST_DIGITS):02d}{digits}"


def sort_key_of(name: str) -> MappedColumn[str]:
    """Make the column with the sort key of another column of the same record.

    A release that lacks the column leaves it empty. `refresh_keys` fills it in.
    """
    return mapped_column(
        Key(LONGEST_KEY),
        default="",
        server_default=sa.text("''"),
        info={"sorts": name},
        sort_order=85,
    )


def searched_in(folded: Any) -> Any:
    """Return the expression that makes of a folded name what `fold_for_search` makes of the name."""
    for letter, plain in PLAIN_LETTERS.items():
        folded = sa.func.replace(folded, letter, plain, type_=sa.String())
    return folded


def sorted_by(column: Any) -> Any:
    """Return the expression that sorts by a column: its sort key, if the table has one."""
    named: Any = column.__clause_element__() if hasattr(column, "__clause_element__") else column
    table: Any = getattr(named, "table", None)
    if table is None or not isinstance(named, sa.Column):
        return column
    key = table.c.get(f"{named.key.removesuffix('_key')}{SUFFIX}")
    if key is None:
        return column
    if isinstance(getattr(table, "element", table), sa.Table):
        return key
    # States of the past can be older than the key.
    return sa.func.coalesce(key, named)


@event.listens_for(Entity, "before_insert", propagate=True)
@event.listens_for(Entity, "before_update", propagate=True)
def _set_keys(mapper: Any, _connection: Any, record: Any) -> None:
    for name, source in sort_keys_of(mapper.local_table):
        setattr(record, name, sort_key(getattr(record, source) or ""))


def sort_keys_of(table: Any) -> list[tuple[str, str]]:
    """Return each column of a table with a sort key, and the column with its name."""
    return [(c.key, c.info["sorts"]) for c in table.columns if "sorts" in c.info]


def refresh_keys(connection: sa.Connection) -> None:
    """Make the sort keys again that another release left empty or out of date."""
    for table in Base.metadata.sorted_tables:
        for key, source in sort_keys_of(table):
            _refresh(connection, table, key, source)


def _refresh(connection: sa.Connection, table: sa.Table, key: str, source: str) -> None:
    rows = connection.execute(sa.select(table.c.id, table.c[source], table.c[key])).all()
    stale = [
        {"identity": identity, "made": made}
        for identity, text, present in rows
        if (made := sort_key(text or "")) != present
    ]
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("identity"))
        .values({key: sa.bindparam("made")})
    )
    for start in range(0, len(stale), _AT_ONCE):
        connection.execute(statement, stale[start : start + _AT_ONCE])
