"""Schemas of the forms that send a file to import, with the options of the import."""

import re
from collections import Counter
from typing import Any

import marshmallow as ma
import orjson
from flask import request
from marshmallow import fields
from werkzeug.datastructures import FileStorage

from catalogue.core.errors import UnsupportedMedia
from catalogue.core.exact_json import find_faults
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.rest.schemas import (
    Choice,
    CodedMessage,
    Integer,
    Text,
    TextBoolean,
    WriteSchema,
    validation_error,
)
from catalogue.core.tables.formats import TableFormat
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.spreadsheets.delimited import DELIMITERS
from catalogue.data_exchange.spreadsheets.encodings import ENCODINGS
from catalogue.systems.schemas import SOURCE, SOURCE_FORM


class SentFile(fields.Raw):
    """A file in a form, documented as binary text because client generators expect that."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, FileStorage):
            raise validation_error("The value is not a file. Send a file with a file name.")
        return value


class JsonText(fields.String):
    """A JSON object in a form field. Subclasses check its values."""

    refusal = "The value is not a JSON object. Send an object."

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            found = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise validation_error(self.refusal, "malformed_json") from None
        if repeated := find_faults(value).repeated:
            detail = (
                f"The object has the key at {repeated[0].pointer} more than once. Send it once."
            )
            raise validation_error(detail, "repeated")
        if not isinstance(found, dict) or has_nul(found):
            raise validation_error(self.refusal)
        if wrong := {
            name: [reason] for name, each in found.items() if (reason := self.check(each))
        }:
            raise ma.ValidationError(wrong)
        return found

    def check(self, value: Any) -> str | None:
        """Return an error message for a value of the object, or None if the value is valid."""
        raise NotImplementedError


class MappingText(JsonText):
    """A column name for each field, several for a list, or null to skip the field."""

    refusal = "The mapping is not a JSON object. Send an object of field names and column names."

    def check(self, value: Any) -> str | None:
        return check_columns(value)


class ValuesText(JsonText):
    """A JSON object that holds words and their values for each field."""

    refusal = "The words are not a JSON object. Send an object of words and values for each field."

    def check(self, value: Any) -> str | None:
        return check_words(value)


class ListText(fields.String):
    """A JSON list of strings in a form field."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            found = orjson.loads(value)
        except orjson.JSONDecodeError:
            found = None
        is_list = isinstance(found, list) and all(isinstance(each, str) for each in found)
        if not is_list or has_nul(found):
            raise validation_error(
                "The value is not a JSON list of strings. Send a list of column names."
            )
        return found


MOST_COLUMNS_OF_FIELD = 50
LONGEST_COLUMN_NAME = 1_000
LONGEST_WORD = 500


def has_nul(value: Any) -> bool:
    """Return whether a JSON value contains a NUL character, which PostgreSQL cannot store."""
    if isinstance(value, dict):
        return any(has_nul(name) or has_nul(each) for name, each in value.items())
    if isinstance(value, list):
        return any(map(has_nul, value))
    return isinstance(value, str) and "\x00" in value


def check_columns(value: Any) -> str | None:
    """Return an error message if a value does not name the columns of a field, or None."""
    names = value if isinstance(value, list) and value else [value]
    if not (value is None or all(isinstance(name, str) for name in names)):
        return (
            "The column is neither text nor null. Send a column name, a list of column names, or "
            "null to skip the field."
        )
    if len(names) > MOST_COLUMNS_OF_FIELD:
        return f"The field has more than {MOST_COLUMNS_OF_FIELD} columns. Name fewer."
    if any(name is not None and len(name) > LONGEST_COLUMN_NAME for name in names):
        return f"The name of a column has more than {LONGEST_COLUMN_NAME:,} characters. Shorten it."
    return None


def check_words(value: Any) -> str | None:
    """Return an error message if a value does not hold the words of a field, or None."""
    if not (isinstance(value, dict) and all(isinstance(e, str | None) for e in value.values())):
        return (
            "The words of the field are not an object of strings. Send each word with its value, "
            "or null."
        )
    if any(len(text or "") > LONGEST_WORD for text in (*value, *value.values())):
        return f"A word or value has more than {LONGEST_WORD} characters. Shorten it."
    return None


