"""Parts of an amount add up to it, to the penny."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.savings.shares import WHOLE, split

D = Decimal


def percents(cuts: list[int]) -> list[Decimal]:
    """Percentages of at most two decimals that add up to 100, from the places of the cuts."""
    places = [0, *sorted(set(cuts)), 10_000]
    return [D(b - a) / 100 for a, b in pairwise(places)]


@pytest.mark.parametrize(
    ("amount", "shared", "parts"),
    [
        ("100.00", ["33.33", "33.33", "33.34"], ["33.33", "33.33", "33.34"]),
        ("0.01", ["50", "50"], ["0.01", "0.00"]),
        ("0.05", ["33.33", "33.33", "33.34"], ["0.02", "0.01", "0.02"]),
        ("10.00", ["100"], ["10.00"]),
        ("999999999999.99", ["0.01", "99.99"], ["100000000.00", "999899999999.99"]),
    ],
)
def test_the_pennies_that_are_left_go_where_most_was_lost(amount, shared, parts):
    found = split(D(amount), dict(enumerate(map(D, shared))))
    assert [str(each) for each in found.values()] == parts


def test_what_is_not_the_whole_is_refused():
    for shared in ({}, {1: D("99.99")}, {1: D(60), 2: D(60)}):
        with pytest.raises(ValueError, match="100 per cent"):
            split(D(1), shared)


@given(
    pennies=st.integers(0, 10**14 - 1),
    cuts=st.lists(st.integers(1, 9_999), max_size=12),
)
def test_they_always_add_up(pennies, cuts):
    amount = D(pennies) / 100
    shared = dict(enumerate(percents(cuts)))
    assert sum(shared.values()) == WHOLE
    found = split(amount, shared)
    assert sum(found.values()) == amount
    for key, part in found.items():
        exact = amount * shared[key] / 100
        assert abs(part - exact) < D("0.01")
        assert part == part.quantize(D("0.01"))
