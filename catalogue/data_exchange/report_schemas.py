"""Schemas of imports and of their reports."""

from marshmallow import fields

from catalogue.core.jobs.models import JobStatus
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.rest.schemas import Choice, Integer, ListOf, Nested, ReadSchema, Text, Uuid
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.report import MOST_PROBLEMS, MOST_RECORDS
from catalogue.data_exchange.translations import MOST_WORDS


def _count(of: str) -> Integer:
    return Integer(
        allow_none=True,
        metadata={"description": f"The number of {of}. Null until the import has run."},
    )


class ImportProblem(ReadSchema):
    """An error, a question, or a value that was not imported or is in doubt."""

    row = Integer(
        allow_none=True,
        metadata={
            "description": "The number of the row, as a spreadsheet program counts it from 1. "
            "Null for a column, or for the file as a whole."
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


class ImportedChange(ReadSchema):
    """A field that an import changed, or would change in a dry run."""

    field = Text(metadata={"description": "The name of the field.", "example": "name"})
    before = Text(
        allow_none=True,
        metadata={"description": "The old value, cut to 80 characters. Null if empty."},
    )
    after = Text(
        allow_none=True,
        metadata={"description": "The new value, cut to 80 characters. Null if empty."},
    )


class ImportedRecord(ReadSchema):
    """A record that an import created or updated, or that the file does not name."""

    id = Uuid(
        allow_none=True,
        metadata={"description": "The id of the record. Null if a dry run would create it."},
    )
    name = Text(metadata={"description": "The name of the system, or the title of the contract."})
    row = Integer(
        allow_none=True,
        metadata={"description": "The number of the row. Null if no row names the record."},
    )
    changes = ListOf(
        Nested(ImportedChange),
        metadata={"description": "The fields that changed, the name first."},
    )


class WordChoice(ReadSchema):
    """A value that an unknown word can mean."""

    value = Text(metadata={"description": "The value of the field.", "example": "live"})
    option = Text(
        metadata={
            "description": "The form field that chooses the value. Join the choices of several "
            "words in one `values`. If the import came from the command line, this is its option.",
            "example": 'values={"lifecycle":{"Live (BAU)":"live"}}',
        }
    )


class UnknownWord(ReadSchema):
    """A word in the file that is not a value of its field."""

    field = Text(metadata={"description": "The name of the field.", "example": "lifecycle"})
    column = Text(metadata={"description": "The heading of the column.", "example": "Status"})
    value = Text(
        metadata={"description": "The word, cut to 80 characters.", "example": "Live (BAU)"}
    )
    count = Integer(metadata={"description": "The number of rows with the word."})
    choices = ListOf(
        Nested(WordChoice),
        metadata={"description": "The values to choose from, the closest first."},
    )


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


class ColumnUse(ReadSchema):
    """The use of each column in an import."""

    mapped = ListOf(
        Nested(MappedColumn), metadata={"description": "The columns that fill a field."}
    )
    unmapped = ListOf(
        Nested(UnmappedColumn), metadata={"description": "The columns that fill no field."}
    )
    notes = ListOf(Text(), metadata={"description": "Remarks on the file as a whole."})


class ReadAs(ReadSchema):
    """The format, sheet, encoding, delimiter and row of headings with which a file was read."""

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
            "description": "The register that the ids in the file come from. Empty without ids.",
            "example": "cmdb",
        },
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
    undone_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "The moment when the import was undone. Null if it was not."},
    )
    dry_run_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the dry run whose file was loaded. Null for a sent file."
        },
    )
    loadable_until = fields.DateTime(
        allow_none=True,
        metadata={
            "description": (
                "The moment until which a dry run can be loaded without sending the file again. "
                "Null if it cannot be loaded."
            )
        },
    )
    rows = _count("rows: those created, updated, unchanged, rejected and held back")
    created = _count("records that the import created, or would create in a dry run")
    updated = _count("records that the import updated, or would update in a dry run")
    unchanged = _count("rows that change nothing")
    rejected = _count("rows with errors")
    held_back = _count("valid rows that were not saved, because the import was refused")
    existing = _count("records that your agency had before, and that the file could name")
    not_seen = _count("existing records that no row names")
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
        ColumnUse,
        allow_none=True,
        metadata={"description": "The use of each column. Null until the import has run."},
    )
    problem_count = _count("errors in rejected rows, and questions about the whole file")
    problems = _listed(
        ImportProblem, "Questions about the whole file, then errors in rejected rows", MOST_PROBLEMS
    )
    notice_count = _count("values in accepted rows that were not imported, or are in doubt")
    notices = _listed(
        ImportProblem,
        "Values in accepted rows that were not imported, or are in doubt",
        MOST_PROBLEMS,
    )
    created_records = _listed(ImportedRecord, "Created records", MOST_RECORDS)
    updated_records = _listed(ImportedRecord, "Updated records", MOST_RECORDS)
    not_seen_records = _listed(ImportedRecord, "Existing records that no row names", MOST_RECORDS)
    unknown_word_count = _count("different words that are not values of their fields")
    unknown_words = _listed(
        UnknownWord,
        "Words that are not values of their fields, the most frequent first",
        MOST_WORDS,
    )
    problem = fields.Dict(
        allow_none=True,
        metadata={
            "description": "The problem document (RFC 9457) of a failed import. Null otherwise."
        },
    )
