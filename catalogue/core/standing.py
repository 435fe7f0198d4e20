"""Letting a reading request in by what is remembered, and making sure before it is answered.

What a token stands for is remembered under a number in the database, which moves when a token or
client is revoked. To ask for it first costs a second journey to the database, and on a busy server
that costs as much as all else that a reading request does. So the number comes along with the
records that are read, in the same statement. If it has moved, the answer is thrown away, and the
request begins again with a full check.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response
from sqlalchemy.orm import Session

from catalogue.core.database import connection_of, session

_KEY = "standing"


@dataclass
class Standing:
    """The condition that a request was let in under: a query for a number, and what it must give."""

    query: str = ""
    expected: int | None = None
    found: int | None = None

    def rely_on(self, query: str, expected: int) -> None:
        """Let the request go on, provided that the query gives this number."""
        self.query, self.expected = query, expected

    @property
    def unsettled(self) -> bool:
        """Whether there is a condition, and nobody has looked yet."""
        return self.expected is not None and self.found is None

    def holds(self, opened: Session) -> bool:
        """Whether the request was rightly let in."""
        if self.unsettled:
            row = connection_of(opened).exec_driver_sql(self.query).first()
            self.found = int(row[0]) if row else 0
        return self.found == self.expected


def standing_of(opened: Session) -> Standing | None:
    """The condition of the request under way; None where nobody may be let in under one."""
    found = opened.info.get(_KEY)
    return found if isinstance(found, Standing) else None


def current_standing() -> Standing | None:
    """The condition of the current session's request, if it may be let in under one."""
    try:
        return standing_of(session())
    except LookupError:
        return None


def read_in_good_standing(opened: Session, read: Callable[[], Response]) -> Response:
    """What `read` answers or raises. It authenticates, and may do so under a condition; when that
    turns out not to hold, it is run once more, and then may not.
    """
    standing = opened.info[_KEY] = Standing()
    try:
        answer = read()
    except Exception:
        if standing.holds(opened):
            raise
    else:
        if standing.holds(opened):
            return answer
    del opened.info[_KEY]
    return read()
