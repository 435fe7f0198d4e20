"""Waves: the capacity that a wave is held to."""

from uuid import UUID

import sqlalchemy as sa

from catalogue.core.context import Context
from catalogue.core.errors import conflict, invalid
from catalogue.core.rest.reader import only_visible
from catalogue.programmes.models import Migration, Wave
from catalogue.programmes.resources import MIGRATIONS
from catalogue.programmes.vocabulary import MigrationStage


def require_capacity(
    context: Context, migration: Migration, wave_id: UUID, *, takes_room: bool
) -> None:
    """Hold a wave to its capacity. It is locked, so that two do not take the last place."""
    wave = context.session.scalar(
        sa.select(Wave)
        .where(Wave.id == wave_id, Wave.programme_id == migration.programme.id)
        .with_for_update(of=Wave)
        .execution_options(populate_existing=True)
    )
    if wave is None:
        raise invalid("/wave_id", "unknown", "The programme has no such wave.")
    if wave.capacity is None or not takes_room:
        return
    held = sa.select(sa.func.count(Migration.id)).where(
        Migration.wave_id == wave_id, Migration.stage != MigrationStage.CANCELLED
    )
    if (context.session.scalar(only_visible(context, MIGRATIONS, held)) or 0) >= wave.capacity:
        detail = f"The wave holds {wave.capacity} migrations, which is its capacity."
        raise conflict("/wave_id", "wave_full", detail)
