"""Schemas of imports and their reports."""

from collections import Counter
from typing import Any

import marshmallow as ma
import orjson
from flask import request
from marshmallow import fields
from werkzeug.datastructures import FileStorage

from catalogue.core.errors import UnsupportedMedia
from catalogue.core.jobs.models import JobStatus
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.rest.schemas import (
    Choice,
    CodedMessage,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    TextBoolean,
    Uuid,
    WriteSchema,
    validation_error,
)
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.report import MOST_PROBLEMS, MOST_RECORDS
from catalogue.data_exchange.spreadsheets.delimited import DELIMITERS
from catalogue.data_exchange.spreadsheets.encodings import ENCODINGS

_NOT_AN_OBJECT = "The mapping is not a JSON object. Send an object of field names and column names."


class SentFile(fields.Raw):
    """A file in a form, documented as binary text because client generators expect that."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, FileStorage):
            raise validation_error("The value is not a file. Send a file with a file name.")
        return value


class MappingText(fields.String):
    """A JSON object in a form field: a column name for each field, or null to skip the field."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            mapping = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise validation_error(_NOT_AN_OBJECT, "malformed_json") from None
        if not isinstance(mapping, dict):
            raise validation_error(_NOT_AN_OBJECT)
        wrong = {
            name: [
                "The column is neither a text nor null. Send a column name, or null to skip the field."
            ]
            for name, column in mapping.items()
            if not isinstance(column, str | None)
        }
        if wrong:
            raise ma.ValidationError(wrong)
        return mapping


def flag(description: str) -> TextBoolean:
    """Return a form field for true or false, which Python programs send with a capital letter."""
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
                "The body is not a form. Send multipart/form-data with the file in the field `file`."
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
    """A spreadsheet of systems to import, with options."""

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
            "description": "A JSON object that names the column for each field, or null to skip the "
            "field. Other columns are matched by their headings.",
            "example": '{"name": "System", "tags": null}',
        }
    )
    source = Text(
        max=50,
        pattern=r"^[A-Za-z0-9._-]+$",
        metadata={
            "description": "The register that the ids in the file come from. The default is `import`.",
            "example": "cmdb",
        },
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


def _count(of: str) -> Integer:
    return Integer(
        allow_none=True,
        metadata={"description": f"The number of {of}. Null until the import has run."},
    )


class ImportProblem(ReadSchema):
    """An error in a row, or a value that was not imported."""

    row = Integer(
        allow_none=True,
        metadata={
            "description": "The number of the row, as a spreadsheet program counts it from 1. "
            "Null if the problem has no row."
        },
    )
    column = Text(
        allow_none=True,
        metadata={"description": "The heading of the column. Null if the whole row is wrong."},
    )
    field = Text(
        allow_none=True,
        metadata={"description": "The field that the column fills. Null if there is none."},
    )
    value = Text(
        allow_none=True,
        metadata={"description": "The value of the cell, cut to 80 characters. Null if empty."},
    )
    code = Text(
        metadata={"description": "The stable code of the problem.", "example": "unknown_value"}
    )
    detail = Text(metadata={"description": "An explanation for people, with what to do."})


class ImportedRecord(ReadSchema):
    """A record that an import created or updated, or that the file does not name."""

    id = Uuid(
        allow_none=True,
        metadata={"description": "The id of the record. Null if it was not created."},
    )
    name = Text(metadata={"description": "The name of the system, or the title of the contract."})
    row = Integer(
        allow_none=True,
        metadata={"description": "The number of its row. Null if the file does not name it."},
    )
    changes = ListOf(Text(), metadata={"description": "The names of the fields that changed."})


class MappedColumn(ReadSchema):
    """A column that fills a field."""

    field = Text(metadata={"description": "The name of the field.", "example": "lifecycle"})
    column = Text(metadata={"description": "The heading of the column.", "example": "Status"})
    reason = Text(
        metadata={
            "description": "The reason for the match.",
            "example": "“status” is a usual heading for this field",
        }
    )
    samples = ListOf(Text(), metadata={"description": "Some values of the column."})
    translations = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Words in the column, each with the value that replaces it."},
    )


class UnmappedColumn(ReadSchema):
    """A column that fills no field."""

    column = Text(metadata={"description": "The heading of the column."})
    reason = Text(metadata={"description": "The reason why the column fills no field."})
    samples = ListOf(Text(), metadata={"description": "Some values of the column."})


