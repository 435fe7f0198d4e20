"""What the demonstration's programme board has done: gates, what holds it up, savings, the pipeline."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import CollaborationAgreement
from catalogue.contracts.models import Contract
from catalogue.contracts.pipeline.operations import draft_entry, publish
from catalogue.contracts.pipeline.schemas import PipelineEntryCreate
from catalogue.core.context import Context
from catalogue.demonstration.records import Systems, document
from catalogue.demonstration.steps import Chapter
from catalogue.programmes.board import operations as board
from catalogue.programmes.board import schemas
from catalogue.programmes.gates.operations import check_item, waive_gate
from catalogue.programmes.gates.schemas import CheckCreate, WaiverCreate
from catalogue.programmes.migrating import change_migration
from catalogue.programmes.models import Migration, Programme, Wave
from catalogue.programmes.operations import change_programme, change_wave
from catalogue.programmes.order.operations import add_dependency
from catalogue.programmes.order.schemas import MigrationDependencyCreate
from catalogue.programmes.people.operations import plan_notice
from catalogue.programmes.people.schemas import MigrationNoticeCreate
from catalogue.programmes.schemas import MigrationPatch, ProgrammePatch, WavePatch
from catalogue.reports.highlights.models import HighlightReport
from catalogue.reports.highlights.operations import approve_report, draft_report
from catalogue.reports.highlights.schemas import HighlightReportCreate
from catalogue.savings.baselines.models import BaselineLine
from catalogue.savings.baselines.operations import approve_baseline, create_baseline
from catalogue.savings.baselines.schemas import BaselineCreate
from catalogue.savings.claims.models import Saving
from catalogue.savings.claims.operations import change_saving, create_saving
from catalogue.savings.claims.realising import realise
from catalogue.savings.claims.schemas import RealisationCreate, SavingCreate
from catalogue.savings.claims.validating import validate_saving
from catalogue.savings.vocabulary import SavingStatus, ValidationVerdict
from catalogue.systems.models import SystemExternalId

Told = dict[str, Any]

_RECORDS: dict[str, tuple[Callable[..., Any], Any]] = {
    "milestones": (board.create_milestone, schemas.MilestoneCreate),
    "risks": (board.create_risk, schemas.RiskCreate),
    "blockers": (board.create_blocker, schemas.BlockerCreate),
    "required_decisions": (board.create_required_decision, schemas.RequiredDecisionCreate),
}


def steered() -> list[Chapter]:
    """What the lead's board did, and what agencies published, in their order."""
    told = document("board.json")
    lead = told["lead_agency"]
    steps: list[tuple[str, Callable[..., None]]] = [
        ("Run under the agreement of police and fire.", _put_under_agreement),
        ("Said at the gates.", _pass_gates),
        ("Rolled back by the fleet board.", _roll_back),
        ("Told to people.", _tell_people),
        ("Before the board of November.", _report_to_board),
        ("Approved with the business case.", _draw_baseline),
        ("Claimed by the project managers.", _claim),
        ("Looked at by finance.", _validate),
        ("Booked.", _realise),
        ("Drafted for the board of November.", _draft_report),
        ("Approved by the board.", _approve_report),
    ]
    return [
        *(Chapter(lead, reason, partial(deed, told=told)) for reason, deed in steps),
        *(
            Chapter(each["agency"], "Told to suppliers.", partial(_publish, told=each))
            for each in told["pipeline"]
        ),
    ]


def _put_under_agreement(context: Context, _systems: Systems, *, told: Told) -> None:
    asked = sa.select(CollaborationAgreement.id).where(
        CollaborationAgreement.title == told["agreement"]
    )
    changes = told["rating"] | {"agreement_id": str(context.session.scalars(asked).one())}
    change_programme(context, _programme(context.session, told), ProgrammePatch().load(changes))


def _pass_gates(context: Context, _systems: Systems, *, told: Told) -> None:
    for each in told["checks"]:
        fields = {name: value for name, value in each.items() if name != "system"}
        check_item(
            context.session,
            _migration(context.session, told, each["system"]),
            CheckCreate().load(fields),
        )
    for each in told["waivers"]:
        fields = {name: value for name, value in each.items() if name != "system"}
        waive_gate(
            context.session,
            _migration(context.session, told, each["system"]),
            WaiverCreate().load(fields),
        )


def _roll_back(context: Context, _systems: Systems, *, told: Told) -> None:
    """Take the move over its gate, and back: what was tried stays on record."""
    back = told["rolled_back"]
    migration = _migration(context.session, told, back["system"])
    for item in back["checks"]:
        fields = {"item": item, "state": "done", "name": back["name"], "evidence": back["evidence"]}
        check_item(context.session, migration, CheckCreate().load(fields))
    context.session.flush()
    for changes in ({"stage": "cutover"}, {"stage": "rolled_back", "stage_reason": back["reason"]}):
        change_migration(context, migration, MigrationPatch().load(changes))
        context.session.flush()


