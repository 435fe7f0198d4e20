"""Dependencies, interfaces to re-point and proposed orders over HTTP."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import json_response
from catalogue.core.rest.reader import get_record
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.programmes.order import operations
from catalogue.programmes.order.models import MigrationDependency
from catalogue.programmes.order.resources import MIGRATION_DEPENDENCIES
from catalogue.programmes.order.schemas import (
    MigrationDependencyCreate,
    MigrationDependencyPatch,
    MigrationDependencySchema,
    OrderSchema,
    RepointedInterfacesSchema,
)
from catalogue.programmes.resources import MIGRATIONS, PROGRAMMES

dependencies = Blueprint(
    "migration_dependencies",
    __name__,
    url_prefix="/v1/migration-dependencies",
    description="Which migrations wait for which.",
)
repointing = Blueprint(
    "repointing",
    __name__,
    url_prefix="/v1/migrations",
    description="What a migration has to re-point.",
)
orders = Blueprint(
    "orders",
    __name__,
    url_prefix="/v1/programmes",
    description="In what order migrations may come.",
)


@dependencies.get("", scope=Scope.PROGRAMMES_READ, list_of=MIGRATION_DEPENDENCIES)
def list_migration_dependencies(context: Context) -> Response:
    """List which migrations wait for which, of those that one may see."""
    return list_response(context, MIGRATION_DEPENDENCIES)


@dependencies.post(
    "",
    scope=Scope.PROGRAMMES_WRITE,
    body=MigrationDependencyCreate,
    response=MigrationDependencySchema,
)
def add_migration_dependency(context: Context, fields: dict[str, Any]) -> Response:
    """Record that a migration waits for another of the same programme."""
    made = operations.add_dependency(context, fields=fields)
    return record_response(context, MIGRATION_DEPENDENCIES, made.id, status=201)


add_get(dependencies, MIGRATION_DEPENDENCIES, scope=Scope.PROGRAMMES_READ)


@dependencies.patch(
    "/<uuid:migration_dependency_id>",
    scope=Scope.PROGRAMMES_WRITE,
    body=MigrationDependencyPatch,
    response=MigrationDependencySchema,
)
def update_migration_dependency(
    context: Context, changes: dict[str, Any], migration_dependency_id: UUID
) -> Response:
    """Change why a migration waits, or waive it by name and reason."""
    dependency: MigrationDependency = lock_for_update(
        context, MIGRATION_DEPENDENCIES, migration_dependency_id
    )
    operations.change_dependency(context, dependency, changes)
    return record_response(context, MIGRATION_DEPENDENCIES, migration_dependency_id)


@dependencies.delete("/<uuid:migration_dependency_id>", scope=Scope.PROGRAMMES_WRITE)
def delete_migration_dependency(context: Context, migration_dependency_id: UUID) -> None:
    """Remove a dependency that is none, or none any more."""
    context.session.delete(
        lock_for_update(context, MIGRATION_DEPENDENCIES, migration_dependency_id)
    )


@repointing.get(
    "/<uuid:migration_id>/interfaces",
    scope=Scope.PROGRAMMES_READ,
    response=RepointedInterfacesSchema,
)
def list_migration_interfaces(context: Context, migration_id: UUID) -> Response:
    """Read the interfaces that a migration has to re-point, and what is at their other ends."""
    migration = get_record(context, MIGRATIONS, migration_id)
    found = operations.interfaces_of(context, migration)
    return json_response(orjson.dumps(found))


@orders.get("/<uuid:programme_id>/order", scope=Scope.PROGRAMMES_READ, response=OrderSchema)
def get_programme_order(context: Context, programme_id: UUID) -> Response:
    """Read the order in which a programme's migrations may come, and where its waves differ."""
    programme = get_record(context, PROGRAMMES, programme_id)
    found = operations.order_of(context, programme)
    return json_response(orjson.dumps(found))
