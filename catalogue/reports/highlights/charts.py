"""SVG charts of horizontal bars. Each bar has its name and figure beside it.

No library draws the same bytes from one release to the next, so this module draws the charts. Each
has a title and a description for readers who cannot see it, and a table with its figures follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.reports.highlights.markup import filled_in

_NAMES, _ROOM, _FIGURES, _ROW = 220, 370, 130, 30


@dataclass(frozen=True)
class Bar:
    """A bar with its name, its length, its figure and the part of the length that is filled."""

    name: str
    length: float
    figure: str
    filled: float | None = None


def bars(
    title: str, description: str, rows: Sequence[Bar], *, key: str, font: str = "sans-serif"
) -> str:
    """Return a chart as SVG. `key` makes the ids of its title and description unique in the page."""
    longest = max((row.length for row in rows), default=0) or 1

    def width(length: float) -> float:
        return round(_ROOM * max(length, 0) / longest, 1)

    drawn = [
        {
            "top": 4 + place * _ROW,
            # Shortened to fit. The table after the chart shows the whole name.
            "name": row.name if len(row.name) <= 28 else f"{row.name[:27]}…",
            "figure": row.figure,
            "width": width(row.length),
            "filled": width(row.length if row.filled is None else row.filled),
            "is_divided": row.filled is not None,
        }
        for place, row in enumerate(rows)
    ]
    return filled_in(
        "chart.svg",
        title=title,
        description=description,
        rows=drawn,
        names=_NAMES,
        room=_ROOM,
        figures=_FIGURES,
        height=_ROW * len(rows) + 8,
        key=key,
        font=font,
    )
