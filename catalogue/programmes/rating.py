"""Delivery confidence of programmes, waves, migrations and board records: red, amber or green."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.errors import FieldError, constraint_message
from catalogue.core.types import enumeration
from catalogue.programmes.vocabulary import Rag

RATING = ("rag", "previous_rag", "rag_narrative", "path_to_green")
"""The names of the fields that make up a rating."""


class Rated:
    """A record with a delivery confidence rating.

    A rating needs reasons, and amber and red need a path to green. The previous rating is kept.
    """

    rag: Mapped[Rag | None] = mapped_column(enumeration(Rag))
    previous_rag: Mapped[Rag | None] = mapped_column(enumeration(Rag, name="previous_rag"))
    rag_narrative: Mapped[str | None] = mapped_column(sa.Text)
    path_to_green: Mapped[str | None] = mapped_column(sa.Text)


def rating_checks() -> tuple[sa.CheckConstraint, ...]:
    """Return the check constraints of a rated table."""
    return (
        sa.CheckConstraint("rag IS NULL OR rag_narrative IS NOT NULL", name="rag_narrative"),
        sa.CheckConstraint(
            "rag IS NULL OR rag = 'green' OR path_to_green IS NOT NULL", name="path_to_green"
        ),
    )


_MISSING = {
    "rag_narrative": "The rating has no reasons. Explain the rating in `rag_narrative`.",
    "path_to_green": "The path to green is missing. Describe in `path_to_green` what will turn the rating green.",
}


def name_rating_checks(table: str) -> None:
    """Register the error messages of a rated table's constraints."""
    for name, detail in _MISSING.items():
        constraint_message(
            f"ck_{table}_{name}", pointer=f"/{name}", detail=detail, code="incomplete"
        )


def keep_previous_rating(record: Any, changes: dict[str, Any]) -> None:
    """Copy the rating to `previous_rag` if these changes replace it."""
    if "rag" in changes and changes["rag"] is not record.rag:
        record.previous_rag = record.rag


def find_rating_faults(record: Any) -> Iterator[FieldError]:
    """Yield an error for each missing part of a record's rating."""
    missing = {
        "rag_narrative": record.rag is not None and not record.rag_narrative,
        "path_to_green": record.rag not in {None, Rag.GREEN} and not record.path_to_green,
    }
    for name, is_missing in missing.items():
        if is_missing:
            yield FieldError(f"/{name}", "incomplete", _MISSING[name])
