"""The summary of a programme, which its board looks at first."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.contracts.financial_years import financial_year_of
from catalogue.contracts.resources import COSTS
from catalogue.core.actor import Actor
from catalogue.core.database import work
from catalogue.core.rest.resource import actor_parameters, past_parameters
from catalogue.history.models import HistoryHead
from catalogue.programmes.models import Programme
from catalogue.programmes.progress.counting import Move, Weight, progress_of
from catalogue.programmes.progress.remembered import Answer, Head, remembered
from catalogue.programmes.progress.rows import statement
from catalogue.programmes.resources import PROGRAMMES
from catalogue.programmes.vocabulary import Lateness, MigrationStage

MOST_NAMED = 10
"""How many of a kind are named; all of them are counted."""


_MOMENTS = frozenset({"now", "a_year_ago"})
"""What is another at each request. What follows from it, of shares and days, is in the others."""

_SEEN = sa.select(
    sa.select(HistoryHead.number).scalar_subquery(),
    sa.select(HistoryHead.digest).scalar_subquery(),
).where(
    Programme.id == sa.bindparam("programme_id", type_=sa.Uuid(), required=True),
    PROGRAMMES.visible,
)


def summary_of(
    session: Session, programme: Programme, *, by: Actor, as_of: datetime | None = None
) -> dict[str, Any]:
    """A programme that the actor sees, as far as it sees what belongs to it; now, or as it was.

    The answer of `GET /v1/programmes/{id}/summary` as a dict (`ProgrammeSummarySchema`): ids are
    UUIDs, days are ISO texts, amounts are texts of pounds and pence. `total` and `withheld` count
    the migrations; `by_stage`, `by_agency`, `by_lateness` and `attention` count those that are
    seen. `progress` weighs by number, users and recurring cost those that are not cancelled. Under
    `late`, `blocked`, `silent`, `next_cutovers`, `overdue_milestones` and `open_decisions` the
    first ten are named, and `attention` says how many there are. Costs of other agencies that are in
    it are noted as read.
    """
    return _summed(session, programme.id, by=by, as_of=as_of)[0]


def summary_document(session: Session, programme_id: UUID, *, by: Actor) -> bytes:
    """The summary of now as JSON, as it was made before if it still holds. NotFound where the actor
    sees no such programme.
    """
    parameters = actor_parameters(by) | PROGRAMMES.found_first(by)
    row = session.execute(_SEEN, parameters | {"programme_id": programme_id}).first()
    if row is None:
        raise PROGRAMMES.absent()
    # Read before what it stands for: should that change meanwhile, it is made anew next time.
    head, kept, noted = Head(*row), remembered(work().database), work().reads
    key = (programme_id, *(parameters[name] for name in sorted(parameters.keys() - _MOMENTS)))
    before = len(noted)
    answer = kept.find(session, programme_id, key, head)
    if answer is None:
        with kept.turn(key):
            answer = kept.find(session, programme_id, key, head)
            if answer is None:
                summary, systems = _summed(session, programme_id, by=by, as_of=None)
                answer = Answer(orjson.dumps(summary), systems, tuple(noted[before:]))
                kept.keep(key, head, answer)
    noted[before:] = answer.reads
    return answer.body


def _summed(
    session: Session, programme_id: UUID, *, by: Actor, as_of: datetime | None
) -> tuple[dict[str, Any], frozenset[str]]:
    """The summary, and the systems of all migrations, hidden ones as well."""
    parameters = actor_parameters(by) if as_of is None else past_parameters(by, as_of)
    today: date = parameters["today"]
    parameters |= {"programme_id": programme_id, "this_year": financial_year_of(today)}
    made = statement(session.get_bind().dialect.name, past=as_of is not None)
    row = session.execute(made, parameters).one()
    every, moves, served, known, costs, waves, milestones, risks, questions = map(orjson.loads, row)
    moves = sorted((Move(*each) for each in moves), key=lambda move: (move.system_name, move.id))
    seen = {None, *(move.id for move in moves)}
    milestones = [_milestone(*each) for each in milestones if each[1] in seen]
    questions = [_question(*each) for each in questions if each[1] in seen]
    stages = Counter(move.stage for move in moves)
    agencies = Counter(move.agency for move in moves)
    lateness = Counter(move.lateness for move in moves)
    late, blocked, silent, at_risk = (
        [move for move in moves if not move.cancelled and getattr(move, name)]
        for name in ("late", "blocked", "silent", "at_risk")
    )
    to_come = [move for move in moves if move.still_to_move and (_day(move) or "") >= str(today)]
    late.sort(key=lambda move: _due(move, today))
    silent.sort(key=lambda move: move.next_update_due or "")
    to_come.sort(key=lambda move: _day(move) or "")
    waves.sort(key=lambda wave: (wave[2], wave[1]))
    names = {wave[0]: wave[1] for wave in waves}

    def named(some: Iterable[Move]) -> list[dict[str, Any]]:
        return [_named(each, names, today) for each in islice(some, MOST_NAMED)]

    summary = {
        "programme_id": programme_id,
        "total": len(moves),
        "withheld": len(every) - len(moves),
        "by_stage": [{"stage": s, "count": stages[s]} for s in MigrationStage],
        "by_agency": [{"agency": a, "count": n} for a, n in sorted(agencies.items())],
        "by_lateness": [{"lateness": each, "count": lateness[each]} for each in Lateness],
        "attention": {
            "late": len(late),
            "blocked": len(blocked),
            "silent": len(silent),
            "at_risk": len(at_risk),
            "overdue_milestones": len(milestones),
            "open_red_risks": sum(migration in seen for (migration,) in risks),
            "open_decisions": len(questions),
        },
        "progress": _progress(moves, _codes(served, dict(known)), costs, waves),
        "late": named(late),
        "blocked": named(blocked),
        "silent": named(silent),
        "at_risk": named(at_risk),
        "next_cutovers": named(to_come),
        "overdue_milestones": _first(milestones, "planned_date", "name"),
        "open_decisions": _first(questions, "needed_by", "question"),
    }
    return summary, frozenset(each.replace("-", "") for (each,) in every)


def _progress(
    moves: list[Move], codes: Mapping[str, list[str]], costs: list[Any], waves: list[Any]
) -> dict[str, Any]:
    """How much has moved; the costs that go into it are noted as read where they are others'."""
    pence: defaultdict[str, int] = defaultdict(int)
    foreign = []
    for system_id, _year, amount, line_id, owner_id in costs:
        pence[system_id] += amount
        if line_id is not None:
            foreign.append((UUID(line_id), UUID(owner_id)))
    if foreign:
        work().reads.append((COSTS.name, ("amount",), foreign))
    progress = progress_of(moves, pence, codes)
    by_wave = progress.by_wave
    without = [(None, None, None)] if None in by_wave else []
    return {
        "cost_year": costs[0][1] if costs else None,
        "whole": progress.whole.shown(),
        "by_wave": [
            {"wave_id": identity and UUID(identity), "name": name, "position": position}
            | by_wave.get(identity, Weight()).shown()
            for identity, name, position in [*waves, *without]
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


def _named(move: Move, waves: Mapping[str, str], today: date) -> dict[str, Any]:
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
    return ordered[:MOST_NAMED]
