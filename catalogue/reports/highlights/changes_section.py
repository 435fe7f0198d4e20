"""What changed since the last report, in words."""

from collections.abc import Iterator
from typing import Any

from catalogue.reports.highlights.blocks import Block, Heading, Paragraph, Table
from catalogue.reports.highlights.comparison import FOLLOWED, is_unchanged
from catalogue.reports.highlights.wording import day, rating, said, value

Document = dict[str, Any]


def changes_said(changes: Document | None, previous: Document | None) -> Iterator[Block]:
    """The section of a report about what changed since the one before."""
    yield Heading("What changed since the last report")
    if changes is None or previous is None:
        yield Paragraph("There is no earlier report that everybody who reads this one may read.")
        return
    since = f"“{previous['title']}”, approved on {day(previous['approved_at'])}"
    if is_unchanged(changes):
        yield Paragraph(f"Nothing has changed since {since}.")
        return
    yield Paragraph(f"Compared with {since}.")
    confidence = changes["confidence"]
    if confidence:
        yield Paragraph(
            f"Delivery confidence is {rating(confidence['after'])}; "
            f"it was {rating(confidence['before'])}."
        )
    if changes["figures"]:
        yield Table(
            "Figures that changed",
            ("Figure", "Before", "Now"),
            [(said(e["figure"]), str(e["before"]), str(e["after"])) for e in changes["figures"]],
            frozenset({1, 2}),
        )
    rows = [row for kind in FOLLOWED for row in _rows(kind, changes[kind])]
    if rows:
        yield Table("Records that changed", ("What", "Kind", "Change"), rows)


def _rows(kind: str, changed: Document) -> Iterator[tuple[str, str, str]]:
    one = said(kind.removesuffix("s"))
    for each in changed["added"]:
        yield each["name"], one, "New in the report"
    for each in changed["changed"]:
        told = (
            f"{said(field['field'])}: {value(field['field'], field['before'])} → "
            f"{value(field['field'], field['after'])}"
            for field in each["changes"]
        )
        yield each["name"], one, "; ".join(told)
    for each in changed["gone"]:
        yield each["name"], one, "No longer in the report"
