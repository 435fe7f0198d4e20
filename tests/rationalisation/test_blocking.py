"""Which records are compared: few, the same ones whoever else is there, and each pair once."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.matching import catalogue_of
from catalogue.rationalisation.matching import finding, kinds
from catalogue.rationalisation.matching.blocking import candidates
from catalogue.rationalisation.matching.finding import find_pairs
from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.shipped import shipped_reference
from catalogue.rationalisation.matching.terms import own_words, public_weights
from catalogue.systems.vocabulary import Lifecycle

REFERENCE = shipped_reference()
WEIGHTS = public_weights(REFERENCE)
WORDS = ("Niche", "RMS", "STORM", "Zephyr", "HOLMES", "2", "LRE30453ST", "LRE30453", "Duty")
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
LETTERS = str.maketrans("0123456789", "bdfgklmnpr")
MANY = st.lists(st.tuples(st.integers(1, 4), NAMES), max_size=12)


def listed(said: Iterable[tuple[int, str]], start: int = 0) -> list[Record]:
    return [
        Record(UUID(int=start + number), UUID(int=agency), name, Lifecycle.LIVE)
        for number, (agency, name) in enumerate(said)
    ]


def own(name: str) -> frozenset[str]:
    return own_words(name, REFERENCE)


def paired(records: Iterable[Record]) -> list[tuple[UUID, ...]]:
    return [
        tuple(sorted((one.system_id, other.system_id)))
        for one, other in candidates(records, WEIGHTS, words_of=own)
    ]


@given(MANY)
def test_no_agency_is_paired_with_itself_and_each_pair_comes_once(
    said: list[tuple[int, str]],
) -> None:
    records = listed(said)
    agencies = {record.system_id: record.agency_id for record in records}
    found = paired(records)
    assert len(found) == len(set(found))
    assert all(agencies[one] != agencies[other] for one, other in found)


@given(MANY, st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(said: list[tuple[int, str]], dice) -> None:  # type: ignore[no-untyped-def]
    records = listed(said)
    expected = set(paired(records))
    dice.shuffle(records)
    assert set(paired(records)) == expected


@given(MANY, MANY)
def test_further_records_do_not_matter(
    said: list[tuple[int, str]], more: list[tuple[int, str]]
) -> None:
    records = listed(said)
    known = {record.system_id for record in records}
    with_more = paired([*listed(more, start=1000), *records])
    assert {pair for pair in with_more if set(pair) <= known} == set(paired(records))


@pytest.mark.parametrize(
    ("one", "other", "are_compared"),
    [
        ("Niche RMS", "NicheRMS", True),
        ("Zephyr roster", "Roster (Zephyr)", True),
        ("LRE30453ST", "Range LRE30453", True),
        ("Duty management", "Duty management", False),
        ("Zephyr", "Zodiac", False),
        ("Zephyrine", "Zephyrine 14", True),
        ("Zephyrine", "Zephyrne", True),
        ("Zephyrine", "Zephirine", True),
        ("Kestrel", "Petrel", False),
        ("Payroll v11", "Ledger v11", False),
        ("Fleet spreadsheet", "Custody spreadsheet", False),
    ],
)
def test_names_must_share_a_word_of_their_own(one: str, other: str, *, are_compared: bool) -> None:
    assert bool(paired(listed([(1, one), (2, other)]))) is are_compared


def test_what_is_together_already_is_not_paired() -> None:
    records = listed([(1, "Zephyr"), (2, "Zephyr"), (3, "Zephyr")])
    key = {records[0].system_id: "p", records[1].system_id: "p"}
    found = candidates(records, WEIGHTS, together=lambda record: key.get(record.system_id))
    assert len(list(found)) == 2


def coined(number: int) -> str:
    """A word that is like no other."""
    return sha256(bytes([number % 256, number // 256])).hexdigest()[:12].translate(LETTERS)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each comparison of two records."""
    seen: list[int] = []
    compare = kinds.compare

    def counted(*arguments):  # type: ignore[no-untyped-def]
        seen.append(1)
        return compare(*arguments)

    monkeypatch.setattr(finding, "compare", counted)
    return seen


def test_few_of_a_large_catalogue_are_compared(compared: list[int]) -> None:
    records = catalogue_of(4_000)
    pairs = find_pairs(records, REFERENCE, WEIGHTS)
    # Each with each would be eight million.
    assert len(pairs) <= len(compared) <= len(records) + 4 * len(pairs)


def test_comparisons_grow_in_line_with_the_products_that_agencies_share(
    compared: list[int],
) -> None:
    counts = []
    for products in (100, 400):
        before = len(compared)
        said = [
            (agency, f"{coined(number)} duty management")
            for number in range(products)
            for agency in (1, 2, 3)
        ]
        assert len(find_pairs(listed(said), REFERENCE, WEIGHTS)) == 3 * products
        counts.append(len(compared) - before)
    assert counts == [300, 1200]
