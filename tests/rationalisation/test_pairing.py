"""One partner at most between two agencies, and the likeliest in all."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rationalisation.matching.pairing import one_to_one, set_apart

LEAST = 0.3
# In hundredths, so that sums can be held against each other.
SCORES = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(0, 100), max_size=14
)

Scores = dict[tuple[int, int], int]


def chosen(scores: Scores) -> list[tuple[int, int]]:
    given_scores = [(("l", i), ("r", j), score / 100) for (i, j), score in scores.items()]
    return [(i, j) for (_, i), (_, j) in one_to_one(given_scores, least=LEAST)]


def worth(scores: Scores, pairs: list[tuple[int, int]]) -> int:
    return sum(scores[pair] - round(100 * LEAST) for pair in pairs)


def greedy(scores: Scores) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for i, j in sorted(scores, key=lambda pair: (-scores[pair], pair)):
        if scores[i, j] >= 100 * LEAST and all(i != x and j != y for x, y in found):
            found.append((i, j))
    return found


@given(SCORES)
def test_nobody_is_taken_twice_and_nobody_below_the_least(scores: Scores) -> None:
    found = chosen(scores)
    assert len({i for i, _ in found}) == len({j for _, j in found}) == len(found)
    assert all(scores[pair] >= 100 * LEAST for pair in found)


@given(SCORES)
def test_the_sum_is_never_less_than_that_of_taking_the_best_first(scores: Scores) -> None:
    assert worth(scores, chosen(scores)) >= worth(scores, greedy(scores))


@given(SCORES)
def test_the_sum_is_the_best_there_is(scores: Scores) -> None:
    best = max(
        sum(max(0, scores.get((i, j), 0) - round(100 * LEAST)) for i, j in enumerate(order))
        for order in permutations(range(5))
    )
    assert worth(scores, chosen(scores)) == best


@given(SCORES, st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_does_not_matter(scores: Scores, dice) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(scores.items())
    dice.shuffle(shuffled)
    assert sorted(chosen(dict(shuffled))) == sorted(chosen(scores))


def test_a_pair_gives_way_where_two_others_are_likelier_together() -> None:
    scores = {(0, 0): 90, (0, 1): 85, (1, 0): 85}
    assert sorted(chosen(scores)) == [(0, 1), (1, 0)]


def test_look_alikes_keep_the_likelier_partner() -> None:
    scores = {(0, 0): 90, (1, 0): 95, (1, 1): 40}
    assert sorted(chosen(scores)) == [(0, 0), (1, 1)]


@pytest.mark.parametrize("count", [0, 1, 60])
def test_many_that_do_not_compete_are_all_paired(count: int) -> None:
    assert len(chosen({(number, number): 50 for number in range(count)})) == count


def apart(scores: Scores) -> dict[tuple[int, int], float]:
    given_scores = [(i, j, score / 100) for (i, j), score in scores.items()]
    return {(i, j): score for i, j, score in set_apart(given_scores)}


@given(SCORES)
def test_what_is_set_apart_is_the_same_pairs_with_scores_up_to_one(scores: Scores) -> None:
    found = apart(scores)
    assert list(found) == list(scores)
    assert all(score <= 1.0 for score in found.values())


@given(SCORES, st.randoms(use_true_random=False))
def test_the_order_does_not_matter_to_what_is_set_apart(scores: Scores, dice) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(scores.items())
    dice.shuffle(shuffled)
    assert apart(dict(shuffled)) == apart(scores)


def test_who_has_a_better_partner_loses_and_who_stands_out_gains() -> None:
    found = apart({(0, 0): 80, (0, 1): 40, (1, 1): 40, (2, 2): 40})
    assert found[0, 0] > 0.8
    assert found[0, 1] < 0.4
    assert found[1, 1] == pytest.approx(0.4), "a rival as good takes nothing and gives nothing"
    assert found[2, 2] > 0.4
