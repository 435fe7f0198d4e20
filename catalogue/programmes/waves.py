"""The rule that no wave holds more migrations than its capacity."""

from uuid import UUID

import sqlalchemy as sa

from catalogue.core.context import Context
from catalogue.core.errors import conflict, invalid
from catalogue.core.rest.reader import only_visible
from catalogue.programmes.models import Migration, Wave
from catalogue.programmes.resources import MIGRATIONS
from catalogue.programmes.vocabulary import MigrationStage


def require_capacity(
    context: Context, migration: Migration, wave_id: UUID, *, counts: bool
) -> None:
    """Raise Conflict if a wave is full and the migration `counts` towards its capacity.

    The wave is locked, so that two requests cannot both take the last place.
    """
    wave = context.session.scalar(
        sa.select(Wave)
        .where(Wave.id == wave_id, Wave.programme_id == migration.programme.id)
        .with_for_update(of=Wave)
        .execution_options(populate_existing=True)
    )
    if wave is None:
        detail = "The programme has no wave with this id. `GET /v1/waves` lists the waves."
        raise invalid("/wave_id", "unknown", detail)
    if wave.capacity is None or not counts:
        return
    statement = sa.select(sa.func.count(Migration.id)).where(
        Migration.wave_id == wave_id, Migration.stage != MigrationStage.CANCELLED
    )
    if (context.session.scalar(only_visible(context, MIGRATIONS, statement)) or 0) >= wave.capacity:
        detail = (
            f"The wave is full: its capacity is {wave.capacity} migrations. "
            "Choose another wave, or raise the capacity."
        )
        raise conflict("/wave_id", "wave_full", detail)
