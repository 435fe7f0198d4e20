"""Mutations of the rules for custom fields: their masks, and who sees their declarations."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from catalogue.core.rest.map_keys import slot_value, slots
from catalogue.core.rest.query import FilterField, ListParameters
from catalogue.custom_fields.models import CustomField
from catalogue.custom_fields.values import DeclaredField
from catalogue.systems import attribute_values
from catalogue.systems import operations as systems
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
from tests.noninterference import attempts_custom_fields
from tests.noninterference.broken_rules import changed
from tests.noninterference.mutations import breaks, breaks_writing, patched


def _unmasked(**loose: bool) -> Any:
    made: ListParameters = SYSTEMS.list_parameters
    column = System.__table__.c.attributes
    shown = {slot: slot_value(column, slot, kind) for slot, kind in slots("attributes")}
    changes: dict[str, Any] = {}
    if loose.get("filters"):
        changes["slots"] = {
            slot: FilterField(shown[slot], field.operators) for slot, field in made.slots.items()
        }
    if loose.get("sorts"):
        changes["slot_sorts"] = shown
    return changed(SYSTEMS, list_parameters=replace(made, **changes))


@breaks("filters by custom fields use withheld values", "list_systems")
def _filters() -> Any:
    return _unmasked(filters=True)


@breaks("sorts by custom fields use withheld values", "list_systems")
def _sorts() -> Any:
    return _unmasked(sorts=True)


def _declared_by_anybody(session: Any, _agency_id: Any, _record: Any) -> dict[str, DeclaredField]:
    fields = session.scalars(sa.select(CustomField).order_by(CustomField.created_at.desc()))
    return {field.key: DeclaredField.of(field) for field in fields}


@breaks_writing(
    "lists can be filtered by the keys of hidden agencies",
    attempts_custom_fields.ask_for_keys_that_hidden_agencies_declared,
)
def _keys() -> Any:
    return patched(attribute_values, "declared_fields", _declared_by_anybody)


@breaks_writing(
    "values are checked by the declarations of hidden agencies",
    attempts_custom_fields.write_values_that_hidden_declarations_refuse,
)
def _checks() -> Any:
    return patched(systems, "declared_fields", _declared_by_anybody)
