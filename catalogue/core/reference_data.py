"""Reference data that comes with the product, in CSV files inside its packages."""

import csv
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session


def read_rows(package: str, name: str, *, folder: str = "reference") -> list[dict[str, str]]:
    """Read the rows of a file in a package's folder, with trimmed cells."""
    text = files(package).joinpath(folder, name).read_text(encoding="utf-8")
    return [
        {column: (cell or "").strip() for column, cell in row.items() if column is not None}
        for row in csv.DictReader(text.splitlines(keepends=True))
    ]


def count_changes(session: Session, model: type[Any], *, new: int) -> tuple[int, int]:
    """Flush, and return `new` and the number of changed records of a model."""
    changed = sum(
        1 for record in session.dirty if isinstance(record, model) and session.is_modified(record)
    )
    session.flush()
    return new, changed
