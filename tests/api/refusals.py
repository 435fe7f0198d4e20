"""What a refused request must look like, and that it leaves everything as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from catalogue.core.application import database
from catalogue.core.database import Base
from tests.api.surface import PROBLEM, Op, conforms
from tests.copies import Copy
from tests.stores import tables_with_rows


def problem_of(answer: TestResponse, status: int, op: Op | None = None) -> Any:
    """The problem document of an answer that refuses, which must be a documented one."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == PROBLEM
    assert op is None or status in op.failures, f"{op} does not document {status}"
    problem: Any = answer.json
    assert conforms(problem, {"$ref": "#/components/schemas/Problem"}) == []
    assert problem["status"] == status
    assert problem["type"].startswith("urn:catalogue:problem:")
    return problem


def pointers(problem: Any) -> list[str]:
    """What a problem points to."""
    return [error["pointer"] for error in problem.get("errors", [])]


@contextmanager
def unchanged(app: Flask) -> Iterator[None]:
    """Nothing that happens within changes a row of any table."""
    before = contents(app)
    yield
    after = contents(app)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    assert changed == []


def contents(app: Flask) -> dict[str, set[Any]]:
    """Every row of every table that is not empty."""
    with database(app).reading_engine.connect() as connection:
        filled = tables_with_rows(connection, tuple(Base.metadata.sorted_tables))
        rows = Copy.of(connection, filled).rows
    return {table.name: set(found) for table, found in rows.items()}
