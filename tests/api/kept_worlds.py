"""Worlds for many tests: made once, copied, and written again from the copy."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from tests.api.surface import Op
from tests.api.world import World
from tests.copies import Copy
from tests.stores import Store


@dataclass(frozen=True)
class Kept:
    """A world as it was once made."""

    copy: Copy
    state: dict[str, Any]


class KeptWorlds:
    """A world for each operation, in which a request of it succeeds, and one without records."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Op | None], Kept] = {}

    def world(self, store: Store, session: Session, op: Op | None) -> World:
        """The world for an operation, as it was when it was made."""
        place = (store.name, op)
        if place not in self._kept:
            made = World(store.app, session) if op is None else self.world(store, session, None)
            if op:
                made.ready[op.name] = made.request(op)
            session.commit()
            self._kept[place] = Kept(store.copy(), made.state())
            return made
        store.clean(then=self._kept[place].copy)
        return World(store.app, session, self._kept[place].state)
