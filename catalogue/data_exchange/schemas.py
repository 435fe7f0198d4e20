"""What is sent with a spreadsheet, and what the report on it looks like."""

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
    Uuid,
    WriteSchema,
    validation_error,
)
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.report import MOST_PROBLEMS, MOST_RECORDS
from catalogue.data_exchange.spreadsheets.delimited import DELIMITERS
from catalogue.data_exchange.spreadsheets.encodings import ENCODINGS


class SentFile(fields.Raw):
    """A file of a form. Documented as binary text, which is what generators expect."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, FileStorage):
            raise validation_error("Send it as a file, with a file name.")
        return value


class MappingText(fields.String):
    """A JSON object in a form's field: a column for each field, null to leave a field alone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            found = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise validation_error("It should be a JSON object.", "malformed_json") from None
        if not isinstance(found, dict):
            raise validation_error("It should be a JSON object.")
        wrong = {
            name: ["It should be the name of a column, or null."]
            for name, column in found.items()
            if not isinstance(column, str | None)
        }
        if wrong:
            raise ma.ValidationError(wrong)
        return found


class FileForm(WriteSchema):
    """A form with one file."""

    @ma.pre_load
    def with_files(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Files come beside a form's other fields."""
        if request.mimetype != "multipart/form-data":
            raise UnsupportedMedia("Send multipart/form-data, with the file as `file`.")
        sent = [*request.form.items(multi=True), *request.files.items(multi=True)]
        counts = Counter(name for name, _ in sent)
        wrong = {
            name: [CodedMessage("Send it once.", "repeated")] for name in counts if counts[name] > 1
        }
        for name in request.files:
            if name != "file" and name in self.fields:
                wrong.setdefault(name, [CodedMessage("Send it as text, not as a file.", "invalid")])
        if wrong:
            raise ma.ValidationError(wrong)
        return data | request.files.to_dict()


class ImportForm(FileForm):
    """A spreadsheet of systems, and how it is to be loaded."""

    file = SentFile(
        required=True,
        error_messages={"required": "Send the spreadsheet as `file`."},
        metadata={
            "type": "string",
            "format": "binary",
            "description": "CSV, XLSX or ODS.",
            "example": "name,lifecycle\nDuty management,live\n",
        },
    )
    mode = Choice(
        BulkMode, metadata={"description": "`atomic`: all rows or none; `partial`: the good ones."}
    )
    dry_run = fields.Boolean(
        truthy={"true", "True"},
        falsy={"false", "False"},
        metadata={"description": "Say what would happen, and change nothing."},
    )
    mapping = MappingText(
        metadata={
            "description": "Which column fills which field, as a JSON object; null leaves a "
            "field alone. Columns that it does not name are matched by their headings.",
            "example": '{"name": "System", "tags": null}',
        }
    )
    source = Text(
        max=50,
        pattern=r"^[A-Za-z0-9._-]+$",
        metadata={
            "description": "The register that the file's ids are from; `import` if not given.",
            "example": "cmdb",
        },
    )
    sheet = Text(metadata={"description": "A sheet's name, or its number from 1."})
    encoding = Text(
        max=40, metadata={"description": f"One of {', '.join(ENCODINGS)}.", "example": "utf-8"}
    )
    delimiter = Text(
        max=10,
        metadata={
            "description": f"One of {', '.join(DELIMITERS.values())}.",
            "example": "semicolon",
        },
    )


class ImportProblem(ReadSchema):
    """What is wrong with a row, or was left as it is."""

    row = Integer(allow_none=True, metadata={"description": "As the spreadsheet counts it."})
    column = Text(allow_none=True, metadata={"description": "The column's heading."})
    field = Text(allow_none=True, metadata={"description": "The field that it fills."})
    value = Text(allow_none=True, metadata={"description": "The cell, cut to 80 characters."})
    code = Text(metadata={"example": "unknown_value"})
    detail = Text()


class ImportedRecord(ReadSchema):
    """A record that an import created, changed or missed."""

    id = Uuid(allow_none=True, metadata={"description": "Null for one that was not created."})
    name = Text()
    row = Integer(allow_none=True)
    changes = ListOf(Text(), metadata={"description": "The fields that were changed."})


class MappedColumn(ReadSchema):
    """A column that fills a field."""

    field = Text(metadata={"example": "lifecycle"})
    column = Text(metadata={"example": "Status"})
    why = Text(metadata={"example": "“status” is a usual heading for it"})
    samples = ListOf(Text())
    translations = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Words of the column, and what each becomes."},
    )


class UnmappedColumn(ReadSchema):
    """A column that fills nothing."""

    column = Text()
    why = Text()
    samples = ListOf(Text())


class ImportMapping(ReadSchema):
    """What is done with each column."""

    mapped = ListOf(Nested(MappedColumn))
    unmapped = ListOf(Nested(UnmappedColumn))
    notes = ListOf(Text())


class ReadAs(ReadSchema):
    """How the file was read."""

    kind = Text(metadata={"example": "csv"})
    sheet = Text(allow_none=True)
    encoding = Text(allow_none=True)
    delimiter = Text(allow_none=True)
    heading_row = Integer(allow_none=True)


class ImportSummary(ReadSchema):
    """One file that an agency sent."""

    id = Uuid()
    kind = Choice(ImportKind)
    filename = Text(metadata={"example": "systems-register.xlsx"})
    source = Text(metadata={"example": "cmdb"})
    mode = Choice(BulkMode)
    dry_run = fields.Boolean()
    job = Uuid(metadata={"description": "The job that loads it."})
    status = Choice(JobStatus)
    progress_done = Integer(metadata={"description": "Rows that have been looked at."})
    progress_total = Integer(allow_none=True)
    written = fields.Boolean(metadata={"description": "Whether the good rows were written."})
    rows = Integer(
        allow_none=True, metadata={"description": "created + updated + unchanged + rejected"}
    )
    created = Integer(allow_none=True)
    updated = Integer(allow_none=True)
    unchanged = Integer(allow_none=True)
    rejected = Integer(allow_none=True)
    existing = Integer(
        allow_none=True,
        metadata={"description": "Records that were there before: named by rows, or not seen."},
    )
    not_seen = Integer(allow_none=True, metadata={"description": "Records that no row named."})
    created_at = fields.DateTime()
    finished_at = fields.DateTime(allow_none=True)


class ImportSchema(ImportSummary):
    """One file that an agency sent, and what became of it row by row."""

    read_as = Nested(ReadAs, allow_none=True)
    mapping = Nested(ImportMapping, allow_none=True)
    problem_count = Integer(allow_none=True)
    problems = ListOf(
        Nested(ImportProblem),
        max=MOST_PROBLEMS,
        allow_none=True,
        metadata={"description": f"What is wrong with rows; the first {MOST_PROBLEMS}."},
    )
    notice_count = Integer(allow_none=True)
    notices = ListOf(
        Nested(ImportProblem),
        max=MOST_PROBLEMS,
        allow_none=True,
        metadata={"description": "What of accepted rows was left as it is."},
    )
    created_records = ListOf(Nested(ImportedRecord), max=MOST_RECORDS, allow_none=True)
    updated_records = ListOf(Nested(ImportedRecord), max=MOST_RECORDS, allow_none=True)
    not_seen_records = ListOf(Nested(ImportedRecord), max=MOST_RECORDS, allow_none=True)
    problem = fields.Dict(allow_none=True, metadata={"description": "Why it failed (RFC 9457)."})
