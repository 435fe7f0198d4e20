"""Assignment of at most one partner to each record, with the best total score."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rationalisation.matching.evaluation.assignment import adjust_for_rivals, one_to_one

LEAST = 0.3
# In hundredths, so that sums can be compared exactly.
SCORES = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(0, 100), max_size=14
)

Scores = dict[tuple[int, int], int]


def chosen(scores: Scores) -> list[tuple[int, int]]:
    given_scores = [(("l", i), ("r", j), score / 100) for (i, j), score in scores.items()]
    return [(i, j) for (_, i), (_, j) in one_to_one(given_scores, least=LEAST)]


def total_gain(scores: Scores, pairs: list[tuple[int, int]]) -> int:
    return sum(scores[pair] - round(100 * LEAST) for pair in pairs)


def greedy(scores: Scores) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for i, j in sorted(scores, key=lambda pair: (-scores[pair], pair)):
        if scores[i, j] >= 100 * LEAST and all(i != x and j != y for x, y in found):
            found.append((i, j))
    return found


@given(SCORES)
def test_one_to_one_uses_each_record_once_and_no_score_below_the_least(scores: Scores) -> None:
    found = chosen(scores)
    assert len({i for i, _ in found}) == len({j for _, j in found}) == len(found)
    assert all(scores[pair] >= 100 * LEAST for pair in found)


@given(SCORES)
def test_one_to_one_scores_at_least_as_well_as_greedy_pairing(scores: Scores) -> None:
    assert total_gain(scores, chosen(scores)) >= total_gain(scores, greedy(scores))


@given(SCORES)
def test_one_to_one_finds_the_best_total_score(scores: Scores) -> None:
    best = max(
        sum(max(0, scores.get((i, j), 0) - round(100 * LEAST)) for i, j in enumerate(order))
        for order in permutations(range(5))
    )
    assert total_gain(scores, chosen(scores)) == best


@given(SCORES, st.randoms(use_true_random=False))
def test_one_to_one_does_not_depend_on_input_order(scores: Scores, dice) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(scores.items())
    dice.shuffle(shuffled)
    assert sorted(chosen(dict(shuffled))) == sorted(chosen(scores))


def test_one_to_one_prefers_two_likely_pairs_to_one_likelier_pair() -> None:
    scores = {(0, 0): 90, (0, 1): 85, (1, 0): 85}
    assert sorted(chosen(scores)) == [(0, 1), (1, 0)]


def test_one_to_one_accepts_a_weak_pair_for_a_better_total() -> None:
    scores = {(0, 0): 90, (1, 0): 95, (1, 1): 40}
    assert sorted(chosen(scores)) == [(0, 0), (1, 1)]


@pytest.mark.parametrize("count", [0, 1, 60])
def test_one_to_one_pairs_all_records_without_rivals(count: int) -> None:
    assert len(chosen({(number, number): 50 for number in range(count)})) == count


def adjusted(scores: Scores) -> dict[tuple[int, int], float]:
    given_scores = [(i, j, score / 100) for (i, j), score in scores.items()]
    return {(i, j): score for i, j, score in adjust_for_rivals(given_scores)}


@given(SCORES)
def test_adjust_for_rivals_keeps_the_pairs_and_scores_up_to_one(scores: Scores) -> None:
    found = adjusted(scores)
    assert list(found) == list(scores)
    assert all(score <= 1.0 for score in found.values())


@given(SCORES, st.randoms(use_true_random=False))
def test_adjust_for_rivals_does_not_depend_on_input_order(scores: Scores, dice) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(scores.items())
    dice.shuffle(shuffled)
    assert adjusted(dict(shuffled)) == adjusted(scores)


def test_adjust_for_rivals_lowers_pairs_with_better_rivals_and_raises_pairs_without() -> None:
    found = adjusted({(0, 0): 80, (0, 1): 40, (1, 1): 40, (2, 2): 40})
    assert found[0, 0] > 0.8
    assert found[0, 1] < 0.4
    assert found[1, 1] == pytest.approx(0.4), "a rival as good takes nothing and gives nothing"
    assert found[2, 2] > 0.4
