"""One form of JSON for hashes, and one way to write amounts."""

from decimal import Decimal

import pytest

from catalogue.core.canonical import canonical, content_digest
from catalogue.core.money import amount_if_known, amount_text, pounds


def test_the_order_of_names_makes_no_difference() -> None:
    one = {"b": [1, {"d": None, "c": "£"}], "a": 1.5}
    other = {"a": 1.5, "b": [1, {"c": "£", "d": None}]}
    assert canonical(one) == '{"a":1.5,"b":[1,{"c":"£","d":null}]}'.encode()
    assert canonical(other) == canonical(one)
    assert content_digest(other) == content_digest(one)


def test_the_digest_of_a_value_stays_what_it_was() -> None:
    # Signatures and approvals are given for these digests: they may never change.
    expected = "43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777"
    assert content_digest({"b": 2, "a": 1}) == expected


@pytest.mark.parametrize(
    ("amount", "text", "shown"),
    [
        ("0", "0.00", "£0.00"),
        ("1250", "1250.00", "£1,250.00"),
        ("999999999999.99", "999999999999.99", "£999,999,999,999.99"),
        ("-1250.5", "-1250.50", "−£1,250.50"),
    ],
)
def test_amounts_keep_their_pence(amount: str, text: str, shown: str) -> None:
    assert amount_text(Decimal(amount)) == text
    assert pounds(Decimal(amount)) == shown


def test_an_amount_that_is_not_known_has_no_text() -> None:
    assert amount_if_known(None) is None
    assert amount_if_known(Decimal()) == "0.00"
