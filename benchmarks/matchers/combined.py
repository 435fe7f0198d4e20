"""The mean of the cosines and of Splink's match weight, one-to-one."""

import numpy as np

from benchmarks.matchers import cosines, probabilities
from benchmarks.matchers.assignment import one_to_one
from benchmarks.matchers.sets import MatchingSet, Pair

THRESHOLD = 0.4
LOWEST, HIGHEST = -10, 30
"""The match weights of Splink that count as 0 and as 1."""


def both(records: MatchingSet) -> list[Pair]:
    """Match by the mean of the similarity and Splink's likelihood."""
    weights = probabilities.match_weights(records, probabilities.shared_letters())
    likely = np.clip((weights - LOWEST) / (HIGHEST - LOWEST), 0.0, 1.0)
    return one_to_one((cosines.mean(records) + likely) / 2, records, THRESHOLD)
