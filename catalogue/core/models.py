"""The kernel's own tables."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalogue.core import clock
from catalogue.core.database import Base
from catalogue.core.types import Json

LONGEST_KEY = 255


class IdempotencyKey(Base):
    """A stored response to a client's idempotency key."""

    __tablename__ = "idempotency_key"
    caller: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """A digest of client, subject and agency, because a client can act for several agencies."""
    key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), primary_key=True)
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(Json)
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)


class PermissionsVersion(Base):
    """A counter in one row. Only the module `permissions_version` reads and moves it."""

    __tablename__ = "revocation_epoch"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(sa.BigInteger)
