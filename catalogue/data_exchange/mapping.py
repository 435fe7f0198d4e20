"""The mapping of columns to fields, from headings, values and the user's choice."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from catalogue.data_exchange.fields import BY_NAME, FIELDS, NOT_FIELDS, ImportField, Kind
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.spreadsheets.tables import LONGEST_HEADING, Column, Table, is_blank
from catalogue.data_exchange.synonyms import plain_words
from catalogue.data_exchange.values import CapabilityLookup, ValueProblem, read_value

_EXACT, _SYNONYM, _REORDERED, _MISSPELT, _DOUBTFUL = 100.0, 95.0, 85.0, 60.0, 50.0
_LESS_CLEAR = 0.5
"""The score that each further heading in a field's list loses."""
_SPELLING = 90
_SPELLING_LETTERS = 6
_SAMPLE_VALUES = 200
_SAMPLES_SHOWN = 3
_MUST_READ = 0.5

Values = Mapping[int, list[Any]]
"""Some different values of each column, by its index."""


@dataclass(frozen=True, slots=True)
class Match:
    """A column with the field that it fills, the reason, and some of its values."""

    field: ImportField
    column: Column
    reason: str
    samples: tuple[str, ...] = ()
    translations: tuple[tuple[str, str], ...] = ()
    """For an enumeration: words in the column, each with its value."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A column that fills no field, with the reason."""

    column: Column
    reason: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The use of each column of a table."""

    matches: tuple[Match, ...]
    unmatched: tuple[Unmatched, ...]
    notes: tuple[str, ...] = ()

    def column_of(self, field: str) -> Column | None:
        return next((m.column for m in self.matches if m.field.name == field), None)

    def as_json(self) -> dict[str, Any]:
        """Return the mapping as the API and `--json` show it."""
        return {
            "mapped": [
                {
                    "field": match.field.name,
                    "column": match.column.label,
                    "reason": match.reason,
                    "samples": list(match.samples),
                    "translations": dict(match.translations),
                }
                for match in self.matches
            ],
            "unmapped": [
                {"column": left.column.label, "reason": left.reason, "samples": list(left.samples)}
                for left in self.unmatched
            ],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class _Claim:
    score: float
    column: Column
    field: ImportField
    reason: str

    @property
    def order(self) -> tuple[float, int]:
        return -self.score, self.column.index


def match_columns(
    table: Table,
    requested: Mapping[str, str | None] | None = None,
    *,
    capability: CapabilityLookup | None = None,
) -> ColumnMapping:
    """Return the mapping of a table's columns. Raises TableProblem if no column gives the name.

    `requested` names a column for a field, by heading or letter, or None to skip the field. Its
    choices come first. Among other columns the clearest heading wins, then the leftmost column.
    All other columns are listed with the reason.
    """
    requested = dict(requested or {})
    values = {column.index: _distinct(table, column) for column in table.columns}
    matches = _requested_matches(table, requested, values)
    taken = {match.column.index: match for match in matches}
    filled: dict[str, Column | None] = dict.fromkeys(requested)
    filled |= {match.field.name: match.column for match in matches}
    reasons: dict[int, str] = {}
    claims = [
        claim
        for column in table.columns
        if column.index not in taken
        for claim in _claims(column, values[column.index], capability, reasons)
    ]
    for claim in sorted(claims, key=lambda claim: claim.order):
        index, name = claim.column.index, claim.field.name
        if index in taken:
            continue
        if name in filled:
            reasons.setdefault(index, _reason_against(name, filled[name]))
            continue
        filled[name] = claim.column
        match = _match(claim.field, claim.column, claim.reason, values)
        taken[index] = match
        matches.append(match)
    return _finished(table, matches, taken, reasons, values)


def _finished(
    table: Table,
    matches: list[Match],
    taken: dict[int, Match],
    reasons: dict[int, str],
    values: Values,
) -> ColumnMapping:
    notes = []
    names = {match.field.name: match for match in matches}
    if "name" not in names:
        if "product_name" not in names:
            headings = ", ".join(f"“{quoted(column.label)}”" for column in table.columns[:20])
            raise TableProblem(
                "no_name_column",
                f"No column is recognised as the system's name. Row {table.heading_row} has the "
                f"headings {headings}. Map the field `name` to a column.",
            )
        notes.append("No column has the name, so the product's name is used.")
    elif "product_name" in names and _has_gaps(table, names["name"].column):
        notes.append("If the name is empty, the product's name is used.")
    if "lifecycle" not in names:
        notes.append("No column has the lifecycle, so new systems become live.")
    elif _has_gaps(table, names["lifecycle"].column):
        notes.append("If the lifecycle is empty, a new system becomes live.")
    unmatched = tuple(
        Unmatched(
            column,
            reasons.get(column.index, "No field of a system has this heading."),
            _samples(values[column.index]),
        )
        for column in table.columns
        if column.index not in taken
    )
    places = {field.name: place for place, field in enumerate(FIELDS)}
    matches.sort(key=lambda match: places[match.field.name])
    if table.other_sheets:
        others = ", ".join(f"“{quoted(name)}”" for name in table.other_sheets)
        notes.append(f"Only the sheet “{table.sheet}” is read. The other sheets are {others}.")
    return ColumnMapping(tuple(matches), unmatched, tuple(notes))


def _requested_matches(
    table: Table, requested: Mapping[str, str | None], values: Values
) -> list[Match]:
    from rapidfuzz import process

    by_heading = {column.heading.casefold(): column for column in table.columns if column.heading}
    by_letter = {column.letter: column for column in table.columns}
    matches: list[Match] = []
    for name, wanted in requested.items():
        field = BY_NAME.get(name)
        if field is None:
            near = process.extractOne(name, list(BY_NAME), score_cutoff=_MISSPELT)
            known = near[0] if near else f"one of {', '.join(BY_NAME)}"
            raise TableProblem(
                "unknown_field", f"A system has no field {quoted(name)!r}. Use {known}."
            )
        if not wanted:
            continue
        column = by_heading.get(_kept(wanted).casefold()) or by_letter.get(wanted)
        if column is None:
            headings = ", ".join(f"“{quoted(column.label)}”" for column in table.columns[:40])
            raise TableProblem(
                "unknown_column",
                f"There is no column “{quoted(wanted)}”. The columns are {headings}.",
                field=name,
            )
        other = next((match for match in matches if match.column is column), None)
        if other:
            raise TableProblem(
                "column_used_twice",
                f"The column “{quoted(column.label)}” is chosen for both {other.field.name} "
                f"and {name}. Choose another column for one of them.",
                field=name,
            )
        matches.append(_match(field, column, "you chose this column", values))
    return matches


def _kept(heading: str) -> str:
    """Return the heading in the form that the table keeps."""
    return " ".join(heading.split())[:LONGEST_HEADING]


def _claims(
    column: Column, values: list[Any], capability: CapabilityLookup | None, reasons: dict[int, str]
) -> Iterator[_Claim]:
    """Yield the fields that fit the column's heading and its values."""
    if not column.heading:
        reasons[column.index] = "The column has no heading."
        return
    if plain_words(column.heading) in NOT_FIELDS:
        reasons[column.index] = NOT_FIELDS[plain_words(column.heading)]
        return
    if not values:
        reasons[column.index] = "The column is empty."
        return
    for field in FIELDS:
        score, reason = _heading_score(column.heading, field)
        doubtful = not score and _is_doubtful(column.heading, field)
        if doubtful:
            score, reason = (
                _DOUBTFUL - (field.kind is Kind.TAGS),
                f"this heading can mean {field.name}",
            )
        if not score:
            continue
        wanted = 1.0 if doubtful else _MUST_READ
        if _readable(field, values, capability) < wanted:
            if not doubtful:
                reasons[column.index] = f"The values do not fit {field.name} ({field.kind})."
            continue
        yield _Claim(score, column, field, reason)


