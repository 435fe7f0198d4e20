"""The table of declared custom fields."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import Json, Key, enumeration
from catalogue.custom_fields.vocabulary import LONGEST_KEY, CustomFieldRecord, CustomFieldType
from catalogue.history.audit_log import audited


@audited("custom_field")
class CustomField(Entity):
    """The declaration of a custom field, by an agency for itself or by an administrator for all."""

    __tablename__ = "custom_field"
    __table_args__ = (
        sa.UniqueConstraint("agency_id", "record", "key"),
        sa.Index(
            "uq_custom_field_record_key_for_all",
            "record",
            "key",
            unique=True,
            sqlite_where=sa.text("agency_id IS NULL"),
            postgresql_where=sa.text("agency_id IS NULL"),
        ),
    )

    agency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"))
    """The agency that declared the field for its records. None for a field of all agencies."""
    record: Mapped[CustomFieldRecord] = mapped_column(enumeration(CustomFieldRecord))
    key: Mapped[str] = mapped_column(Key(LONGEST_KEY))
    label: Mapped[str] = mapped_column(sa.String(100))
    description: Mapped[str | None] = mapped_column(sa.Text)
    type: Mapped[CustomFieldType] = mapped_column(enumeration(CustomFieldType))
    choices: Mapped[list[str]] = mapped_column(Json, default=list)
    """The accepted texts, in the order in which people see them. Empty for other types."""


TAKEN = "There is already a custom field with this key. Choose another key, or update that field."

constraint_message("uq_custom_field_agency_id_record_key", pointer="/key", detail=TAKEN)
constraint_message("uq_custom_field_record_key_for_all", pointer="/key", detail=TAKEN)
