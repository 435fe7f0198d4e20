"""The mapping of columns to fields, from headings, values and the user's choice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue.core.text import with_article
from catalogue.data_exchange.cells import read_cell
from catalogue.data_exchange.column_mapping import ColumnMapping, Match, Unmatched
from catalogue.data_exchange.column_values import distinct_values, has_gaps, samples_of
from catalogue.data_exchange.column_words import field_of_words, holds_lifecycles
from catalogue.data_exchange.fields import (
    ATTRIBUTE_PREFIX,
    LISTS,
    RECORD_ID,
    Answers,
    ImportField,
    Kind,
    RecordFields,
)
from catalogue.data_exchange.headings import (
    ALL_FIT,
    CLEAR,
    RECORD_IDS,
    HeadingMatch,
    forms,
    match_heading,
)
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.spreadsheets.table import Column, Table, kept_heading
from catalogue.data_exchange.synonyms import plain_words
from catalogue.data_exchange.translations import NOTHING_CHOSEN, Translations
from catalogue.data_exchange.values import (
    CapabilityLookup,
    ValueProblem,
    is_record_id,
    without_notice,
)

_MISSPELT = 60.0

Values = Mapping[int, list[Any]]
"""Some different values of each column, by the index of the column."""

Requested = Mapping[str, str | Sequence[str] | None]
"""The column of each field, or several columns for a list. None skips the field."""


@dataclass(frozen=True, slots=True)
class _Claim:
    found: HeadingMatch
    column: Column
    field: ImportField

    @property
    def order(self) -> tuple[float, bool, int]:
        return -self.found.score, not self.column.is_gathered, self.column.index


def match_columns(
    table: Table,
    requested: Requested | None = None,
    *,
    fields: RecordFields,
    skipped: Sequence[str] = (),
    translations: Mapping[str, Translations] | None = None,
    capability: CapabilityLookup | None = None,
) -> ColumnMapping:
    """Return the mapping of a table's columns. Raises TableProblem if a needed column is missing.

    `requested` names a column for a field, by heading or letter, or None to skip the field. Its
    choices come first. Among other columns the clearest heading wins, then the leftmost column.
    Columns in `skipped` fill nothing. All other columns are listed with the reason.
    """
    return _Matcher(fields, table, dict(requested or {}), translations or {}, capability).match(
        skipped
    )


@dataclass
class _Matcher:
    fields: RecordFields
    table: Table
    requested: Requested
    translations: Mapping[str, Translations]
    capability: CapabilityLookup | None
    values: dict[int, list[Any]] = field(default_factory=dict)
    matches: list[Match] = field(default_factory=list)
    taken: dict[int, Match] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    chosen_out: set[int] = field(default_factory=set)
    uncertain: set[int] = field(default_factory=set)
    """Columns that fill a field only because every value fits it."""

    def match(self, skipped: Sequence[str]) -> ColumnMapping:
        self.values = {c.index: distinct_values(self.table, c) for c in self.table.columns}
        for wanted in skipped:
            # A list without the column needs no correction, because nothing is left out.
            if column := self._find(wanted):
                self.chosen_out.add(column.index)
                self.reasons[column.index] = "You chose to leave this column out."
        self._take_requested()
        claims = [
            claim
            for column in self.table.columns
            if column.index not in self.taken and column.index not in self.chosen_out
            for claim in self._claims(column)
        ]
        for claim in sorted(claims, key=lambda claim: claim.order):
            self._take(claim)
        return self._finished()

    def _take(self, claim: _Claim) -> None:
        index, name = claim.column.index, claim.field.name
        if index in self.taken:
            return
        first = next((m.column for m in self.matches if m.field.name == name), None)
        if name in self.requested:
            self.reasons.setdefault(index, _reason_against(name, first))
            if first is None:
                self.chosen_out.add(index)
            return
        joins = claim.field.kind in LISTS and claim.found.must_fit < ALL_FIT
        if first is not None and not joins:
            self.reasons.setdefault(index, _reason_against(name, first))
            return
        if claim.column.twins and not joins:
            raise self._same_heading(claim.column, name)
        if claim.found.must_fit == ALL_FIT:
            self.uncertain.add(index)
        answers = claim.found.answers if claim.found.is_question else None
        self._add(claim.field, claim.column, claim.found.reason, answers)

    def _add(
        self, field: ImportField, column: Column, reason: str, answers: Answers | None = None
    ) -> None:
        values = self.values[column.index]
        words: list[tuple[str, str]] = []
        if field.kind is Kind.CHOICE:
            for cell in values:
                try:
                    value = without_notice(self._read(field, cell, answers))
                except ValueProblem:
                    continue
                if value is not None and value != cell:
                    words.append((quoted(cell), str(value)))
        match = Match(field, column, reason, samples_of(values), tuple(words), answers)
        self.taken[column.index] = match
        self.matches.append(match)

    def _read(self, field: ImportField, cell: Any, answers: Answers | None) -> object:
        chosen = self.translations.get(field.name, NOTHING_CHOSEN)
        return read_cell(field, cell, self.capability, answers=answers, translations=chosen)

    def _take_requested(self) -> None:
        for name, wanted in self.requested.items():
            field = self.fields.find(name) or _refuse_field(self.fields, name)
            columns = [wanted] if isinstance(wanted, str) else list(wanted or ())
            if len(columns) > 1 and field.kind not in LISTS:
                raise TableProblem(
                    "too_many_columns",
                    f"The field {name} takes only one column. Choose one of the columns.",
                    field=name,
                )
            for text in filter(None, columns):
                column = self._column(text, name)
                if column.twins and text != column.letter:
                    raise self._same_heading(column, name)
                other = self.taken.get(column.index)
                if other:
                    raise TableProblem(
                        "column_used_twice",
                        f"The column “{quoted(column.label)}” is chosen for both "
                        f"{other.field.name} and {name}. Choose another column for one of them.",
                        field=name,
                    )
                found = self._match(column, field) if column.heading else None
                answers = found.answers if found and found.is_question else None
                self._add(field, column, "you chose this column", answers)

    def _find(self, wanted: str) -> Column | None:
        columns = sorted(self.table.columns, key=lambda column: not column.is_gathered)
        heading = kept_heading(wanted).casefold()
        column = next((c for c in columns if c.heading and c.heading.casefold() == heading), None)
        return column or next((c for c in columns if c.letter == wanted), None)

    def _column(self, wanted: str, name: str) -> Column:
        column, columns = self._find(wanted), self.table.columns
        if column is None:
            headings = ", ".join(f"“{quoted(c.label)}”" for c in columns[:40])
            raise TableProblem(
                "unknown_column",
                f"There is no column “{quoted(wanted)}”. Choose one of these columns: {headings}.",
                field=name,
            )
        return column

    def _claims(self, column: Column) -> Iterator[_Claim]:
        """Yield the fields that fit the column's heading and, if it is unclear, its values."""
        values = self.values[column.index]
        if not column.heading:
            self.reasons[column.index] = "The column has no heading."
            return
        for form, _ in forms(column.heading, False, self.fields.subjects):
            if reason := self.fields.not_fields.get(form):
                self.reasons[column.index] = reason
                return
        heading = plain_words(column.heading)
        if heading == RECORD_ID.name and values and all(map(is_record_id, values)):
            yield _Claim(RECORD_IDS, column, RECORD_ID)
            return
        for known in self.fields.fields:
            found = self._match(column, known)
            if found is None:
                continue
            if not values and (known.name != "lifecycle" or found.must_fit != CLEAR):
                continue
            if found.must_fit and self._readable(known, values, found) < found.must_fit:
                if found.must_fit < ALL_FIT:
                    self.reasons[column.index] = (
                        f"The heading has several meanings, and the values do not fit {known.name} "
                        f"({known.kind})."
                    )
                continue
            yield _Claim(found, column, known)
        if not values:
            self.reasons[column.index] = "The column is empty."

    def _match(self, column: Column, field: ImportField) -> HeadingMatch | None:
        return match_heading(column.heading, field, self.fields.subjects)

    def _readable(self, field: ImportField, values: list[Any], found: HeadingMatch) -> float:
        """Return the share of the values that the field accepts."""
        good = 0
        for value in values:
            try:
                self._read(field, value, found.answers if found.is_question else None)
                good += 1
            except ValueProblem:
                pass
        return good / len(values) if values else 0.0

    def _finished(self) -> ColumnMapping:
        table, filled = self.table, {match.field.name: match for match in self.matches}
        has_lifecycle = "lifecycle" in filled or "lifecycle" not in self.fields.by_name
        possible = [] if has_lifecycle else self._possible_lifecycles()
        if "lifecycle" in self.requested:
            # A person who skips the field has seen the column.
            self.chosen_out |= {column.index for column in possible}
            self.reasons |= {c.index: _reason_against("lifecycle", None) for c in possible}
            possible = []
        for column in possible:
            self.reasons[column.index] = (
                "The column holds lifecycle words. Map the field `lifecycle` to it, or skip "
                "the field."
            )
        unmatched = tuple(
            Unmatched(
                column,
                self._reason(column, {*filled, *self.requested}),
                samples_of(self.values[column.index]),
                column.index in self.chosen_out,
            )
            for column in table.columns
            if column.index not in self.taken
        )
        places = {field.name: place for place, field in enumerate(self.fields.fields)}
        self.matches.sort(key=lambda m: (places.get(m.field.name, len(places)), m.column.index))
        notes = tuple(self._notes(filled))
        return ColumnMapping(self.fields, tuple(self.matches), unmatched, notes, tuple(possible))

    def _possible_lifecycles(self) -> list[Column]:
        return [
            column
            for column in self.table.columns
            if column.index not in self.chosen_out
            and (column.index not in self.taken or column.index in self.uncertain)
            and holds_lifecycles(self.fields, self.values[column.index])
        ]

    def _reason(self, column: Column, filled: set[str]) -> str:
        if reason := self.reasons.get(column.index):
            return reason
        if name := field_of_words(self.fields, self.values[column.index], filled):
            return f"The column holds words of {name}. Map the field `{name}` to it, or skip it."
        if column.heading.startswith(ATTRIBUTE_PREFIX):
            name = quoted(column.heading)
            return f"The column is a field of your own. Map the field `{name}` to it, or skip it."
        return f"No field of {with_article(self.fields.noun)} has this heading."

    def _same_heading(self, column: Column, name: str) -> TableProblem:
        letters = " and ".join(sorted({column.letter, *column.twins}))
        return TableProblem(
            "duplicate_columns",
            f"Columns {letters} are both called “{quoted(column.heading)}”. Rename one of them, or "
            f"map the field {name} to the letter of a column.",
            column=column.heading,
            field=name,
        )

    def _notes(self, filled: Mapping[str, Match]) -> Iterator[str]:
        if RECORD_ID.name not in filled:
            self._require_columns(filled)
        for name, substitute in self.fields.substitutes.items():
            words = f"{_in_words(name)}", f"{_in_words(substitute)}"
            if name not in filled and substitute in filled:
                yield f"No column has the {words[0]}, so the {words[1]} is used."
            elif {name, substitute} <= filled.keys() and has_gaps(self.table, filled[name].column):
                yield f"If the {words[0]} is empty, the {words[1]} is used."
        if "lifecycle" not in filled and "lifecycle" in self.fields.by_name:
            yield "No column has the lifecycle, so new systems become live."

    def _require_columns(self, filled: Mapping[str, Match]) -> None:
        """Raise TableProblem if a needed field has neither a column nor one value for all rows."""
        for name in self.fields.needed:
            given = (name, self.fields.substitutes.get(name, name))
            constant = self.translations.get(name, NOTHING_CHOSEN).of_empty_cell
            if constant is not None or any(each in filled for each in given):
                continue
            table = self.table
            headings = ", ".join(f"“{quoted(c.label)}”" for c in table.columns[:20])
            detail = (
                f"No column is recognised as the {self.fields.noun}'s {_in_words(name)}. Row "
                f"{table.heading_row} has the headings {headings}. {table.reading} Or map the "
                f"field `{name}` to a column."
            )
            if name != self.fields.needed[0]:
                detail += f" If all rows have the same value, translate the empty word of `{name}`."
            if name == "name":
                raise TableProblem("no_name_column", detail, field=name)
            raise TableProblem("missing_column", detail, field=name)


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def _refuse_field(fields: RecordFields, name: str) -> ImportField:
    from rapidfuzz import process

    near = process.extractOne(name, list(fields.by_name), score_cutoff=_MISSPELT)
    known = near[0] if near else f"one of {', '.join(fields.by_name)}"
    own = ", or `attributes.NAME` for a field of your own" if fields.has_attributes else ""
    raise TableProblem(
        "unknown_field", f"{fields.a_record} has no field {quoted(name)!r}. Use {known}{own}."
    )


def _reason_against(field: str, column: Column | None) -> str:
    if column is None:
        return f"You chose to skip the field {field}."
    return f"The field {field} is filled from “{quoted(column.label)}” (column {column.letter})."
