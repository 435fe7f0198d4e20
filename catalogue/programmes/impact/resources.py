"""Resource of notices, visible to readers of their migration."""

import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.core.actor import Scope
from catalogue.core.rest.resource import TODAY, Resource
from catalogue.history.feed_fields import CodeField, expose, same_names
from catalogue.programmes.board.derived import flag
from catalogue.programmes.impact.models import MigrationNotice
from catalogue.programmes.impact.schemas import MigrationNoticeSchema
from catalogue.programmes.models import Migration
from catalogue.programmes.resources import lead_only, of_migration_seen

_about = sa.orm.aliased(Migration, name="about")

MIGRATION_NOTICES = Resource(
    name="migration_notice",
    path="/v1/migration-notices",
    model=MigrationNotice,
    schema=MigrationNoticeSchema,
    columns={
        "id": MigrationNotice.id,
        "migration_id": MigrationNotice.migration_id,
        "programme_id": _about.programme_id,
        "audience": MigrationNotice.audience,
        "agency": Agency.code,
        "channel": MigrationNotice.channel,
        "subject": MigrationNotice.subject,
        "text": MigrationNotice.text,
        "planned_date": MigrationNotice.planned_date,
        "sent_on": MigrationNotice.sent_on,
        "overdue": flag(MigrationNotice.sent_on.is_(None), MigrationNotice.planned_date < TODAY),
        "created_at": MigrationNotice.created_at,
        "updated_at": MigrationNotice.updated_at,
    },
    source=sa.orm.outerjoin(
        sa.orm.join(MigrationNotice, _about, MigrationNotice.migration_id == _about.id),
        Agency,
        MigrationNotice.agency_id == Agency.id,
    ),
    not_filters=frozenset({"text"}),
    visible=of_migration_seen(MigrationNotice),
    default_sort="planned_date,subject",
    owner="lead_agency_id",
)

expose(
    MIGRATION_NOTICES,
    scope=Scope.PROGRAMMES_READ,
    disclosure_rule=lead_only,
    fields={
        "agency_id": CodeField("agency"),
        **same_names(
            "migration_id", "audience", "channel", "subject", "text", "planned_date", "sent_on"
        ),
    },
)
