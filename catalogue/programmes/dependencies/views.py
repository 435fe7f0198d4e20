"""Endpoints for dependencies, interfaces to re-point and the proposed order."""

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
from catalogue.programmes.dependencies import operations
from catalogue.programmes.dependencies.models import MigrationDependency
from catalogue.programmes.dependencies.resources import MIGRATION_DEPENDENCIES
from catalogue.programmes.dependencies.schemas import (
    InterfacesToRepointSchema,
    MigrationDependencyCreate,
    MigrationDependencyPatch,
    MigrationDependencySchema,
    ProgrammeOrderSchema,
)
from catalogue.programmes.resources import MIGRATIONS, PROGRAMMES

dependencies = Blueprint(
    "migration-dependencies",
    __name__,
    url_prefix="/v1/migration-dependencies",
    description="Dependencies between the migrations of a programme.",
)
repointing = Blueprint(
    "migration-interfaces",
    __name__,
    url_prefix="/v1/migrations",
    description="Interfaces that a migration must re-point.",
)
orders = Blueprint(
    "migration-order",
    __name__,
    url_prefix="/v1/programmes",
    description="The order in which a programme can carry out its migrations.",
)


@dependencies.get("", scope=Scope.PROGRAMMES_READ, list_of=MIGRATION_DEPENDENCIES)
def list_migration_dependencies(context: Context) -> Response:
    """List dependencies between migrations that you can see."""
    return list_response(context, MIGRATION_DEPENDENCIES)


@dependencies.post(
    "",
    scope=Scope.PROGRAMMES_WRITE,
    body=MigrationDependencyCreate,
    response=MigrationDependencySchema,
)
def create_migration_dependency(context: Context, fields: dict[str, Any]) -> Response:
    """Record that a migration depends on another in the same programme."""
    dependency = operations.create_dependency(context, fields=fields)
    return record_response(context, MIGRATION_DEPENDENCIES, dependency.id, status=201)


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
    """Update the reason for a dependency, or waive the dependency."""
    dependency: MigrationDependency = lock_for_update(
        context, MIGRATION_DEPENDENCIES, migration_dependency_id
    )
    operations.update_dependency(context, dependency, changes)
    return record_response(context, MIGRATION_DEPENDENCIES, migration_dependency_id)


@dependencies.delete("/<uuid:migration_dependency_id>", scope=Scope.PROGRAMMES_WRITE)
def delete_migration_dependency(context: Context, migration_dependency_id: UUID) -> None:
    """Delete a dependency that is wrong or no longer exists."""
    context.session.delete(
        lock_for_update(context, MIGRATION_DEPENDENCIES, migration_dependency_id)
    )


@repointing.get(
    "/<uuid:migration_id>/interfaces",
    scope=Scope.PROGRAMMES_READ,
    response=InterfacesToRepointSchema,
)
def list_migration_interfaces(context: Context, migration_id: UUID) -> Response:
    """List interfaces that a migration must re-point, with their other ends."""
    migration = get_record(context, MIGRATIONS, migration_id)
    interfaces = operations.list_interfaces(context, migration)
    return json_response(orjson.dumps(interfaces))


@orders.get(
    "/<uuid:programme_id>/order", scope=Scope.PROGRAMMES_READ, response=ProgrammeOrderSchema
)
def get_programme_order(context: Context, programme_id: UUID) -> Response:
    """Get a possible order of migrations, and any conflicts with the waves."""
    programme = get_record(context, PROGRAMMES, programme_id)
    return json_response(orjson.dumps(operations.get_order(context, programme)))
