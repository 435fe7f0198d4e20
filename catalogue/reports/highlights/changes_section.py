"""The changes section of a highlight report."""

from collections.abc import Iterator
from typing import Any

from catalogue.core.wording import day, sum_in_numbers, sum_in_pounds
from catalogue.reports.highlights.blocks import Block, Heading, Paragraph, Table
from catalogue.reports.highlights.comparison import FOLLOWED, MONEY, is_unchanged
from catalogue.reports.highlights.wording import field_value, label, rating

Document = dict[str, Any]

_KINDS = {
    "migrations": "Migration",
    "milestones": "Milestone",
    "risks": "Risk",
    "blockers": "Issue",
    "decisions": "Decision",
}


def changes_blocks(changes: Document | None, previous: Document | None) -> Iterator[Block]:
    """Yield the changes section: figures and records that differ from the previous report."""
    yield Heading("Changes since the last report")
    if changes is None or previous is None:
        yield Paragraph("There is no earlier report that every reader of this report can see.")
        return
    name = f"“{previous['title']}”, approved on {day(previous['approved_at'])}"
    if is_unchanged(changes):
        yield Paragraph(f"Nothing has changed since {name}.")
        return
    yield Paragraph(f"Compared with {name}.")
    confidence = changes["confidence"]
    if confidence:
        yield Paragraph(
            f"Delivery confidence changed from {rating(confidence['before']).lower()} "
            f"to {rating(confidence['after']).lower()}."
        )
    if changes["figures"]:
        yield Table(
            "Changed figures",
            ("Figure", "Before", "Now"),
            [
                (label(name), _figure(name, change["before"]), _figure(name, change["after"]))
                for change in changes["figures"]
                for name in (change["figure"],)
            ],
            frozenset({1, 2}),
        )
    rows = [row for kind in FOLLOWED for row in _rows(kind, changes[kind])]
    if rows:
        yield Table("Changed records", ("Name", "Kind", "Change"), rows)


def _figure(name: str, value: Any) -> str:
    if name in MONEY or name == "cost_moved":
        return sum_in_pounds(value)
    return sum_in_numbers(value) if isinstance(value, dict) else f"{value:,}"


def _rows(kind: str, changes: Document) -> Iterator[tuple[str, str, str]]:
    for record in changes["added"]:
        yield record["name"], _KINDS[kind], "New in this report"
    for record in changes["changed"]:
        descriptions = (
            f"{label(field['field'])}: {field_value(field['field'], field['before'])} → "
            f"{field_value(field['field'], field['after'])}"
            for field in record["changes"]
        )
        yield record["name"], _KINDS[kind], "; ".join(descriptions)
    for record in changes["removed"]:
        yield record["name"], _KINDS[kind], "No longer in the report"
