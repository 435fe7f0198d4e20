"""Resources of checks, waivers and stage entries, visible to readers of their migration."""

import sqlalchemy as sa

from catalogue.core.actor import Scope
from catalogue.core.rest.resource import Resource
from catalogue.history.feed_fields import expose, same_names
from catalogue.programmes.gates.models import MigrationCheck, MigrationStageEntry, MigrationWaiver
from catalogue.programmes.gates.schemas import CheckSchema, StageEntrySchema, WaiverSchema
from catalogue.programmes.resources import lead_only, of_migration_seen

CHECKS = Resource(
    name="check",
    path="/v1/migrations/{migration_id}/checks",
    model=MigrationCheck,
    schema=CheckSchema,
    columns={
        "id": MigrationCheck.id,
        "migration_id": MigrationCheck.migration_id,
        "attempt": MigrationCheck.attempt,
        "item": MigrationCheck.item,
        "state": MigrationCheck.state,
        "name": MigrationCheck.name,
        "evidence": MigrationCheck.evidence,
        "note": MigrationCheck.note,
        "checked_at": MigrationCheck.checked_at,
        "withdrawn_at": MigrationCheck.withdrawn_at,
        "withdrawal_reason": MigrationCheck.withdrawal_reason,
        "created_at": MigrationCheck.created_at,
        "updated_at": MigrationCheck.updated_at,
    },
    not_filters=frozenset({"evidence", "note", "withdrawal_reason"}),
    visible=of_migration_seen(MigrationCheck),
    default_sort="checked_at",
    owner="lead_agency_id",
)

WAIVERS = Resource(
    name="waiver",
    path="/v1/migrations/{migration_id}/waivers",
    model=MigrationWaiver,
    schema=WaiverSchema,
    columns={
        "id": MigrationWaiver.id,
        "migration_id": MigrationWaiver.migration_id,
        "attempt": MigrationWaiver.attempt,
        "gate": MigrationWaiver.gate,
        "name": MigrationWaiver.name,
        "reason": MigrationWaiver.reason,
        "waived_at": MigrationWaiver.waived_at,
        "created_at": MigrationWaiver.created_at,
        "updated_at": MigrationWaiver.updated_at,
    },
    not_filters=frozenset({"reason"}),
    visible=of_migration_seen(MigrationWaiver),
    default_sort="waived_at",
    owner="lead_agency_id",
)

_next = sa.orm.aliased(MigrationStageEntry, name="next_entry")
_LEFT_AT = (
    sa.select(_next.entered_at)
    .where(
        _next.migration_id == MigrationStageEntry.migration_id,
        _next.ordinal == MigrationStageEntry.ordinal + sa.literal_column("1"),
    )
    .correlate(MigrationStageEntry)
    .scalar_subquery()
)

STAGE_ENTRIES = Resource(
    name="stage entry",
    path="/v1/migrations/{migration_id}/stages",
    has_etags=False,
    model=MigrationStageEntry,
    schema=StageEntrySchema,
    columns={
        "id": MigrationStageEntry.id,
        "migration_id": MigrationStageEntry.migration_id,
        "attempt": MigrationStageEntry.attempt,
        "ordinal": MigrationStageEntry.ordinal,
        "stage": MigrationStageEntry.stage,
        "entered_at": MigrationStageEntry.entered_at,
        "left_at": _LEFT_AT,
        "reason": MigrationStageEntry.reason,
        "planned_date": MigrationStageEntry.planned_date,
        "forecast_date": MigrationStageEntry.forecast_date,
        "actual_date": MigrationStageEntry.actual_date,
    },
    not_filters=frozenset({"reason"}),
    visible=of_migration_seen(MigrationStageEntry),
    default_sort="ordinal",
    owner="lead_agency_id",
)

expose(
    CHECKS,
    kind="migration_check",
    scope=Scope.PROGRAMMES_READ,
    disclosure_rule=lead_only,
    fields=same_names(
        "migration_id",
        "attempt",
        "item",
        "state",
        "name",
        "evidence",
        "note",
        "checked_at",
        "withdrawn_at",
        "withdrawal_reason",
    ),
)
expose(
    WAIVERS,
    kind="migration_waiver",
    scope=Scope.PROGRAMMES_READ,
    disclosure_rule=lead_only,
    fields=same_names("migration_id", "attempt", "gate", "name", "reason", "waived_at"),
)
expose(
    STAGE_ENTRIES,
    kind="migration_stage_entry",
    has_address=False,
    scope=Scope.PROGRAMMES_READ,
    disclosure_rule=lead_only,
    fields=same_names(
        "migration_id",
        "attempt",
        "ordinal",
        "stage",
        "entered_at",
        "reason",
        "planned_date",
        "forecast_date",
        "actual_date",
    ),
)
