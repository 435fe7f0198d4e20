"""HTTP endpoints for the mappings of columns and words that agencies keep for imports."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.data_exchange.saved_mappings import operations
from catalogue.data_exchange.saved_mappings.models import ImportMapping
from catalogue.data_exchange.saved_mappings.resources import IMPORT_MAPPINGS
from catalogue.data_exchange.saved_mappings.schemas import (
    ImportMappingCreate,
    ImportMappingPatch,
    ImportMappingSchema,
)
from catalogue.history.responses import add_history

import_mappings = Blueprint(
    "import-mappings",
    __name__,
    url_prefix="/v1/import-mappings",
    description="Mappings of columns and words that your agency keeps for its next imports.",
)


@import_mappings.get("", scope=Scope.IMPORTS_WRITE, list_of=IMPORT_MAPPINGS)
def list_import_mappings(context: Context) -> Response:
    """List the mappings that your agency keeps for imports."""
    return list_response(context, IMPORT_MAPPINGS)


@import_mappings.post(
    "", scope=Scope.IMPORTS_WRITE, body=ImportMappingCreate, response=ImportMappingSchema
)
def create_import_mapping(context: Context, fields: dict[str, Any]) -> Response:
    """Save a mapping of columns and words for imports."""
    mapping = operations.create_import_mapping(context, fields)
    return record_response(context, IMPORT_MAPPINGS, mapping.id, status=201)


add_get(import_mappings, IMPORT_MAPPINGS, scope=Scope.IMPORTS_WRITE)
add_history(import_mappings, IMPORT_MAPPINGS, scope=Scope.IMPORTS_WRITE)


@import_mappings.patch(
    "/<uuid:import_mapping_id>",
    scope=Scope.IMPORTS_WRITE,
    body=ImportMappingPatch,
    response=ImportMappingSchema,
)
def update_import_mapping(
    context: Context, changes: dict[str, Any], import_mapping_id: UUID
) -> Response:
    """Change a saved mapping of your agency."""
    mapping: ImportMapping = lock_for_update(context, IMPORT_MAPPINGS, import_mapping_id)
    operations.update_import_mapping(context, mapping, changes)
    return record_response(context, IMPORT_MAPPINGS, import_mapping_id)


@import_mappings.delete("/<uuid:import_mapping_id>", scope=Scope.IMPORTS_WRITE)
def delete_import_mapping(context: Context, import_mapping_id: UUID) -> None:
    """Delete a saved mapping of your agency.

    Imports that used the mapping stay as they are.
    """
    context.session.delete(lock_for_update(context, IMPORT_MAPPINGS, import_mapping_id))
