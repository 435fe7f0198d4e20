"""Content negotiation by the header `Accept` (RFC 9110, section 12.5.1), as libraries write it.

Parameters such as `charset=utf-8` do not matter, because each media type has one form. A part that
cannot be read is skipped. If no part can be read, the client accepts everything.
"""

import math
import re
from collections.abc import Iterator, Sequence

from flask import request

from catalogue.core.errors import PROBLEM_JSON

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_RANGE = re.compile(r"([!#$%&'*+.^_`|~0-9a-z-]+)/([!#$%&'*+.^_`|~0-9a-z-]+)")
_WEIGHT = re.compile(r"\s*q\s*=\s*(.*?)\s*", re.IGNORECASE)


def best_media(media: Sequence[str]) -> str | None:
    """Return the media type that the client prefers, or None if it accepts none of them.

    Where the client prefers several alike, the order of the header decides, and then of `media`.
    """
    accepted = request.headers.get("Accept")
    if accepted is None or accepted in {"*/*", media[0]}:
        return media[0]
    ranges = list(_ranges(accepted))
    if not ranges:
        return media[0]
    ranked = [(_rank(name, ranges), name) for name in media]
    (weight, _, _), best = max(ranked, key=lambda rank: rank[0])
    if weight > 0:
        return best
    # For an operation without JSON, generated clients accept only the type of problem documents.
    # They can read the result all the same, so they get its first form.
    explicit = [weight for name, weight in ranges if name == PROBLEM_JSON]
    return media[0] if explicit and max(explicit) > 0 else None


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    """Read the media ranges of the header, each with its weight."""
    for part in _QUOTED.sub('""', header).split(","):
        name, *parameters = part.split(";")
        name = name.strip().lower()
        # The client of Java's standard library sends a single asterisk.
        name = "*/*" if name == "*" else name
        if _RANGE.fullmatch(name):
            yield name, _weight(parameters)


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        found = _WEIGHT.fullmatch(parameter)
        if found:
            try:
                weight = float(found[1])
            except ValueError:
                return 1.0
            return 1.0 if math.isnan(weight) else min(max(weight, 0.0), 1.0)
    return 1.0


def _rank(media: str, ranges: list[tuple[str, float]]) -> tuple[float, int, int]:
    """Return the weight of a media type, and how specific and how early its range is.

    The most specific range decides, so `application/json;q=0, */*` excludes JSON.
    """
    wholly, of_type = media, media.partition("/")[0] + "/*"
    matching = [
        ({wholly: 2, of_type: 1, "*/*": 0}[name], weight, -place)
        for place, (name, weight) in enumerate(ranges)
        if name in {wholly, of_type, "*/*"}
    ]
    specificity, weight, place = max(matching, default=(0, 0.0, 0))
    return weight, specificity, place
