"""Request and response bodies of the highlight report endpoints."""

from marshmallow import fields

from catalogue.agencies.schemas import CODE
from catalogue.core.rest.descriptions import COPY_HASH
from catalogue.core.rest.schemas import (
    Choice,
    DateField,
    ListOf,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.reports.highlights.vocabulary import NARRATIVE, BoardAction, ReportStatus

_LONG = 10_000
_MOST_READERS = 60
_HASH = r"^[0-9a-f]{64}$"
EXAMPLE_HASH = "5c4f8f2e0b7d1a9c6e3b0d8a7f1c2e4d6b8a0c2e4f6a8b0c2d4e6f8a0b2c4d6e"
PROGRAMME_ID = "The id of the programme that the report is on."
TITLE = {
    "description": "The title of the report.",
    "example": "Highlight report for November 2026",
}
AUDIENCE = {
    "description": "The codes of the agencies that receive the report, without the lead agency. "
    "Each must be a member of the programme. The report holds only what all of these agencies can see.",
    "example": [],
}
START = {"description": "The first day of the period.", "example": "2026-11-01"}
END = {
    "description": "The last day of the period, which covers at most 366 days.",
    "example": "2026-11-30",
}
APPROVED_BY = {
    "description": "The name or post of the person who approved the report. Null for a draft.",
    "example": "Programme director",
}
APPROVED_AT = {"description": "The moment of the approval. Null for a draft."}
CONTENT_HASH = {
    "description": "The SHA-256 hash of the report's content. Send it to approve the report.",
    "example": EXAMPLE_HASH,
}


def _narrative(name: str) -> Text:
    return Text(max=_LONG, allow_none=True, metadata={"description": NARRATIVE[name]})


def _written_text(name: str) -> Text:
    description = f"{NARRATIVE[name]} Null if the lead agency wrote nothing."
    return Text(allow_none=True, metadata={"description": description})


class HighlightReportCreate(WriteSchema):
    """A highlight report to draft on a programme that your agency leads."""

    programme_id = Uuid(required=True, metadata={"description": PROGRAMME_ID})
    title = Text(required=True, metadata=TITLE)
    period_start = DateField(required=True, metadata=START)
    period_end = DateField(required=True, metadata=END)
    board_action = Choice(BoardAction, required=True)
    audience = ListOf(Text(max=80, pattern=CODE), max=_MOST_READERS, unique=True, metadata=AUDIENCE)
    purpose = _narrative("purpose")
    achievability = _narrative("achievability")
    schedule = _narrative("schedule")
    costs = _narrative("costs")
    resources_and_vacancies = _narrative("resources_and_vacancies")
    risks_and_issues = _narrative("risks_and_issues")
    tolerances_and_changes = _narrative("tolerances_and_changes")
    this_period = _narrative("this_period")
    next_period = _narrative("next_period")
    lessons = _narrative("lessons")


HighlightReportPatch = patch_schema_of(
    HighlightReportCreate, "HighlightReportPatch", without=("programme_id",)
)


class HighlightApprovalCreate(WriteSchema):
    """The approval of a draft, tied to the version that you read."""

    approved_by = Text(
        required=True,
        metadata={
            "description": "The name or post of the person who approves the report.",
            "example": "Programme director",
        },
    )
    content_hash = Text(
        max=64,
        pattern=_HASH,
        pattern_text=COPY_HASH,
        required=True,
        metadata={
            "description": "The `content_hash` of the draft that you read.",
            "example": EXAMPLE_HASH,
        },
    )


def _digest(form: str) -> Text:
    return Text(
        allow_none=True,
        metadata={
            "description": f"The SHA-256 hash of the {form} document. Null before approval.",
            "example": None,
        },
    )


class HighlightReportSchema(ReadSchema):
    """A highlight report to a programme board. Its documents hold the content."""

    id = Uuid(metadata={"description": "The id of the report."})
    lead_agency = Text(
        metadata={
            "description": "The code of the agency that leads the programme and drafts the report.",
            "example": "bedfordshire-police",
        }
    )
    programme_id = Uuid(metadata={"description": PROGRAMME_ID})
    title = Text(metadata=TITLE)
    period_start = fields.Date(metadata=START)
    period_end = fields.Date(metadata=END)
    status = Choice(ReportStatus)
    board_action = Choice(BoardAction)
    audience = ListOf(Text(), metadata=AUDIENCE)
    purpose = _written_text("purpose")
    achievability = _written_text("achievability")
    schedule = _written_text("schedule")
    costs = _written_text("costs")
    resources_and_vacancies = _written_text("resources_and_vacancies")
    risks_and_issues = _written_text("risks_and_issues")
    tolerances_and_changes = _written_text("tolerances_and_changes")
    this_period = _written_text("this_period")
    next_period = _written_text("next_period")
    lessons = _written_text("lessons")
    needed_scopes = ListOf(
        Text(),
        metadata={
            "description": "The scopes, in addition to `programmes:read`, that a token needs to read the "
            "documents. A report without amounts needs none.",
            "example": ["costs:read", "savings:read"],
        },
    )
    drafted_at = fields.DateTime(
        metadata={"description": "The moment when the content was last drafted from records."}
    )
    content_hash = Text(metadata=CONTENT_HASH)
    approved_by = Text(allow_none=True, metadata=APPROVED_BY)
    approved_at = fields.DateTime(allow_none=True, metadata=APPROVED_AT)
    previous_id = Uuid(
        allow_none=True,
        metadata={
            "description": "The id of the approved report with which this report is compared. "
            "Null if there is no earlier report that every reader of this report can read.",
            "example": None,
        },
    )
    json_sha256 = _digest("JSON")
    html_sha256 = _digest("HTML")
    pdf_sha256 = _digest("PDF")
    created_at = fields.DateTime(metadata={"description": "The moment of the first draft."})
    updated_at = fields.DateTime()
