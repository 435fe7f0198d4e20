"""The form that corrects how a file was read: its columns, words and ids."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from catalogue.data_exchange.kinds.registry import KINDS
from catalogue.web.wording import label, value_label

_CHOSEN = "you chose this column"
"""The reason that a report gives for a column that a person chose."""
_CUSTOM = "attributes."
_EMPTY = "empty"
"""The choice that leaves the field empty for a word."""

_LETTER = re.compile(r"(?:.* \()?column ([A-Z]{1,3})\)?", re.DOTALL)
"""The name of a column that only its letter identifies."""

_OF_IDS = frozenset({"row_numbers", "id_without_zeros"})
_OF_NAMES = frozenset({"different_name", "name_of_another_record"})

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ColumnChoice:
    """A column of the file, and the field that it fills."""

    control: str
    column: str
    name: str
    """The heading, or the letter of a column whose heading does not identify it."""
    field: str
    """The name of the field, or an empty text if the column is left out."""
    reason: str
    samples: str


@dataclass(frozen=True)
class WordChoice:
    """A word that is no value of its field, and the values that it can mean."""

    control: str
    word: str
    field: str
    column: str
    count: int
    options: Options


@dataclass(frozen=True)
class Correction:
    """The controls of the form, as a report fills them."""

    columns: list[ColumnChoice]
    fields: Options
    words: list[WordChoice]
    source: str
    sheet: str
    asks_ids: bool
    asks_names: bool


def correction_of(report: Mapping[str, Any]) -> Correction | None:
    """Return the form for a report, or None if the file has no columns to choose."""
    if not report["mapping"] or not report["read_as"] or report["read_as"]["heading_row"] is None:
        return None
    codes = {problem["code"] for problem in report["problems"]}
    columns = _columns(report)
    return Correction(
        columns=columns,
        fields=_fields(report["kind"], columns),
        words=_words(report),
        source=report["source"],
        sheet=report["read_as"]["sheet"] or "",
        asks_ids=bool(codes & _OF_IDS),
        asks_names=bool(codes & _OF_NAMES),
    )


def _columns(report: Mapping[str, Any]) -> list[ColumnChoice]:
    used = [(each, each["field"]) for each in report["mapping"]["mapped"]]
    left = [(each, "") for each in report["mapping"]["unmapped"]]
    return [
        ColumnChoice(
            f"column-{number}",
            each["column"],
            _name(each["column"]),
            field,
            each["reason"],
            ", ".join(each["samples"]),
        )
        for number, (each, field) in enumerate(used + left, start=1)
    ]


def _name(column: str) -> str:
    found = _LETTER.fullmatch(column)
    return found[1] if found else column


def _fields(kind: str, columns: list[ColumnChoice]) -> Options:
    names = [each.name for each in KINDS[kind].fields.fields]  # type: ignore[index]
    names += [c.field for c in columns if c.field and c.field not in names]
    return tuple(sorted(((n, field_label(n)) for n in names), key=lambda option: option[1]))


def field_label(name: str) -> str:
    """Return the label of a field that a column can fill."""
    return label(name.removeprefix(_CUSTOM))


def _words(report: Mapping[str, Any]) -> list[WordChoice]:
    return [
        WordChoice(
            f"word-{number}",
            each["value"],
            field_label(each["field"]),
            each["column"],
            each["count"],
            tuple(
                (choice["option"].removeprefix("values="), value_label(choice["value"]))
                for choice in each["choices"]
            ),
        )
        for number, each in enumerate(report["unknown_words"], start=1)
    ]


def read_options(report: Mapping[str, Any], posted: Mapping[str, str]) -> dict[str, str]:
    """Return the options of an import that reads a file as the form says.

    The columns of a report without a form are matched again by their headings.
    """
    options = {
        name: value
        for name in ("source", "sheet", "confirm_ids", "confirm_renames")
        if (value := posted.get(name, "").strip())
    }
    shown = correction_of(report)
    if shown is None:
        return options
    mapping = _read_mapping(shown, posted)
    left_out = [c.name for c in shown.columns if not posted.get(c.control, c.field)]
    values = _read_values(report, shown, posted)
    chosen: dict[str, Any] = {"mapping": mapping, "skipped_columns": left_out, "values": values}
    for name, choice in chosen.items():
        if choice:
            options[name] = orjson.dumps(choice).decode()
    return options


def _read_mapping(shown: Correction, posted: Mapping[str, str]) -> dict[str, Any]:
    """Return the columns of each field that a person chose, now or before."""
    columns: dict[str, list[str]] = defaultdict(list)
    chosen: set[str] = set()
    for each in shown.columns:
        field = posted.get(each.control, each.field)
        if field:
            columns[field].append(each.name)
        if field != each.field or each.reason == _CHOSEN:
            chosen |= {field, each.field}
    chosen.discard("")
    return {
        name: (columns[name] if len(columns[name]) > 1 else columns[name][0])
        if name in columns
        else None
        for name in sorted(chosen)
    }


def _read_values(
    report: Mapping[str, Any], shown: Correction, posted: Mapping[str, str]
) -> dict[str, dict[str, str | None]]:
    """Return the value of each word: those that the report used, and those chosen now."""
    values: dict[str, dict[str, str | None]] = defaultdict(dict)
    for each in report["mapping"]["mapped"]:
        if each["translations"]:
            values[each["field"]] |= each["translations"]
    for number, word in enumerate(shown.words):
        choice = posted.get(word.control, "")
        of_field = values[report["unknown_words"][number]["field"]]
        if choice == _EMPTY:
            of_field[word.word] = None
        elif choice in {option for option, _ in word.options}:
            (chosen,) = orjson.loads(choice).values()
            of_field |= chosen
    return {name: words for name, words in values.items() if words}
