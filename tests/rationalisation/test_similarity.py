"""The score of a pair: a matter of the two records alone."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.shipped import shipped_reference
from catalogue.rationalisation.matching.similarity import THRESHOLD, names_of, similarity, text_of
from catalogue.rationalisation.matching.terms import Weights, public_weights
from catalogue.systems.vocabulary import Lifecycle

WEIGHTS = public_weights(shipped_reference())
NAMES = st.one_of(
    st.sampled_from(
        ["Niche RMS", "NicheRMS 5.1", "STORM", "Café 2", "HOLMES 2", "holmes2", "LRE30453ST", "!"]
    ),
    st.text(max_size=30),
)
OPTIONAL = st.one_of(st.none(), NAMES)


@st.composite
def records(draw: st.DrawFn) -> Record:
    return Record(
        UUID(int=draw(st.integers(1, 10**6))),
        UUID(int=draw(st.integers(1, 3))),
        draw(NAMES),
        Lifecycle.LIVE,
        product_name=draw(OPTIONAL),
        supplier_name=draw(OPTIONAL),
        aliases=tuple(draw(st.lists(NAMES, max_size=2))),
        description=draw(OPTIONAL),
        version=draw(OPTIONAL),
    )


def called(name: str, number: int = 1, **fields: str) -> Record:
    return Record(UUID(int=number), UUID(int=number), name, Lifecycle.LIVE, **fields)  # type: ignore[arg-type]


@given(records(), records())
def test_the_order_of_the_two_does_not_matter(one: Record, other: Record) -> None:
    assert similarity(one, other, WEIGHTS) == similarity(other, one, WEIGHTS)


@given(records(), records())
def test_a_score_is_within_nought_and_one(one: Record, other: Record) -> None:
    found = similarity(one, other, WEIGHTS)
    assert 0.0 <= found.score <= 1.0


@given(records())
def test_a_named_record_is_wholly_like_itself(record: Record) -> None:
    expected = 1.0 if names_of(record) else 0.0
    # The numbers of a name and a version that is none are no reason to doubt.
    assert similarity(record, record, WEIGHTS).score == pytest.approx(expected, abs=0.01)


@given(records(), records(), st.lists(records(), max_size=5))
def test_other_records_do_not_matter(one: Record, other: Record, others: list[Record]) -> None:
    learnt = Weights.learnt((each.name, text_of(each)) for each in (called("Niche"), called("PNC")))
    before = similarity(one, other, learnt)
    for each in others:
        similarity(one, each, learnt)
        similarity(each, other, learnt)
    assert similarity(one, other, learnt) == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Niche RMS", "NicheRMS"),
        ("Niche RMS", "Niche Records Management System"),
        ("HOLMES 2", "HOLMES2"),
        ("Chronicle Firearms", "Chronicel Firearms"),
        ("Analyst's Notebook 9", "i2 Analysts Notebook"),
    ],
)
def test_ways_of_writing_are_alike(one: str, other: str) -> None:
    assert similarity(called(one), called(other, 2), WEIGHTS).score >= THRESHOLD


@pytest.mark.parametrize(
    ("one", "other"),
    [("Niche RMS", "STORM"), ("Gartan Rota", "Tranman"), ("Athena", "Agresso"), ("PNC", "PND")],
)
def test_other_names_are_not(one: str, other: str) -> None:
    assert similarity(called(one), called(other, 2), WEIGHTS).score < THRESHOLD


def test_a_shared_code_counts_for_a_pair_and_another_against_it() -> None:
    plain = "Panasonic radio handset"
    scores = [
        similarity(called(f"{plain} KXTG6700B"), called(f"{plain} {code}", 2), WEIGHTS).score
        for code in ("KXTG6700B", "KXTG6700", "PQLV3000")
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_shared_words_are_told_the_most_telling_first() -> None:
    found = similarity(called("Zephyrine Oracle"), called("Oracle zephyrine", 2), WEIGHTS)
    assert found.shared_terms[0] == "zephyrine"
