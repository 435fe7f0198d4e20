"""The blocks that make up a highlight report, in HTML and in PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from catalogue.reports.highlights.charts import Bar


@dataclass(frozen=True)
class Heading:
    """A heading. Level 1 is the title of the report."""

    kind: ClassVar = "heading"
    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph that keeps its line breaks."""

    kind: ClassVar = "paragraph"
    text: str


@dataclass(frozen=True)
class Rating:
    """A rating in words. The colour repeats the words, for readers who can see it."""

    kind: ClassVar = "rating"
    label: str
    rag: str | None
    words: str


@dataclass(frozen=True)
class Facts:
    """Named values, such as the period and the audience of the report."""

    kind: ClassVar = "facts"
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """A table. The first cell of a row is its heading. `figures` lists the right-aligned columns."""

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
    columns: tuple[str, str] = ("Item", "Figure")
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
