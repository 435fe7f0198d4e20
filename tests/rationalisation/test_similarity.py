"""Similarity of two records, which depends on these two alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rationalisation.matching.evaluation.shipped import shipped_reference
from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.similarity import THRESHOLD, full_text, names_of, similarity
from catalogue.rationalisation.matching.terms import Weights, public_weights
from tests.factories import build_record

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
    return build_record(
        draw(st.integers(1, 10**6)),
        draw(NAMES),
        agency=draw(st.integers(1, 3)),
        product_name=draw(OPTIONAL),
        supplier_name=draw(OPTIONAL),
        aliases=tuple(draw(st.lists(NAMES, max_size=2))),
        description=draw(OPTIONAL),
        version=draw(OPTIONAL),
    )


@given(records(), records())
def test_similarity_is_symmetric(one: Record, other: Record) -> None:
    assert similarity(one, other, WEIGHTS) == similarity(other, one, WEIGHTS)


@given(records(), records())
def test_similarity_lies_between_zero_and_one(one: Record, other: Record) -> None:
    found = similarity(one, other, WEIGHTS)
    assert 0.0 <= found.score <= 1.0


@given(records())
def test_a_named_record_is_fully_similar_to_itself(record: Record) -> None:
    expected = 1.0 if names_of(record) else 0.0
    # A name without numbers loses nothing against a version without numbers.
    assert similarity(record, record, WEIGHTS).score == pytest.approx(expected, abs=0.01)


@given(records(), records(), st.lists(records(), max_size=5))
def test_similarity_does_not_depend_on_other_records(
    one: Record, other: Record, others: list[Record]
) -> None:
    learnt = Weights.from_texts(
        (each.name, full_text(each)) for each in (build_record(1, "Niche"), build_record(1, "PNC"))
    )
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
def test_spelling_variants_of_a_name_are_similar(one: str, other: str) -> None:
    assert similarity(build_record(1, one), build_record(2, other), WEIGHTS).score >= THRESHOLD


@pytest.mark.parametrize(
    ("one", "other"),
    [("Niche RMS", "STORM"), ("Gartan Rota", "Tranman"), ("Athena", "Agresso"), ("PNC", "PND")],
)
def test_different_names_are_not_similar(one: str, other: str) -> None:
    assert similarity(build_record(1, one), build_record(2, other), WEIGHTS).score < THRESHOLD


def test_a_shared_product_code_raises_similarity_and_a_different_one_lowers_it() -> None:
    plain = "Panasonic radio handset"
    scores = [
        similarity(
            build_record(1, f"{plain} KXTG6700B"), build_record(2, f"{plain} {code}"), WEIGHTS
        ).score
        for code in ("KXTG6700B", "KXTG6700", "PQLV3000")
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_shared_terms_start_with_the_rarest() -> None:
    found = similarity(
        build_record(1, "Zephyrine Oracle"), build_record(2, "Oracle zephyrine"), WEIGHTS
    )
    assert found.shared_terms[0] == "zephyrine"
