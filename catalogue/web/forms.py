"""Forms made from the write schemas of the API, so that every rule exists once.

A form reads what was typed into the JSON that the operation expects. Text that is no number or no
date stays as typed, so the operation refuses it and names the field.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import marshmallow as ma
import orjson
from werkzeug.datastructures import MultiDict

from catalogue.core import clock
from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    DateField,
    Integer,
    ListOf,
    MomentField,
    MoneyField,
    Nested,
    Text,
)
from catalogue.core.text import format_date
from catalogue.web.wording import hint, label, meaning, mistake, pair, value_label

BASE_FIELD = "base"
"""The hidden field with the values that the form showed first, so that only changes are sent."""

DATE_PARTS = ("day", "month", "year")
"""The names of the three inputs of a date, after the name of its field."""

_LONG_TEXT = 500


@dataclass(frozen=True)
class Option:
    """A choice of a control."""

    value: str
    text: str
    hint: str = ""


@dataclass
class Control:
    """A control of a form: its words, its value as text, and its errors."""

    name: str
    kind: str
    """`text`, `number`, `money`, `long`, `lines`, `date`, `choice`, `select`, `checks`, `yes_no` or
    `pairs`.

    A moment is typed as a date: its last whole day in the United Kingdom. Each line of `pairs`
    holds the two fields of an entry, such as `GSS = E23000026`.
    """
    label: str
    hint: str
    can_be_empty: bool
    options: tuple[Option, ...] = ()
    value: Any = ""
    """A text, a list of the options that are checked, or the three parts of a date."""
    errors: list[str] = field(default_factory=list)
    recorded: str | None = None
    """The value that somebody else recorded meanwhile, in words."""

    @property
    def first_id(self) -> str:
        """The id of the first input, which the summary of errors links to."""
        return f"{self.name}-day" if self.kind == "date" else self.name

    @property
    def answer(self) -> str:
        """The value in words, for a page where the person checks the answers."""
        return _in_words(self, self.value)


_OPTIONAL = Option("", "Not recorded")


class Form:
    """The controls of some fields of a write schema."""

    def __init__(self, schema: type[ma.Schema], names: Iterable[str]) -> None:
        declared = schema().fields
        self.controls = [_control(name, declared[name]) for name in names]
        self._fields = {name: declared[name] for name in names}
        self.summary: list[str] = []
        """The errors that belong to no control."""

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def offer(self, name: str, options: Iterable[Option], *, kind: str = "select") -> None:
        """Let people choose among these options: some for a list, or one in place of text."""
        control = self._control(name)
        if isinstance(self._fields[name], ListOf):
            control.kind, control.value = "checks", []
        else:
            control.kind, control.value, control.hint = kind, "", ""
        control.options = tuple(options)

    def limit(self, name: str, values: Container[str]) -> None:
        """Offer only those options of a choice that have one of these values."""
        control = self._control(name)
        control.options = tuple(o for o in control.options if o.value in values)

    def _control(self, name: str) -> Control:
        return next(control for control in self.controls if control.name == name)

    def fill(self, record: Mapping[str, Any]) -> None:
        """Show the values of a record."""
        for control in self.controls:
            control.value = _as_typed(control, record.get(control.name))

    def propose(self, proposed: MultiDict[str, str]) -> None:
        """Check the options that a link proposes. Nothing is recorded until the person saves."""
        for control in self.controls:
            if control.kind == "checks" and control.name in proposed:
                chosen = {*control.value, *proposed.getlist(control.name)}
                control.value = [o.value for o in control.options if o.value in chosen]

    def fill_typed(self, posted: MultiDict[str, str]) -> None:
        """Show what was typed."""
        for control in self.controls:
            control.value = _typed(control, posted)

    def read(self, posted: MultiDict[str, str]) -> dict[str, Any]:
        """Return the values that were typed, as JSON."""
        return {c.name: _as_json(c, self._fields[c.name], _typed(c, posted)) for c in self.controls}

    def base(self, record: Mapping[str, Any]) -> str:
        """Return the text of the hidden field for the values of a record."""
        return orjson.dumps({c.name: record.get(c.name) for c in self.controls}).decode()

    def read_changes(self, posted: MultiDict[str, str]) -> dict[str, Any]:
        """Return the typed values that differ from those that the form showed first."""
        typed = self.read(posted)
        try:
            base = orjson.loads(posted.get(BASE_FIELD, ""))
            # What the form shows differs from the record where a text has other white space.
            shown = {
                c.name: _round_trip(c, self._fields[c.name], base.get(c.name))
                for c in self.controls
            }
        except (ValueError, TypeError, AttributeError):
            # The browser did not send the field as the form had it.
            return typed
        return {name: value for name, value in typed.items() if value != shown[name]}

    def note_recorded(self, record: Mapping[str, Any], changed: Iterable[str]) -> None:
        """Show a record's present values, and keep those that the person changed as typed."""
        kept = set(changed)
        for control in self.controls:
            now = _as_typed(control, record.get(control.name))
            if control.name not in kept:
                control.value = now
            elif now != control.value:
                control.recorded = _in_words(control, now)

    def note_errors(self, problem: Mapping[str, Any]) -> None:
        """Put the errors of a problem document beside their controls, or into the summary."""
        by_name = {control.name: control for control in self.controls}
        for error in problem.get("errors", ()):
            name = error["pointer"].lstrip("/").partition("/")[0]
            control = by_name.get(name)
            if control is None:
                self.summary.append(error["detail"])
            else:
                control.errors.append(mistake(error["code"], error["detail"], name, control.kind))
        if not problem.get("errors"):
            self.summary.append(problem["detail"])

    @property
    def error_list(self) -> list[dict[str, str]]:
        """The entries of the summary of errors."""
        beside = [
            {"text": text, "href": f"#{control.first_id}"}
            for control in self.controls
            for text in control.errors
        ]
        return [{"text": text} for text in self.summary] + beside


