"""Drafting: a report's content, from what its readers may all see, in the words of the API.

Amounts are texts of pounds and pence, days are ISO texts; every list has one order. Thus the same
records give the same content.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.contracts.financial_years import financial_year_of
from catalogue.core import clock
from catalogue.core.actor import Actor, Scope
from catalogue.core.context import Context
from catalogue.core.database import pairs
from catalogue.programmes.board.vocabulary import RED_SCORE, RequiredDecisionStatus, RiskStatus
from catalogue.programmes.gates.models import MigrationStageEntry
from catalogue.programmes.models import Programme
from catalogue.programmes.progress.counting import Move
from catalogue.programmes.vocabulary import MigrationStage, Rag
from catalogue.reports.highlights.visible_records import Gathered, Period, gather
from catalogue.savings.benefits.operations import benefits_of

Fields = dict[str, Any]


def draft_content(
    context: Context, programme: Programme, period: Period, *, readers: Sequence[Actor]
) -> Fields:
    """What a report says of a programme by the records of today, for all of these readers."""
    found = gather(context, programme, period, readers=readers)
    benefits = None
    if readers[0].has(Scope.SAVINGS_READ):
        benefits = benefits_of(context.acting_as(readers[0]), programme, and_by=readers[1:])
    return {
        "programme": {
            "title": programme.title,
            "lead_agency": readers[0].agency,
            "status": programme.status.value,
        },
        "agencies": _names(context.session, found, benefits, readers),
        "records_as_of": str(clock.today()),
        "confidence": _rating(programme),
        "progress": _progress(found),
        "schedule": _schedule(found, period),
        "costs": _costs(benefits, financial_year_of(period.last)),
        "risks": _risks(found, period),
        "blockers": _blockers(found, period),
        "decisions": _decisions(found, period),
        "next_period": _next(found, period.following),
        "withheld": {
            "migrations": found.hidden,
            "users": found.progress.whole.users_withheld,
            "costs": found.progress.whole.costs_withheld,
            **({} if benefits is None else {"benefits": benefits["withheld"]}),
        },
    }


def _names(
    session: Session, found: Gathered, benefits: Fields | None, readers: Sequence[Actor]
) -> dict[str, str]:
    """What the agencies that it names by their codes are called."""
    codes = {move.agency for move in found.moves} | {str(reader.agency) for reader in readers}
    codes |= {each["agency"] for each in (benefits or {}).get("by_agency", [])}
    asked = sa.select(Agency.code, Agency.name).where(Agency.code.in_(codes)).order_by(Agency.code)
    return pairs(session, asked)


def _rating(rated: Any) -> Fields:
    return {
        "rag": rated.rag,
        "previous_rag": rated.previous_rag,
        "rag_narrative": rated.rag_narrative,
        "path_to_green": rated.path_to_green,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _slip(planned: str | None, forecast: str | None) -> int | None:
    """Days from one to the other; negative where it is earlier."""
    if planned is None or forecast is None:
        return None
    return (date.fromisoformat(forecast) - date.fromisoformat(planned)).days


def _progress(found: Gathered) -> Fields:
    stages = Counter(move.stage for move in found.moves)
    names = {wave.id.hex: wave.name for wave in found.waves}
    progress = found.progress
    by_wave = {
        None if wave is None else wave.replace("-", ""): w for wave, w in progress.by_wave.items()
    }
    live = [move for move in found.moves if not move.cancelled]
    return {
        "total": len(found.moves),
        "by_stage": [{"stage": s.value, "count": stages[s]} for s in MigrationStage],
        "attention": {
            name: sum(bool(getattr(move, name)) for move in live)
            for name in ("late", "blocked", "silent", "at_risk")
        },
        "cost_year": found.cost_year,
        "whole": progress.whole.shown(),
        "by_wave": [
            {"wave": names.get(wave) if wave else None} | by_wave[wave].shown()
            for wave in (*names, None)
            if wave in by_wave
        ],
        "by_agency": [
            {"agency": code} | weight.shown() for code, weight in sorted(progress.by_agency.items())
        ],
    }


def _move(move: Move) -> Fields:
    expected = move.actual_date or move.forecast_date
    return {
        "migration_id": _id(move.id),
        "system": move.system_name,
        "agency": move.agency,
        "stage": move.stage,
        "planned_date": move.planned_date,
        "forecast_date": move.forecast_date,
        "actual_date": move.actual_date,
        "slipped_days": _slip(move.planned_date, expected),
        "late": move.late and not move.cancelled,
        "blocked": bool(move.blocked) and not move.cancelled,
        "silent": bool(move.silent) and not move.cancelled,
        "at_risk": bool(move.at_risk) and not move.cancelled,
        "rag": move.rag,
    }


def _id(text: str) -> str:
    # One form on both stores: SQLite keeps ids without their dashes.
    plain = text.replace("-", "")
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))


def _schedule(found: Gathered, period: Period) -> Fields:
    moves = [_move(move) for move in found.moves]
    names = {each["migration_id"]: each["system"] for each in moves}
    live = [each for each in moves if each["stage"] != MigrationStage.CANCELLED]
    return {
        "migrations": moves,
        "cut_over": [each for each in live if each["actual_date"] in period],
        "stage_changes": [_entry(each, names) for each in found.entries],
        "slipped": sorted(
            (each for each in live if (each["slipped_days"] or 0) > 0),
            key=lambda each: (-each["slipped_days"], each["system"], each["migration_id"]),
        ),
        "waves": [
            {
                "name": wave.name,
                "position": wave.position,
                "start_date": _day(wave.start_date),
                "end_date": _day(wave.end_date),
                **_rating(wave),
            }
            for wave in found.waves
        ],
        "milestones": _in_order(
            (
                {
                    "milestone_id": str(each.id),
                    "name": each.name,
                    "owner": each.owner,
                    "planned_date": _day(each.planned_date),
                    "forecast_date": _day(each.forecast_date),
                    "actual_date": _day(each.actual_date),
                    "slipped_days": _slip(
                        _day(each.planned_date), _day(each.actual_date or each.forecast_date)
                    ),
                    "overdue": each.actual_date is None and _overdue(each),
                    **_rating(each),
                }
                for each in found.milestones
            ),
            "planned_date",
            "name",
        ),
    }


def _overdue(milestone: Any) -> bool:
    today = clock.today()
    return any(
        day is not None and day < today for day in (milestone.planned_date, milestone.forecast_date)
    )


def _entry(entry: MigrationStageEntry, names: dict[str, str]) -> Fields:
    return {
        "migration_id": str(entry.migration_id),
        "system": names[str(entry.migration_id)],
        "attempt": entry.attempt,
        "stage": entry.stage.value,
        "on": entry.entered_at.astimezone(clock.UK).date().isoformat(),
        "reason": entry.reason,
    }


def _in_order(records: Iterable[Fields], *names: str) -> list[Fields]:
    """By these fields, those without a value last; then by all that they say, so there is one order."""
    return sorted(
        records,
        key=lambda each: ([(each[name] is None, each[name] or "") for name in names], str(each)),
    )


def _costs(benefits: Fields | None, year: str) -> Fields | None:
    """The financial year in which the period ends, all years, and where the money went. Costs are
    kept by financial year, so there is no figure for a month."""
    if benefits is None:
        return None
    of_year = [each for each in benefits["by_year"] if each["financial_year"] == year]
    return {
        "this_year": of_year[0] if of_year else None,
        "financial_year": year,
        **{
            name: benefits[name]
            for name in ("total", "by_year", "by_agency", "by_kind", "went_to", "base_year")
        },
        "discount_rate": benefits["discount_rate"],
    }


def _risks(found: Gathered, period: Period) -> Fields:
    still = [each for each in found.risks if each.status is not RiskStatus.CLOSED]
    red = [each for each in still if each.score >= RED_SCORE or each.rag is Rag.RED]
    changed = [
        each for each in found.risks if each.raised_on in period or each.status_since in period
    ]
    shown = {each.id: each for each in (*still, *changed)}.values()
    listed = [
        {
            "risk_id": str(each.id),
            "title": each.title,
            "probability": each.probability,
            "impact": each.impact,
            "score": each.score,
            "previous_score": each.previous_score,
            "status": each.status.value,
            "status_since": _day(each.status_since),
            "raised_on": _day(each.raised_on),
            "new": each.raised_on in period,
            "owner": each.owner,
            "mitigation": each.mitigation,
            "due": _day(each.due),
            **_rating(each),
        }
        for each in shown
    ]
    listed.sort(key=lambda each: (-each["score"], each["title"], each["risk_id"]))
    return {
        "open": len(still),
        "red": len(red),
        "exposure": sum(each.score for each in still),
        "list": listed,
    }


def _blockers(found: Gathered, period: Period) -> list[Fields]:
    shown = [e for e in found.blockers if e.resolved_on is None or e.resolved_on in period]
    return _in_order(
        (
            {
                "blocker_id": str(each.id),
                "title": each.title,
                "owner": each.owner,
                "raised_on": _day(each.raised_on),
                "due": _day(each.due),
                "resolved_on": _day(each.resolved_on),
                "resolution": each.resolution,
                **_rating(each),
            }
            for each in shown
        ),
        "raised_on",
        "title",
    )


def _decisions(found: Gathered, period: Period) -> list[Fields]:
    shown = [
        each
        for each in found.questions
        if each.status is RequiredDecisionStatus.OPEN or each.decided_on in period
    ]
    return _in_order(
        (
            {
                "required_decision_id": str(each.id),
                "question": each.question,
                "options": each.options,
                "recommendation": each.recommendation,
                "owner": each.owner,
                "needed_by": _day(each.needed_by),
                "status": each.status.value,
                "outcome": each.outcome,
                "decided_on": _day(each.decided_on),
            }
            for each in shown
        ),
        "needed_by",
        "question",
    )


def _next(found: Gathered, period: Period) -> Fields:
    """What is expected in as many days as the period has, after it."""
    cutovers = [
        _move(move)
        for move in found.moves
        if move.still_to_move and (move.forecast_date or move.planned_date) in period
    ]
    milestones = [
        {
            "name": each.name,
            "expected": _day(each.forecast_date or each.planned_date),
            "owner": each.owner,
        }
        for each in found.milestones
        if each.actual_date is None and (each.forecast_date or each.planned_date) in period
    ]
    cutovers.sort(
        key=lambda e: (e["forecast_date"] or e["planned_date"], e["system"], e["migration_id"])
    )
    return {
        "first": str(period.first),
        "last": str(period.last),
        "cutovers": cutovers,
        "milestones": _in_order(milestones, "expected", "name"),
    }
