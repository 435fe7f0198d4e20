"""What a document is made of, whichever form it is printed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from catalogue.reports.highlights.charts import Bar


@dataclass(frozen=True)
class Heading:
    """A heading; the first level is the title's."""

    kind: ClassVar = "heading"
    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph. What somebody wrote keeps its lines."""

    kind: ClassVar = "paragraph"
    text: str


@dataclass(frozen=True)
class Rating:
    """A rating: in words, and in a colour that adds nothing to them."""

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
    """A table. The first cell of each row is its heading; figures stand to the right."""

    kind: ClassVar = "table"
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Chart:
    """Bars, whose figures follow as a table."""

    kind: ClassVar = "chart"
    title: str
    description: str
    bars: Sequence[Bar]

    @property
    def as_table(self) -> Table:
        """The figures of its bars."""
        return Table(
            f"{self.title}: the figures",
            ("What", "Figure"),
            [(bar.name, bar.figure) for bar in self.bars],
            frozenset({1}),
        )


Block = Heading | Paragraph | Rating | Facts | Table | Chart