def _heading_score(heading: str, field: ImportField) -> tuple[float, str]:
    from rapidfuzz import fuzz, process

    own = plain_words(field.name.replace("_", " "))
    known = (own, *field.headings)
    for form in _forms(heading):
        if form == own:
            return _EXACT, "the heading is the name of the field"
        if form in field.headings:
            place = field.headings.index(form)
            return _SYNONYM - place * _LESS_CLEAR, f"“{form}” is a usual heading for this field"
    loose = {_loose(form) for form in _forms(heading)}
    for place, form in enumerate(known):
        if _loose(form) in loose:
            return _REORDERED - place * _LESS_CLEAR, f"the heading is similar to “{form}”"
    for form in _forms(heading):
        if len(form) < _SPELLING_LETTERS:
            continue
        near = process.extractOne(form, known, scorer=fuzz.ratio, score_cutoff=_SPELLING)
        if near and len(near[0]) >= _SPELLING_LETTERS:
            return _MISSPELT, f"the heading is spelt like “{near[0]}”"
    return 0.0, ""


def _is_doubtful(heading: str, field: ImportField) -> bool:
    return any(form in field.doubtful for form in _forms(heading))


@lru_cache(maxsize=2_000)
def _forms(heading: str) -> tuple[str, ...]:
    """Return the heading in plain words, with and without the text in brackets."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading).replace("_", " ")
    spaced = re.sub(r"#|\bno\.?(?= )|\bnum\b", " number ", spaced, flags=re.IGNORECASE)
    spaced = spaced.replace("&", " and ")
    without = re.sub(r"[(\[][^)\]]*[)\]]", " ", spaced)
    return tuple(dict.fromkeys(form for form in map(plain_words, (spaced, without)) if form))


def _loose(form: str) -> str:
    """Return plain words in a fixed order, without articles and plurals."""
    words = (word for word in form.split() if word not in {"the", "of", "a", "is", "this"})
    return " ".join(
        sorted(word[:-1] if len(word) > 3 and word[-1] == "s" else word for word in words)
    )


def _reason_against(field: str, column: Column | None) -> str:
    if column is None:
        return f"You chose to skip the field {field}."
    return f"The field {field} is filled from “{quoted(column.label)}” (column {column.letter})."


def _distinct(table: Table, column: Column) -> list[Any]:
    """Return some different values of a column, in order."""
    distinct: dict[Any, Any] = {}
    for row in table.rows:
        cell = row.cells[column.index]
        if not is_blank(cell):
            distinct.setdefault((type(cell), cell), cell)
            if len(distinct) == _SAMPLE_VALUES:
                break
    return list(distinct.values())


def _has_gaps(table: Table, column: Column) -> bool:
    return any(is_blank(row.cells[column.index]) for row in table.rows)


def _readable(
    field: ImportField, values: Iterable[Any], capability: CapabilityLookup | None
) -> float:
    """Return the share of the values that the field accepts."""
    tried = good = 0
    for value in values:
        tried += 1
        try:
            read_value(field, value, capability)
            good += 1
        except ValueProblem:
            pass
    return good / tried if tried else 0.0


def _match(field: ImportField, column: Column, reason: str, values: Values) -> Match:
    translations: list[tuple[str, str]] = []
    if field.kind is Kind.CHOICE:
        for cell in values[column.index]:
            try:
                value = read_value(field, cell)
            except ValueProblem:
                continue
            if value is not None and value != cell:
                translations.append((quoted(cell), str(value)))
    return Match(field, column, reason, _samples(values[column.index]), tuple(translations))


def _samples(values: list[Any]) -> tuple[str, ...]:
    return tuple(map(quoted, values[:_SAMPLES_SHOWN]))
