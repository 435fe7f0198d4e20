"""Declarations of the differences between the two worlds, which the actors cannot see."""

from dataclasses import dataclass
from typing import Any

from tests.noninterference.worlds import Difference, Step

DIFFERENCES: list[Difference] = []

IN_REPORTS = ("content_hash", "json_sha256", "html_sha256", "pdf_sha256")
REPORTS = ("get_highlight_report_html", "get_highlight_report_pdf")
"""Operations that return a report, which states how many records its readers cannot see."""


@dataclass(frozen=True)
class AllowedDifference:
    """A difference that the product shows by design, in these fields and nowhere else."""

    difference: Difference
    fields: frozenset[str]
    reason: str
    operations: frozenset[str] = frozenset()
    """Operations that show more than these fields, such as a change in a history.

    They still must not name a hidden record, unless the actor saw it once.
    """
    once_seen: bool = False
    """True if the actor saw the records for a while, so that the feed withdraws them."""

    def __str__(self) -> str:
        return self.difference.name


ALLOWED: list[AllowedDifference] = []
"""The exceptions to the rule that no response depends on hidden records."""


def allowed(
    after: str,
    *fields: str,
    reason: str,
    operations: tuple[str, ...] = (),
    once_seen: bool = False,
) -> Any:
    """Declare a difference that the product shows by design."""

    def declare(function: Step) -> Step:
        called = function.__name__.replace("_", " ")
        made = Difference(called, after, function)
        shown = frozenset(fields), reason, frozenset(operations), once_seen
        ALLOWED.append(AllowedDifference(made, *shown))
        return function

    return declare


def difference(after: str, name: str = "") -> Any:
    """Declare a hidden difference, and the step of the scenario that it follows."""

    def declare(function: Step) -> Step:
        called = name or function.__name__.replace("_", " ")
        DIFFERENCES.append(Difference(called, after, function))
        return function

    return declare
