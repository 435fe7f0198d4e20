"""What is published of a migration confuses nobody, and says nothing that helps the wrong people."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.programmes.people.statement import statement_faults, suggested_statement
from catalogue.programmes.vocabulary import MigrationKind, MigrationStage


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("word " * 26 + ".", "long_sentence"),
        ("Write to projects@example.org for more.", "contact"),
        ("Read more at https://example.org today.", "contact"),
        ("Ring 01234 567 8901 for more.", "contact"),
        ("The DPIA is done.", "abbreviation"),
        ("The cutover is in May.", "jargon"),
        ("A short one. " * 60, "too_long"),
    ],
)
def test_what_would_confuse_is_refused(text, code):
    assert code in {fault.code for fault in statement_faults(text)}


def test_plain_words_are_accepted():
    text = (
        "From 2026-12-01, a Tuesday, three forces plan their duties with one system. "
        "Calls to 999 and 101 stay as they are."
    )
    assert list(statement_faults(text)) == []


def test_it_says_what_to_say_instead():
    (fault,) = statement_faults("The migration of legacy payroll starts.")
    assert fault.detail == "Use plain words: for 'legacy', say 'old'; for 'migration', say 'move'."


def suggested(**fields):
    said = {
        "agency_name": "Bedfordshire Police",
        "functions": ["Duty management"],
        "kind": MigrationKind.CONSOLIDATION,
        "stage": MigrationStage.READY,
        "day": date(2026, 12, 1),
        "moved_on": None,
    }
    return suggested_statement(**(said | fields))


def test_it_is_suggested_from_the_record():
    plans = "Bedfordshire Police plans to"
    shared = "a computer system that it shares with others for duty management."
    assert suggested() == f"On 1 December 2026 {plans} start using {shared}"
    assert suggested(day=None) == f"{plans} use {shared}"
    assert suggested(stage=MigrationStage.ON_HOLD) == f"{plans} use {shared}"
    moved = suggested(stage=MigrationStage.COMPLETE, moved_on=date(2026, 9, 1))
    assert moved == f"Since 1 September 2026 Bedfordshire Police has used {shared}"
    back = suggested(stage=MigrationStage.ROLLED_BACK)
    assert back.startswith("Bedfordshire Police is using its earlier computer system")
    stays = suggested(stage=MigrationStage.CANCELLED)
    assert (
        stays == "Bedfordshire Police keeps the computer system that it uses for duty management."
    )
    assert "a computer system of its own" in suggested(kind=MigrationKind.SEPARATION)
    assert "for its work." in suggested(functions=[])


def test_names_that_are_long_are_said_in_two_sentences_or_not_at_all():
    long = ["Finance, procurement, stores and the hire of vehicles"]
    assert suggested(functions=long).endswith(
        "shares with others. It is for finance, procurement, stores and the hire of vehicles."
    )
    assert suggested(functions=["DPIA records"]).endswith("for its work.")
    assert suggested(agency_name="The BCH office") is None


@given(
    kind=st.sampled_from(MigrationKind),
    stage=st.sampled_from(MigrationStage),
    day=st.none() | st.dates(),
    moved_on=st.none() | st.dates(),
    functions=st.lists(st.text(max_size=80)),
    agency_name=st.text(max_size=80) | st.just("Bedfordshire Police"),
)
def test_whatever_is_suggested_may_be_published(**fields):
    text = suggested(**fields)
    assert text is None or list(statement_faults(text)) == []
