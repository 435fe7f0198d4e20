"""The parts of a highlight report that the lead agency wrote."""

from collections.abc import Iterator
from typing import Any

from catalogue.reports.highlights.blocks import Paragraph


def written(document: dict[str, Any], *names: str) -> Iterator[Paragraph]:
    """Yield a paragraph for each named part, except parts without text."""
    for name in names:
        if document["narrative"][name]:
            yield Paragraph(document["narrative"][name])
