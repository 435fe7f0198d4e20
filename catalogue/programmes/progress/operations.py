"""The summary of a programme, which its board looks at first."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from catalogue.contracts.resources import COSTS
from catalogue.core.context import Context
from catalogue.programmes.models import Programme
from catalogue.programmes.progress.summary_query import SummaryRows, read_rows
from catalogue.programmes.progress.totals import Move, Weight, count_progress
from catalogue.programmes.vocabulary import Lateness, MigrationStage

LIST_LIMIT = 10
"""How many of a kind are named; all of them are counted."""


def get_summary(
    context: Context, programme: Programme, *, as_of: datetime | None = None
) -> dict[str, Any]:
    """A programme that the actor sees, as far as it sees what belongs to it; now, or as it was.

    The answer of `GET /v1/programmes/{id}/summary` as a dict (`ProgrammeSummarySchema`): ids are
    UUIDs, days are ISO texts, amounts are texts of pounds and pence. `total` and `withheld` count
    the migrations; `by_stage`, `by_agency`, `by_lateness` and `attention` count those that are
    seen. `progress` weighs by number, users and recurring cost those that are not cancelled. Under
    `late`, `blocked`, `update_overdue`, `next_cutovers`, `overdue_milestones` and `open_decisions` the
    first ten are named, and `attention` says how many there are. Costs of other agencies that are in
    it are noted as read.
    """
    rows, today = read_rows(context, programme.id, as_of=as_of)
    moves = sorted(
        (Move(*each) for each in rows.moves), key=lambda move: (move.system_name, move.id)
    )
    rows.waves.sort(key=lambda wave: (wave[2], wave[1]))
    seen = {None, *(move.id for move in moves)}
    milestones = [_milestone(*each) for each in rows.milestones if each[1] in seen]
    questions = [_question(*each) for each in rows.questions if each[1] in seen]
    concerns = _concerns(moves, today)
    return {
        "programme_id": programme.id,
        "total": len(moves),
        "withheld": len(rows.systems) - len(moves),
        **_counts(moves),
        "attention": {
            **{name: len(some) for name, some in concerns.items()},
            "overdue_milestones": len(milestones),
            "open_red_risks": sum(migration in seen for (migration,) in rows.risks),
            "open_decisions": len(questions),
        },
        "progress": _progress(context, moves, rows),
        **_named(concerns | {"next_cutovers": _to_come(moves, today)}, rows, today),
        "overdue_milestones": _first(milestones, "planned_date", "name"),
        "open_decisions": _first(questions, "needed_by", "question"),
    }


def _counts(moves: list[Move]) -> dict[str, Any]:
    """How many migrations there are of each kind."""
    stages = Counter(move.stage for move in moves)
    agencies = Counter(move.agency for move in moves)
    lateness = Counter(move.lateness for move in moves)
    return {
        "by_stage": [{"stage": s, "count": stages[s]} for s in MigrationStage],
        "by_agency": [{"agency": a, "count": n} for a, n in sorted(agencies.items())],
        "by_lateness": [{"lateness": each, "count": lateness[each]} for each in Lateness],
    }


def _concerns(moves: list[Move], today: date) -> dict[str, list[Move]]:
    """The migrations to look after, by the reason for it."""
    found = {
        name: [move for move in moves if not move.cancelled and getattr(move, name)]
        for name in ("late", "blocked", "update_overdue", "at_risk")
    }
    found["late"].sort(key=lambda move: _due(move, today))
    found["update_overdue"].sort(key=lambda move: move.next_update_due or "")
    return found


def _to_come(moves: list[Move], today: date) -> list[Move]:
    """The migrations that are expected to move from now on, the first one first."""
    found = [move for move in moves if move.still_to_move and (_day(move) or "") >= str(today)]
    return sorted(found, key=lambda move: _day(move) or "")


def _named(
    lists: Mapping[str, list[Move]], rows: SummaryRows, today: date
) -> dict[str, list[dict[str, Any]]]:
    """The first few of each list."""
    waves = {wave[0]: wave[1] for wave in rows.waves}
    return {
        name: [_shown(each, waves, today) for each in some[:LIST_LIMIT]]
        for name, some in lists.items()
    }


def _progress(context: Context, moves: list[Move], rows: SummaryRows) -> dict[str, Any]:
    """How much has moved; the costs that go into it are noted as read where they are others'."""
    pence: defaultdict[str, int] = defaultdict(int)
    foreign = []
    for system_id, _year, amount, line_id, owner_id in rows.costs:
        pence[system_id] += amount
        if line_id is not None:
            foreign.append((UUID(line_id), UUID(owner_id)))
    context.note_read(COSTS.name, ("amount",), foreign)
    progress = count_progress(moves, pence, _codes(rows.served, dict(rows.capabilities)))
    by_wave = progress.by_wave
    without = [(None, None, None)] if None in by_wave else []
    return {
        "cost_year": rows.costs[0][1] if rows.costs else None,
        "total": progress.total.shown(),
        "by_wave": [
            {"wave_id": identity and UUID(identity), "name": name, "position": position}
            | by_wave.get(identity, Weight()).shown()
            for identity, name, position in [*rows.waves, *without]
        ],
        "by_agency": [
            {"agency": code} | weight.shown() for code, weight in sorted(progress.by_agency.items())
        ],
        "by_capability": [
            {"capability": code} | progress.by_capability[code].shown()
            for code in sorted(progress.by_capability, key=lambda code: (code is None, code))
        ],
    }


def _codes(served: list[Any], known: Mapping[str, str]) -> dict[str, list[str]]:
    """The codes of the capabilities of systems."""
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for system_id, named in served:
        if isinstance(named, str) and named in known:
            codes[system_id].append(known[named])
        elif named is not None:
            # Of the past there is the list of codes, which SQLite gives as its text.
            codes[system_id] = orjson.loads(named) if isinstance(named, str) else named
    return codes


def _day(move: Move) -> str | None:
    """The day on which it is expected to move."""
    return move.forecast_date or move.planned_date


def _due(move: Move, today: date) -> str:
    """The day from which it is late: the planned one, unless that is still to come."""
    planned, forecast = move.planned_date or "", move.forecast_date or ""
    return planned if planned and planned < str(today) else forecast


def _shown(move: Move, waves: Mapping[str, str], today: date) -> dict[str, Any]:
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


def _milestone(
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


def _question(identity: str, migration: str | None, question: str, *rest: Any) -> dict[str, Any]:
    needed_by, owner, overdue = rest
    return {
        "required_decision_id": UUID(identity),
        "migration_id": migration and UUID(migration),
        "question": question,
        "needed_by": needed_by,
        "owner": owner,
        "overdue": bool(overdue),
    }


def _first(records: list[dict[str, Any]], day: str, name: str) -> list[dict[str, Any]]:
    """The first of them by a day, those without one last."""
    ordered = sorted(records, key=lambda each: (each[day] is None, each[day] or "", each[name]))
    return ordered[:LIST_LIMIT]
