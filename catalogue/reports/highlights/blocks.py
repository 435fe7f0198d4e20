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
    """A bar chart. Its description holds all its figures, for readers who cannot see it."""

    kind: ClassVar = "chart"
    title: str
    description: str
    bars: Sequence[Bar]
    table: Table | None = None
    """A table that follows, if there is more to show than the figures of the bars."""


Block = Heading | Paragraph | Rating | Facts | Table | Chart
