"""Public statements: plain English, and nothing that helps an attacker."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.programmes.impact.statement import find_statement_faults, suggest_statement
from catalogue.programmes.vocabulary import MigrationKind, MigrationStage


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("word " * 26 + ".", "long_sentence", id="long_sentence"),
        pytest.param("Write to projects@example.org for more.", "contact", id="email"),
        pytest.param("Read more at https://example.org today.", "contact", id="web_address"),
        pytest.param("Ring 01234 567 8901 for more.", "contact", id="telephone"),
        pytest.param("The DPIA is done.", "abbreviation", id="abbreviation"),
        pytest.param("The cutover is in May.", "jargon", id="jargon"),
        pytest.param("A short one. " * 60, "too_long", id="too_long"),
    ],
)
def test_statement_faults_reports_confusing_text(text, code):
    assert code in {fault.code for fault in find_statement_faults(text)}


def test_statement_faults_accepts_plain_words():
    text = (
        "From 2026-12-01, a Tuesday, three forces plan their duties with one system. "
        "Calls to 999 and 101 stay as they are."
    )
    assert list(find_statement_faults(text)) == []


def test_statement_faults_suggests_plain_words_for_jargon():
    (fault,) = find_statement_faults("The migration of legacy payroll starts.")
    assert fault.detail == (
        "The statement has jargon. "
        "Use plain words: for 'legacy', write 'old'; for 'migration', write 'move'."
    )


def suggest(**fields):
    record = {
        "agency_name": "Bedfordshire Police",
        "capabilities": ["Duty management"],
        "kind": MigrationKind.CONSOLIDATION,
        "stage": MigrationStage.READY,
        "day": date(2026, 12, 1),
        "moved_on": None,
    }
    return suggest_statement(**(record | fields))


def test_suggested_statement_follows_kind_stage_and_dates():
    plans = "Bedfordshire Police plans to"
    shared = "a computer system that it shares with others for duty management."
    assert suggest() == f"On 1 December 2026 {plans} start using {shared}"
    assert suggest(day=None) == f"{plans} use {shared}"
    assert suggest(stage=MigrationStage.ON_HOLD) == f"{plans} use {shared}"
    moved = suggest(stage=MigrationStage.COMPLETE, moved_on=date(2026, 9, 1))
    assert moved == f"Since 1 September 2026 Bedfordshire Police has used {shared}"
    back = suggest(stage=MigrationStage.ROLLED_BACK)
    assert back.startswith("Bedfordshire Police is using its earlier computer system")
    stays = suggest(stage=MigrationStage.CANCELLED)
    assert (
        stays == "Bedfordshire Police keeps the computer system that it uses for duty management."
    )
    assert "a computer system of its own" in suggest(kind=MigrationKind.SEPARATION)
    assert "for its work." in suggest(capabilities=[])


def test_suggested_statement_splits_or_omits_long_names():
    long = ["Finance, procurement, stores and the hire of vehicles"]
    assert suggest(capabilities=long).endswith(
        "shares with others. It is for finance, procurement, stores and the hire of vehicles."
    )
    assert suggest(capabilities=["DPIA records"]).endswith("for its work.")
    assert suggest(agency_name="The BCH office") is None


@given(
    kind=st.sampled_from(MigrationKind),
    stage=st.sampled_from(MigrationStage),
    day=st.none() | st.dates(),
    moved_on=st.none() | st.dates(),
    capabilities=st.lists(st.text(max_size=80)),
    agency_name=st.text(max_size=80) | st.just("Bedfordshire Police"),
)
def test_every_suggested_statement_passes_statement_faults(**fields):
    text = suggest(**fields)
    assert text is None or list(find_statement_faults(text)) == []
