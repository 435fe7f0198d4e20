"""What highlight reports look like, and what one may say in them."""

from typing import Any

from marshmallow import fields

from catalogue.agencies.schemas import CODE
from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Choice,
    DateField,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.programmes.vocabulary import MigrationStage
from catalogue.reports.highlights.vocabulary import NARRATIVE, AskedFor, ReportStatus

_LONG = 10_000
_MOST_READERS = 60
_HASH = r"^[0-9a-f]{64}$"
_EXAMPLE_HASH = "5c4f8f2e0b7d1a9c6e3b0d8a7f1c2e4d6b8a0c2e4f6a8b0c2d4e6f8a0b2c4d6e"
_TITLE = {"example": "Highlight report for November 2026"}
_AUDIENCE = {
    "description": "Agencies that it is for besides the lead: members of the programme. It holds "
    "what all of them may see.",
    "example": [],
}
_START, _END = {"example": "2026-11-01"}, {"example": "2026-11-30"}


class HighlightReportCreate(WriteSchema):
    """A report to draft, of a programme that one's own agency leads."""

    programme_id = Uuid(required=True)
    title = Text(required=True, metadata=_TITLE)
    period_start = DateField(required=True, metadata=_START)
    period_end = DateField(required=True, metadata=_END)
    asked_for = Choice(AskedFor, required=True)
    audience = ListOf(
        Text(max=80, pattern=CODE), max=_MOST_READERS, unique=True, metadata=_AUDIENCE
    )
    purpose = Text(max=_LONG, allow_none=True, metadata={"description": NARRATIVE["purpose"]})
    achievability = Text(
        max=_LONG, allow_none=True, metadata={"description": NARRATIVE["achievability"]}
    )
    schedule = Text(max=_LONG, allow_none=True, metadata={"description": NARRATIVE["schedule"]})
    costs = Text(max=_LONG, allow_none=True, metadata={"description": NARRATIVE["costs"]})
    resources_and_vacancies = Text(
        max=_LONG, allow_none=True, metadata={"description": NARRATIVE["resources_and_vacancies"]}
    )
    risks_and_issues = Text(
        max=_LONG, allow_none=True, metadata={"description": NARRATIVE["risks_and_issues"]}
    )
    tolerances_and_changes = Text(
        max=_LONG, allow_none=True, metadata={"description": NARRATIVE["tolerances_and_changes"]}
    )
    this_period = Text(
        max=_LONG, allow_none=True, metadata={"description": NARRATIVE["this_period"]}
    )
    next_period = Text(
        max=_LONG, allow_none=True, metadata={"description": NARRATIVE["next_period"]}
    )
    lessons = Text(max=_LONG, allow_none=True, metadata={"description": NARRATIVE["lessons"]})


HighlightReportPatch = patch_schema_of(
    HighlightReportCreate, "HighlightReportPatch", without=("programme_id",)
)


class HighlightApprovalCreate(WriteSchema):
    """The approval of a draft, as one has read it."""

    approved_by = Text(
        required=True,
        metadata={"description": "Who approves it, by name.", "example": "Programme director"},
    )
    content_hash = Text(
        max=64,
        pattern=_HASH,
        required=True,
        metadata={"description": "Of the draft that was read.", "example": _EXAMPLE_HASH},
    )


def _digest(form: str) -> Text:
    return Text(
        allow_none=True,
        metadata={
            "description": f"SHA-256 of the {form} document; null before it is approved.",
            "example": None,
        },
    )


class HighlightReportSchema(ReadSchema):
    """What the lead of a programme reports to its board. Its content is in its documents."""

    id = Uuid()
    lead_agency = Text(metadata={"example": "bedfordshire-police"})
    programme_id = Uuid()
    title = Text(metadata=_TITLE)
    period_start = fields.Date(metadata=_START)
    period_end = fields.Date(metadata=_END)
    status = Choice(ReportStatus)
    asked_for = Choice(AskedFor)
    audience = ListOf(Text(), metadata=_AUDIENCE)
    purpose = Text(allow_none=True)
    achievability = Text(allow_none=True)
    schedule = Text(allow_none=True)
    costs = Text(allow_none=True)
    resources_and_vacancies = Text(allow_none=True)
    risks_and_issues = Text(allow_none=True)
    tolerances_and_changes = Text(allow_none=True)
    this_period = Text(allow_none=True)
    next_period = Text(allow_none=True)
    lessons = Text(allow_none=True)
    needed_scopes = ListOf(
        Text(),
        metadata={
            "description": "Scopes that its documents need besides, as they tell of money.",
            "example": ["costs:read", "savings:read"],
        },
    )
    drafted_at = fields.DateTime(metadata={"description": "When its content was drawn."})
    content_hash = Text(
        metadata={
            "description": "SHA-256 of all that it says; send it to approve the report.",
            "example": _EXAMPLE_HASH,
        }
    )
    approved_by = Text(allow_none=True, metadata={"example": "Programme director"})
    approved_at = fields.DateTime(allow_none=True)
    previous_id = Uuid(
        allow_none=True,
        metadata={"description": "The approved report it is compared with.", "example": None},
    )
    json_sha256 = _digest("JSON")
    html_sha256 = _digest("HTML")
    pdf_sha256 = _digest("PDF")
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


