"""From a table of scores to pairs: nobody twice, or everybody above the threshold."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.matchers.sets import MatchingSet, Pair


def one_to_one(scores: np.ndarray, records: MatchingSet, least: float) -> list[Pair]:
    """The pairs in which nobody is twice and whose scores above the least add up to the most."""
    worth = np.maximum(_asked(scores, records) - least, 0.0)
    return [
        (int(i), int(j))
        for i, j in zip(*linear_sum_assignment(worth, maximize=True), strict=True)
        if worth[i, j] > 0
    ]


def above(scores: np.ndarray, records: MatchingSet, least: float) -> list[Pair]:
    """Every pair with more than the least score, whoever else its two are paired with."""
    return [
        (int(i), int(j)) for i, j in zip(*np.nonzero(_asked(scores, records) > least), strict=True)
    ]


def _asked(scores: np.ndarray, records: MatchingSet) -> np.ndarray:
    if records.listed is None:
        return scores
    kept = np.full_like(scores, -np.inf)
    for i, j in records.listed:
        kept[i, j] = scores[i, j]
    return kept
