"""Names that look alike are alike, however they were typed."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalogue.core.text import fold, search_text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Café  RMS", "cafe rms"),
        ("\tDuty\nmanagement \u00a0 system ", "duty management system"),
        ("STRASSE Straße", "strasse strasse"),
        ("ﬁre", "fire"),
        ("ＮＩＣＨＥ", "niche"),
        ("e\u0301", "e"),
        ("İstanbul", "istanbul"),
        ("ᴬᴮ", "ab"),
        ("℡", "tel"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
@example("ᾼ")
@example("ᴬ")
@example("\u0345")
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_and_composition_make_no_difference(text: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, text)) == fold(text)
    assert fold(text.casefold()) == fold(text)


@given(st.text())
def test_what_is_folded_has_single_spaces_and_no_accents(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert not any(unicodedata.combining(character) for character in folded)


def test_a_search_text_has_one_line_for_each_part() -> None:
    found = search_text("Duty  Mgmt", ["DMS", "Crèche"], None, [], "", "two\nlines")
    assert found == "duty mgmt\ndms\ncreche\ntwo lines"
