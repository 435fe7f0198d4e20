"""What a document is made of, whichever form it is printed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.reports.highlights.charts import Bar


@dataclass(frozen=True)
class Heading:
    """A heading; the first level is the title's."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph. What somebody wrote keeps its lines."""

    text: str


@dataclass(frozen=True)
class Rating:
    """A rating: in words, and in a colour that adds nothing to them."""

    label: str
    rag: str | None
    words: str


@dataclass(frozen=True)
class Facts:
    """Names with their values."""

    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """A table. The first cell of each row is its heading; figures stand to the right."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Chart:
    """Bars, whose figures follow as a table."""

    title: str
    description: str
    bars: Sequence[Bar]


Block = Heading | Paragraph | Rating | Facts | Table | Chart
