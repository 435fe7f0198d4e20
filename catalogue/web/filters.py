"""Filters of lists: what a person types, and the API's parameters that it stands for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from werkzeug.datastructures import MultiDict

from catalogue.core import clock
from catalogue.web.forms import DATE_PARTS, join_date, split_date
from catalogue.web.wording import label, value_label

Choices = tuple[tuple[str, str], ...]

YES_NO: Choices = (("true", "Yes"), ("false", "No"))


def choices_of(values: Iterable[str]) -> Choices:
    """Return the values of an enumeration with their words."""
    return tuple((str(value), value_label(value)) for value in values)


class Kind(StrEnum):
    """The kind of value that a filter takes."""

    TEXT = "text"
    """A text, or one of the choices if there are any."""
    TEXTS = "texts"
    """Several texts, separated by commas. The record must have all of them."""
    DAY = "day"
    MOMENT = "moment"
    """The moment at which a day begins in the United Kingdom."""


@dataclass(frozen=True)
class Filter:
    """A filter of a list, by the name of its parameter in the API."""

    name: str
    label: str
    choices: Choices = ()
    kind: Kind = Kind.TEXT
    more: bool = False
    """True for a filter that is folded away at first."""


@dataclass
class FilterControl:
    """A filter as the page shows it."""

    declared: Filter
    choices: Choices
    value: Any = ""
    """The text as typed, or the three parts of a date."""
    sent: list[str] = field(default_factory=list)
    """The values of the API's parameter. Empty if the list is not filtered by it."""
    error: str = ""

    @property
    def id(self) -> str:
        """The id of the control, or of its group of inputs."""
        return f"filter-{self.declared.name}"

    @property
    def first_id(self) -> str:
        """The id of the first input, which the summary of errors links to."""
        return f"{self.id}-{DATE_PARTS[0]}" if self.is_date else self.id

    @property
    def is_date(self) -> bool:
        """Whether the filter has three inputs."""
        return self.declared.kind in {Kind.DAY, Kind.MOMENT}

    def read(self, arguments: MultiDict[str, str]) -> None:
        """Take the value of the address: as a form sends it, or as the API has it."""
        name = self.declared.name
        values = [value for text in arguments.getlist(name) if (value := text.strip())]
        if self.is_date:
            parts = tuple(arguments.get(f"{name}-{part}", "").strip() for part in DATE_PARTS)
            if any(parts):
                values = [self._sent_of(parts)]
            elif values:
                parts = self._parts_of(values[0])
            self.value, self.sent = parts, values[:1]
        elif self.declared.kind is Kind.TEXTS:
            split = (part.strip() for value in values for part in value.split(","))
            self.sent = list(dict.fromkeys(filter(None, split)))
            self.value = ", ".join(self.sent)
        else:
            self.sent = values[:1]
            self.value = values[0] if values else ""

    def _sent_of(self, parts: tuple[str, ...]) -> str:
        """Return the API's value of a date. A date that is not real stays as typed."""
        text = join_date(parts)
        if self.declared.kind is Kind.DAY or "/" in text:
            return text
        begins = datetime.combine(date.fromisoformat(text), time(), clock.UK)
        return f"{begins.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def _parts_of(self, value: str) -> tuple[str, ...]:
        try:
            if self.declared.kind is Kind.MOMENT:
                value = datetime.fromisoformat(value).astimezone(clock.UK).date().isoformat()
            return split_date(value)
        except (ValueError, OverflowError):
            return ("", "", "")

    def note_refusal(self) -> None:
        """Note that the API refuses the value, in words for people."""
        name = self.declared.label
        self.error = (
            f"“{name}” must be a real date, such as 27 3 2027"
            if self.is_date
            else f"The filter “{name}” cannot have this value. Change it, or clear it."
        )


_OPERATORS = {
    "": "{}",
    "lte": "{}, at most",
    "gte": "{}, at least",
    "ne": "{}, other than",
    "in": "{}, one of (separated by commas)",
    "isnull": "{}, without a value (true or false)",
    "contains": "{}, containing",
}


def undeclared(name: str) -> Filter:
    """Make the control of a filter that a page does not offer, for an address that has it."""
    field_name, _, operator = name.partition("__")
    words = label(field_name.removeprefix("attributes."))
    kind = Kind.TEXTS if operator == "ne" else Kind.TEXT
    return Filter(name, _OPERATORS.get(operator, "{}").format(words), kind=kind, more=True)