class TextInteger(Integer):
    """A whole number that a form sends as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        is_number = isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value)
        return super()._deserialize(int(value) if is_number else None, attr, data, **kwargs)


def flag(description: str) -> TextBoolean:
    """Return a form field for true or false. Python programs send these with a capital letter."""
    return TextBoolean(
        truthy={"true", "True"}, falsy={"false", "False"}, metadata={"description": description}
    )


class FileForm(WriteSchema):
    """A form with a file in the field `file`."""

    @ma.pre_load
    def with_files(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add the form's files to its other fields."""
        if request.mimetype != "multipart/form-data":
            raise UnsupportedMedia(
                "The body is not a form. Send multipart/form-data with the file in the field "
                "`file`."
            )
        sent = [*request.form.items(multi=True), *request.files.items(multi=True)]
        counts = Counter(name for name, _ in sent)
        wrong = {
            name: [
                CodedMessage("This form field is sent more than once. Send it once.", "repeated")
            ]
            for name in counts
            if counts[name] > 1
        }
        for name in request.files:
            if name != "file" and name in self.fields:
                wrong.setdefault(
                    name,
                    [
                        CodedMessage(
                            "This form field is sent as a file. Send it as text.", "invalid"
                        )
                    ],
                )
        if wrong:
            raise ma.ValidationError(wrong)
        return data | request.files.to_dict()


class ImportForm(FileForm):
    """A spreadsheet to import, with options."""

    file = SentFile(
        required=True,
        error_messages={
            "required": "The spreadsheet is missing. Send it in the form field `file`."
        },
        metadata={
            "type": "string",
            "format": "binary",
            "description": "The spreadsheet, as CSV, XLSX or ODS.",
            "example": "System,Status\nDuty management,live\n",
        },
    )
    kind = Choice(
        ImportKind,
        load_default=ImportKind.SYSTEMS,
        metadata={"description": "The kind of record in the file. The default is `systems`."},
    )
    mode = Choice(
        BulkMode,
        metadata={
            "description": "Use `atomic` to import all rows or none, and `partial` to import the "
            "valid rows. The default is `atomic`."
        },
    )
    dry_run = flag("Report the effect of the import without changing any record.")
    mapping = MappingText(
        metadata={
            "description": "A JSON object that names the column for each field, or null to skip "
            "the field. A list such as `tags` can have several columns. `attributes.NAME` is a "
            "field of your own. Other columns are matched by their headings.",
            "example": '{"name": "System", "tags": null}',
        }
    )
    values = ValuesText(
        metadata={
            "description": "A JSON object that translates words of the file, for each field. A "
            "null leaves the field empty, and an empty word stands for an empty cell.",
            "example": '{"lifecycle": {"Live (BAU)": "live"}}',
        }
    )
    skipped_columns = ListText(
        metadata={
            "description": "A JSON list of columns to leave out without a notice.",
            "example": '["Notes"]',
        }
    )
    mapping_name = Text(
        max=100,
        metadata={
            "description": "The name of a saved mapping of your agency. Other form fields take "
            "precedence over it.",
            "example": "Monthly asset list",
        },
    )
    source = Text(
        max=50,
        pattern=SOURCE,
        pattern_text=SOURCE_FORM,
        metadata={
            "description": "The register that the ids in the file come from. Required if a column "
            "has ids, because an id means something only within its register.",
            "example": "cmdb",
        },
    )
    confirm_renames = flag(
        "Accept ids that lead to a record of a quite different name, and rename the record."
    )
    confirm_ids = flag(
        "Accept ids that look like row numbers, and ids that differ from recorded ones only in "
        "zeros."
    )
    sheet = Text(
        metadata={
            "description": "The name or number of the sheet to read. The first sheet is 1. The "
            "default is the first visible sheet with cells. A CSV file counts as sheet 1.",
            "example": "1",
        }
    )
    encoding = Text(
        max=40,
        metadata={
            "description": "The character encoding of a CSV file, if it is not detected correctly. "
            f"One of {', '.join(ENCODINGS)}.",
            "example": "utf-8",
        },
    )
    delimiter = Text(
        max=10,
        metadata={
            "description": "The delimiter of a CSV file, if it is not detected correctly. "
            f"One of {', '.join(DELIMITERS.values())}.",
            "example": "comma",
        },
    )
    heading_row = TextInteger(
        min=1,
        max=200_000,
        metadata={
            "description": "The number of the row with the headings, as a spreadsheet program "
            "counts it from 1, if it is not detected correctly.",
            "example": 3,
        },
    )


class ImportTemplateQuery(WriteSchema):
    """The kind of record that a template is for."""

    kind = Choice(
        ImportKind,
        load_default=ImportKind.SYSTEMS,
        metadata={"description": "The kind of record to import. The default is `systems`."},
    )


class TableFormatQuery(WriteSchema):
    """The requested format of a file."""

    format = Choice(
        TableFormat,
        load_default=None,
        metadata={"description": "The format of the file. By default `Accept` decides, then CSV."},
    )
