"""Similarity of two records in their names and descriptions: the score of a pair.

The score depends only on the two records and on weights that were computed beforehand.
"""

from dataclasses import dataclass

from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.terms import Weights, codes, joined_words, numbers, words

THRESHOLD = 0.3
"""The score from which two records count as one product, if neither has a likelier partner.

The same value serves every set of records. It is low enough for descriptions by different authors,
and high enough for two agencies that have few systems in common.
"""

SAME_CODE = 0.1
OTHER_CODE = -0.05
SAME_NUMBERS = 0.05
NO_NUMBERS = 0.3
"""The agreement of numbers that is assumed if one of two names has no number."""
SHORTEST_CODE = 4
MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class Similarity:
    """The similarity of two records, from 0 to 1, and the distinctive words that both names have."""

    score: float
    shared_terms: tuple[str, ...] = ()
    shares_code: bool = False
    """True if the two share a code of letters and digits, such as a model's, or its beginning."""


def similarity(a: Record, b: Record, weights: Weights) -> Similarity:
    """Compare two records, in either order.

    The score is the mean of three cosines, adjusted slightly for codes and numbers. The cosines
    compare letter runs of the two most similar names, and letter runs and words of the full texts.
    """
    one, other = names_of(a), names_of(b)
    if not one or not other:
        return Similarity(0.0)
    by_name = max(weights.names.cosine(x, y) for x in one for y in other)
    texts = full_text(a), full_text(b)
    cosines = by_name + weights.texts.cosine(*texts) + weights.words.cosine(*texts)
    code = _codes(one, other)
    score = cosines / 3 + code + SAME_NUMBERS * _numbers(a, b)
    shared = {word for name in one for word in joined_words(name)}
    shared &= {word for name in other for word in joined_words(name)}
    distinctive = sorted(
        (word for word in shared if weights.is_distinctive(word)),
        key=lambda word: (-weights.words.weight(word), word),
    )
    return Similarity(min(1.0, max(0.0, score)), tuple(distinctive), code > 0)


def names_of(record: Record) -> tuple[str, ...]:
    """Return the names that a system is known by: its own, its product's and its aliases."""
    names = (record.name, record.product_name, *record.aliases)
    return tuple(dict.fromkeys(name for name in names if name and words(name)))[:MOST_NAMES]


def full_text(record: Record) -> str:
    """Return the names, supplier and description of a system as one string."""
    parts = (*names_of(record), record.supplier_name, record.description)
    return " ".join(part for part in parts if part)


def _codes(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    first = frozenset().union(*map(codes, one))
    second = frozenset().union(*map(codes, other))
    if not first or not second:
        return 0.0
    if first & second:
        return SAME_CODE
    shares = [
        min(len(x), len(y)) / max(len(x), len(y))
        for x in first
        for y in second
        if min(len(x), len(y)) >= SHORTEST_CODE and (x.startswith(y) or y.startswith(x))
    ]
    return SAME_CODE * max(shares) if shares else OTHER_CODE


def _numbers(a: Record, b: Record) -> float:
    one, other = (numbers(f"{each.name} {each.version or ''}") for each in (a, b))
    return len(one & other) / len(one | other) if one and other else NO_NUMBERS
