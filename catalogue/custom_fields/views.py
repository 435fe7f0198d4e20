"""Endpoints for the custom fields of your agency, and of all agencies."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.custom_fields import operations
from catalogue.custom_fields.resources import CUSTOM_FIELDS
from catalogue.custom_fields.schemas import (
    CustomFieldCreate,
    CustomFieldPatch,
    CustomFieldSchema,
)
from catalogue.history.responses import add_history

custom_fields = Blueprint(
    "custom-fields",
    __name__,
    url_prefix="/v1/custom-fields",
    description=(
        "Fields that your agency adds to its records, with a type. An administrator adds fields "
        "for all agencies."
    ),
)


@custom_fields.get("", scope=Scope.SYSTEMS_READ, list_of=CUSTOM_FIELDS)
def list_custom_fields(context: Context) -> Response:
    """List the custom fields of your agency and of all agencies."""
    return list_response(context, CUSTOM_FIELDS)


@custom_fields.post(
    "", scope=Scope.SYSTEMS_WRITE, body=CustomFieldCreate, response=CustomFieldSchema
)
def create_custom_field(context: Context, fields: dict[str, Any]) -> Response:
    """Declare a custom field for the records of your agency.

    From then on, new values under its key must fit its type, and lists can be filtered and sorted
    by it. Values that are recorded already stay as they are. An administrator can declare a field
    for all agencies.
    """
    field = operations.create_custom_field(context, fields)
    return record_response(context, CUSTOM_FIELDS, field.id, status=201)


add_get(custom_fields, CUSTOM_FIELDS, scope=Scope.SYSTEMS_READ)
add_history(custom_fields, CUSTOM_FIELDS, scope=Scope.SYSTEMS_READ)


@custom_fields.patch(
    "/<uuid:custom_field_id>",
    scope=Scope.SYSTEMS_WRITE,
    body=CustomFieldPatch,
    response=CustomFieldSchema,
)
def update_custom_field(
    context: Context, changes: dict[str, Any], custom_field_id: UUID
) -> Response:
    """Change the label, description, type or choices of a custom field.

    The response is 409 if records have values that would not fit the new type, or choices that you
    would remove.
    """
    field = lock_for_update(context, CUSTOM_FIELDS, custom_field_id)
    operations.update_custom_field(context, field, changes)
    return record_response(context, CUSTOM_FIELDS, custom_field_id)


@custom_fields.delete("/<uuid:custom_field_id>", scope=Scope.SYSTEMS_WRITE)
def delete_custom_field(context: Context, custom_field_id: UUID) -> None:
    """Delete a custom field without values.

    The response is 409 if a record has a value of the field.
    """
    field = lock_for_update(context, CUSTOM_FIELDS, custom_field_id)
    operations.delete_custom_field(context, field)
