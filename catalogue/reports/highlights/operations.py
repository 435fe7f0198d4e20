"""Drafting, editing and approving highlight reports. Whoever calls has locked the report."""

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
from catalogue.programmes.operations import programme_led
from catalogue.programmes.resources import PROGRAMMES
from catalogue.reports.highlights.documents import MAKERS, content_hash, document_of
from catalogue.reports.highlights.draft_content import draft_content
from catalogue.reports.highlights.models import HighlightDocument, HighlightReader, HighlightReport
from catalogue.reports.highlights.visible_records import Period
from catalogue.reports.highlights.vocabulary import MONEY_SCOPES, DocumentForm, ReportStatus

Fields = dict[str, Any]

_READS = frozenset({Scope.PROGRAMMES_READ.value, Scope.SYSTEMS_READ.value})
_DRAWN_BY = frozenset({"period_start", "period_end", "audience"})
LONGEST_PERIOD = 366
"""Days: a report is monthly as a rule, and an annual one is the longest."""


def draft_report(context: Context, *, fields: Fields) -> HighlightReport:
    """Draft a report of a programme that the actor's agency leads."""
    programme = programme_led(context, fields["programme_id"])
    plain = {name: value for name, value in fields.items() if name != "programme_id"}
    report = HighlightReport(
        programme=programme, status=ReportStatus.DRAFT, audience=[], needed_scopes=[]
    )
    with context.session.no_autoflush:
        _apply(report, plain)
        _draw(context, report)
    context.session.add(report)
    context.session.flush()
    _set_readers(context.session, report)
    return report


def change_report(context: Context, report: HighlightReport, changes: Fields) -> None:
    """Change a draft; another period or audience draws it anew. Conflict once it is approved."""
    require_draft(report)
    with context.session.no_autoflush:
        _apply(report, changes)
        if changes.keys() & _DRAWN_BY:
            _draw(context, report)
        else:
            report.content_hash = content_hash(report)
    context.session.flush()
    _set_readers(context.session, report)


def redraft_report(context: Context, report: HighlightReport) -> None:
    """Draw a draft anew from the records as they are now; what the lead wrote stays."""
    require_draft(report)
    with context.session.no_autoflush:
        _draw(context, report)


def remove_report(session: Session, report: HighlightReport) -> None:
    """Remove a draft. Conflict once it is approved."""
    require_draft(report)
    for reader in _readers_kept(session, report):
        session.delete(reader)
    session.flush()
    session.delete(report)


def approve_report(
    context: Context, report: HighlightReport, *, approved_by: str, content_hash: str
) -> None:
    """Freeze a draft, and keep its documents as they are from now on.

    Conflict if it is no draft, is not what was read, or holds what its readers may not see any more.
    """
    require_draft(report)
    if report.content_hash != content_hash:
        raise conflict("/content_hash", "stale", "The draft is not what was read.")
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
    """A report in one of its forms: as it was kept when it was approved; a draft as it is now."""
    require_scopes(report, by=context.actor)
    if report.status is ReportStatus.APPROVED:
        kept = context.session.get_one(HighlightDocument, (report.id, form))
        return bytes(kept.body)
    return MAKERS[form](document_of(report, previous_of(context.session, report)))


def changes_of(context: Context, report: HighlightReport) -> Fields:
    """What changed since the report approved before, that everybody who reads this one may read."""
    document: Fields = orjson.loads(document_in(context, report, DocumentForm.JSON))
    return {
        "report_id": document["id"],
        "previous": document["previous"],
        "changes": document["changes"],
    }


def require_scopes(report: HighlightReport, *, by: Actor) -> None:
    """InsufficientScope where the token may not read the money that the report tells of."""
    lacking = [scope for scope in report.needed_scopes if scope not in by.scopes]
    if lacking:
        raise InsufficientScope(
            f"The report tells of money; to read it a token needs {' and '.join(lacking)} as well."
        )


def require_draft(report: HighlightReport) -> None:
    """Conflict, if a report is frozen."""
    if report.status is not ReportStatus.DRAFT:
        detail = "The report was approved, and stays as it is; draft another."
        raise conflict("/status", "frozen", detail)


