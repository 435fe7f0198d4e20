"""Custom fields of systems: their values in `attributes`, and the filters and sorts by them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.context import Context
from catalogue.core.rest.map_keys import MapKey, MapKeys, ValueKind
from catalogue.custom_fields.operations import values_of
from catalogue.custom_fields.resources import CUSTOM_FIELDS
from catalogue.custom_fields.values import declared_fields
from catalogue.custom_fields.vocabulary import KEY, CustomFieldRecord, CustomFieldType
from catalogue.systems.models import System


@values_of(CustomFieldRecord.SYSTEM)
def count_attribute_values(
    session: Session, agency_id: UUID | None, key: str
) -> Iterator[tuple[Any, int]]:
    """Yield each value under a key of `attributes`, and the number of systems that have it."""
    value = System.attributes[key]
    statement = sa.select(value, sa.func.count()).group_by(value)
    if agency_id is not None:
        statement = statement.where(System.agency_id == agency_id)
    for found, count in session.execute(statement):
        if found is not None:
            yield found, count


def _find_keys(context: Context) -> dict[str, MapKey]:
    """Return the custom fields that the actor can filter by: its own and those of all agencies."""
    declared = declared_fields(context.session, context.actor.agency_id, CustomFieldRecord.SYSTEM)
    return {key: MapKey(_KINDS[field.type], field.choices) for key, field in declared.items()}


_KINDS = {
    CustomFieldType.TEXT: ValueKind.TEXT,
    CustomFieldType.INTEGER: ValueKind.INTEGER,
    CustomFieldType.DECIMAL: ValueKind.DECIMAL,
    CustomFieldType.DATE: ValueKind.DATE,
    CustomFieldType.BOOLEAN: ValueKind.BOOLEAN,
    CustomFieldType.CHOICE: ValueKind.TEXT,
}
ATTRIBUTE_KEYS = MapKeys(
    field="attributes",
    declared=_find_keys,
    listed_by=f"GET {CUSTOM_FIELDS.path}",
    key_pattern=KEY.strip("^$"),
)
