"""Templates for imports: workbooks made from the declared fields, with choices as drop-downs.

The first sheet has the headings alone, and is the one that an import reads. The others have an
example, the meaning of each column, and the choices of the drop-downs.
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.capabilities.models import Capability
from catalogue.core.database import pairs
from catalogue.core.rest.schemas import Choice, Integer
from catalogue.core.tables.lists import join_list
from catalogue.core.tables.xlsx_table import open_workbook, write_headings
from catalogue.data_exchange.fields import ImportField, Kind
from catalogue.data_exchange.kinds.record_kind import RecordKind

LAST_ROW = 10_000
"""The last row with drop-downs, counted from 0."""
_LONGEST_MESSAGE, _LONGEST_TITLE = 255, 32
_ABBREVIATIONS = {"rto", "rpo", "dpia"}
_DATES = {Kind.DAY, Kind.FROM_DATE, Kind.UNTIL_DATE}
_TEXTS = {Kind.TEXT, Kind.EXTERNAL_ID, Kind.LIST, Kind.TAGS, Kind.CAPABILITIES}
_HELP = ("Column", "Meaning", "Kind of value", "Choices")
_CHOICES = "Choices"
_CAPABILITIES = sa.select(Capability.code, Capability.name).order_by(Capability.code)
_FORMS = {
    Kind.LIST: "Separate several values with semicolons.",
    Kind.TAGS: "Separate several values with semicolons.",
    Kind.CAPABILITIES: "Separate several codes with semicolons.",
    Kind.DAY: "Write a date as DD/MM/YYYY or YYYY-MM-DD.",
    Kind.FROM_DATE: "Write a date as DD/MM/YYYY or YYYY-MM-DD.",
    Kind.UNTIL_DATE: "Write a date as DD/MM/YYYY or YYYY-MM-DD.",
}


@dataclass(frozen=True)
class _Column:
    heading: str
    kind: Kind
    meaning: str
    choices: Mapping[str, str]
    """The choices of a drop-down with their meanings, if there are any."""
    example: Any
    bounds: tuple[int, int] | None
    required: bool


def write_template(target: IO[bytes], template: RecordKind, session: Session) -> None:
    """Write a workbook for a kind of record, with the capabilities of the database as choices."""
    capabilities = pairs(session, _CAPABILITIES)
    columns = [_column(field, template, capabilities) for field in template.fields.fields]
    headings = [column.heading for column in columns]
    with open_workbook(target) as book:
        formats = {
            "date": book.add_format({"num_format": "dd/mm/yyyy"}),
            # Excel would drop the zeros before a number, or take a version for a date.
            "text": book.add_format({"num_format": "@"}),
            "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        sheet = book.add_worksheet(template.sheet)
        write_headings(book, sheet, headings)
        example = book.add_worksheet("Example")
        write_headings(book, example, headings)
        _write_help(book, columns, formats)
        lists = book.add_worksheet(_CHOICES)
        lists.hide()
        for place, column in enumerate(columns):
            width = max(16, len(column.heading) + 2)
            for each_sheet in (sheet, example):
                each_sheet.set_column(place, place, width, _format(column, formats))
            _write_example(example, place, column, formats)
            for row, choice in enumerate(column.choices):
                lists.write_string(row, place, choice)
            sheet.data_validation(1, place, LAST_ROW, place, _validation(place, column))
        sheet.activate()


def _column(field: ImportField, template: RecordKind, capabilities: Mapping[str, str]) -> _Column:
    schema = template.schemas[field.name]
    meaning = str(schema.metadata.get("description", ""))
    example = schema.metadata.get("example")
    choices: Mapping[str, str] = {}
    if field.choices:
        choices = dict.fromkeys(field.choices, "")
    elif isinstance(schema, Choice):
        choices = {choice.value: getattr(choice, "meaning", "") for choice in schema.choices}
        # The enumeration explains itself where the field adds nothing.
        meaning = meaning or (inspect.getdoc(schema.choices) or "").partition("\n\n")[0]
        example = example or next(iter(choices))
    elif field.kind is Kind.BOOLEAN:
        choices = {"yes": "", "no": ""}
    elif field.kind is Kind.CAPABILITIES:
        choices = capabilities
    bounds = (schema.min, schema.max) if isinstance(schema, Integer) else None
    return _Column(
        heading=field.label or _heading(field.name),
        kind=field.kind,
        meaning=meaning,
        choices=choices,
        example=example,
        bounds=bounds,
        required=field.name in template.fields.needed,
    )


def _heading(name: str) -> str:
    """Return a heading that an import recognises as the name of the field."""
    words = [word.upper() if word in _ABBREVIATIONS else word for word in name.split("_")]
    heading = " ".join(words)
    return heading[0].upper() + heading[1:]


def _format(column: _Column, formats: Mapping[str, Any]) -> Any:
    if column.kind in _DATES:
        return formats["date"]
    return formats["text"] if column.kind in _TEXTS else None


def _validation(place: int, column: _Column) -> dict[str, Any]:
    """Return the drop-down of a column, and the help that shows when somebody selects a cell."""
    help_text = " ".join(filter(None, [column.meaning, _FORMS.get(column.kind)]))
    validation: dict[str, Any] = {
        "validate": "any",
        "input_title": column.heading[:_LONGEST_TITLE],
        "input_message": _cut(help_text),
        "ignore_blank": True,
    }
    if column.choices:
        from xlsxwriter.utility import xl_col_to_name

        letter = xl_col_to_name(place)
        validation |= {
            "validate": "list",
            "source": f"={_CHOICES}!${letter}$1:${letter}${len(column.choices)}",
            "error_title": column.heading[:_LONGEST_TITLE],
            "error_message": "The value is not one of the choices. Choose one from the list.",
            # A cell can name several capabilities, and a drop-down offers only one.
            "show_error": column.kind is not Kind.CAPABILITIES,
        }
    elif column.bounds and column.kind is Kind.INTEGER:
        least, most = column.bounds
        validation |= {
            "validate": "integer",
            "criteria": "between",
            "minimum": least,
            "maximum": most,
            "error_title": column.heading[:_LONGEST_TITLE],
            "error_message": f"Enter a whole number from {least} to {most:,}.",
        }
    return validation


def _write_example(sheet: Any, place: int, column: _Column, formats: Mapping[str, Any]) -> None:
    match column.example:
        case None:
            return
        case bool():
            sheet.write_string(1, place, "yes" if column.example else "no")
        case int():
            sheet.write_number(1, place, column.example)
        case list():
            sheet.write_string(1, place, join_list(map(str, column.example)))
        case str() if column.kind in _DATES:
            sheet.write_datetime(1, place, date.fromisoformat(column.example), formats["date"])
        case _:
            sheet.write_string(1, place, str(column.example))


def _write_help(book: Any, columns: Sequence[_Column], formats: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet("Help")
    write_headings(book, sheet, _HELP)
    for place, width in enumerate((24, 60, 20, 80)):
        sheet.set_column(place, place, width)
    for row, column in enumerate(columns, 1):
        meaning = " ".join(
            filter(
                None,
                [column.meaning, _FORMS.get(column.kind), "Required." if column.required else ""],
            )
        )
        choices = "\n".join(
            f"{choice}: {sense}" if sense else choice for choice, sense in column.choices.items()
        )
        for place, text in enumerate((column.heading, meaning, column.kind.value, choices)):
            sheet.write_string(row, place, text, formats["wrapped"])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"
