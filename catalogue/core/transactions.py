"""Transactions that run again when the database has ended them for the sake of another.

PostgreSQL ends a transaction that waits in a circle with others (a deadlock), or whose snapshot no
longer fits. It has then changed nothing, so the work can run again from its start.
"""

import time
from collections.abc import Callable
from random import uniform
from typing import TypeVar

import sqlalchemy as sa

from catalogue.core.database import Database, UnitOfWork

REPEATABLE = frozenset({"40001", "40P01"})
"""The SQLSTATE codes of a serialisation failure and of a deadlock."""

MOST_RUNS = 6
LONGEST_FIRST_PAUSE = 0.05
"""In seconds. The longest pause doubles with each run."""

_Result = TypeVar("_Result")


def run_in_transaction(database: Database, run: Callable[[UnitOfWork], _Result]) -> _Result:
    """Run work in one transaction, commit it, and return the result.

    After a deadlock or a serialisation failure the work runs again, in a new unit of work.
    """
    runs = 1
    while True:
        with UnitOfWork(database, read_only=False) as work:
            try:
                result = run(work)
                work.session.commit()
                return result
            except sa.exc.DBAPIError as error:
                if runs == MOST_RUNS or not is_repeatable(error):
                    raise
                work.session.rollback()
        # Of a random length, so that the same transactions do not meet again.
        time.sleep(uniform(0, LONGEST_FIRST_PAUSE * 2 ** (runs - 1)))  # noqa: S311
        runs += 1


def is_repeatable(error: sa.exc.DBAPIError) -> bool:
    """Return whether the work of a transaction can run again after its error."""
    return getattr(error.orig, "sqlstate", None) in REPEATABLE
