"""The parts of a report that its lead agency wrote."""

from collections.abc import Iterator
from typing import Any

from catalogue.reports.highlights.blocks import Paragraph


def written(document: dict[str, Any], *names: str) -> Iterator[Paragraph]:
    """Yield the named parts that have a text."""
    for name in names:
        if document["narrative"][name]:
            yield Paragraph(document["narrative"][name])
