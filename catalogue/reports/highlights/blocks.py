"""The blocks of a report's document, which HTML and PDF share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from catalogue.reports.highlights.charts import Bar


@dataclass(frozen=True)
class Heading:
    """A heading. The title of the report has the first level."""

    kind: ClassVar = "heading"
    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, which keeps its line ends."""

    kind: ClassVar = "paragraph"
    text: str


@dataclass(frozen=True)
class Rating:
    """A rating in words, and in a colour that adds nothing to them."""

    kind: ClassVar = "rating"
    label: str
    rag: str | None
    words: str


@dataclass(frozen=True)
class Facts:
    """Names with their values."""

    kind: ClassVar = "facts"
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """A table. The first cell of each row is its heading. Columns in `figures` align right."""

    kind: ClassVar = "table"
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Chart:
    """A bar chart. A table follows with the figures, for readers who cannot see the chart."""

    kind: ClassVar = "chart"
    title: str
    description: str
    bars: Sequence[Bar]
    columns: tuple[str, str] = field(default=("Item", "Figure"))
    table: Table | None = None
    """A table that holds the figures and more. Without one, the figures become a table."""

    @property
    def as_table(self) -> Table:
        """The table that follows the chart."""
        return self.table or Table(
            f"Figures: {self.title}",
            self.columns,
            [(bar.name, bar.figure) for bar in self.bars],
            frozenset({1}),
        )


Block = Heading | Paragraph | Rating | Facts | Table | Chart
