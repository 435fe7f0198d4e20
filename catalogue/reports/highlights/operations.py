"""Operations that draft, update and approve highlight reports. Callers must lock the report."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.agreements import find_current_agencies
from catalogue.agencies.models import Agency
from catalogue.core import clock
from catalogue.core.actor import Actor, Scope
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, InsufficientScope, Unprocessable, conflict, invalid
from catalogue.core.rest.reader import only_visible
from catalogue.programmes.models import Programme
from catalogue.programmes.operations import require_led_programme
from catalogue.programmes.resources import PROGRAMMES
from catalogue.reports.highlights.documents import MAKERS, content_hash, document_of
from catalogue.reports.highlights.draft_content import draft_content
from catalogue.reports.highlights.models import (
    PERIOD_OUT_OF_ORDER,
    HighlightDocument,
    HighlightReader,
    HighlightReport,
)
from catalogue.reports.highlights.visible_records import Period
from catalogue.reports.highlights.vocabulary import MONEY_SCOPES, DocumentForm, ReportStatus

Fields = dict[str, Any]

_READS = frozenset({Scope.PROGRAMMES_READ.value, Scope.SYSTEMS_READ.value})
_CONTENT_FIELDS = frozenset({"period_start", "period_end", "audience"})
LONGEST_PERIOD = 366
"""The most days that a report can cover: a leap year. Most reports are monthly."""


def create_report(context: Context, *, fields: Fields) -> HighlightReport:
    """Draft a report on a programme that the actor's agency leads."""
    programme = require_led_programme(context, fields["programme_id"])
    report_fields = {name: value for name, value in fields.items() if name != "programme_id"}
    report = HighlightReport(
        programme=programme, status=ReportStatus.DRAFT, audience=[], needed_scopes=[]
    )
    with context.session.no_autoflush:
        _apply(report, report_fields)
        _draft_content(context, report)
    context.session.add(report)
    context.session.flush()
    _set_readers(context.session, report)
    return report


def update_report(context: Context, report: HighlightReport, changes: Fields) -> None:
    """Update a draft. If the period or the audience changes, draft the content again.

    Raises Conflict if the report is approved.
    """
    require_draft(report)
    with context.session.no_autoflush:
        _apply(report, changes)
        if changes.keys() & _CONTENT_FIELDS:
            _draft_content(context, report)
        else:
            report.content_hash = content_hash(report)
    context.session.flush()
    _set_readers(context.session, report)


def refresh_report(context: Context, report: HighlightReport) -> None:
    """Draft the content again from current records, and keep what the lead agency wrote.

    Raises Conflict if the report is approved.
    """
    require_draft(report)
    with context.session.no_autoflush:
        _draft_content(context, report)


def delete_report(session: Session, report: HighlightReport) -> None:
    """Delete a draft. Raises Conflict if the report is approved."""
    require_draft(report)
    for reader in _stored_readers(session, report):
        session.delete(reader)
    session.flush()
    session.delete(report)


def approve_report(
    context: Context, report: HighlightReport, *, approved_by: str, content_hash: str
) -> None:
    """Freeze a draft, and store its documents.

    Raises Conflict if the report is approved or has changed since it was read. Also raises Conflict
    if its figures are out of date, or a reader can no longer see one of its records.
    """
    require_draft(report)
    if report.content_hash != content_hash:
        raise conflict(
            "/content_hash",
            "stale",
            "The draft has changed since you read it. "
            "Read it again, then approve the new `content_hash`.",
        )
    _require_still_shown(context, report)
    previous = previous_of(context.session, report)
    report.previous_id = None if previous is None else UUID(previous["id"])
    report.status = ReportStatus.APPROVED
    report.approved_by = approved_by
    report.approved_at = clock.now()
    document = document_of(report, previous)
    for form, make in MAKERS.items():
        body = make(document)
        setattr(report, f"{form.value}_sha256", sha256(body).hexdigest())
        context.session.add(HighlightDocument(report_id=report.id, form=form, body=body))
    context.session.flush()


def document_in(context: Context, report: HighlightReport, form: DocumentForm) -> bytes:
    """Return the stored document of an approved report, or make the document of a draft."""
    require_scopes(report, by=context.actor)
    if report.status is ReportStatus.APPROVED:
        stored = context.session.get_one(HighlightDocument, (report.id, form))
        return bytes(stored.body)
    return MAKERS[form](document_of(report, previous_of(context.session, report)))


def changes_of(context: Context, report: HighlightReport) -> Fields:
    """Return the changes since the previous report that every reader of this report can read."""
    document: Fields = orjson.loads(document_in(context, report, DocumentForm.JSON))
    return {
        "report_id": document["id"],
        "previous": document["previous"],
        "changes": document["changes"],
    }


def require_scopes(report: HighlightReport, *, by: Actor) -> None:
    """Raise InsufficientScope if the token cannot read the amounts in the report."""
    lacking = [scope for scope in report.needed_scopes if scope not in by.scopes]
    if lacking:
        raise InsufficientScope(
            f"The report holds amounts. To read it, request a token with {' and '.join(lacking)}."
        )


def require_draft(report: HighlightReport) -> None:
    """Raise Conflict if a report is approved."""
    if report.status is not ReportStatus.DRAFT:
        detail = "The report is approved and cannot change. Draft a new report."
        raise conflict("/status", "frozen", detail)