class ImportMapping(ReadSchema):
    """The use of each column in an import."""

    mapped = ListOf(
        Nested(MappedColumn), metadata={"description": "The columns that fill a field."}
    )
    unmapped = ListOf(
        Nested(UnmappedColumn), metadata={"description": "The columns that fill no field."}
    )
    notes = ListOf(Text(), metadata={"description": "Remarks on the file as a whole."})


class ReadAs(ReadSchema):
    """The way in which a file was read."""

    kind = Text(metadata={"description": "The format, such as `csv` or `xlsx`.", "example": "csv"})
    sheet = Text(
        allow_none=True,
        metadata={"description": "The name of the sheet. Null for a file without sheets."},
    )
    encoding = Text(
        allow_none=True,
        metadata={"description": "The character encoding. Null for a workbook."},
    )
    delimiter = Text(
        allow_none=True,
        metadata={"description": "The delimiter character. Null unless the file is CSV."},
    )
    heading_row = Integer(
        allow_none=True,
        metadata={"description": "The number of the row with the headings. Null for OCDS."},
    )


class ImportSummary(ReadSchema):
    """An import of one file, with counts."""

    id = Uuid(metadata={"description": "The id of the import."})
    kind = Choice(ImportKind)
    filename = Text(
        metadata={
            "description": "The name of the file, without folders.",
            "example": "systems-register.xlsx",
        }
    )
    source = Text(
        metadata={
            "description": "The register that the ids in the file come from.",
            "example": "cmdb",
        }
    )
    mode = Choice(BulkMode)
    dry_run = fields.Boolean(
        metadata={"description": "Whether the import only reports its effect."}
    )
    reason = Text(
        allow_none=True,
        metadata={
            "description": "The reason that you sent in `Change-Reason`. Null without one. The "
            "history of each record shows the reason and the id of the import."
        },
    )
    job_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the job that runs the import. Null for an import that the "
            "operator of the service made on the command line."
        },
    )
    status = Choice(JobStatus)
    progress_done = Integer(metadata={"description": "The number of rows processed so far."})
    progress_total = Integer(
        allow_none=True,
        metadata={"description": "The number of rows to process. Null until the file is read."},
    )
    written = fields.Boolean(
        metadata={"description": "Whether the valid rows were saved. Never true for a dry run."}
    )
    rows = _count("rows, which is the sum of created, updated, unchanged and rejected rows")
    created = _count("records that the import created, or would create in a dry run")
    updated = _count("records that the import updated, or would update in a dry run")
    unchanged = _count("rows without anything new")
    rejected = _count("rows with errors")
    existing = _count("your agency's records before the import that are comparable with the file")
    not_seen = _count("those existing records that no row names")
    created_at = fields.DateTime(metadata={"description": "The moment when you sent the file."})
    finished_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "The moment when the import ended. Null until then."},
    )


def _listed(schema: type[ReadSchema], records: str, most: int) -> ListOf:
    return ListOf(
        Nested(schema),
        max=most,
        allow_none=True,
        metadata={
            "description": f"{records}. The list has at most {most:,} items. "
            "Null until the import has run."
        },
    )


class ImportSchema(ImportSummary):
    """An import of one file, with a report on each row."""

    read_as = Nested(
        ReadAs,
        allow_none=True,
        metadata={"description": "How the file was read. Null until the import has run."},
    )
    mapping = Nested(
        ImportMapping,
        allow_none=True,
        metadata={"description": "The use of each column. Null until the import has run."},
    )
    problem_count = _count("errors in rejected rows")
    problems = _listed(ImportProblem, "Errors in rejected rows", MOST_PROBLEMS)
    notice_count = _count("values in accepted rows that were not imported, or are in doubt")
    notices = _listed(
        ImportProblem,
        "Values in accepted rows that were not imported, or are in doubt",
        MOST_PROBLEMS,
    )
    created_records = _listed(ImportedRecord, "Created records", MOST_RECORDS)
    updated_records = _listed(ImportedRecord, "Updated records", MOST_RECORDS)
    not_seen_records = _listed(ImportedRecord, "Existing records that no row names", MOST_RECORDS)
    problem = fields.Dict(
        allow_none=True,
        metadata={
            "description": "The problem document (RFC 9457) of a failed import. Null otherwise."
        },
    )
