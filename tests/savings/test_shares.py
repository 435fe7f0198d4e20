"""The parts of a split amount total the amount, to the penny."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.savings.claims.allocation import HUNDRED_PER_CENT, split

D = Decimal


def percents(cuts: list[int]) -> list[Decimal]:
    """Return percentages with two decimals that total 100, from the points between them."""
    places = [0, *sorted(set(cuts)), 10_000]
    return [D(b - a) / 100 for a, b in pairwise(places)]


@pytest.mark.parametrize(
    ("amount", "percents_by_key", "parts"),
    [
        pytest.param(
            "100.00", ["33.33", "33.33", "33.34"], ["33.33", "33.33", "33.34"], id="thirds"
        ),
        pytest.param("0.01", ["50", "50"], ["0.01", "0.00"], id="halves-of-a-penny"),
        pytest.param(
            "0.05", ["33.33", "33.33", "33.34"], ["0.02", "0.01", "0.02"], id="thirds-of-5-pence"
        ),
        pytest.param("10.00", ["100"], ["10.00"], id="one-share"),
        pytest.param(
            "999999999999.99",
            ["0.01", "99.99"],
            ["100000000.00", "999899999999.99"],
            id="largest-amount",
        ),
    ],
)
def test_split_gives_remaining_pennies_to_largest_fractions(amount, percents_by_key, parts):
    split_amounts = split(D(amount), dict(enumerate(map(D, percents_by_key))))
    assert [str(each) for each in split_amounts.values()] == parts


def test_split_rejects_shares_that_do_not_total_100():
    for percents_by_key in ({}, {1: D("99.99")}, {1: D(60), 2: D(60)}):
        with pytest.raises(ValueError, match="100 per cent"):
            split(D(1), percents_by_key)


@given(
    pennies=st.integers(0, 10**14 - 1),
    cuts=st.lists(st.integers(1, 9_999), max_size=12),
)
def test_split_parts_add_up_to_the_amount(pennies, cuts):
    amount = D(pennies) / 100
    percents_by_key = dict(enumerate(percents(cuts)))
    assert sum(percents_by_key.values()) == HUNDRED_PER_CENT
    split_amounts = split(amount, percents_by_key)
    assert sum(split_amounts.values()) == amount
    for key, part in split_amounts.items():
        exact = amount * percents_by_key[key] / 100
        assert abs(part - exact) < D("0.01")
        assert part == part.quantize(D("0.01"))
