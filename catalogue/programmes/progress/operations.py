"""Summary of a programme: counts, progress, and the records that need attention."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from catalogue.contracts.resources import COSTS
from catalogue.core.context import Context
from catalogue.core.sums import Sum
from catalogue.programmes.models import Programme
from catalogue.programmes.progress.summary_query import SummaryRows, read_rows
from catalogue.programmes.progress.totals import GroupTotals, Move, count_progress
from catalogue.programmes.vocabulary import Lateness, MigrationStage

LIST_LIMIT = 10
"""The largest number of records in each list of the summary. The counts cover all records."""


def get_summary(
    context: Context, programme: Programme, *, as_of: datetime | None = None
) -> dict[str, Any]:
    """Summarise the part of a programme that the actor sees, now or at a past moment.

    Returns the response as `ProgrammeSummarySchema`: ids are UUIDs, dates are ISO strings, and
    amounts are strings of pounds and pence. The access log records reads of other agencies' costs.
    """
    rows, today = read_rows(context, programme.id, as_of=as_of)
    moves = sorted(
        (Move(*each) for each in rows.moves), key=lambda move: (move.system_name, move.id)
    )
    rows.waves.sort(key=lambda wave: (wave[2], wave[1]))
    seen = {None, *(move.id for move in moves)}
    milestones = [_describe_milestone(*each) for each in rows.milestones if each[1] in seen]
    questions = [_describe_question(*each) for each in rows.questions if each[1] in seen]
    attention = _list_attention(moves, today)
    hidden = len(rows.systems) - len(moves)
    return {
        "programme_id": programme.id,
        "total": _count(len(moves), moves, hidden),
        **_counts(moves, hidden, own=context.actor.agency),
        "attention": {
            **{name: _count(len(listed), moves, hidden) for name, listed in attention.items()},
            "overdue_milestones": len(milestones),
            "open_red_risks": sum(migration in seen for (migration,) in rows.risks),
            "open_decisions": len(questions),
        },
        "progress": _progress(context, moves, rows, hidden),
        **_limit(attention | {"next_cutovers": _list_next_cutovers(moves, today)}, rows, today),
        "overdue_milestones": _list_first(milestones, "planned_date", "name"),
        "open_decisions": _list_first(questions, "needed_by", "question"),
    }


def _counts(moves: list[Move], hidden: int, *, own: str | None) -> dict[str, Any]:
    """Count the migrations by stage, agency and lateness. `own` is the actor's agency."""
    stages = Counter(move.stage for move in moves)
    agencies = Counter(move.agency for move in moves)
    lateness = Counter(move.lateness for move in moves)
    return {
        "by_stage": [
            {"stage": s, "count": _count(stages[s], moves, hidden)} for s in MigrationStage
        ],
        "by_agency": [
            {"agency": code, "count": _count(number, moves, _hidden_of(code, own, hidden))}
            for code, number in sorted(agencies.items())
        ],
        "by_lateness": [
            {"lateness": each, "count": _count(lateness[each], moves, hidden)} for each in Lateness
        ],
    }


def _count(number: int, moves: list[Move], hidden: int) -> dict[str, Any]:
    """Return a number of migrations, in which all hidden migrations can be missing."""
    return Sum(number, len(moves), 0, hidden).in_numbers()


def _hidden_of(agency: str, own: str | None, hidden: int) -> int:
    """Return the number of hidden migrations that can be of an agency. Its own are never hidden."""
    return 0 if agency == own else hidden


def _list_attention(moves: list[Move], today: date) -> dict[str, list[Move]]:
    """List the migrations that need attention, by reason."""
    reasons = {
        name: [move for move in moves if not move.cancelled and getattr(move, name)]
        for name in ("late", "blocked", "update_overdue", "at_risk")
    }
    reasons["late"].sort(key=lambda move: _due(move, today))
    reasons["update_overdue"].sort(key=lambda move: move.next_update_due or "")
    return reasons


def _list_next_cutovers(moves: list[Move], today: date) -> list[Move]:
    """List the migrations whose cutover is expected today or later, earliest first."""
    to_come = [
        move for move in moves if move.still_to_move and (_expected_date(move) or "") >= str(today)
    ]
    return sorted(to_come, key=lambda move: _expected_date(move) or "")


