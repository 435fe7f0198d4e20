"""Recognition of the row of headings: the field that a text clearly names, if it is a heading."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from catalogue.data_exchange.fields import FIELDS, LISTS, NOT_FIELDS
from catalogue.data_exchange.headings import clear_score, forms
from catalogue.data_exchange.spreadsheets.headings import FieldOf
from catalogue.data_exchange.spreadsheets.table import LONGEST_HEADING

_LONGEST_KNOWN = 80


def known_headings(
    requested: Mapping[str, str | Sequence[str] | None] | None = None,
) -> FieldOf:
    """Return a function that finds the field which a heading clearly names, or None.

    The chosen headings in `requested` count as known. A heading that no field can hold is known too.
    """
    chosen: dict[str, str] = {}
    for name, columns in (requested or {}).items():
        for column in [columns] if isinstance(columns, str) else columns or ():
            chosen[_kept(column).casefold()] = name

    def field_of(heading: str) -> str | None:
        kept = _kept(heading)
        return chosen.get(kept.casefold()) or _clear_field(kept)

    return field_of


def _kept(heading: str) -> str:
    """Return the heading in the form that the table keeps."""
    return " ".join(heading.split())[:LONGEST_HEADING]


@lru_cache(maxsize=4_000)
def _clear_field(heading: str) -> str | None:
    if len(heading) > _LONGEST_KNOWN or not any(map(str.isalpha, heading)):
        return None
    for form, _ in forms(heading):
        if form in NOT_FIELDS:
            return form
    scores = {
        field.name: score
        for field in FIELDS
        if (score := clear_score(heading, field, is_list=field.kind in LISTS))
    }
    return max(scores, key=scores.__getitem__) if scores else None
