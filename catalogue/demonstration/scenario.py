"""The scenario of the seven agencies: overlaps, decisions and a programme."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.context import Context
from catalogue.demonstration.records import Systems, document, find_signatory
from catalogue.demonstration.steps import Step, acting_for
from catalogue.programmes.migrations import create_migration
from catalogue.programmes.operations import create_programme, create_wave
from catalogue.programmes.schemas import MigrationCreate, ProgrammeCreate, WaveCreate
from catalogue.programmes.vocabulary import MigrationStage, ProgrammeStatus
from catalogue.rationalisation.decisions.operations import create_decision, propose_decision
from catalogue.rationalisation.decisions.schemas import DecisionCreate
from catalogue.rationalisation.decisions.signatures import sign_decision
from catalogue.rationalisation.overlaps.detection import find_overlaps
from catalogue.rationalisation.overlaps.models import Overlap, OverlapMember
from catalogue.rationalisation.overlaps.operations import review_overlap
from catalogue.rationalisation.vocabulary import OverlapKind, OverlapVerdict, SignOffVerdict

MORNING = time(9, 0, tzinfo=UTC)


def set_scene(context: Context, systems: Systems) -> None:
    """Find the overlaps, create the decisions except proposed ones, and begin the programme."""
    find_overlaps(context.session)
    for decision in document("decisions.json")["decisions"]:
        if decision["status"] != "proposed":
            _decide(context, decision, systems, at=_moment)
    _begin_programme(context, document("programme.json"), systems)


def proposal_steps() -> list[Step]:
    """Return a step for each decision that awaits sign-off.

    Each decision is proposed after the first load, in a change set of its own, so that owners can
    read the decision as it was proposed.
    """
    return [
        Step(decision["proposed_by"], "Proposed to the owners.", partial(_propose, data=decision))
        for decision in document("decisions.json")["decisions"]
        if decision["status"] == "proposed"
    ]


def _propose(context: Context, systems: Systems, *, data: dict[str, Any]) -> None:
    _decide(context, data, systems, at=lambda _day: None)


def _decide(
    context: Context,
    data: dict[str, Any],
    systems: Systems,
    *,
    at: Callable[[str | None], datetime | None],
) -> None:
    proposer = acting_for(context.session, data["proposed_by"])
    members = [
        {
            "system_id": str(_system_id(systems, member["system"])),
            "disposition": member["disposition"],
            "strategy": member["strategy"],
            "successor_id": _text(_system_id(systems, member["successor"])),
        }
        for member in data["members"]
    ]
    overlap = _overlap_of(
        context.session, data, [_system_id(systems, m["system"]) for m in data["members"]]
    )
    reviewed = at(data["proposed_on"])
    review_overlap(
        context.acting_as(proposer),
        overlap,
        verdict=OverlapVerdict.CONFIRMED,
        reason="Both agencies have reviewed the overlap together.",
        at=reviewed,
    )
    context.session.flush()
    fields = {
        "overlap_id": str(overlap.id),
        "title": data["title"],
        "rationale": data["rationale"],
        "members": members,
    }
    decision = create_decision(context.acting_as(proposer), fields=DecisionCreate().load(fields))
    context.session.flush()
    if data["status"] == "draft":
        return
    propose_decision(context.session, decision, at=reviewed)
    for signature in data["sign_offs"]:
        sign_decision(
            context.acting_as(acting_for(context.session, signature["agency"])),
            decision,
            verdict=SignOffVerdict(signature["verdict"]),
            content_hash=decision.content_hash or "",
            comment=signature["comment"],
            **find_signatory(signature["agency"]),
            at=at(signature["on"]),
        )
        context.session.flush()


def _overlap_of(session: Session, data: dict[str, Any], members: list[UUID | None]) -> Overlap:
    """Return the only overlap of the decision's kind that holds all of the decision's systems."""
    statement = (
        sa.select(Overlap)
        .join(OverlapMember, OverlapMember.overlap_id == Overlap.id)
        .where(Overlap.kind == OverlapKind(data["overlap_kind"]))
        .where(OverlapMember.system_id.in_(members))
        .group_by(Overlap.id)
        .having(sa.func.count() == len(members))
        .order_by(Overlap.id)
    )
    if data["overlap_kind"] == OverlapKind.SAME_FUNCTION:
        statement = statement.where(Overlap.key == f"capability:{data['capability']}")
    return session.scalars(statement).one()


def _begin_programme(context: Context, data: dict[str, Any], systems: Systems) -> None:
    lead = acting_for(context.session, data["lead_agency"])
    fields = {
        "title": data["name"],
        "summary": f"{data['summary']} {data['note']}",
        "status": ProgrammeStatus.ACTIVE.value,
        "target_agency": data["target_agency"],
        "start_date": data["start_date"],
        "end_date": data["end_date"],
    }
    programme = create_programme(context.acting_as(lead), fields=ProgrammeCreate().load(fields))
    context.session.flush()
    waves: dict[str, UUID] = {}
    for wave in data["waves"]:
        names = ("name", "start_date", "end_date", "capacity")
        wave_fields = {name: wave[name] for name in names} | {
            "programme_id": str(programme.id),
            "position": wave["order"],
        }
        created = create_wave(context.acting_as(lead), fields=WaveCreate().load(wave_fields))
        context.session.flush()
        waves[wave["code"]] = created.id
    for migration in data["migrations"]:
        migration_fields = {
            n: v for n, v in migration.items() if n not in {"source", "target", "wave", "tags"}
        }
        if migration_fields["stage"] == MigrationStage.ROLLED_BACK:
            # The board rolls the migration back in a later step, so the audit log has both stages.
            migration_fields["stage"] = MigrationStage.IN_PROGRESS.value
        migration_fields |= {
            "programme_id": str(programme.id),
            "system_id": str(_system_id(systems, migration["source"])),
            "target_system_id": str(_system_id(systems, migration["target"])),
            "wave_id": str(waves[migration["wave"]]),
        }
        create_migration(context.acting_as(lead), fields=MigrationCreate().load(migration_fields))
    context.session.flush()


def _system_id(systems: Systems, reference: dict[str, str] | None) -> UUID | None:
    return systems[reference["agency"], reference["external_id"]] if reference else None


def _text(identity: UUID | None) -> str | None:
    return str(identity) if identity else None


def _moment(day: str | None) -> datetime | None:
    return datetime.combine(datetime.fromisoformat(day), MORNING) if day else None
