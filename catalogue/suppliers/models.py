"""The tables of suppliers and products.

Every agency can read this shared register, so it holds only names and public facts.
"""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.sort_keys import sort_key_of
from catalogue.core.types import Json, Key
from catalogue.history.audit_log import audited


@audited("supplier")
class Supplier(Entity):
    """A company or body that provides systems."""

    __tablename__ = "supplier"
    __table_args__ = (sa.UniqueConstraint("name_key"),)

    name: Mapped[str] = mapped_column(sa.String(200))
    name_sort: Mapped[str] = sort_key_of("name")
    name_key: Mapped[str] = mapped_column(Key(400))
    aliases: Mapped[list[str]] = mapped_column(Json, default=list)
    former_names: Mapped[list[dict[str, Any]]] = mapped_column(
        Json, default=list, server_default="[]"
    )
    """Earlier names with the years when they ended. Searches find the supplier by them too."""
    identifiers: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    agency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    """The agency that recorded the supplier and can change it. None for reference data."""
    search_text: Mapped[str] = mapped_column(sa.Text)


@audited("product")
class Product(Entity):
    """A product of a supplier. Many agencies can run systems of the same product."""

    __tablename__ = "product"
    __table_args__ = (sa.UniqueConstraint("supplier_id", "name_key"),)

    supplier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("supplier.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    name_sort: Mapped[str] = sort_key_of("name")
    name_key: Mapped[str] = mapped_column(Key(400))
    aliases: Mapped[list[str]] = mapped_column(Json, default=list)
    end_of_support: Mapped[date | None]
    agency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    search_text: Mapped[str] = mapped_column(sa.Text)

    supplier: Mapped[Supplier] = relationship()


constraint_message(
    "uq_supplier_name_key",
    pointer="/name",
    detail="Another supplier already has this name. Use that supplier, or choose another name.",
)
constraint_message(
    "uq_product_supplier_id_name_key",
    pointer="/name",
    detail="The supplier already has this product. Use that product, or choose another name.",
)
