"""Edit distances, computed by rapidfuzz."""

from collections.abc import Callable

import numpy as np
from rapidfuzz import fuzz, process, utils

from benchmarks.matchers.assignment import one_to_one
from benchmarks.matchers.sets import MatchingSet, Pair

WRATIO = 50
TOKEN_SET = 60


def by_wratio(records: MatchingSet) -> list[Pair]:
    """Match by the best of several ratios."""
    return one_to_one(ratios(records, fuzz.WRatio), records, WRATIO)


def by_token_set(records: MatchingSet) -> list[Pair]:
    """Match by the ratio of the common words."""
    return one_to_one(ratios(records, fuzz.token_set_ratio), records, TOKEN_SET)


def ratios(records: MatchingSet, scorer: Callable[..., float]) -> np.ndarray:
    """Return the ratio of each pair of names, from 0 to 100."""
    left, right = (
        [utils.default_process(item.name) for item in side]
        for side in (records.left, records.right)
    )
    return np.asarray(process.cdist(left, right, scorer=scorer, dtype=np.float64))