def _tell_people(context: Context, _systems: Systems, *, told: Told) -> None:
    for each in told["statements"]:
        changes = {name: value for name, value in each.items() if name != "system"}
        migration = _migration(context.session, told, each["system"])
        change_migration(context, migration, MigrationPatch().load(changes))
    for each in told["notices"]:
        fields = _of_migration(context.session, told, each)
        plan_notice(context, fields=MigrationNoticeCreate().load(fields))
    for each in told["freezes"]:
        asked = sa.select(Wave).where(Wave.name == each["wave"])
        changes = {name: value for name, value in each.items() if name != "wave"}
        change_wave(context.session.scalars(asked).one(), WavePatch().load(changes))


def _report_to_board(context: Context, _systems: Systems, *, told: Told) -> None:
    programme = _programme(context.session, told)
    for kind, (create, schema) in _RECORDS.items():
        for each in told[kind]:
            fields = _of_migration(context.session, told, each) | {
                "programme_id": str(programme.id)
            }
            create(context, fields=schema().load(fields))
    for each in told["dependencies"]:
        fields = _of_migration(context.session, told, each)
        fields["depends_on_id"] = str(
            _migration(context.session, told, fields.pop("depends_on")).id
        )
        add_dependency(context, fields=MigrationDependencyCreate().load(fields))


def _draw_baseline(context: Context, _systems: Systems, *, told: Told) -> None:
    said = told["baseline"]
    fields = {
        "programme_id": str(_programme(context.session, told).id),
        "title": said["title"],
        "financial_years": said["financial_years"],
    }
    baseline = create_baseline(context, fields=BaselineCreate().load(fields))
    context.session.flush()
    approve_baseline(
        context.session,
        baseline,
        approved_by=said["approved_by"],
        content_hash=baseline.content_hash,
    )


def _claim(context: Context, _systems: Systems, *, told: Told) -> None:
    for each in told["savings"]:
        migration = _migration(context.session, told, each["system"])
        asked = sa.select(BaselineLine.id).where(
            BaselineLine.system_id == migration.system_id,
            BaselineLine.description == each["description"],
        )
        names = ("title", "kind", "recurring", "years", "cost_to_achieve", "evidence", "shares")
        fields = {name: each[name] for name in names if name in each}
        fields["baseline_line_id"] = str(context.session.scalars(asked).one())
        create_saving(context, fields=SavingCreate().load(fields))
        context.session.flush()


def _validate(context: Context, _systems: Systems, *, told: Told) -> None:
    # Whoever claimed a saving does not validate it: finance has a client of its own.
    finance = replace(context.actor, client_id=f"{context.actor.client_id}-finance")
    for each in told["savings"]:
        if each["until"] == "identified":
            continue
        saving = _saving(context.session, each)
        returned = each["until"] == "returned"
        validate_saving(
            context.acting_as(finance),
            saving,
            verdict=ValidationVerdict.RETURNED if returned else ValidationVerdict.VALIDATED,
            name=told["finance"],
            content_hash=saving.content_hash,
            note=each.get("note"),
        )


def _realise(context: Context, _systems: Systems, *, told: Told) -> None:
    for each in told["savings"]:
        if not each["realised"]:
            continue
        saving = _saving(context.session, each)
        change_saving(context, saving, {"status": SavingStatus.IN_DELIVERY})
        for realised in each["realised"]:
            realise(context.session, saving, RealisationCreate().load(realised))
        if each["until"] == "realised":
            change_saving(context, saving, {"status": SavingStatus.REALISED})
        context.session.flush()


def _draft_report(context: Context, _systems: Systems, *, told: Told) -> None:
    fields = {name: value for name, value in told["report"].items() if name != "approved_by"}
    fields["programme_id"] = str(_programme(context.session, told).id)
    draft_report(context, fields=HighlightReportCreate().load(fields))


def _approve_report(context: Context, _systems: Systems, *, told: Told) -> None:
    said = told["report"]
    asked = sa.select(HighlightReport).where(HighlightReport.title == said["title"])
    report = context.session.scalars(asked).one()
    approve_report(
        context, report, approved_by=said["approved_by"], content_hash=report.content_hash
    )


def _publish(context: Context, _systems: Systems, *, told: Told) -> None:
    fields = {
        name: value
        for name, value in told.items()
        if value is not None and name not in {"agency", "contract", "published"}
    }
    if told["contract"] is not None:
        asked = sa.select(Contract.id).where(Contract.reference == told["contract"])
        fields["contract_id"] = str(context.session.scalars(asked).one())
    entry = draft_entry(context, fields=PipelineEntryCreate().load(fields))
    context.session.flush()
    if told["published"]:
        publish(entry)


def _programme(session: Session, told: Told) -> Programme:
    return session.scalars(sa.select(Programme).where(Programme.title == told["programme"])).one()


def _migration(session: Session, told: Told, external_id: str) -> Migration:
    asked = (
        sa.select(Migration)
        .join(SystemExternalId, SystemExternalId.system_id == Migration.system_id)
        .where(
            Migration.programme_id == _programme(session, told).id,
            SystemExternalId.external_id == external_id,
        )
    )
    return session.scalars(asked).one()


def _of_migration(session: Session, told: Told, each: Told) -> Told:
    """The fields of a record, with the id of the migration that it is about, if it is about one."""
    fields = {name: value for name, value in each.items() if name != "system"}
    if "system" in each:
        fields["migration_id"] = str(_migration(session, told, each["system"]).id)
    return fields


def _saving(session: Session, told: Told) -> Saving:
    return session.scalars(sa.select(Saving).where(Saving.title == told["title"])).one()
