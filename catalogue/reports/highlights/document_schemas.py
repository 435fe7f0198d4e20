"""Response bodies for the document of a highlight report, and for its changes."""

from typing import Any

from marshmallow import fields

from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import Choice, ListOf, Nested, ReadSchema, Text, Uuid
from catalogue.programmes.vocabulary import MigrationStage
from catalogue.reports.highlights.schemas import (
    APPROVED_AT,
    APPROVED_BY,
    AUDIENCE,
    CONTENT_HASH,
    END,
    EXAMPLE_HASH,
    PROGRAMME_ID,
    START,
    TITLE,
)
from catalogue.reports.highlights.vocabulary import BoardAction, ReportStatus


def _part(description: str, example: Any, *, null: bool = False) -> fields.Dict:
    return fields.Dict(allow_none=null, metadata={"description": description, "example": example})


class HighlightContentSchema(ReadSchema):
    """The content of a report, drafted from records."""

    programme = _part(
        "The title, lead agency and status of the programme.", {"title": "Shared back office"}
    )
    agencies = _part(
        "The names of the agencies in the report, by their codes.",
        {"bedfordshire-police": "Bedfordshire Police"},
    )
    records_as_of = fields.Date(
        metadata={
            "description": "The day on which the records were read.",
            "example": "2026-11-30",
        }
    )
    confidence = _part(
        "The rating of delivery confidence, with the previous rating.", {"rag": "amber"}
    )
    progress = _part(
        "Counts of migrations by stage, wave and agency, with their users and yearly costs. Each "
        "sum has the form of `MoneySum` or `NumberSum`.",
        {"migrations": {"value": 4, "unknown": 0, "withheld": 0}},
    )
    schedule = _part(
        "Migrations, stages entered in the period, slippage in days, waves and milestones.",
        {"slipped": []},
    )
    costs = _part(
        "The baseline, savings and costs of the financial year and of all years, each in the form "
        "of `MoneySum`. "
        "Null if the report was drafted without `savings:read`.",
        {"financial_year": "2026-27"},
        null=True,
    )
    risks = _part(
        "Risks that are open or changed in the period, and the sum of the open risks' scores.",
        {"open": 1},
    )
    blockers = ListOf(
        _part("A blocker.", {"title": "Test data is missing"}),
        metadata={"description": "Blockers that are open or were resolved in the period."},
    )
    decisions = ListOf(
        _part("A required decision.", {"question": "May wave 2 begin?"}),
        metadata={"description": "Required decisions that are open or were made in the period."},
    )
    next_period = _part("Cutovers and milestones expected in the next period.", {"cutovers": []})
    withheld = _part(
        "Counts of records that are left out because a reader cannot see them.",
        {"migrations": 0},
    )


class PreviousReportSchema(ReadSchema):
    """The approved report with which a report is compared."""

    id = Uuid(metadata={"description": "The id of the previous report.", "example": EXAMPLE_ID})
    title = Text(metadata=TITLE)
    approved_at = fields.DateTime(
        metadata={"description": "The moment of the previous report's approval."}
    )
    content_hash = Text(
        metadata={
            "description": "The SHA-256 hash of the previous report's content.",
            "example": EXAMPLE_HASH,
        }
    )


class FigureChangeSchema(ReadSchema):
    """A figure that differs between two reports."""

    figure = Text(
        metadata={
            "description": "The name of the figure, such as `late` or `forecast`.",
            "example": "moved",
        }
    )
    before = fields.Raw(
        metadata={
            "description": "The sum in the previous report, in the form of `MoneySum` or "
            "`NumberSum`. A plain number for figures of risks.",
            "example": {"value": 1, "unknown": 0, "withheld": 0},
        },
    )
    after = fields.Raw(
        metadata={
            "description": "The sum in this report, in the form of `MoneySum` or `NumberSum`. A "
            "plain number for figures of risks.",
            "example": {"value": 2, "unknown": 0, "withheld": 0},
        },
    )


class NamedRecordSchema(ReadSchema):
    """The id and name of a record of the programme."""

    id = Uuid(metadata={"description": "The id of the record.", "example": EXAMPLE_ID})
    name = Text(
        metadata={
            "description": "The name of the record, which can be its system, title or question.",
            "example": "Duty management",
        }
    )


