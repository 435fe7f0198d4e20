"""Recognition of headings: the field that the text of a cell clearly names."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from catalogue.data_exchange.fields import FIELDS, NOT_FIELDS
from catalogue.data_exchange.headings import forms, names_by_words
from catalogue.data_exchange.spreadsheets.headings import FieldOf
from catalogue.data_exchange.spreadsheets.table import kept_heading
from catalogue.data_exchange.synonyms import plain_words

_LONGEST_KNOWN = 80


def known_headings(
    requested: Mapping[str, str | Sequence[str] | None] | None = None,
) -> FieldOf:
    """Return a function that finds the field which a heading clearly names, or None.

    The headings that the user chose in `requested` count as known. So do the headings of columns
    that no field can hold.
    """
    chosen: dict[str, str] = {}
    for name, columns in (requested or {}).items():
        for column in [columns] if isinstance(columns, str) else columns or ():
            chosen[kept_heading(column).casefold()] = name

    def field_of(heading: str) -> str | None:
        kept = kept_heading(heading)
        return chosen.get(kept.casefold()) or _clear_field(kept)

    return field_of


@lru_cache(maxsize=4_000)
def _clear_field(heading: str) -> str | None:
    if len(heading) > _LONGEST_KNOWN or not any(map(str.isalpha, heading)):
        return None
    known = _clear_headings()
    found = [form for form, _ in forms(heading, is_list=True)]
    for form in found:
        if form in NOT_FIELDS:
            return form
        if form in known:
            return known[form]
        # A question of one word counts only with its question mark: “Live” alone is a value.
        if form in _questions() and ("?" in heading or " " in form):
            return _questions()[form]
    by_words = (field.name for field in FIELDS for form in found if names_by_words(form, field))
    return next(by_words, None)


@lru_cache(maxsize=1)
def _clear_headings() -> dict[str, str]:
    """Return every usual heading with the field that it names most clearly."""
    known: dict[str, str] = {}
    for field in FIELDS:
        for form in (plain_words(field.name.replace("_", " ")), *field.headings):
            known.setdefault(form, field.name)
    for field in FIELDS:
        for form in (*field.unclear, *field.doubtful):
            known.setdefault(form, field.name)
    return known


@lru_cache(maxsize=1)
def _questions() -> dict[str, str]:
    return {form: field.name for field in FIELDS for form in field.questions}