def previous_of(session: Session, report: HighlightReport) -> Fields | None:
    """The document of the report approved last, of those that all who read this one may read, and
    that tell of no money which this one does not tell of."""
    approved = session.scalars(
        sa.select(HighlightReport)
        .where(
            HighlightReport.programme_id == report.programme_id,
            HighlightReport.status == ReportStatus.APPROVED,
            HighlightReport.id != report.id,
        )
        .order_by(HighlightReport.approved_at.desc(), HighlightReport.id.desc())
    )
    for each in approved:
        if set(each.audience) >= set(report.audience) and set(each.needed_scopes) <= set(
            report.needed_scopes
        ):
            kept = session.get_one(HighlightDocument, (each.id, DocumentForm.JSON))
            document: Fields = orjson.loads(kept.body)
            return document
    return None


def _apply(report: HighlightReport, changes: Fields) -> None:
    for name, value in changes.items():
        setattr(report, name, sorted(value) if name == "audience" else value)
    if report.period_end < report.period_start:
        raise invalid("/period_end", "out_of_order", "It may not end before it starts.")
    if (report.period_end - report.period_start).days >= LONGEST_PERIOD:
        raise invalid("/period_end", "too_long", "A report is about a year at the most.")


def _draw(context: Context, report: HighlightReport) -> None:
    """Fill it with what all of its readers may see, by the scopes of the actor's token."""
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
    """The lead, and then its audience."""
    lead = session.get_one(Agency, report.programme.agency_id)
    if lead.code in report.audience:
        place = report.audience.index(lead.code)
        detail = "The lead reads its own reports; name the others."
        raise invalid(f"/audience/{place}", "lead", detail)
    named = find_current_agencies(
        session, {code: f"/audience/{place}" for place, code in enumerate(report.audience)}
    )
    return [lead, *(named[code] for code in report.audience)]


def _require_member(context: Context, programme: Programme, reader: Actor, place: int) -> None:
    asked = sa.select(Programme.id).where(Programme.id == programme.id)
    if context.session.scalar(only_visible(context.acting_as(reader), PROGRAMMES, asked)) is None:
        detail = f"{reader.agency} takes no part in the programme."
        raise Unprocessable(
            "It is for an agency that does not see the programme.",
            errors=[FieldError(f"/audience/{place}", "not_a_member", detail)],
        )


def _set_readers(session: Session, report: HighlightReport) -> None:
    wanted = {
        agency.id
        for agency in session.scalars(sa.select(Agency).where(Agency.code.in_(report.audience)))
    }
    for reader in _readers_kept(session, report):
        if reader.agency_id not in wanted:
            session.delete(reader)
        wanted.discard(reader.agency_id)
    session.add_all(HighlightReader(report_id=report.id, agency_id=each) for each in sorted(wanted))
    session.flush()


def _readers_kept(session: Session, report: HighlightReport) -> list[HighlightReader]:
    asked = sa.select(HighlightReader).where(HighlightReader.report_id == report.id)
    return list(session.scalars(asked))


def _require_still_shown(context: Context, report: HighlightReport) -> None:
    """Conflict, where sharing has ended since it was drafted: freezing it would keep open for ever
    what is closed."""
    with context.session.no_autoflush:
        now = _content(context, report)
    if not _ids(report.content) <= _ids(now) or _figures(report.content) != _figures(now):
        detail = "Not all that it holds is still there for everybody it is for: redraft it."
        raise conflict("", "outdated", detail)


def _ids(content: Fields) -> set[str]:
    """What it names, except for what changes with the calendar alone."""
    schedule, risks = content["schedule"], content["risks"]
    return {
        *(each["migration_id"] for each in schedule["migrations"]),
        *(each["milestone_id"] for each in schedule["milestones"]),
        *(each["risk_id"] for each in risks["list"]),
        *(each["blocker_id"] for each in content["blockers"]),
        *(each["required_decision_id"] for each in content["decisions"]),
    }


def _figures(content: Fields) -> Fields:
    """The sums that it tells of people and money. One may be right no more although as much is
    withheld as before: something else may have been opened, or cancelled."""
    progress = content["progress"]
    return {
        "costs": content["costs"],
        "cost_year": progress["cost_year"],
        "whole": {name: progress["whole"][name] for name in _SUMMED},
        "by_agency": [
            {name: each[name] for name in ("agency", *_SUMMED)} for each in progress["by_agency"]
        ],
    }


_SUMMED = ("users", "users_withheld", "cost", "costs_withheld")