class FieldChangeSchema(ReadSchema):
    """A field of a record that differs between two reports."""

    field = Text(metadata={"description": "The name of the field.", "example": "stage"})
    before = fields.Raw(
        allow_none=True,
        metadata={
            "description": "The value in the previous report. Null if the field was empty.",
            "example": MigrationStage.PLANNED.value,
        },
    )
    after = fields.Raw(
        allow_none=True,
        metadata={
            "description": "The value in this report. Null if the field is empty.",
            "example": MigrationStage.READY.value,
        },
    )


class RecordChangeSchema(NamedRecordSchema):
    """A record with fields that differ between two reports."""

    changes = ListOf(Nested(FieldChangeSchema), metadata={"description": "The fields that differ."})


class RecordChangesSchema(ReadSchema):
    """The differences between two reports in one kind of record."""

    added = ListOf(
        Nested(NamedRecordSchema), metadata={"description": "Records that only this report holds."}
    )
    changed = ListOf(
        Nested(RecordChangeSchema),
        metadata={"description": "Records that both reports hold, with different fields."},
    )
    removed = ListOf(
        Nested(NamedRecordSchema),
        metadata={"description": "Records that only the previous report holds."},
    )


class RatingChangeSchema(ReadSchema):
    """A rating that differs between two reports."""

    before = Text(
        allow_none=True,
        metadata={
            "description": "The rating in the previous report. Null if there was none.",
            "example": "green",
        },
    )
    after = Text(
        allow_none=True,
        metadata={
            "description": "The rating in this report. Null if there is none.",
            "example": "amber",
        },
    )


def _changes_of(records: str) -> Nested:
    return Nested(
        RecordChangesSchema, metadata={"description": f"Differences between the {records}."}
    )


class HighlightChangesSchema(ReadSchema):
    """The differences between a report and the previous one."""

    confidence = Nested(
        RatingChangeSchema,
        allow_none=True,
        metadata={"description": "The change in delivery confidence. Null if there is none."},
    )
    figures = ListOf(
        Nested(FigureChangeSchema), metadata={"description": "The figures that differ."}
    )
    migrations = _changes_of("migrations")
    milestones = _changes_of("milestones")
    risks = _changes_of("risks")
    blockers = _changes_of("blockers")
    decisions = _changes_of("required decisions")
    narrative = ListOf(
        Text(),
        metadata={
            "description": "The parts of the narrative whose text has changed.",
            "example": ["schedule"],
        },
    )


_PREVIOUS = {
    "description": "The previous report. Null if there is no earlier report that every reader of this "
    "report can read."
}
_CHANGES = {
    "description": "The differences from the previous report. Null if there is no previous report."
}


class ReportChangesSchema(ReadSchema):
    """A highlight report's changes since the previous report."""

    report_id = Uuid(metadata={"description": "The id of the report.", "example": EXAMPLE_ID})
    previous = Nested(PreviousReportSchema, allow_none=True, metadata=_PREVIOUS)
    changes = Nested(HighlightChangesSchema, allow_none=True, metadata=_CHANGES)


class HighlightDocumentSchema(ReadSchema):
    """A whole highlight report in one document."""

    id = Uuid(metadata={"description": "The id of the report.", "example": EXAMPLE_ID})
    programme_id = Uuid(metadata={"description": PROGRAMME_ID, "example": EXAMPLE_ID})
    title = Text(metadata=TITLE)
    period_start = fields.Date(metadata=START)
    period_end = fields.Date(metadata=END)
    status = Choice(ReportStatus)
    board_action = Choice(BoardAction)
    audience = ListOf(Text(), metadata=AUDIENCE)
    narrative = _part(
        "The text that the lead agency wrote for each part. Null for a part without text.",
        {"lessons": None},
    )
    content = Nested(
        HighlightContentSchema, metadata={"description": "The content drafted from records."}
    )
    content_hash = Text(metadata=CONTENT_HASH)
    approved_by = Text(allow_none=True, metadata=APPROVED_BY)
    approved_at = fields.DateTime(allow_none=True, metadata=APPROVED_AT)
    previous = Nested(PreviousReportSchema, allow_none=True, metadata=_PREVIOUS)
    changes = Nested(HighlightChangesSchema, allow_none=True, metadata=_CHANGES)
