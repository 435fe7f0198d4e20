"""Resource of dependencies, visible to readers of both migrations."""

import sqlalchemy as sa

from catalogue.core.actor import Scope
from catalogue.core.rest.resource import Resource
from catalogue.history.feed_fields import expose, same_names
from catalogue.programmes.dependencies.models import MigrationDependency
from catalogue.programmes.dependencies.schemas import MigrationDependencySchema
from catalogue.programmes.models import Migration
from catalogue.programmes.resources import lead_only, migration_seen, of_migration_seen

_depended_on = sa.orm.aliased(Migration, name="depended_on")

MIGRATION_DEPENDENCIES = Resource(
    name="migration_dependency",
    path="/v1/migration-dependencies",
    model=MigrationDependency,
    schema=MigrationDependencySchema,
    columns={
        "id": MigrationDependency.id,
        "programme_id": MigrationDependency.programme_id,
        "migration_id": MigrationDependency.migration_id,
        "depends_on_id": MigrationDependency.depends_on_id,
        "reason": MigrationDependency.reason,
        "waived_by": MigrationDependency.waived_by,
        "waived_reason": MigrationDependency.waived_reason,
        "created_at": MigrationDependency.created_at,
        "updated_at": MigrationDependency.updated_at,
    },
    not_filters=frozenset({"reason", "waived_reason"}),
    visible=sa.and_(
        of_migration_seen(MigrationDependency),
        sa.exists(
            sa.select(1)
            .where(
                _depended_on.id == MigrationDependency.depends_on_id, migration_seen(_depended_on)
            )
            .correlate(MigrationDependency)
        ),
    ),
    default_sort="-created_at",
    owner="lead_agency_id",
)

expose(
    MIGRATION_DEPENDENCIES,
    scope=Scope.PROGRAMMES_READ,
    disclosure_rule=lead_only,
    fields=same_names(
        "programme_id", "migration_id", "depends_on_id", "reason", "waived_by", "waived_reason"
    ),
)
