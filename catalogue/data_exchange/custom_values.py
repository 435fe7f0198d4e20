"""Values of custom fields as spreadsheets write them: choices, and numbers with decimal places."""

import re
from collections.abc import Sequence
from decimal import Decimal

from catalogue.data_exchange.synonyms import plain_words

_DECIMAL = re.compile(
    r"(?P<about>(?:approx(?:imately|\.)?|ca?\.?|circa|about|around|est(?:imated|\.)?|~) *)?"
    r"(?P<sign>[+-]?)£? *(?P<number>\d{1,3}(?:[, \u00a0]\d{3})+(?:\.\d+)?|\d{1,12}(?:\.\d+)?)",
    re.IGNORECASE,
)
_PLACES = Decimal("0.01")
_ALIKE = 80
_MOST_OFFERED = 3


def find_choice(choices: Sequence[str], text: str) -> str | None:
    """Return the choice that a cell states, without regard to case and punctuation, or None."""
    if text in choices:
        return text
    words = plain_words(text)
    found = [choice for choice in choices if words and plain_words(choice) == words]
    return found[0] if len(found) == 1 else None


def closest_choices(choices: Sequence[str], text: str) -> list[str]:
    """Return the choices that an unknown word resembles most, or all choices if it resembles none."""
    from rapidfuzz import fuzz, process

    words = plain_words(text)
    known = {choice: plain_words(choice) for choice in choices}
    found = process.extract(words, known, scorer=fuzz.token_set_ratio, score_cutoff=_ALIKE)
    return [choice for _, _, choice in found[:_MOST_OFFERED]] or list(choices)


def read_decimal(text: str) -> tuple[str, str | None]:
    """Return a number with two decimal places, and a notice if the cell says more than the number.

    Raises ValueError with what is wrong and what to do if a guess would be needed.
    """
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        raise ValueError("The value is not a number. Write digits only, such as 1250.00.")
    number = Decimal(match["sign"] + re.sub(r"[, \u00a0]", "", match["number"]))
    if number != number.quantize(_PLACES):
        raise ValueError("The number has more than two decimal places. Round it.")
    shown = f"{number:.2f}"
    if match["about"]:
        return shown, f"The number is approximate. {shown} was recorded."
    return shown, None
