"""The content of a highlight report, drafted from the records that all its readers can see.

Sums hold their value with the number of parts that are unknown or withheld. Amounts are strings of
pounds and pence, and days are ISO 8601 strings. Every list has a fixed order, so that the same
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
from catalogue.core.sums import Sum
from catalogue.programmes.board.vocabulary import RED_SCORE, RequiredDecisionStatus, RiskStatus
from catalogue.programmes.gates.models import MigrationStageEntry
from catalogue.programmes.models import Programme
from catalogue.programmes.progress.totals import Move
from catalogue.programmes.vocabulary import MigrationStage, Rag
from catalogue.reports.highlights.visible_records import (
    Period,
    VisibleRecords,
    read_visible_records,
)
from catalogue.savings.benefits.operations import calculate_benefits

Fields = dict[str, Any]


def draft_content(
    context: Context, programme: Programme, period: Period, *, readers: Sequence[Actor]
) -> Fields:
    """Return the content of a report for these readers, from current records."""
    records = read_visible_records(context, programme, period, readers=readers)
    benefits = None
    if readers[0].has(Scope.SAVINGS_READ):
        benefits = calculate_benefits(context.acting_as(readers[0]), programme, and_by=readers[1:])
    return {
        "programme": {
            "title": programme.title,
            "lead_agency": readers[0].agency,
            "status": programme.status.value,
        },
        "agencies": _names(context.session, records, benefits, readers),
        "records_as_of": str(clock.today()),
        "confidence": _rating(programme),
        "progress": _progress(records),
        "schedule": _schedule(records, period),
        "costs": _costs(benefits, financial_year_of(period.last)),
        "risks": _risks(records, period),
        "blockers": _blockers(records, period),
        "decisions": _decisions(records, period),
        "next_period": _next(records, period.following),
        "withheld": {
            "migrations": records.hidden_migrations,
            "users": records.progress.total.whole.users_withheld,
            "costs": records.progress.total.whole.costs_withheld,
            **({} if benefits is None else {"benefits": benefits["withheld"]}),
        },
    }


def _names(
    session: Session, records: VisibleRecords, benefits: Fields | None, readers: Sequence[Actor]
) -> dict[str, str]:
    """Return the names of the agencies in the report, by their codes."""
    codes = {move.agency for move in records.moves} | {str(reader.agency) for reader in readers}
    codes |= {each["agency"] for each in (benefits or {}).get("by_agency", [])}
    statement = (
        sa.select(Agency.code, Agency.name).where(Agency.code.in_(codes)).order_by(Agency.code)
    )
    return pairs(session, statement)


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
    """Return the days from the planned to the forecast date, negative if the forecast is earlier."""
    if planned is None or forecast is None:
        return None
    return (date.fromisoformat(forecast) - date.fromisoformat(planned)).days


def _progress(records: VisibleRecords) -> Fields:
    stages = Counter(move.stage for move in records.moves)
    names = {wave.id.hex: wave.name for wave in records.waves}
    progress = records.progress
    by_wave = {
        None if wave is None else wave.replace("-", ""): w for wave, w in progress.by_wave.items()
    }
    moves = [_move(move) for move in records.moves]
    hidden = records.hidden_migrations

    def count(number: int) -> Fields:
        return Sum(number, len(moves), 0, hidden).in_numbers()

    return {
        "migrations": count(len(moves)),
        "by_stage": [{"stage": s.value, "count": count(stages[s])} for s in MigrationStage],
        "attention": {
            name: count(sum(move[name] for move in moves))
            for name in ("late", "blocked", "update_overdue", "at_risk")
        },
        "cost_year": records.cost_year,
        "total": progress.total.to_dict(hidden=hidden),
        "by_wave": [
            {"wave": names.get(wave) if wave else None} | by_wave[wave].to_dict(hidden=hidden)
            for wave in (*names, None)
            if wave in by_wave
        ],
        "by_agency": [
            {"agency": code} | weight.to_dict(hidden=hidden)
            for code, weight in sorted(progress.by_agency.items())
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
        "late": bool(move.late) and not move.cancelled,
        "blocked": bool(move.blocked) and not move.cancelled,
        "update_overdue": bool(move.update_overdue) and not move.cancelled,
        "at_risk": bool(move.at_risk) and not move.cancelled,
        "rag": move.rag,
    }


def _id(text: str) -> str:
    # SQLite stores ids without dashes, and both databases must give the same string.
    plain = text.replace("-", "")
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))


def _schedule(records: VisibleRecords, period: Period) -> Fields:
    moves = [_move(move) for move in records.moves]
    names = {each["migration_id"]: each["system"] for each in moves}
    live = [each for each in moves if each["stage"] != MigrationStage.CANCELLED]
    return {
        "migrations": moves,
        "cut_over": [each for each in live if each["actual_date"] in period],
        "stage_changes": [_entry(each, names) for each in records.entries],
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
            for wave in records.waves
        ],
        "milestones": _in_order(
            (
                {
                    "milestone_id": str(milestone.id),
                    "name": milestone.name,
                    "owner": milestone.owner,
                    "planned_date": _day(milestone.planned_date),
                    "forecast_date": _day(milestone.forecast_date),
                    "actual_date": _day(milestone.actual_date),
                    "slipped_days": _slip(
                        _day(milestone.planned_date),
                        _day(milestone.actual_date or milestone.forecast_date),
                    ),
                    "overdue": milestone.actual_date is None and _overdue(milestone),
                    **_rating(milestone),
                }
                for milestone in records.milestones
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
    """Sort by these fields, with nulls last. All other fields then decide the order of equals."""
    return sorted(
        records,
        key=lambda each: ([(each[name] is None, each[name] or "") for name in names], str(each)),
    )


def _costs(benefits: Fields | None, year: str) -> Fields | None:
    """Return the figures of the financial year in which the period ends, and of all years.

    Costs are recorded by financial year, so there are no monthly figures.
    """
    if benefits is None:
        return None
    of_year = [each for each in benefits["by_year"] if each["financial_year"] == year]
    return {
        "this_year": of_year[0] if of_year else None,
        "financial_year": year,
        **{
            name: benefits[name]
            for name in ("total", "by_year", "by_agency", "by_kind", "use_of_saving", "base_year")
        },
        "discount_rate": benefits["discount_rate"],
    }


def _risks(records: VisibleRecords, period: Period) -> Fields:
    unresolved = [each for each in records.risks if each.status is not RiskStatus.CLOSED]
    red = [each for each in unresolved if each.score >= RED_SCORE or each.rag is Rag.RED]
    changed = [
        each for each in records.risks if each.raised_on in period or each.status_since in period
    ]
    relevant = {each.id: each for each in (*unresolved, *changed)}.values()
    listed = [
        {
            "risk_id": str(risk.id),
            "title": risk.title,
            "probability": risk.probability,
            "impact": risk.impact,
            "score": risk.score,
            "previous_score": risk.previous_score,
            "status": risk.status.value,
            "status_since": _day(risk.status_since),
            "raised_on": _day(risk.raised_on),
            "new": risk.raised_on in period,
            "owner": risk.owner,
            "mitigation": risk.mitigation,
            "due": _day(risk.due),
            **_rating(risk),
        }
        for risk in relevant
    ]
    listed.sort(key=lambda each: (-each["score"], each["title"], each["risk_id"]))
    return {
        "open": len(unresolved),
        "red": len(red),
        "exposure": sum(each.score for each in unresolved),
        "list": listed,
    }


def _blockers(records: VisibleRecords, period: Period) -> list[Fields]:
    relevant = [e for e in records.blockers if e.resolved_on is None or e.resolved_on in period]
    return _in_order(
        (
            {
                "blocker_id": str(blocker.id),
                "title": blocker.title,
                "owner": blocker.owner,
                "raised_on": _day(blocker.raised_on),
                "due": _day(blocker.due),
                "resolved_on": _day(blocker.resolved_on),
                "resolution": blocker.resolution,
                **_rating(blocker),
            }
            for blocker in relevant
        ),
        "raised_on",
        "title",
    )


def _decisions(records: VisibleRecords, period: Period) -> list[Fields]:
    relevant = [
        each
        for each in records.questions
        if each.status is RequiredDecisionStatus.OPEN or each.decided_on in period
    ]
    return _in_order(
        (
            {
                "required_decision_id": str(question.id),
                "question": question.question,
                "options": question.options,
                "recommendation": question.recommendation,
                "owner": question.owner,
                "needed_by": _day(question.needed_by),
                "status": question.status.value,
                "outcome": question.outcome,
                "decided_on": _day(question.decided_on),
            }
            for question in relevant
        ),
        "needed_by",
        "question",
    )


def _next(records: VisibleRecords, period: Period) -> Fields:
    """Return the cutovers and milestones that are expected in a period."""
    cutovers = [
        _move(move)
        for move in records.moves
        if move.still_to_move and (move.forecast_date or move.planned_date) in period
    ]
    milestones = [
        {
            "name": milestone.name,
            "expected": _day(milestone.forecast_date or milestone.planned_date),
            "owner": milestone.owner,
        }
        for milestone in records.milestones
        if milestone.actual_date is None
        and (milestone.forecast_date or milestone.planned_date) in period
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