def previous_of(session: Session, report: HighlightReport) -> Fields | None:
    """Return the document of the latest approved report that all readers of this report can read.

    A report is left out if reading it needs a scope that reading this report does not need.
    """
    approved = session.scalars(
        sa.select(HighlightReport)
        .where(
            HighlightReport.programme_id == report.programme_id,
            HighlightReport.status == ReportStatus.APPROVED,
            HighlightReport.id != report.id,
        )
        .order_by(HighlightReport.approved_at.desc(), HighlightReport.id.desc())
    )
    for candidate in approved:
        if set(candidate.audience) >= set(report.audience) and set(candidate.needed_scopes) <= set(
            report.needed_scopes
        ):
            stored = session.get_one(HighlightDocument, (candidate.id, DocumentForm.JSON))
            document: Fields = orjson.loads(stored.body)
            return document
    return None


def _apply(report: HighlightReport, changes: Fields) -> None:
    for name, value in changes.items():
        setattr(report, name, sorted(value) if name == "audience" else value)
    if report.period_end < report.period_start:
        raise invalid("/period_end", "out_of_order", PERIOD_OUT_OF_ORDER)
    if (report.period_end - report.period_start).days >= LONGEST_PERIOD:
        raise invalid(
            "/period_end",
            "too_long",
            f"A report covers at most {LONGEST_PERIOD} days. Shorten the period.",
        )


def _draft_content(context: Context, report: HighlightReport) -> None:
    """Fill a report with records that all readers can see, within the scopes of the token."""
    report.needed_scopes = [scope.value for scope in MONEY_SCOPES if context.actor.has(scope)]
    report.content = _content(context, report)
    report.drafted_at = clock.now()
    report.content_hash = content_hash(report)


def _content(context: Context, report: HighlightReport) -> Fields:
    scopes = _READS.union(report.needed_scopes)
    readers = [
        Actor(
            client_id=context.actor.client_id,
            agency_id=agency.id,
            agency=agency.code,
            scopes=scopes,
        )
        for agency in _agencies(context.session, report)
    ]
    for place, reader in enumerate(readers[1:]):
        _require_member(context, report.programme, reader, place)
    period = Period(report.period_start, report.period_end)
    drafted = draft_content(context, report.programme, period, readers=readers)
    content: Fields = orjson.loads(orjson.dumps(drafted))
    return content


def _agencies(session: Session, report: HighlightReport) -> Iterable[Agency]:
    """Return the lead agency, then the audience."""
    lead = session.get_one(Agency, report.programme.agency_id)
    if lead.code in report.audience:
        place = report.audience.index(lead.code)
        detail = (
            "The lead agency can always read its reports. Remove the lead agency from the audience."
        )
        raise invalid(f"/audience/{place}", "lead", detail)
    named = find_current_agencies(
        session, {code: f"/audience/{place}" for place, code in enumerate(report.audience)}
    )
    return [lead, *(named[code] for code in report.audience)]


def _require_member(context: Context, programme: Programme, reader: Actor, place: int) -> None:
    statement = sa.select(Programme.id).where(Programme.id == programme.id)
    visible = only_visible(context.acting_as(reader), PROGRAMMES, statement)
    if context.session.scalar(visible) is None:
        detail = f"{reader.agency} is not a member of the programme. Remove it from the audience."
        raise Unprocessable(
            "The audience includes an agency that cannot see the programme. Remove that agency.",
            errors=[FieldError(f"/audience/{place}", "not_a_member", detail)],
        )


def _set_readers(session: Session, report: HighlightReport) -> None:
    wanted = {
        agency.id
        for agency in session.scalars(sa.select(Agency).where(Agency.code.in_(report.audience)))
    }
    for reader in _stored_readers(session, report):
        if reader.agency_id not in wanted:
            session.delete(reader)
        wanted.discard(reader.agency_id)
    session.add_all(HighlightReader(report_id=report.id, agency_id=each) for each in sorted(wanted))
    session.flush()


def _stored_readers(session: Session, report: HighlightReport) -> list[HighlightReader]:
    statement = sa.select(HighlightReader).where(HighlightReader.report_id == report.id)
    return list(session.scalars(statement))


def _require_still_shown(context: Context, report: HighlightReport) -> None:
    """Raise Conflict if a reader can no longer see a record, or if figures have changed.

    A frozen report would keep the records open to its readers permanently.
    """
    with context.session.no_autoflush:
        now = _content(context, report)
    if not _ids(report.content) <= _ids(now) or _figures(report.content) != _figures(now):
        raise conflict(
            "",
            "outdated",
            "The draft's figures have changed, or a reader can no longer see one of its records. "
            "Refresh the draft, then approve it.",
        )


def _ids(content: Fields) -> set[str]:
    """Return the ids of the records in the content.

    Lists that change with the calendar alone are left out.
    """
    schedule, risks = content["schedule"], content["risks"]
    return {
        *(each["migration_id"] for each in schedule["migrations"]),
        *(each["milestone_id"] for each in schedule["milestones"]),
        *(each["risk_id"] for each in risks["list"]),
        *(each["blocker_id"] for each in content["blockers"]),
        *(each["required_decision_id"] for each in content["decisions"]),
    }


def _figures(content: Fields) -> Fields:
    """Return the sums of users and amounts.

    A sum can change although the withheld counts stay the same: a reader can gain sight of one record
    and lose sight of another.
    """
    progress = content["progress"]
    return {
        "costs": content["costs"],
        "cost_year": progress["cost_year"],
        "total": {name: progress["total"][name] for name in _SUMMED},
        "by_agency": [
            {name: each[name] for name in ("agency", *_SUMMED)} for each in progress["by_agency"]
        ],
    }


_SUMMED = ("users", "cost")
