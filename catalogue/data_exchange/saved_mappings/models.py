"""Saved mappings: the column that fills each field, and the meaning of words in cells."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.types import Json, Key, enumeration
from catalogue.data_exchange.models import ImportKind
from catalogue.history.audit_log import audited


@audited("import_mapping")
class ImportMapping(Entity):
    """The mapping of columns and words that an agency uses each time it imports a list."""

    __tablename__ = "import_mapping"
    __table_args__ = (sa.UniqueConstraint("agency_id", "name_key"),)

    agency_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    kind: Mapped[ImportKind] = mapped_column(
        enumeration(ImportKind), default=ImportKind.SYSTEMS, server_default=ImportKind.SYSTEMS
    )
    name: Mapped[str] = mapped_column(sa.String(100))
    name_key: Mapped[str] = mapped_column(Key(400))
    source: Mapped[str | None] = mapped_column(sa.String(50))
    """The register that the ids of the list come from."""
    columns: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    values: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    skipped_columns: Mapped[list[str]] = mapped_column(Json, default=list)
    heading_row: Mapped[int | None]
    sheet: Mapped[str | None] = mapped_column(sa.String(200))


constraint_message(
    "uq_import_mapping_agency_id_name_key",
    pointer="/name",
    detail="Your agency has a mapping with this name. Choose another name, or update the mapping.",
)
