"""Effects of deleting or merging a system on the migrations from or to it."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import FieldError
from catalogue.core.references import Reference, fixed, in_use, reference_to
from catalogue.core.rest.reader import only_visible
from catalogue.programmes.models import Migration
from catalogue.programmes.resources import MIGRATIONS
from catalogue.systems.models import System


@reference_to(System)
class MigrationsOfSystem(Reference):
    """Migrations from or to a system.

    The system's owner can see every migration from the system, but perhaps not every migration to
    it. A migration that the owner cannot see does not block a deletion, but loses its target.
    """

    columns = ("migration.system_id", "migration.target_system_id")

    def find_uses(self, context: Context, record: System) -> Iterator[FieldError]:
        concerned = _from(record).union(_to(record)).subquery()
        statement: Any = sa.select(Migration).where(Migration.id.in_(sa.select(concerned.c.id)))
        statement = only_visible(context, MIGRATIONS, statement.order_by(Migration.id))
        for migration in context.session.scalars(statement):
            named = _named(context, migration)
            if migration.system_id == record.id:
                yield in_use(f"{named} moves the system. Keep the system.")
            else:
                yield in_use(f"{named} has the system as its target. Choose another target first.")

    def end(self, context: Context, record: System) -> None:
        for migration in _all(context, _to(record)):
            migration.target_system_id = None

    def find_fixed(
        self, context: Context, duplicate: System, survivor: System
    ) -> Iterator[FieldError]:
        kept = {(m.programme_id, m.leaving_agency_id) for m in _all(context, _from(survivor))}
        for migration in _all(context, _from(duplicate)):
            if migration.target_system_id == survivor.id:
                yield fixed(
                    f"{_named(context, migration)} moves the duplicate to the system. "
                    "Give the migration another target first."
                )
            elif (migration.programme_id, migration.leaving_agency_id) in kept:
                yield fixed(
                    f"{_named(context, migration)} moves the duplicate, and the same programme "
                    "already moves the system. Cancel one of the two migrations, and keep both "
                    "systems."
                )
        for migration in _all(context, _to(duplicate)):
            if migration.system_id == survivor.id:
                yield fixed(
                    f"{_named(context, migration)} moves the system to the duplicate. "
                    "Give the migration another target first."
                )

    def move(self, context: Context, duplicate: System, survivor: System) -> None:
        for migration in _all(context, _from(duplicate)):
            migration.system_id = survivor.id
        for migration in _all(context, _to(duplicate)):
            migration.target_system_id = survivor.id


def _from(system: System) -> sa.Select[Any]:
    return sa.select(Migration.id).where(Migration.system_id == system.id)


def _to(system: System) -> sa.Select[Any]:
    return sa.select(Migration.id).where(Migration.target_system_id == system.id)


def _all(context: Context, ids: sa.Select[Any]) -> list[Migration]:
    statement = sa.select(Migration).where(Migration.id.in_(ids)).order_by(Migration.id)
    return list(context.session.scalars(statement))


def _named(context: Context, migration: Migration) -> str:
    if not context.actor.has(Scope.PROGRAMMES_READ):
        return "A migration, which your token cannot read,"
    return f"The migration /v1/migrations/{migration.id}"
