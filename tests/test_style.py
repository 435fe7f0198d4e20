"""Texts that people read follow docs/reference/style.md.

Each test lists all offenders. `python -m tests.style_offenders catalogue/systems` lists those of one
package.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache

import pytest

from tests import style_offenders as style

Rule = Callable[[style.Text], Iterable[style.Offender]]
READERS = {
    "openapi": style.openapi_texts,
    "product": style.product_texts,
    "markdown": style.markdown_texts,
    "internal": style.internal_texts,
}
each_source = pytest.mark.parametrize("source", ["openapi", "product", "markdown"])


@cache
def texts(source: str) -> tuple[style.Text, ...]:
    return tuple(READERS[source]())


def listed(found: Iterable[style.Offender]) -> str:
    return "\n".join(str(each) for each in found)


def require_none(source: str, rule: Rule) -> None:
    found = style.offenders(texts(source), [rule])
    assert not found, listed(found)


@pytest.mark.parametrize("source", READERS)
def test_texts_are_found(source: str) -> None:
    assert len(texts(source)) > 100


@each_source
def test_sentences_are_short(source: str) -> None:
    require_none(source, style.long_sentences)


@each_source
def test_no_text_uses_a_banned_phrase(source: str) -> None:
    require_none(source, style.banned_words)


def test_no_error_begins_with_a_bare_pronoun() -> None:
    require_none("product", style.bare_openings)


@pytest.mark.parametrize("source", ["openapi", "product"])
def test_descriptions_and_errors_end_with_a_full_stop(source: str) -> None:
    require_none(source, style.missing_stops)


def test_every_property_and_parameter_has_a_description() -> None:
    found = list(style.missing_descriptions())
    assert not found, listed(found)


def test_no_docstring_or_comment_uses_a_banned_phrase() -> None:
    require_none("internal", style.banned_words)


def test_style_guide_fits_its_length() -> None:
    assert len(style.STYLE.read_text().splitlines()) <= 150


def test_glossary_is_alphabetical_and_brief() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", style.GLOSSARY.read_text(), re.MULTILINE
    )
    terms = {term.strip(): meaning for term, meaning in rows if term not in {"Term", "---"}}
    assert len(terms) >= 40
    assert list(terms) == sorted(terms, key=str.lower)
    counts = {term: len(style.WORD.findall(meaning)) for term, meaning in terms.items()}
    assert {term: count for term, count in counts.items() if count > style.MOST_WORDS} == {}


# --- The checks themselves ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "kind", "text", "expected"),
    [
        pytest.param(style.bare_openings, "error", "It is unknown.", 1, id="bare-it"),
        pytest.param(style.bare_openings, "error", "That agency is unknown.", 0, id="that-noun"),
        pytest.param(style.bare_openings, "description", "It is shown.", 0, id="not-an-error"),
        pytest.param(style.missing_stops, "description", "A name", 1, id="no-stop"),
        pytest.param(style.missing_stops, "error", "row word", 0, id="fragment"),
        pytest.param(style.long_sentences, "prose", "word " * 25 + "end.", 1, id="26-words"),
        pytest.param(style.long_sentences, "prose", "word " * 24 + "end.", 0, id="25-words"),
        pytest.param(
            style.long_sentences,
            "prose",
            "Use `a b c`. A " + "word " * 23 + "x.",
            0,
            id="code-span",
        ),
        pytest.param(style.long_sentences, "prose", "RFC 1.1 and 2.5 are one.", 0, id="decimals"),
        pytest.param(style.banned_words, "prose", "List one’s own systems.", 1, id="apostrophe"),
        pytest.param(style.banned_words, "prose", "What one may see.", 1, id="longest-phrase"),
        pytest.param(style.banned_words, "prose", "What the board is asked.", 0, id="right-use"),
        pytest.param(style.banned_words, "prose", "Set `whom` here.", 0, id="word-in-code"),
    ],
)
def test_rule_finds_what_it_should(rule: Rule, kind: str, text: str, expected: int) -> None:
    assert len(list(rule(style.Text("f", "f:1", kind, text)))) == expected


def test_no_docstring_begins_with_a_question_word_or_an_error() -> None:
    """A docstring begins with a noun or a verb: "Raise NotFound if", not "NotFound if"."""
    require_none("internal", style.noun_or_verb_first)