def _limit(
    lists: Mapping[str, list[Move]], rows: SummaryRows, today: date
) -> dict[str, list[dict[str, Any]]]:
    """Describe the first migrations of each list, as `SummaryMigrationSchema`."""
    waves = {wave[0]: wave[1] for wave in rows.waves}
    return {
        name: [_describe_move(move, waves, today) for move in listed[:LIST_LIMIT]]
        for name, listed in lists.items()
    }


def _progress(
    context: Context, moves: list[Move], rows: SummaryRows, hidden: int
) -> dict[str, Any]:
    """Describe the progress, and record reads of other agencies' costs in the access log."""
    pence: defaultdict[str, int] = defaultdict(int)
    foreign = []
    for system_id, _year, amount, line_id, owner_id in rows.costs:
        pence[system_id] += amount
        if line_id is not None:
            foreign.append((UUID(line_id), UUID(owner_id)))
    context.note_read(COSTS.name, ("amount",), foreign)
    progress = count_progress(moves, pence, _codes(rows.served, dict(rows.capabilities)))
    by_wave = progress.by_wave
    no_wave = [(None, None, None)] if None in by_wave else []
    return {
        "cost_year": rows.costs[0][1] if rows.costs else None,
        "total": progress.total.to_dict(hidden=hidden),
        "by_wave": [
            {"wave_id": identity and UUID(identity), "name": name, "position": position}
            | by_wave.get(identity, GroupTotals()).to_dict(hidden=hidden)
            for identity, name, position in [*rows.waves, *no_wave]
        ],
        "by_agency": [
            {"agency": code} | weight.to_dict(hidden=_hidden_of(code, context.actor.agency, hidden))
            for code, weight in sorted(progress.by_agency.items())
        ],
        "by_capability": [
            {"capability": code} | progress.by_capability[code].to_dict(hidden=hidden)
            for code in sorted(progress.by_capability, key=lambda code: (code is None, code))
        ],
    }


def _codes(served: list[Any], known: Mapping[str, str]) -> dict[str, list[str]]:
    """Map systems to the codes of their capabilities."""
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for system_id, capability in served:
        if isinstance(capability, str) and capability in known:
            codes[system_id].append(known[capability])
        elif capability is not None:
            # An as-of read gives the list of codes, which SQLite returns as text.
            codes[system_id] = (
                orjson.loads(capability) if isinstance(capability, str) else capability
            )
    return codes


def _expected_date(move: Move) -> str | None:
    """Return the forecast date of the cutover, or else its planned date."""
    return move.forecast_date or move.planned_date


def _due(move: Move, today: date) -> str:
    """Return the planned date of a late migration if it has passed, or else the forecast date."""
    planned, forecast = move.planned_date or "", move.forecast_date or ""
    return planned if planned and planned < str(today) else forecast


def _describe_move(move: Move, waves: Mapping[str, str], today: date) -> dict[str, Any]:
    late = move.late and today - date.fromisoformat(_due(move, today))
    return {
        "migration_id": UUID(move.id),
        "system_id": UUID(move.system_id),
        "system_name": move.system_name,
        "agency": move.agency,
        "wave": waves.get(move.wave_id or ""),
        "stage": move.stage,
        "planned_date": move.planned_date,
        "forecast_date": move.forecast_date,
        "days_late": late.days if late else 0,
        "next_update_due": move.next_update_due,
        "rag": move.rag,
    }


def _describe_milestone(
    identity: str, migration: str | None, name: str, *rest: str | None
) -> dict[str, Any]:
    planned, forecast, owner, rag = rest
    return {
        "milestone_id": UUID(identity),
        "migration_id": migration and UUID(migration),
        "name": name,
        "planned_date": planned,
        "forecast_date": forecast,
        "owner": owner,
        "rag": rag,
    }


def _describe_question(
    identity: str, migration: str | None, question: str, *rest: Any
) -> dict[str, Any]:
    needed_by, owner, overdue = rest
    return {
        "required_decision_id": UUID(identity),
        "migration_id": migration and UUID(migration),
        "question": question,
        "needed_by": needed_by,
        "owner": owner,
        "overdue": bool(overdue),
    }


def _list_first(records: list[dict[str, Any]], day: str, name: str) -> list[dict[str, Any]]:
    """List the first records by date, with undated records at the end."""
    ordered = sorted(records, key=lambda each: (each[day] is None, each[day] or "", each[name]))
    return ordered[:LIST_LIMIT]
