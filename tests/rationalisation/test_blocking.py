"""Choice of the records to compare: few pairs, each once, independent of other records."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.matching import catalogue_of
from catalogue.rationalisation.matching import classification, pair_search
from catalogue.rationalisation.matching.blocking import candidates
from catalogue.rationalisation.matching.evaluation.shipped import shipped_reference
from catalogue.rationalisation.matching.pair_search import find_pairs
from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.terms import public_weights, specific_words
from tests.factories import build_record

REFERENCE = shipped_reference()
WEIGHTS = public_weights(REFERENCE)
WORDS = ("Niche", "RMS", "STORM", "Zephyr", "HOLMES", "2", "LRE30453ST", "LRE30453", "Duty")
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
LETTERS = str.maketrans("0123456789", "bdfgklmnpr")
MANY = st.lists(st.tuples(st.integers(1, 4), NAMES), max_size=12)


def build_records(named: Iterable[tuple[int, str]], start: int = 0) -> list[Record]:
    return [
        build_record(start + number, name, agency=agency)
        for number, (agency, name) in enumerate(named)
    ]


def distinctive_words(name: str) -> frozenset[str]:
    return specific_words(name, REFERENCE)


def list_pairs(records: Iterable[Record]) -> list[tuple[UUID, ...]]:
    return [
        tuple(sorted((one.system_id, other.system_id)))
        for one, other in candidates(records, WEIGHTS, words_of=distinctive_words)
    ]


@given(MANY)
def test_candidates_pair_different_agencies_and_each_pair_once(
    named: list[tuple[int, str]],
) -> None:
    records = build_records(named)
    agencies = {record.system_id: record.agency_id for record in records}
    found = list_pairs(records)
    assert len(found) == len(set(found))
    assert all(agencies[one] != agencies[other] for one, other in found)


@given(MANY, st.randoms(use_true_random=False))
def test_candidates_do_not_depend_on_record_order(named: list[tuple[int, str]], dice) -> None:  # type: ignore[no-untyped-def]
    records = build_records(named)
    expected = set(list_pairs(records))
    dice.shuffle(records)
    assert set(list_pairs(records)) == expected


@given(MANY, MANY)
def test_further_records_do_not_change_existing_candidates(
    named: list[tuple[int, str]], more: list[tuple[int, str]]
) -> None:
    records = build_records(named)
    known = {record.system_id for record in records}
    with_more = list_pairs([*build_records(more, start=1000), *records])
    assert {pair for pair in with_more if set(pair) <= known} == set(list_pairs(records))


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
def test_candidates_share_a_distinctive_word(one: str, other: str, *, are_compared: bool) -> None:
    assert bool(list_pairs(build_records([(1, one), (2, other)]))) is are_compared


def test_candidates_skip_records_already_grouped() -> None:
    records = build_records([(1, "Zephyr"), (2, "Zephyr"), (3, "Zephyr")])
    key = {records[0].system_id: "p", records[1].system_id: "p"}
    found = candidates(records, WEIGHTS, group_of=lambda record: key.get(record.system_id))
    assert len(list(found)) == 2


def build_word(number: int) -> str:
    """Return a word that resembles no other."""
    return sha256(bytes([number % 256, number // 256])).hexdigest()[:12].translate(LETTERS)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that gains an entry for each comparison of two records."""
    seen: list[int] = []
    compare = classification.compare

    def counted(*arguments):  # type: ignore[no-untyped-def]
        seen.append(1)
        return compare(*arguments)

    monkeypatch.setattr(pair_search, "compare", counted)
    return seen


def test_a_large_catalogue_needs_few_comparisons(compared: list[int]) -> None:
    records = catalogue_of(4_000)
    pairs = find_pairs(records, REFERENCE, WEIGHTS)
    # Comparing every pair would take 8 million comparisons.
    assert len(pairs) <= len(compared) <= len(records) + 4 * len(pairs)


def test_comparisons_grow_in_line_with_shared_products(
    compared: list[int],
) -> None:
    counts = []
    for products in (100, 400):
        before = len(compared)
        named = [
            (agency, f"{build_word(number)} duty management")
            for number in range(products)
            for agency in (1, 2, 3)
        ]
        assert len(find_pairs(build_records(named), REFERENCE, WEIGHTS)) == 3 * products
        counts.append(len(compared) - before)
    assert counts == [300, 1200]