def _part(description: str, example: Any, *, null: bool = False) -> fields.Dict:
    return fields.Dict(allow_none=null, metadata={"description": description, "example": example})


class HighlightContentSchema(ReadSchema):
    """What was drawn from the records."""

    programme = _part("Its title, lead agency and status.", {"title": "Shared back office"})
    records_as_of = fields.Date(metadata={"example": "2026-11-30"})
    confidence = _part("Delivery confidence, with the rating before it.", {"rag": "amber"})
    progress = _part("Counts by stage, wave and agency, weighed by users and cost.", {"total": 4})
    schedule = _part(
        "Migrations, stages entered in the period, slippage in days, waves and milestones.",
        {"slipped": []},
    )
    costs = _part(
        "Baseline, savings and costs, of the year and of all years; null without savings:read.",
        {"financial_year": "2026-27"},
        null=True,
    )
    risks = _part("Risks not closed or changed, and overall exposure.", {"open": 1})
    blockers = ListOf(_part("A blocker.", {"title": "Test data is missing"}))
    decisions = ListOf(_part("A decision that is asked for.", {"question": "May wave 2 begin?"}))
    next_period = _part("Cutovers and milestones expected.", {"cutovers": []})
    withheld = _part("How much is left out, as not every reader may see it.", {"migrations": 0})


class PreviousReportSchema(ReadSchema):
    """The report that this one is compared with."""

    id = Uuid(metadata={"example": EXAMPLE_ID})
    title = Text(metadata=_TITLE)
    approved_at = fields.DateTime()
    content_hash = Text(metadata={"example": _EXAMPLE_HASH})


class FigureChangeSchema(ReadSchema):
    """A figure that is another."""

    figure = Text(metadata={"example": "moved"})
    before = fields.Raw(metadata={"description": "A number or an amount.", "example": 1})
    after = fields.Raw(metadata={"description": "A number or an amount.", "example": 2})


class NamedRecordSchema(ReadSchema):
    """A record by its id and what it is called."""

    id = Uuid(metadata={"example": EXAMPLE_ID})
    name = Text(metadata={"example": "Duty management"})


class FieldChangeSchema(ReadSchema):
    """A field that is another."""

    field = Text(metadata={"example": "stage"})
    before = fields.Raw(allow_none=True, metadata={"example": MigrationStage.PLANNED.value})
    after = fields.Raw(allow_none=True, metadata={"example": MigrationStage.READY.value})


class RecordChangeSchema(NamedRecordSchema):
    """A record of which something changed."""

    changes = ListOf(Nested(FieldChangeSchema))


class RecordChangesSchema(ReadSchema):
    """What became of the records of one kind."""

    added = ListOf(Nested(NamedRecordSchema))
    changed = ListOf(Nested(RecordChangeSchema))
    gone = ListOf(Nested(NamedRecordSchema))


class RatingChangeSchema(ReadSchema):
    """A rating that is another; null is not rated."""

    before = Text(allow_none=True, metadata={"example": "green"})
    after = Text(allow_none=True, metadata={"example": "amber"})


class HighlightChangesSchema(ReadSchema):
    """What one report says that the one before did not, and the other way round."""

    confidence = Nested(RatingChangeSchema, allow_none=True)
    figures = ListOf(Nested(FigureChangeSchema))
    migrations = Nested(RecordChangesSchema)
    milestones = Nested(RecordChangesSchema)
    risks = Nested(RecordChangesSchema)
    blockers = Nested(RecordChangesSchema)
    decisions = Nested(RecordChangesSchema)
    narrative = ListOf(
        Text(),
        metadata={"description": "Parts of the narrative that differ.", "example": ["schedule"]},
    )


class ReportChangesSchema(ReadSchema):
    """What changed since the last report; both null where there is none that all readers may read."""

    report_id = Uuid(metadata={"example": EXAMPLE_ID})
    previous = Nested(PreviousReportSchema, allow_none=True)
    changes = Nested(HighlightChangesSchema, allow_none=True)


class HighlightDocumentSchema(ReadSchema):
    """All that a report says, in one document."""

    id = Uuid(metadata={"example": EXAMPLE_ID})
    programme_id = Uuid(metadata={"example": EXAMPLE_ID})
    title = Text(metadata=_TITLE)
    period_start = fields.Date(metadata=_START)
    period_end = fields.Date(metadata=_END)
    status = Choice(ReportStatus)
    asked_for = Choice(AskedFor)
    audience = ListOf(Text(), metadata=_AUDIENCE)
    narrative = _part(
        "What the lead wrote, by part; null where it wrote nothing.", {"lessons": None}
    )
    content = Nested(HighlightContentSchema)
    content_hash = Text(metadata={"example": _EXAMPLE_HASH})
    approved_by = Text(allow_none=True, metadata={"example": "Programme director"})
    approved_at = fields.DateTime(allow_none=True)
    previous = Nested(PreviousReportSchema, allow_none=True)
    changes = Nested(HighlightChangesSchema, allow_none=True)
