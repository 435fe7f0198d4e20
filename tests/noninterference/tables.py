"""Which tables a request looks at, and which tables have changed.

An answer is made of what the request looks at. As long as nothing of that has changed, the same
request has the same answer, and need not be sent again.
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
"""Every request looks at it past SQLAlchemy, to learn whether what it remembers still holds."""

_WORD = re.compile(r"\w+")
_CHANGED = re.compile(r'\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)')


class Tables:
    """The tables of one database, as its statements name them."""

    def __init__(self, opened: Database) -> None:
        self.looked_at: set[str] = set()
        """Since somebody emptied this."""
        self.moment = 0
        """How many transactions have changed something."""
        self._changed: dict[str, int] = {}
        self._pending: set[str] = set()
        engines = [opened.engine]
        if opened.dialect == "postgresql":
            engines.append(opened.reading_engine)  # on SQLite it hears what the other hears
            _by_engine[opened.reading_engine] = self
        for engine in engines:
            event.listen(engine, "before_cursor_execute", self._execute)
            event.listen(engine, "commit", self._commit)
            event.listen(engine, "rollback", self._roll_back)

    @property
    def touched(self) -> frozenset[str]:
        """The tables that a transaction has written to, be it with the same values."""
        return frozenset(self._changed)

    def forget(self) -> None:
        """Begin again: nothing has been written to."""
        self._changed.clear()
        self.moment = 0

    def unchanged(self, names: Iterable[str], since: int = 0) -> bool:
        """Whether none of these tables has changed since that moment."""
        return all(self._changed.get(name, 0) <= since for name in names)

    def note(self, text: str) -> None:
        """Note what a statement names."""
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
    """A digest of all rows of a table."""
    rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"')
    texts = sorted(repr(tuple(row)) for row in rows)
    return blake2b("\n".join(texts).encode(), digest_size=16).hexdigest()


_by_engine: WeakKeyDictionary[sa.Engine, Tables] = WeakKeyDictionary()
_by_hash: dict[int, tuple[frozenset[str], frozenset[str]]] = {}


def _named(text: str) -> tuple[frozenset[str], frozenset[str]]:
    # By the hash, since the texts are long and many.
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
    """The tables whose rows go, or lose a reference, when rows of a table are deleted."""
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


# What reads lists from PostgreSQL goes past SQLAlchemy's events.
_execute = reader.execute
reader.execute = _execute_and_note
