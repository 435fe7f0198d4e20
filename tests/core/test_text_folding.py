"""Names that look alike are alike, however they were typed."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalogue.core.text import fold, search_text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("Café  RMS", "cafe rms", id="accent"),
        pytest.param(
            "\tDuty\nmanagement \u00a0 system ", "duty management system", id="white_space"
        ),
        pytest.param("STRASSE Straße", "strasse strasse", id="sharp_s"),
        pytest.param("ﬁre", "fire", id="ligature"),
        pytest.param("ＮＩＣＨＥ", "niche", id="full_width"),
        pytest.param("e\u0301", "e", id="combining_accent"),
        pytest.param("İstanbul", "istanbul", id="dotted_capital_i"),
        pytest.param("ᴬᴮ", "ab", id="superscripts"),
        pytest.param("℡", "tel", id="telephone_sign"),
        pytest.param("ΣΊΣΥΦΟΣ", "σισυφοσ", id="greek"),
        pytest.param("", "", id="empty"),
    ],
)
def test_fold_normalises_text(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
@example("ᾼ")
@example("ᴬ")
@example("\u0345")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_fold_ignores_case_and_composition(text: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, text)) == fold(text)
    assert fold(text.casefold()) == fold(text)


@given(st.text())
def test_folded_text_has_single_spaces_and_no_accents(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert not any(unicodedata.combining(character) for character in folded)


def test_search_text_has_one_line_per_part() -> None:
    found = search_text("Duty  Mgmt", ["DMS", "Crèche"], None, [], "", "two\nlines")
    assert found == "duty mgmt\ndms\ncreche\ntwo lines"
