"""Declaring what one of the two worlds has, and the actors of the walk may not see."""

from dataclasses import dataclass
from typing import Any

from tests.noninterference.worlds import Difference, Step

DIFFERENCES: list[Difference] = []

IN_REPORTS = ("content_hash", "json_sha256", "html_sha256", "pdf_sha256")
REPORTS = ("get_highlight_page", "get_highlight_pdf")
"""A report says how much there is that its readers may not see. So do its hashes and its papers."""


@dataclass(frozen=True)
class Told:
    """A difference that the product tells of, by design: in these fields and nowhere else."""

    difference: Difference
    fields: frozenset[str]
    reason: str
    operations: frozenset[str] = frozenset()
    """Those that tell more than fields of it, such as that something became of a record: of these,
    no more is asked than that nothing leads to what is hidden."""

    def __str__(self) -> str:
        return self.difference.name


TOLD: list[Told] = []
"""All exceptions that there are to the rule that nothing tells of what is hidden."""


def told(after: str, *fields: str, reason: str, operations: tuple[str, ...] = ()) -> Any:
    """Declare an exception."""

    def declare(function: Step) -> Step:
        called = function.__name__.replace("_", " ")
        made = Difference(called, after, function)
        TOLD.append(Told(made, frozenset(fields), reason, frozenset(operations)))
        return function

    return declare


def difference(after: str, name: str = "") -> Any:
    """Declare a difference, and the step of the script that it follows."""

    def declare(function: Step) -> Step:
        called = name or function.__name__.replace("_", " ")
        DIFFERENCES.append(Difference(called, after, function))
        return function

    return declare
