"""Selection of pairs from a table of scores, one-to-one or by threshold alone."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.matchers.sets import MatchingSet, Pair


def one_to_one(scores: np.ndarray, records: MatchingSet, least: float) -> list[Pair]:
    """Choose pairs that share no record, for the highest sum of their scores above `least`."""
    gains = np.maximum(_listed_scores(scores, records) - least, 0.0)
    return [
        (int(i), int(j))
        for i, j in zip(*linear_sum_assignment(gains, maximize=True), strict=True)
        if gains[i, j] > 0
    ]


def above(scores: np.ndarray, records: MatchingSet, least: float) -> list[Pair]:
    """Choose every pair with a score above `least`, even if pairs share records."""
    return [
        (int(i), int(j))
        for i, j in zip(*np.nonzero(_listed_scores(scores, records) > least), strict=True)
    ]


def _listed_scores(scores: np.ndarray, records: MatchingSet) -> np.ndarray:
    if records.listed is None:
        return scores
    listed = np.full_like(scores, -np.inf)
    for i, j in records.listed:
        listed[i, j] = scores[i, j]
    return listed
