"""Splink on DuckDB: the probability that two records match, estimated without labels.

Its parameters come from both lists, so a score changes with the other records of the lists.
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
"""The binary logarithm of the odds of a match: 32 to 1."""
UNCOMPARED = -100.0
PRIOR = 1 / 1000
SEED = 20261122
SAMPLE = 3e5
RARE, UNCOMMON = 4, 20
"""The largest numbers of texts, on both sides together, that hold a rare or an uncommon word."""


def by_letters(records: MatchingSet) -> list[Pair]:
    """Match one-to-one, with names compared by the letters that they share."""
    return one_to_one(match_weights(records, shared_letters()), records, LIKELY)


def by_letters_alone(records: MatchingSet) -> list[Pair]:
    """Match by shared letters without the one-to-one constraint."""
    return above(match_weights(records, shared_letters()), records, LIKELY)


def by_jaro_winkler(records: MatchingSet) -> list[Pair]:
    """Match one-to-one, with names compared like those of people."""
    return one_to_one(match_weights(records, jaro_winkler()), records, LIKELY)


def match_weights(records: MatchingSet, named: Any) -> np.ndarray:
    """Return the match weight of each pair: the binary logarithm of the odds of a match.

    Records without a common rare word, code or supplier are not compared.
    """
    often = Counter(
        word for item in records.left + records.right for word in set(words(item.full_text))
    )
    store = DuckDBAPI()
    sides = [
        store.register(frame(side, often), dataset_display_name=name)
        for name, side in (("one", records.left), ("two", records.right))
    ]
    predicted = (
        fit_model(sides, named, link_type="link_only").inference.predict().as_pandas_dataframe()
    )
    scores = np.full((len(records.left), len(records.right)), UNCOMPARED)
    scores[predicted["unique_id_l"], predicted["unique_id_r"]] = predicted["match_weight"]
    return scores


def frame(items: Iterable[Item], often: Counter[str]) -> pd.DataFrame:
    """Return the columns that Splink compares, with names split as its guides advise."""
    return pd.DataFrame(
        [{"unique_id": place, **_columns(item, often)} for place, item in enumerate(items)]
    )


def _columns(item: Item, often: Counter[str]) -> dict[str, Any]:
    name_words, all_words = words(item.name), set(words(item.full_text))
    return {
        "name": " ".join(name_words),
        "letters": sorted(set(joined_runs(item.name))) or None,
        "supplier": name_words[0] if name_words else None,
        "codes": sorted(codes(item.name)) or None,
        "numbers": sorted(numbers(item.name)) or None,
        "rare": sorted(word for word in all_words if often[word] <= RARE) or None,
        "uncommon": sorted(w for w in all_words if RARE < often[w] <= UNCOMMON) or None,
        "common": sorted(w for w in name_words if often[w] > UNCOMMON) or None,
    }


def fit_model(sides: Any, named: Any, *, link_type: Any) -> Linker:
    """Fit a Splink model: u from random pairs, and m by expectation maximisation."""
    settings = SettingsCreator(
        link_type=link_type,
        comparisons=[
            named,
            comparisons.ExactMatch("supplier").configure(term_frequency_adjustments=True),
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
            block_on("supplier", "substr(name, 1, 8)"),
        ],
        probability_two_random_records_match=PRIOR,
    )
    linker = Linker(sides, settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLE, seed=SEED)
    for rule in (block_on("supplier"), block_on("rare[1]")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, record_sample_proportion=1.0
        )
    return linker


def _shared(column: str, sizes: list[int]) -> Any:
    return comparisons.ArrayIntersectAtSizes(column, sizes)


def jaro_winkler() -> Any:
    """Return a comparison that is designed for short names."""
    return comparisons.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.8, 0.7])


def shared_letters() -> Any:
    """Return a comparison of names by the share of common letter runs."""
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
