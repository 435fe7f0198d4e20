"""Fields that a spreadsheet can fill, and the fields of one kind of record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from catalogue.core.text import with_article

Answers = tuple[str | None, str | None]
"""The values that yes and no stand for, if the heading is a question. None if unclear."""

ATTRIBUTE_PREFIX = "attributes."

DERIVED = "The catalogue works out this value itself."
LEFT_OUT_OF_EVERY_KIND = {
    "reasons for rejection": "The column has the problems of the last import."
}
"""Headings of columns that no kind of record can hold, with the reason."""


class Kind(StrEnum):
    """The way in which the cells of a field are read."""

    TEXT = "text"
    LIST = "list"
    TAGS = "tags"
    CAPABILITIES = "capabilities"
    CHOICE = "choice"
    CHOICES = "choices"
    INTEGER = "whole number"
    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"
    AMOUNT = "pounds"
    DECIMAL = "number"
    FINANCIAL_YEAR = "financial year"
    BOOLEAN = "yes or no"
    DAY = "day"
    FROM_DATE = "date"
    UNTIL_DATE = "last date"
    EXTERNAL_ID = "external id"
    RECORD_ID = "id of the catalogue"


LISTS = frozenset({Kind.LIST, Kind.TAGS, Kind.CAPABILITIES, Kind.CHOICES})
"""The kinds of fields that several columns can fill together."""


@dataclass(frozen=True, slots=True)
class ImportField:
    """A field, the kind of its cells, and its usual headings, the clearest first.

    A heading in `headings` names the field, whatever the values of its column are. A heading in
    `unclear` has other meanings too, so it names the field only if half of the values fit. A
    heading in `doubtful` names the field only if every value fits.
    """

    name: str
    kind: Kind
    headings: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    """Words that make a heading of this field in any combination: “vendor or provider”."""
    questions: Mapping[str, Answers] = field(default_factory=dict, hash=False)
    """Headings that are questions, with the values that yes and no stand for."""
    is_name_of_system: bool = False
    """Whether joined words for a system make a heading of this field: “system or application”."""
    label: str = ""
    """The label of a custom field. Its headings count as the name of the field."""
    choices: tuple[str, ...] = ()
    """The choices of a custom field."""


RECORD_ID = ImportField("id", Kind.RECORD_ID)
"""The catalogue's id of a record, which exports have.

The heading alone never means this field, because other lists have ids too.
"""


@dataclass(frozen=True, eq=False)
class RecordFields:
    """The fields of one kind of record, and the columns that its lists usually have.

    Instances are compared by identity, so that recognised headings can be cached for each.
    """

    noun: str
    fields: tuple[ImportField, ...]
    needed: tuple[str, ...]
    """The fields that every row needs, unless it has the id of a record. The first names it."""
    required: frozenset[str] = frozenset()
    """Fields whose unreadable value always rejects its row.

    They identify the record, or a new record would get a default that the file does not state.
    """
    substitutes: Mapping[str, str] = field(default_factory=dict)
    """For a needed field, the field whose value it gets if it is empty."""
    not_fields: Mapping[str, str] = field(default_factory=dict)
    """Headings of columns that no field of the record can hold, with the reason."""
    subjects: tuple[str, ...] = ()
    """Words for the record that can surround the name of a field: “contract end date”."""
    has_attributes: bool = False
    """Whether a column can fill a field of the agency's own: `attributes.NAME`."""

    @property
    def a_record(self) -> str:
        """The noun with its article at the beginning of a sentence."""
        phrase = with_article(self.noun)
        return phrase[0].upper() + phrase[1:]

    @cached_property
    def by_name(self) -> dict[str, ImportField]:
        return {each.name: each for each in (*self.fields, RECORD_ID)}

    def find(self, name: str) -> ImportField | None:
        """Return the field with this name, or a field of the agency's own, or None."""
        if (
            name not in self.by_name
            and self.has_attributes
            and name.startswith(ATTRIBUTE_PREFIX)
            and name[len(ATTRIBUTE_PREFIX) :].strip()
        ):
            return ImportField(name, Kind.TEXT)
        return self.by_name.get(name)

    def rejects_unreadable(self, name: str) -> bool:
        """Return whether an unreadable value of the field rejects its row in every mode."""
        return name in self.required or name in self.needed or name == RECORD_ID.name
