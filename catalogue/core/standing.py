"""Letting a reading request in by what is remembered, and making sure before it is answered.

What a token stands for is remembered under a number in the database, which moves when a token or
client is revoked. To ask for it first costs a second journey to the database, and on a busy server
that costs as much as all else that a reading request does. So the number comes along with the
records that are read, in the same statement. If it has moved, the answer is thrown away, and the
request begins again with a full check.
"""

from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa


class HasConnection(Protocol):
    """The work under way, which opens a connection only if it is asked for one."""

    @property
    def connection(self) -> sa.Connection: ...


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

    def holds(self, work: HasConnection) -> bool:
        """Whether the request was rightly let in; looks now if the number did not come along."""
        if self.unsettled:
            row = work.connection.exec_driver_sql(self.query).first()
            self.found = int(row[0]) if row else 0
        return self.found == self.expected
