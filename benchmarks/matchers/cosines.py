"""Cosines of TF-IDF vectors, which are computed from both sides of a set."""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.matchers.assignment import one_to_one
from benchmarks.matchers.sets import MatchingSet, Pair
from catalogue.rationalisation.matching.terms import numbers

LETTERS = 0.35
MEAN = 0.35
NUMBERS = 0.05
"""The weight of the numbers in common, which are added to the mean."""


Texts = Callable[[MatchingSet], tuple[list[str], list[str]]]


def by_letters(records: MatchingSet) -> list[Pair]:
    """Match by runs of three letters of the names."""
    return one_to_one(_letters(records, _names), records, LETTERS)


def by_all(records: MatchingSet) -> list[Pair]:
    """Match by the mean of three cosines of names and full texts, and by the numbers in names."""
    return one_to_one(mean(records), records, MEAN)


def mean(records: MatchingSet) -> np.ndarray:
    """Return the similarity of each pair: the mean of the cosines, and the weighted numbers."""
    tables = [
        _letters(records, _names),
        _letters(records, _full_texts),
        _words(records, _full_texts),
    ]
    scores: np.ndarray = sum(tables) / len(tables) + NUMBERS * _numbers(records)
    return scores


def _names(records: MatchingSet) -> tuple[list[str], list[str]]:
    return [item.name for item in records.left], [item.name for item in records.right]


def _full_texts(records: MatchingSet) -> tuple[list[str], list[str]]:
    return [item.full_text for item in records.left], [item.full_text for item in records.right]


def _letters(records: MatchingSet, texts: Texts) -> np.ndarray:
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), sublinear_tf=True)
    return _cosines(vectorizer, *texts(records))


def _words(records: MatchingSet, texts: Texts) -> np.ndarray:
    vectorizer = TfidfVectorizer(token_pattern=r"[^\W_]+", sublinear_tf=True)
    return _cosines(vectorizer, *texts(records))


def _cosines(vectorizer: TfidfVectorizer, left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    vectorizer.fit([*left, *right])
    cosines: np.ndarray = (vectorizer.transform(left) @ vectorizer.transform(right).T).toarray()
    return cosines


def _numbers(records: MatchingSet) -> np.ndarray:
    """Return the share of numbers that two names have in common, or 0.3 if a name has none."""
    sides = [[numbers(item.name) for item in side] for side in (records.left, records.right)]
    return np.array(
        [[len(a & b) / len(a | b) if a and b else 0.3 for b in sides[1]] for a in sides[0]]
    )
