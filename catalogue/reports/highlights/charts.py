"""SVG charts of horizontal bars. Each bar has its name and figure beside it, and a frame.

No library draws the same bytes from one release to the next, so this module draws the charts. Each
has a title, and a description with all its figures for readers who cannot see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.reports.highlights.markup import filled_in

_NAMES, _ROOM, _FIGURES, _ROW = 220, 300, 200, 30
_SHADES = ("#1d4f91", "#5b8fc9", "#7a5195")


@dataclass(frozen=True)
class Bar:
    """A bar with its name, its length and its figure."""

    name: str
    length: float
    figure: str
    whole: float | None = None
    """The length of a full bar. If None, the longest bar of the chart is full."""
    complete: bool = True
    """False if the figure leaves out parts. The frame of the bar is then dashed."""
    shade: int = 0
    """The place of the colour. The name of the bar repeats what the colour shows."""


def bars(
    title: str, description: str, rows: Sequence[Bar], *, key: str, font: str = "sans-serif"
) -> str:
    """Return a chart as SVG. `key` makes the ids of its title and description unique in the page."""
    longest = max((row.length for row in rows), default=0)

    def width(row: Bar) -> float:
        full = (longest if row.whole is None else row.whole) or 1
        return round(_ROOM * max(row.length, 0) / full, 1)

    drawn = [
        {
            "top": 4 + place * _ROW,
            # Shortened to fit. The description of the chart holds the whole name.
            "name": row.name if len(row.name) <= 28 else f"{row.name[:27]}…",
            "figure": row.figure,
            "width": width(row),
            "complete": row.complete,
            "colour": _SHADES[row.shade],
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
