"""The tables that a request reads, and the tables that have changed.

A response depends only on the tables that the request reads. While these are unchanged, the same
request has the same response, and the tests do not send it again.
"""

import re
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event

from catalogue.core.database import Base, Database
from catalogue.core.rest import reader

ALWAYS = frozenset({"revocation_epoch"})
"""Tables that every request reads outside SQLAlchemy, to check that its caches are current."""

_WORD = re.compile(r"\w+")
_CHANGED = re.compile(r'\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)')


class Tables:
    """The tables of one database that its statements read and change."""

    def __init__(self, opened: Database) -> None:
        self.looked_at: set[str] = set()
        """The tables read since this set was last emptied."""
        self.moment = 0
        """The number of transactions that have changed a table."""
        self._changed: dict[str, int] = {}
        self._pending: set[str] = set()
        engines = [opened.engine]
        if opened.dialect == "postgresql":
            engines.append(opened.reading_engine)  # on SQLite both engines share their events
            _by_engine[opened.reading_engine] = self
        for engine in engines:
            event.listen(engine, "before_cursor_execute", self._execute)
            event.listen(engine, "commit", self._commit)
            event.listen(engine, "rollback", self._roll_back)

    @property
    def touched(self) -> frozenset[str]:
        """The tables that a transaction wrote to, even with the same values."""
        return frozenset(self._changed)

    def forget(self) -> None:
        """Start again as if no table had changed."""
        self._changed.clear()
        self.moment = 0

    def unchanged(self, names: Iterable[str], since: int = 0) -> bool:
        """Return true if none of these tables has changed since that moment."""
        return all(self._changed.get(name, 0) <= since for name in names)

    def note(self, text: str) -> None:
        """Record the tables that a statement names."""
        named, changed = _named(text)
        self.looked_at |= named
        self._pending |= changed

    def _execute(self, _connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        self.note(text)

    def _commit(self, _connection: Any) -> None:
        if self._pending:
            self.moment += 1
            self._changed |= dict.fromkeys(self._pending, self.moment)
            self._pending.clear()

    def _roll_back(self, _connection: Any) -> None:
        self._pending.clear()


def fingerprint(connection: sa.Connection, table: str) -> str:
    """Return a digest of all rows of a table."""
    rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"')
    texts = sorted(repr(tuple(row)) for row in rows)
    return blake2b("\n".join(texts).encode(), digest_size=16).hexdigest()


_by_engine: WeakKeyDictionary[sa.Engine, Tables] = WeakKeyDictionary()
_by_hash: dict[int, tuple[frozenset[str], frozenset[str]]] = {}


def _named(text: str) -> tuple[frozenset[str], frozenset[str]]:
    # The key is the hash, because the statements are long and many.
    found = _by_hash.get(hash(text))
    if found is None:
        tables = Base.metadata.tables
        named = frozenset(word for word in _WORD.findall(text) if word in tables)
        changed = frozenset(_CHANGED.findall(text)) & named
        if "DELETE FROM" in text:
            changed = changed.union(*map(_carried_along, changed))
        found = _by_hash[hash(text)] = named | ALWAYS, changed
    return found


@cache
def _carried_along(table: str) -> frozenset[str]:
    """Return the tables that change when rows of a table are deleted, through foreign keys."""
    direct = {
        key.parent.table.name
        for each in Base.metadata.tables.values()
        for key in each.foreign_keys
        if key.ondelete and key.column.table.name == table and each.name != table
    }
    return frozenset(direct).union(*map(_carried_along, direct))


def _execute_and_note(connection: sa.Connection, text: bytes, values: Any) -> Any:
    if watched := _by_engine.get(connection.engine):
        watched.note(text.decode())
    return _execute(connection, text, values)


# Lists are read from PostgreSQL outside SQLAlchemy's events, so that reader is wrapped.
_execute = reader.execute
reader.execute = _execute_and_note
