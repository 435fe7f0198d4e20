"""Nouns in messages have the right article."""

import pytest

from catalogue.core.text import with_article


@pytest.mark.parametrize(
    ("noun", "phrase"),
    [
        ("interface", "an interface"),
        ("access grant", "an access grant"),
        ("use", "a use"),
        ("user", "a user"),
        ("upload", "an upload"),
        ("cost line", "a cost line"),
    ],
)
def test_noun_has_the_article_of_its_sound(noun: str, phrase: str) -> None:
    assert with_article(noun) == phrase