def _control(name: str, declared: Any) -> Control:
    kind = "text"
    options: tuple[Option, ...] = ()
    match declared:
        case Choice():
            kind, options = "choice", _options(declared)
            if declared.allow_none:
                options = (*options, _OPTIONAL)
        case Boolean():
            kind, options = "yes_no", (Option("true", "Yes"), Option("false", "No"))
        case DateField() | MomentField():
            kind = "date"
        case Integer():
            kind = "number"
        case MoneyField():
            kind = "money"
        case ListOf(inner=Nested()):
            kind = "pairs"
        case ListOf(inner=Choice() as inner):
            kind, options = "checks", _options(inner)
        case ListOf():
            kind = "lines"
        case Text() if declared.max > _LONG_TEXT:
            kind = "long"
    return Control(
        name=name,
        kind=kind,
        label=label(name),
        hint=hint(declared.metadata.get("description", "")),
        can_be_empty=declared.allow_none or (isinstance(declared, ListOf) and not declared.min),
        options=options,
        value=[] if kind == "checks" else ("", "", "") if kind == "date" else "",
    )


def _options(declared: Choice) -> tuple[Option, ...]:
    return tuple(
        Option(c.value, value_label(c.value), meaning(c.value, declared.choices))
        for c in declared.choices
    )


def _as_typed(control: Control, value: Any) -> Any:
    """Return the value of a record as a person would type it."""
    if control.kind == "date":
        if value and "T" in value:
            value = _last_day(value)
        return split_date(value) if value else ("", "", "")
    if control.kind == "checks":
        return list(value or ())
    if control.kind == "lines":
        return "\n".join(map(str, value or ()))
    if control.kind == "pairs":
        return "\n".join(map(pair, value or ()))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _typed(control: Control, posted: MultiDict[str, str]) -> Any:
    if control.kind == "date":
        return tuple(posted.get(f"{control.name}-{part}", "").strip() for part in DATE_PARTS)
    if control.kind == "checks":
        return posted.getlist(control.name)
    return posted.get(control.name, "").replace("\r\n", "\n")


def _as_json(control: Control, declared: Any, typed: Any) -> Any:
    empty = None if declared.allow_none else ""
    match control.kind:
        case "date":
            if not any(typed):
                return empty
            return _as_end_of(typed) if isinstance(declared, MomentField) else join_date(typed)
        case "checks":
            return sorted(typed)
        case "lines":
            return list(dict.fromkeys(filter(None, map(str.strip, typed.split("\n")))))
        case "pairs":
            return [_read_pair(line, declared.inner.schema) for line in typed.splitlines() if line]
        case "number":
            digits = typed.strip().replace(",", "")
            if not digits:
                return empty
            return (
                int(digits) if digits.removeprefix("-").isdecimal() and len(digits) < 20 else typed
            )
        case "money":
            return typed.strip().removeprefix("£").replace(",", "") or empty
        case "yes_no":
            return {"true": True, "false": False}.get(typed, typed or None)
        case _:
            return typed.strip() or empty


def _read_pair(line: str, schema: ma.Schema) -> dict[str, Any]:
    """Return the entry of a line. Without both fields, the operation refuses the entry."""
    (first, _), (second, declared) = schema.fields.items()
    before, sign, after = line.rpartition("=")
    if not sign:
        return {first: line.strip()}
    if isinstance(declared, ListOf):
        return {first: before.strip(), second: list(filter(None, map(str.strip, after.split(","))))}
    return {first: before.strip(), second: after.strip()}


def join_date(parts: Sequence[str]) -> str:
    """Return a date in the API's form, or the parts as typed if they are no real date."""
    day, month, year = parts
    try:
        if len(year) != len("2027"):
            raise ValueError
        return date(int(year), int(month), int(day)).isoformat()
    except (ValueError, OverflowError):
        return "/".join(parts)


def _as_end_of(parts: tuple[str, str, str]) -> str:
    """Return the moment at which a day ends in the United Kingdom, or the text if it is no day."""
    text = join_date(parts)
    try:
        return clock.start_of(date.fromisoformat(text) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return text


def _last_day(moment: str) -> str:
    """Return the last day in the United Kingdom that begins before a moment."""
    last = datetime.fromisoformat(moment) - timedelta(microseconds=1)
    return last.astimezone(clock.UK).date().isoformat()


def split_date(text: str) -> tuple[str, ...]:
    """Return the day, month and year of a date in the API's form. Raises ValueError."""
    day = date.fromisoformat(text)
    return str(day.day), str(day.month), str(day.year)


def _round_trip(control: Control, declared: Any, value: Any) -> Any:
    return _as_json(control, declared, _as_typed(control, value))


def _in_words(control: Control, typed: Any) -> str:
    if control.kind == "date":
        text = join_date(typed)
        try:
            return format_date(date.fromisoformat(text))
        except ValueError:
            return text if any(typed) else _OPTIONAL.text
    if control.kind == "checks":
        return ", ".join(o.text for o in control.options if o.value in typed) or _OPTIONAL.text
    if control.options:
        return next((o.text for o in control.options if o.value == typed), str(typed))
    return str(typed) or _OPTIONAL.text
