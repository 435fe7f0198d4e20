"""Splink on DuckDB: the probability that two records are one, learnt without labels.

Its parameters are those of two lists, so a score changes with the other records of both.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.matchers.assignment import above, one_to_one
from benchmarks.matchers.sets import Item, MatchingSet, Pair
from catalogue.rationalisation.matching.terms import codes, joined_runs, numbers, words

LIKELY = 5.0
"""The binary logarithm of the odds: the two are one at 32 to 1."""
UNCOMPARED = -100.0
PRIOR = 1 / 1000
SEED = 20261122
SAMPLE = 3e5
RARE, UNCOMMON = 4, 20
"""In how many texts of both sides a word is met at most to be rare, or uncommon."""


def by_letters(records: MatchingSet) -> list[Pair]:
    """The likeliest pairs in which nobody is twice, names compared by the letters they share."""
    return one_to_one(table(records, shared_letters()), records, LIKELY)


def by_letters_alone(records: MatchingSet) -> list[Pair]:
    """The same without the constraint: all pairs that are likely enough."""
    return above(table(records, shared_letters()), records, LIKELY)


def by_jaro_winkler(records: MatchingSet) -> list[Pair]:
    """The likeliest pairs in which nobody is twice, names compared as a person's would be."""
    return one_to_one(table(records, jaro_winkler()), records, LIKELY)


def table(records: MatchingSet, named: Any) -> np.ndarray:
    """The match weight of each two: the binary logarithm of the odds that they are one.

    Two with no rare word, code or maker in common are not compared.
    """
    often = Counter(
        word for item in records.left + records.right for word in set(words(item.whole))
    )
    store = DuckDBAPI()
    sides = [
        store.register(frame(side, often), dataset_display_name=name)
        for name, side in (("one", records.left), ("two", records.right))
    ]
    found = fitted(sides, named, link_type="link_only").inference.predict().as_pandas_dataframe()
    scores = np.full((len(records.left), len(records.right)), UNCOMPARED)
    scores[found["unique_id_l"], found["unique_id_r"]] = found["match_weight"]
    return scores


def frame(items: Iterable[Item], often: Counter[str]) -> pd.DataFrame:
    """What Splink is given of records: their names taken apart as its guides advise."""
    return pd.DataFrame(
        [{"unique_id": place, **_columns(item, often)} for place, item in enumerate(items)]
    )


def _columns(item: Item, often: Counter[str]) -> dict[str, Any]:
    named, said = words(item.name), set(words(item.whole))
    return {
        "name": " ".join(named),
        "letters": sorted(set(joined_runs(item.name))) or None,
        "maker": named[0] if named else None,
        "codes": sorted(codes(item.name)) or None,
        "numbers": sorted(numbers(item.name)) or None,
        "rare": sorted(word for word in said if often[word] <= RARE) or None,
        "uncommon": sorted(w for w in said if RARE < often[w] <= UNCOMMON) or None,
        "common": sorted(w for w in named if often[w] > UNCOMMON) or None,
    }


def fitted(sides: Any, named: Any, *, link_type: Any) -> Linker:
    """A model whose u are of random pairs, and whose m follow by expectation maximisation."""
    settings = SettingsCreator(
        link_type=link_type,
        comparisons=[
            named,
            comparisons.ExactMatch("maker").configure(term_frequency_adjustments=True),
            _shared("codes", [1]),
            _shared("rare", [3, 2, 1]),
            _shared("uncommon", [3, 2, 1]),
            _shared("common", [3, 2, 1]),
            _shared("numbers", [2, 1]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("rare", arrays_to_explode=["rare"]),
            block_on("uncommon", arrays_to_explode=["uncommon"]),
            block_on("codes", arrays_to_explode=["codes"]),
            block_on("maker", "substr(name, 1, 8)"),
        ],
        probability_two_random_records_match=PRIOR,
    )
    linker = Linker(sides, settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLE, seed=SEED)
    for rule in (block_on("maker"), block_on("rare[1]")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, record_sample_proportion=1.0
        )
    return linker


def _shared(column: str, sizes: list[int]) -> Any:
    return comparisons.ArrayIntersectAtSizes(column, sizes)


def jaro_winkler() -> Any:
    """A comparison of names that is made for short ones."""
    return comparisons.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.8, 0.7])


def shared_letters() -> Any:
    """A comparison of names by the share of runs of letters that both have."""
    both = "2 * len(list_intersect(letters_l, letters_r))"
    of = "(len(letters_l) + len(letters_r))"
    return comparisons.CustomComparison(
        output_column_name="letters",
        comparison_levels=[
            levels.NullLevel("letters"),
            *(
                levels.CustomLevel(f"{both} >= {share} * {of}", label_for_charts=f"{share}")
                for share in (0.9, 0.75, 0.6, 0.45, 0.3)
            ),
            levels.ElseLevel(),
        ],
    )
