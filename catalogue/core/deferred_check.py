"""Deferred token check: one round trip to PostgreSQL for a request that reads, not two.

What a token stands for is cached under the permissions version, a number in the database that moves
when anything is revoked. Asking for the number first would cost a round trip of its own. So a
request that reads is let in on what is cached, and the number comes along as one more column of the
records that it reads. If the number has moved, the answer is thrown away, and the request begins
again with a full check. No answer is ever sent before the check.

At a round trip of 0.5 ms this takes a third off the time to read one record: see the ADR "What is
kept for speed". On SQLite, and with an external issuer, nothing is deferred.
"""

from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa


class HasConnection(Protocol):
    """A unit of work, which opens a connection only if it is asked for one."""

    @property
    def connection(self) -> sa.Connection: ...


@dataclass
class DeferredCheck:
    """A query for a number, and the number that it must give for the answer to be sent."""

    query: str = ""
    expected: int | None = None
    observed: int | None = None

    @property
    def is_pending(self) -> bool:
        """Whether there is something to check, and nobody has looked yet."""
        return self.expected is not None and self.observed is None

    def passes(self, work: HasConnection) -> bool:
        """Whether the request was rightly let in; looks now if the number did not come along."""
        if self.is_pending:
            row = work.connection.exec_driver_sql(self.query).first()
            self.observed = int(row[0]) if row else 0
        return self.observed == self.expected
