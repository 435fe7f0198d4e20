"""Delivery confidence, rated the same way wherever it is rated: red, amber or green, and why."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.errors import FieldError, constraint_message
from catalogue.core.types import enumeration
from catalogue.programmes.vocabulary import Rag

RATING = ("rag", "previous_rag", "rag_narrative", "path_to_green")
"""The recorded values that a rating is made of."""


class Rated:
    """A record whose delivery confidence is rated. A rating has a reason, and but for green a way
    back to it; the rating before stays beside it.
    """

    rag: Mapped[Rag | None] = mapped_column(enumeration(Rag))
    previous_rag: Mapped[Rag | None] = mapped_column(enumeration(Rag, name="previous_rag"))
    rag_narrative: Mapped[str | None] = mapped_column(sa.Text)
    path_to_green: Mapped[str | None] = mapped_column(sa.Text)


def rating_checks() -> tuple[sa.CheckConstraint, ...]:
    """What the table of a rated record holds to."""
    return (
        sa.CheckConstraint("rag IS NULL OR rag_narrative IS NOT NULL", name="rag_narrative"),
        sa.CheckConstraint(
            "rag IS NULL OR rag = 'green' OR path_to_green IS NOT NULL", name="path_to_green"
        ),
    )


_MISSING = {
    "rag_narrative": "A rating needs its reasons.",
    "path_to_green": "Say what will make it green.",
}


def name_rating_checks(table: str) -> None:
    """Say for people what the checks of a table mean."""
    for name, detail in _MISSING.items():
        constraint_message(
            f"ck_{table}_{name}", pointer=f"/{name}", detail=detail, code="incomplete"
        )


def keep_previous_rating(record: Any, changes: dict[str, Any]) -> None:
    """Keep the rating that these changes are about to replace."""
    if "rag" in changes and changes["rag"] is not record.rag:
        record.previous_rag = record.rag


def find_rating_faults(record: Any) -> Iterator[FieldError]:
    """What a record's rating lacks."""
    lacks = {
        "rag_narrative": record.rag is not None and not record.rag_narrative,
        "path_to_green": record.rag not in {None, Rag.GREEN} and not record.path_to_green,
    }
    for name, missing in lacks.items():
        if missing:
            yield FieldError(f"/{name}", "incomplete", _MISSING[name])
