"""What has happened between the seven agencies so far: overlaps, decisions and a programme."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.context import Context
from catalogue.demonstration.records import Systems, document
from catalogue.demonstration.steps import Chapter, acting_for
from catalogue.programmes.migrating import create_migration
from catalogue.programmes.operations import create_programme, create_wave
from catalogue.programmes.schemas import MigrationCreate, ProgrammeCreate, WaveCreate
from catalogue.programmes.vocabulary import MigrationStage, ProgrammeStatus
from catalogue.rationalisation.decisions.operations import create_decision, propose_decision
from catalogue.rationalisation.decisions.schemas import DecisionCreate
from catalogue.rationalisation.decisions.signing import sign_decision
from catalogue.rationalisation.overlaps.models import Overlap, OverlapMember
from catalogue.rationalisation.overlaps.operations import review_overlap
from catalogue.rationalisation.overlaps.runs import find_overlaps
from catalogue.rationalisation.vocabulary import OverlapKind, OverlapVerdict, SignOffVerdict

MORNING = time(9, 0, tzinfo=UTC)


def tell(context: Context, systems: Systems) -> None:
    """Find the overlaps, take the decisions, and begin the programme."""
    find_overlaps(context.session)
    for decision in document("decisions.json")["decisions"]:
        if decision["status"] != "proposed":
            _decide(context, decision, systems, at=_moment)
    _move(context, document("programme.json"), systems)


def proposals() -> list[Chapter]:
    """What is before the owners now: proposed when the records were there, so that each can read
    what it is to sign as it was proposed."""
    return [
        Chapter(told["proposed_by"], "Put before the owners.", partial(_propose, told=told))
        for told in document("decisions.json")["decisions"]
        if told["status"] == "proposed"
    ]


def _propose(context: Context, systems: Systems, *, told: dict[str, Any]) -> None:
    _decide(context, told, systems, at=lambda _day: None)


def _decide(
    context: Context,
    told: dict[str, Any],
    systems: Systems,
    *,
    at: Callable[[str | None], datetime | None],
) -> None:
    proposer = acting_for(context.session, told["proposed_by"])
    members = [
        {
            "system_id": str(_named(systems, member["system"])),
            "disposition": member["disposition"],
            "strategy": member["strategy"],
            "successor_id": _text(_named(systems, member["successor"])),
        }
        for member in told["members"]
    ]
    overlap = _overlap_of(
        context.session, told, [_named(systems, m["system"]) for m in told["members"]]
    )
    reviewed = at(told["proposed_on"])
    review_overlap(
        context.acting_as(proposer),
        overlap,
        verdict=OverlapVerdict.CONFIRMED,
        reason="Both sides have looked at it together.",
        at=reviewed,
    )
    context.session.flush()
    fields = {
        "overlap_id": str(overlap.id),
        "title": told["title"],
        "rationale": told["rationale"],
        "members": members,
    }
    decision = create_decision(context.acting_as(proposer), fields=DecisionCreate().load(fields))
    context.session.flush()
    if told["status"] == "draft":
        return
    propose_decision(context.session, decision, at=reviewed)
    for signature in told["sign_offs"]:
        sign_decision(
            context.acting_as(acting_for(context.session, signature["agency"])),
            decision,
            verdict=SignOffVerdict(signature["verdict"]),
            content_hash=decision.content_hash or "",
            comment=signature["comment"],
            at=at(signature["on"]),
        )
        context.session.flush()


def _overlap_of(session: Session, told: dict[str, Any], members: list[UUID | None]) -> Overlap:
    """The overlap that a decision is about: of its kind, with all of its systems."""
    statement = (
        sa.select(Overlap)
        .join(OverlapMember, OverlapMember.overlap_id == Overlap.id)
        .where(Overlap.kind == OverlapKind(told["overlap_kind"]))
        .where(OverlapMember.system_id.in_(members))
        .group_by(Overlap.id)
        .having(sa.func.count() == len(members))
        .order_by(Overlap.id)
    )
    if told["overlap_kind"] == OverlapKind.SAME_FUNCTION:
        statement = statement.where(Overlap.key == f"capability:{told['capability']}")
    return session.scalars(statement).one()


def _move(context: Context, told: dict[str, Any], systems: Systems) -> None:
    lead = acting_for(context.session, told["lead_agency"])
    shown = {
        "title": told["name"],
        "summary": f"{told['summary']} {told['note']}",
        "status": ProgrammeStatus.ACTIVE.value,
        "target_agency": told["target_agency"],
        "start_date": told["start_date"],
        "end_date": told["end_date"],
    }
    programme = create_programme(context.acting_as(lead), fields=ProgrammeCreate().load(shown))
    context.session.flush()
    waves: dict[str, UUID] = {}
    for wave in told["waves"]:
        names = ("name", "start_date", "end_date", "capacity")
        fields = {name: wave[name] for name in names} | {
            "programme_id": str(programme.id),
            "position": wave["order"],
        }
        made = create_wave(context.acting_as(lead), fields=WaveCreate().load(fields))
        context.session.flush()
        waves[wave["code"]] = made.id
    for migration in told["migrations"]:
        fields = {
            n: v for n, v in migration.items() if n not in {"source", "target", "wave", "tags"}
        }
        if fields["stage"] == MigrationStage.ROLLED_BACK:
            # It is to have a history: see what its board does.
            fields["stage"] = MigrationStage.IN_PROGRESS.value
        fields |= {
            "programme_id": str(programme.id),
            "system_id": str(_named(systems, migration["source"])),
            "target_system_id": str(_named(systems, migration["target"])),
            "wave_id": str(waves[migration["wave"]]),
        }
        create_migration(context.acting_as(lead), fields=MigrationCreate().load(fields))
    context.session.flush()


def _named(systems: Systems, said: dict[str, str] | None) -> UUID | None:
    return systems[said["agency"], said["external_id"]] if said else None


def _text(identity: UUID | None) -> str | None:
    return str(identity) if identity else None


def _moment(day: str | None) -> datetime | None:
    return datetime.combine(datetime.fromisoformat(day), MORNING) if day else None
