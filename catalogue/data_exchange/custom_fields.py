"""Custom fields of an agency as fields that a spreadsheet can fill."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from marshmallow.fields import Field
from sqlalchemy.orm import Session

from catalogue.custom_fields.values import DeclaredField, declared_fields
from catalogue.custom_fields.vocabulary import CustomFieldRecord, CustomFieldType
from catalogue.data_exchange.fields import ATTRIBUTE_PREFIX, ImportField, Kind
from catalogue.data_exchange.kinds.record_kind import RecordKind
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.synonyms import plain_words

_RECORDS = {ImportKind.SYSTEMS: CustomFieldRecord.SYSTEM}
_KINDS = {
    CustomFieldType.TEXT: Kind.TEXT,
    CustomFieldType.INTEGER: Kind.INTEGER,
    CustomFieldType.DECIMAL: Kind.DECIMAL,
    CustomFieldType.DATE: Kind.DAY,
    CustomFieldType.BOOLEAN: Kind.BOOLEAN,
    CustomFieldType.CHOICE: Kind.CHOICE,
}


def with_custom_fields(session: Session, kind: RecordKind, agency_id: UUID | None) -> RecordKind:
    """Return the kind of record with the custom fields of an agency and of all agencies."""
    record = _RECORDS.get(kind.kind)
    declared = declared_fields(session, agency_id, record) if record else {}
    if not declared:
        return kind
    own = [_import_field(field) for field in declared.values()]
    headings = {heading for field in own for heading in field.headings}
    not_fields = {k: v for k, v in kind.fields.not_fields.items() if k not in headings}
    schemas = {ATTRIBUTE_PREFIX + key: _ValueSchema(field) for key, field in declared.items()}
    return replace(
        kind,
        fields=replace(kind.fields, fields=(*kind.fields.fields, *own), not_fields=not_fields),
        schemas={**kind.schemas, **schemas},
    )


def _import_field(field: DeclaredField) -> ImportField:
    headings = (plain_words(field.label), plain_words(field.key.replace("_", " ")))
    return ImportField(
        f"{ATTRIBUTE_PREFIX}{field.key}",
        _KINDS[field.type],
        tuple(dict.fromkeys(filter(None, headings))),
        label=field.label,
        choices=field.choices,
    )


class _ValueSchema(Field[Any]):
    """The check of a value of a custom field, which returns the value as it is stored."""

    def __init__(self, field: DeclaredField) -> None:
        super().__init__(metadata={"description": field.description or ""})
        self.declared = field

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.declared.stored(value)
