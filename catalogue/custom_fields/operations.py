"""Operations that declare, change and delete custom fields."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import Forbidden, conflict, invalid
from catalogue.core.text import fold
from catalogue.custom_fields.models import TAKEN, CustomField
from catalogue.custom_fields.values import DeclaredField
from catalogue.custom_fields.vocabulary import MOST_FIELDS, CustomFieldRecord, CustomFieldType

ValueSource = Callable[[Session, UUID | None, str], Iterator[tuple[Any, int]]]
"""`source(session, agency_id, key)`: each value under a key, and the number of its records.

Without an agency, the records are those of all agencies.
"""
_sources: dict[CustomFieldRecord, ValueSource] = {}


def values_of(record: CustomFieldRecord) -> Callable[[ValueSource], ValueSource]:
    """Register the function that reads the values of a kind of record.

    Custom fields cannot import systems, which are in a higher layer. So systems register it.
    """

    def register(source: ValueSource) -> ValueSource:
        _sources[record] = source
        return source

    return register


def create_custom_field(context: Context, fields: dict[str, Any]) -> CustomField:
    """Declare a custom field, for the actor's agency or for all agencies.

    Values that are recorded under the key already stay as they are. Raises Conflict if the key is
    taken, and Forbidden if only an administrator can declare the field.
    """
    values = dict(fields)
    agency_id = _owner(context, for_all_agencies=values.pop("for_all_agencies"))
    field = CustomField(agency_id=agency_id, **{"choices": [], **values})
    _require_fitting_choices(field)
    _require_free_key(context.session, field)
    _require_free_label(context.session, field)
    context.session.add(field)
    return field


def update_custom_field(context: Context, field: CustomField, changes: dict[str, Any]) -> None:
    """Change parts of a declaration. The caller has locked it.

    Raises Conflict if a new type or removed choices would leave recorded values that do not fit.
    """
    before = DeclaredField.of(field)
    for name, value in changes.items():
        setattr(field, name, value)
    if field.type is not CustomFieldType.CHOICE and "choices" not in changes:
        field.choices = []
    _require_fitting_choices(field)
    if "label" in changes:
        _require_free_label(context.session, field)
    after = DeclaredField.of(field)
    removed = set(before.choices) - set(after.choices)
    if before.type is not after.type:
        count = _count(context, field, lambda value: not after.holds(value))
        pointer, kept = "/type", "values that do not fit the new type"
    elif removed:
        count = _count(context, field, lambda value: value in removed)
        pointer, kept = "/choices", "choices that you would remove"
    else:
        return
    if count:
        raise conflict(pointer, "in_use", _explain_use(field, count, kept))


def delete_custom_field(context: Context, field: CustomField) -> None:
    """Delete a declaration. Raises Conflict if a record has a value of the field."""
    if count := _count(context, field, lambda _value: True):
        raise conflict("", "in_use", _explain_use(field, count, "a value of this field"))
    context.session.delete(field)


def _owner(context: Context, *, for_all_agencies: bool) -> UUID | None:
    if not for_all_agencies:
        return context.require_agency("A custom field belongs to an agency or to all agencies")
    if not context.actor.has(Scope.ADMIN):
        raise Forbidden(
            "Only an administrator can declare a custom field for all agencies. "
            "Leave out `for_all_agencies` to declare it for your agency."
        )
    return None


def _require_fitting_choices(field: CustomField) -> None:
    if field.type is CustomFieldType.CHOICE and not field.choices:
        detail = "A custom field of the type `choice` needs at least one text in `choices`."
        raise invalid("/choices", "incomplete", detail)
    if field.type is not CustomFieldType.CHOICE and field.choices:
        detail = "Only a custom field of the type `choice` has choices. Remove `choices`."
        raise invalid("/choices", "unexpected", detail)


def _require_free_key(session: Session, field: CustomField) -> None:
    """Raise Conflict if the key is taken, within the agency or between it and all agencies."""
    same_record = sa.select(CustomField.agency_id).where(CustomField.record == field.record)
    owners = set(session.scalars(same_record.where(CustomField.key == field.key)))
    if field.agency_id in owners or (None in owners and field.agency_id is not None):
        raise conflict("/key", "taken", TAKEN)
    if field.agency_id is None and owners:
        detail = (
            "An agency has declared a custom field with this key for itself. Choose another key."
        )
        raise conflict("/key", "taken", detail)
    own = CustomField.agency_id.is_not_distinct_from(field.agency_id)
    count = session.scalar(sa.select(sa.func.count()).select_from(CustomField).where(own)) or 0
    if count >= MOST_FIELDS:
        detail = f"There can be at most {MOST_FIELDS} custom fields. Delete those that are unused."
        raise conflict("", "too_many", detail)


def _require_free_label(session: Session, field: CustomField) -> None:
    """Raise Conflict if another field of the same records has the label, as imports could not tell."""
    visible: sa.ColumnElement[bool] = CustomField.agency_id.is_(None)
    if field.agency_id is not None:
        visible = sa.or_(visible, CustomField.agency_id == field.agency_id)
    others = sa.select(CustomField.label).where(
        CustomField.record == field.record, CustomField.id != field.id, visible
    )
    with session.no_autoflush:
        labels = {fold(label) for label in session.scalars(others)}
    if fold(field.label) in labels:
        detail = "There is already a custom field with this label. Choose another label."
        raise conflict("/label", "taken", detail)


def _count(context: Context, field: CustomField, concerns: Callable[[Any], bool]) -> int:
    """Count the records that have a value of a field with which `concerns` is true."""
    with context.session.no_autoflush:
        values = _sources[field.record](context.session, field.agency_id, field.key)
        return sum(count for value, count in values if concerns(value))


def _explain_use(field: CustomField, count: int, kept: str) -> str:
    """Explain which values block a change. The number of other agencies' records is not shown."""
    noun = field.record.value
    if field.agency_id is None:
        holders = f"{noun.capitalize()}s of at least one agency"
        return f"{holders} have {kept}. Ask the agencies to change them."
    if count == 1:
        return f"1 {noun} of your agency has {kept}. Change it first."
    return f"{count:,} {noun}s of your agency have {kept}. Change them first."
