"""Steps of the demonstration's board: gates, risks, savings, a report and pipeline entries."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import CollaborationAgreement
from catalogue.contracts.models import Contract
from catalogue.contracts.pipeline.operations import create_entry, publish_entry
from catalogue.contracts.pipeline.schemas import PipelineEntryCreate
from catalogue.core.context import Context
from catalogue.demonstration.records import Systems, document
from catalogue.demonstration.steps import Step
from catalogue.programmes.board import operations as board
from catalogue.programmes.board import schemas
from catalogue.programmes.dependencies.operations import create_dependency
from catalogue.programmes.dependencies.schemas import MigrationDependencyCreate
from catalogue.programmes.gates.operations import create_check, waive_gate
from catalogue.programmes.gates.schemas import CheckCreate, WaiverCreate
from catalogue.programmes.impact.operations import create_notice
from catalogue.programmes.impact.schemas import MigrationNoticeCreate
from catalogue.programmes.migrations import update_migration
from catalogue.programmes.models import Migration, Programme, Wave
from catalogue.programmes.operations import update_programme, update_wave
from catalogue.programmes.schemas import MigrationPatch, ProgrammePatch, WavePatch
from catalogue.reports.highlights.models import HighlightReport
from catalogue.reports.highlights.operations import approve_report, create_report
from catalogue.reports.highlights.schemas import HighlightReportCreate
from catalogue.savings.baselines.models import BaselineLine
from catalogue.savings.baselines.operations import approve_baseline, create_baseline
from catalogue.savings.baselines.schemas import BaselineCreate
from catalogue.savings.claims.models import Saving
from catalogue.savings.claims.operations import create_saving, update_saving
from catalogue.savings.claims.realisation import create_realisation
from catalogue.savings.claims.schemas import SavingCreate, SavingRealisationCreate
from catalogue.savings.claims.validation import validate_saving
from catalogue.savings.vocabulary import SavingStatus, ValidationVerdict
from catalogue.systems.models import SystemExternalId

Data = dict[str, Any]

_RECORDS: dict[str, tuple[Callable[..., Any], Any]] = {
    "milestones": (board.create_milestone, schemas.MilestoneCreate),
    "risks": (board.create_risk, schemas.RiskCreate),
    "blockers": (board.create_blocker, schemas.BlockerCreate),
    "required_decisions": (board.create_required_decision, schemas.RequiredDecisionCreate),
}


def board_steps() -> list[Step]:
    """Return the steps of the lead agency's board, then a step for each pipeline entry."""
    data = document("board.json")
    lead = data["lead_agency"]
    steps: list[tuple[str, Callable[..., None]]] = [
        ("Put under the agreement between police and fire.", _put_under_agreement),
        ("Gate checks recorded.", _pass_gates),
        ("Rolled back by the fleet board.", _roll_back),
        ("Notices to users and the public planned.", _plan_notices),
        ("Prepared for the November board.", _create_board_records),
        ("Approved with the business case.", _approve_baseline),
        ("Claimed by the project managers.", _claim),
        ("Validated by finance.", _validate),
        ("Realised savings recorded.", _realise),
        ("Drafted for the November board.", _draft_report),
        ("Approved by the board.", _approve_report),
    ]
    return [
        *(Step(lead, reason, partial(action, data=data)) for reason, action in steps),
        *(
            Step(entry["agency"], "Published to suppliers.", partial(_publish, data=entry))
            for entry in data["pipeline"]
        ),
    ]


def _put_under_agreement(context: Context, _systems: Systems, *, data: Data) -> None:
    statement = sa.select(CollaborationAgreement.id).where(
        CollaborationAgreement.title == data["agreement"]
    )
    changes = data["rating"] | {"agreement_id": str(context.session.scalars(statement).one())}
    update_programme(context, _programme(context.session, data), ProgrammePatch().load(changes))


def _pass_gates(context: Context, _systems: Systems, *, data: Data) -> None:
    for check in data["checks"]:
        fields = _without(check, "system")
        create_check(
            context.session,
            _migration(context.session, data, check["system"]),
            CheckCreate().load(fields),
        )
    for waiver in data["waivers"]:
        fields = _without(waiver, "system")
        waive_gate(
            context.session,
            _migration(context.session, data, waiver["system"]),
            WaiverCreate().load(fields),
        )


def _roll_back(context: Context, _systems: Systems, *, data: Data) -> None:
    """Cut the migration over and roll it back, so that the audit log shows the attempt."""
    back = data["rolled_back"]
    migration = _migration(context.session, data, back["system"])
    for item in back["checks"]:
        fields = {"item": item, "state": "done", "name": back["name"], "evidence": back["evidence"]}
        create_check(context.session, migration, CheckCreate().load(fields))
    context.session.flush()
    for changes in ({"stage": "cutover"}, {"stage": "rolled_back", "stage_reason": back["reason"]}):
        update_migration(context, migration, MigrationPatch().load(changes))
        context.session.flush()


def _plan_notices(context: Context, _systems: Systems, *, data: Data) -> None:
    for statement_data in data["statements"]:
        changes = _without(statement_data, "system")
        migration = _migration(context.session, data, statement_data["system"])
        update_migration(context, migration, MigrationPatch().load(changes))
    for notice in data["notices"]:
        fields = _of_migration(context.session, data, notice)
        create_notice(context, fields=MigrationNoticeCreate().load(fields))
    for freeze in data["freezes"]:
        statement = sa.select(Wave).where(Wave.name == freeze["wave"])
        changes = _without(freeze, "wave")
        update_wave(context.session.scalars(statement).one(), WavePatch().load(changes))


