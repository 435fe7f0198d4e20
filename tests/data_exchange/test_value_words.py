"""Everyday words for values are known, ambiguous ones are offered, and none is guessed."""

from datetime import UTC, datetime

import pytest

from catalogue.core import clock
from catalogue.data_exchange.synonyms import closest_values, find_value, read_yes_or_no


@pytest.fixture(autouse=True)
def november_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("Active", "live"),
        ("BAU", "live"),
        ("Live (BAU)", "live"),
        ("Live/BAU", "live"),
        ("In life", "live"),
        ("Prod", "live"),
        ("Live since 2019", "live"),
        ("Legacy", "sunsetting"),
        ("Being decommissioned", "sunsetting"),
        ("Decom'd 2021", "decommissioned"),
        ("Decommissioned 2021", "decommissioned"),
        ("Retired", "decommissioned"),
        ("Retired (2019)", "decommissioned"),
        ("Retired 01/04/2021", "decommissioned"),
        ("Retired in March 2019", "decommissioned"),
        ("De-commissioned", "decommissioned"),
        ("Shut down", "decommissioned"),
        ("Not used", "decommissioned"),
        ("View only", "read_only_archive"),
        ("Being procured", "in_procurement"),
    ],
)
def test_everyday_word_states_a_lifecycle(word: str, value: str) -> None:
    assert find_value("lifecycle", word) == value


@pytest.mark.parametrize(
    ("word", "offered"),
    [
        ("On hold", ["planned", "implementing", "live"]),
        ("Not live", ["planned", "implementing", "decommissioned"]),
        ("Go-live 2026", ["implementing", "live"]),
        ("End of Support", ["live", "sunsetting"]),
        ("Live - to be replaced", ["live", "sunsetting"]),
        ("Active - Local Contract", ["live"]),
        ("Retired 2040", ["sunsetting", "decommissioned"]),
        ("Live 2019", ["live"]),
        ("retird", ["decommissioned"]),
    ],
)
def test_word_with_several_meanings_is_offered_and_not_taken(word: str, offered: list[str]) -> None:
    assert find_value("lifecycle", word) is None
    assert closest_values("lifecycle", word) == offered


@pytest.mark.parametrize("word", ["Green", "Y", "x", "N/A"])
def test_word_without_meaning_is_offered_every_lifecycle(word: str) -> None:
    assert find_value("lifecycle", word) is None
    assert len(closest_values("lifecycle", word)) == 8


@pytest.mark.parametrize(
    ("field", "word", "value"),
    [
        ("hosting", "On-premises", "on_premise"),
        ("hosting", "Hosted by supplier", "managed_service"),
        ("hosting", "Self-hosted", "on_premise"),
        ("hosting", "SaaS hosted", "saas"),
        ("criticality", "H", "business_critical"),
        ("criticality", "Med", "business_operational"),
        ("criticality", "Priority 1", "mission_critical"),
        ("dpia_status", "Y", "approved"),
        ("classification", "O-S", "official_sensitive"),
    ],
)
def test_everyday_word_states_a_value(field: str, word: str, value: str) -> None:
    assert find_value(field, word) == value


@pytest.mark.parametrize(
    ("field", "word", "offered"),
    [
        ("hosting", "Cloud", ["saas", "public_cloud_iaas", "paas", "private_cloud"]),
        ("hosting", "Cloud-based", ["saas", "public_cloud_iaas", "paas", "private_cloud"]),
        ("criticality", "P1/P2", ["mission_critical", "business_critical"]),
        ("criticality", "Yes", ["mission_critical", "business_critical"]),
    ],
)
def test_unclear_word_of_a_field_is_offered(field: str, word: str, offered: list[str]) -> None:
    assert find_value(field, word) is None
    assert closest_values(field, word) == offered


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("On", True), ("Off", False), ("✓", True), ("✗", False), ("Ticked", True),
        ("TRUE", True), ("no", False), ("Enabled", True), ("Perhaps", None), ("", None),
    ],
)  # fmt: skip
def test_everyday_words_for_yes_and_no(text: str, answer: bool | None) -> None:
    assert read_yes_or_no(text) is answer
