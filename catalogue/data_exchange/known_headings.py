"""Recognition of headings: the field that the text of a cell clearly names."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from catalogue.data_exchange.fields import RecordFields
from catalogue.data_exchange.headings import forms, names_by_words
from catalogue.data_exchange.spreadsheets.headings import FieldOf
from catalogue.data_exchange.spreadsheets.table import kept_heading
from catalogue.data_exchange.synonyms import plain_words

_LONGEST_KNOWN = 80


def known_headings(
    fields: RecordFields,
    requested: Mapping[str, str | Sequence[str] | None] | None = None,
    *,
    knows: Callable[[str], bool] | None = None,
) -> FieldOf:
    """Return a function that finds the field which a heading clearly names, or None.

    The headings that the user chose in `requested` count as known. So do the headings of columns
    that no field can hold, and headings that `knows` accepts.
    """
    chosen: dict[str, str] = {}
    for name, columns in (requested or {}).items():
        for column in [columns] if isinstance(columns, str) else columns or ():
            chosen[kept_heading(column).casefold()] = name

    def field_of(heading: str) -> str | None:
        kept = kept_heading(heading)
        found = chosen.get(kept.casefold()) or _clear_field(fields, kept)
        return kept if found is None and knows and knows(kept) else found

    return field_of


@lru_cache(maxsize=4_000)
def _clear_field(fields: RecordFields, heading: str) -> str | None:
    if len(heading) > _LONGEST_KNOWN or not any(map(str.isalpha, heading)):
        return None
    known, questions = _clear_headings(fields), _questions(fields)
    found = [form for form, _ in forms(heading, True, fields.subjects)]
    for form in found:
        if form in fields.not_fields:
            return form
        if form in known:
            return known[form]
        # A question of one word counts only with its question mark: “Live” alone is a value.
        if form in questions and ("?" in heading or " " in form):
            return questions[form]
    by_words = (
        field.name for field in fields.fields for form in found if names_by_words(form, field)
    )
    return next(by_words, None)


@lru_cache(maxsize=20)
def _clear_headings(fields: RecordFields) -> dict[str, str]:
    """Return every usual heading with the field that it names most clearly."""
    known: dict[str, str] = {}
    for field in fields.fields:
        for form in (plain_words(field.name.replace("_", " ")), *field.headings):
            known.setdefault(form, field.name)
    for field in fields.fields:
        for form in (*field.unclear, *field.doubtful):
            known.setdefault(form, field.name)
    return known


@lru_cache(maxsize=20)
def _questions(fields: RecordFields) -> dict[str, str]:
    return {form: field.name for field in fields.fields for form in field.questions}
