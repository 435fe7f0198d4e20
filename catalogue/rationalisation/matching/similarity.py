"""How alike two records are called and described: the score of a pair.

It follows from the two records and from weights that were learnt beforehand, and from nothing else.
"""

from dataclasses import dataclass

from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.terms import Weights, codes, joined_words, numbers, words

THRESHOLD = 0.3
"""From which score on two records are taken for one product, if neither has a likelier partner.

One for every set of records. It was chosen low enough for descriptions by different hands, and
high enough for two agencies that have little in common.
"""

SAME_CODE = 0.1
OTHER_CODE = -0.05
SAME_NUMBERS = 0.05
NO_NUMBERS = 0.3
"""What is assumed of the agreement of numbers where one of two names has none."""
SHORTEST_CODE = 4
MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike two records are, from 0 to 1, and the telling words that both names have."""

    score: float
    shared_terms: tuple[str, ...] = ()
    shares_code: bool = False
    """Whether a word of letters and digits, such as a model's, is in both or begins one of both."""


def similarity(a: Record, b: Record, weights: Weights) -> Similarity:
    """Compare two records; the order of the two does not matter.

    The mean of three cosines (runs of letters of the likeliest two names; runs of letters, and
    words, of all that is said), and a little more or less for codes and numbers that agree or not.
    """
    one, other = names_of(a), names_of(b)
    if not one or not other:
        return Similarity(0.0)
    called = max(weights.names.cosine(x, y) for x in one for y in other)
    said, said_too = full_text(a), full_text(b)
    cosines = called + weights.texts.cosine(said, said_too) + weights.words.cosine(said, said_too)
    code = _codes(one, other)
    score = cosines / 3 + code + SAME_NUMBERS * _numbers(a, b)
    shared = {word for name in one for word in joined_words(name)}
    shared &= {word for name in other for word in joined_words(name)}
    telling = sorted(
        (word for word in shared if weights.is_distinctive(word)),
        key=lambda word: (-weights.words.weight(word), word),
    )
    return Similarity(min(1.0, max(0.0, score)), tuple(telling), code > 0)


def names_of(record: Record) -> tuple[str, ...]:
    """What a system may be known by: its own name, its product's and its aliases."""
    names = (record.name, record.product_name, *record.aliases)
    return tuple(dict.fromkeys(name for name in names if name and words(name)))[:MOST_NAMES]


def full_text(record: Record) -> str:
    """All that is said of a system."""
    said = (*names_of(record), record.supplier_name, record.description)
    return " ".join(part for part in said if part)


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