def _create_board_records(context: Context, _systems: Systems, *, data: Data) -> None:
    programme = _programme(context.session, data)
    for kind, (create, schema) in _RECORDS.items():
        for record in data[kind]:
            fields = _of_migration(context.session, data, record) | {
                "programme_id": str(programme.id)
            }
            create(context, fields=schema().load(fields))
    for dependency in data["dependencies"]:
        fields = _of_migration(context.session, data, dependency)
        fields["depends_on_id"] = str(
            _migration(context.session, data, fields.pop("depends_on")).id
        )
        create_dependency(context, fields=MigrationDependencyCreate().load(fields))


def _approve_baseline(context: Context, _systems: Systems, *, data: Data) -> None:
    baseline_data = data["baseline"]
    fields = {
        "programme_id": str(_programme(context.session, data).id),
        "title": baseline_data["title"],
        "financial_years": baseline_data["financial_years"],
    }
    baseline = create_baseline(context, fields=BaselineCreate().load(fields))
    context.session.flush()
    approve_baseline(
        context.session,
        baseline,
        approved_by=baseline_data["approved_by"],
        content_hash=baseline.content_hash,
    )


def _claim(context: Context, _systems: Systems, *, data: Data) -> None:
    for saving_data in data["savings"]:
        migration = _migration(context.session, data, saving_data["system"])
        statement = sa.select(BaselineLine.id).where(
            BaselineLine.system_id == migration.system_id,
            BaselineLine.description == saving_data["description"],
        )
        names = ("title", "kind", "recurring", "years", "cost_to_achieve", "evidence", "shares")
        fields = {name: saving_data[name] for name in names if name in saving_data}
        fields["baseline_line_id"] = str(context.session.scalars(statement).one())
        create_saving(context, fields=SavingCreate().load(fields))
        context.session.flush()


def _validate(context: Context, _systems: Systems, *, data: Data) -> None:
    # The client that claimed a saving cannot validate it, so finance has its own client.
    finance = replace(context.actor, client_id=f"{context.actor.client_id}-finance")
    for saving_data in data["savings"]:
        if saving_data["until"] == "identified":
            continue
        saving = _saving(context.session, saving_data)
        returned = saving_data["until"] == "returned"
        validate_saving(
            context.acting_as(finance),
            saving,
            verdict=ValidationVerdict.RETURNED if returned else ValidationVerdict.VALIDATED,
            name=data["finance"],
            content_hash=saving.content_hash,
            note=saving_data.get("note"),
        )


def _realise(context: Context, _systems: Systems, *, data: Data) -> None:
    for saving_data in data["savings"]:
        if not saving_data["realised"]:
            continue
        saving = _saving(context.session, saving_data)
        update_saving(context, saving, {"status": SavingStatus.IN_DELIVERY})
        for realised in saving_data["realised"]:
            create_realisation(context.session, saving, SavingRealisationCreate().load(realised))
        if saving_data["until"] == "realised":
            update_saving(context, saving, {"status": SavingStatus.REALISED})
        context.session.flush()


def _draft_report(context: Context, _systems: Systems, *, data: Data) -> None:
    fields = _without(data["report"], "approved_by")
    fields["programme_id"] = str(_programme(context.session, data).id)
    create_report(context, fields=HighlightReportCreate().load(fields))


def _approve_report(context: Context, _systems: Systems, *, data: Data) -> None:
    report_data = data["report"]
    statement = sa.select(HighlightReport).where(HighlightReport.title == report_data["title"])
    report = context.session.scalars(statement).one()
    approve_report(
        context, report, approved_by=report_data["approved_by"], content_hash=report.content_hash
    )


def _publish(context: Context, _systems: Systems, *, data: Data) -> None:
    fields = {
        name: value
        for name, value in _without(data, "agency", "contract", "published").items()
        if value is not None
    }
    if data["contract"] is not None:
        statement = sa.select(Contract.id).where(Contract.reference == data["contract"])
        fields["contract_id"] = str(context.session.scalars(statement).one())
    entry = create_entry(context, fields=PipelineEntryCreate().load(fields))
    context.session.flush()
    if data["published"]:
        publish_entry(entry)


def _without(data: Data, *names: str) -> Data:
    return {name: value for name, value in data.items() if name not in names}


def _programme(session: Session, data: Data) -> Programme:
    return session.scalars(sa.select(Programme).where(Programme.title == data["programme"])).one()


def _migration(session: Session, data: Data, external_id: str) -> Migration:
    statement = (
        sa.select(Migration)
        .join(SystemExternalId, SystemExternalId.system_id == Migration.system_id)
        .where(
            Migration.programme_id == _programme(session, data).id,
            SystemExternalId.external_id == external_id,
        )
    )
    return session.scalars(statement).one()


def _of_migration(session: Session, data: Data, record: Data) -> Data:
    """Return the fields of a record, with the id of its migration if it names a system."""
    fields = _without(record, "system")
    if "system" in record:
        fields["migration_id"] = str(_migration(session, data, record["system"]).id)
    return fields


def _saving(session: Session, data: Data) -> Saving:
    return session.scalars(sa.select(Saving).where(Saving.title == data["title"])).one()
