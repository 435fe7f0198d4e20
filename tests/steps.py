"""Steps that many tests begin with, such as a sign-in: taken once, and then written again as rows.

The audit log's last digest stands for all that happened before a step. A step is therefore written
again only in a store where the same things happened in the same order.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.history.models import HistoryHead
from tests.copies import Copy
from tests.stores import Store

Value = TypeVar("Value")
HEAD = HistoryHead.__table__


@dataclass(frozen=True)
class Taken(Generic[Value]):
    """The rows that a step added, and its value."""

    added: Copy
    value: Value


class Steps:
    """The steps that tests have taken on one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._taken: dict[Hashable, Taken[Any] | None] = {}

    def take(self, session: Session, name: Hashable, step: Callable[[], Value]) -> Value:
        """Return the value of a step, which is taken only once from the same position.

        A step that changes or deletes rows is always taken again.
        """
        session.commit()
        place = (self._position(), clock._frozen, name)
        if place not in self._taken:
            before = self._store.copy()
            value = step()
            session.commit()
            added = self._store.copy().since(before, replaced=HEAD)
            self._taken[place] = Taken(added, value) if added else None
            return value
        taken = self._taken[place]
        if taken is None:
            return step()
        with self._store.row_engine.connect() as connection:
            connection.execute(sa.delete(HEAD))
            taken.added.write(connection)
            connection.commit()
        session.expire_all()
        return taken.value

    def _position(self) -> str:
        with self._store.row_engine.connect() as connection:
            digest: str = connection.scalar(sa.select(HEAD.c.digest))
        return digest
