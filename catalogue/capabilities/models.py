"""The table of capabilities, and the tiers of the tree."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.core.database import Entity
from catalogue.core.errors import constraint_message
from catalogue.core.sort_keys import sort_key_of
from catalogue.core.types import enumeration
from catalogue.core.vocabulary import Vocabulary
from catalogue.history.audit_log import audited


class CapabilityTier(Vocabulary):
    """The tier of a capability in the law-enforcement capability model."""

    STRATEGIC = "strategic", "Governance, strategy and planning."
    CORE = "core", "Operational services to the public."
    ENABLING = "enabling", "Support for the other tiers, such as finance and ICT."


@audited("capability")
class Capability(Entity):
    """A function that a service must be able to perform, placed in the shared tree."""

    __tablename__ = "capability"
    __table_args__ = (sa.UniqueConstraint("code"),)

    code: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(200))
    name_sort: Mapped[str] = sort_key_of("name")
    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("capability.id"), index=True)
    tier: Mapped[CapabilityTier] = mapped_column(enumeration(CapabilityTier))
    description: Mapped[str | None] = mapped_column(sa.Text)
    search_text: Mapped[str] = mapped_column(sa.Text)

    parent: Mapped["Capability | None"] = relationship(remote_side="Capability.id")


constraint_message(
    "uq_capability_code",
    pointer="/code",
    detail="Another capability already has this code. Choose another code.",
)
