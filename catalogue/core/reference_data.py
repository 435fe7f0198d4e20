"""Reference data that comes with the product, as CSV files inside its packages."""

import csv
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session


def read_rows(package: str, name: str, *, folder: str = "reference") -> list[dict[str, str]]:
    """The rows of a file in a package's folder, every cell trimmed."""
    text = files(package).joinpath(folder, name).read_text(encoding="utf-8")
    return [
        {column: (cell or "").strip() for column, cell in row.items() if column is not None}
        for row in csv.DictReader(text.splitlines(keepends=True))
    ]


def count_changes(session: Session, model: type[Any], *, new: int) -> tuple[int, int]:
    """Flush, and say how many records of a model are new and how many were changed."""
    changed = sum(
        1 for each in session.dirty if isinstance(each, model) and session.is_modified(each)
    )
    session.flush()
    return new, changed
