"""Visibility: who sees a record that an agency owns, and how much of it.

This is the one rule behind every read.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, event
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from catalogue.core import clock
from catalogue.core.database import Entity
from catalogue.core.sharing import (
    ACTOR_AGENCY,
    Basis,
    Profile,
    ResourceType,
    id_in,
    sharing_agencies,
)
from catalogue.core.types import enumeration


class Disclosure(StrEnum):
    """With whom an agency shares a record."""

    OWNER_ONLY = "owner_only"
    AGREEMENT = "agreement"
    ALL_AGENCIES = "all_agencies"


class FieldProfile(StrEnum):
    """How much of a record is shared: what it is; what one plans with; or all of it."""

    SUMMARY = "summary"
    STANDARD = "standard"
    FULL = "full"

    @property
    def rank(self) -> Profile:
        """Its place in the order of profiles."""
        return Profile[self.name]


UNSHARED = frozenset({"updated_at", "revision", "shared_updated_at", "search_text"})


class Disclosed(Entity):
    """A record that its agency shares as far as it says."""

    __abstract__ = True

    full_fields: ClassVar[frozenset[str]] = frozenset()
    """Attributes that only the full profile shows."""

    disclosure: Mapped[Disclosure] = mapped_column(
        enumeration(Disclosure), default=Disclosure.AGREEMENT, sort_order=80
    )
    shared_updated_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=93)
    """When something last changed that the standard profile shows. Who sees no more than that is
    shown this moment: the other would tell of changes to what is withheld."""

    @declared_attr
    def agency_id(cls) -> Mapped[UUID]:  # noqa: N805 - SQLAlchemy hands over the class
        """The agency that is answerable for it, and alone may write it."""
        return mapped_column(sa.ForeignKey("agency.id"), sort_order=-5)

    def stamp_creation(self) -> None:
        """Date its creation."""
        super().stamp_creation()
        self.shared_updated_at = self.created_at

    def touch(self) -> None:
        """Date a change of what belongs to the record but is kept in another table."""
        super().touch()
        self.shared_updated_at = clock.now()


@event.listens_for(Disclosed, "before_update", propagate=True)
def _date_shared_changes(_mapper: Any, _connection: Any, record: Disclosed) -> None:
    state = sa.inspect(record)
    for attribute in state.mapper.column_attrs:
        name = attribute.key
        if name not in UNSHARED | record.full_fields and state.attrs[name].history.has_changes():
            record.shared_updated_at = clock.now()
            return


def own(model: Any) -> ColumnElement[bool]:
    """The actor's own agency's records."""
    return model.agency_id == ACTOR_AGENCY  # type: ignore[no-any-return]


def seen(
    model: Any, *, of: ResourceType = ResourceType.SYSTEMS, at: Profile = Profile.SUMMARY
) -> ColumnElement[bool]:
    """The records of which the actor sees so much or more.

    These are its own agency's; what was disclosed to all agencies, with the standard profile; what
    was disclosed to partners, by an agreement in force between them; and what was granted.
    """
    disclosed = [model.disclosure == Disclosure.ALL_AGENCIES] if at <= Profile.STANDARD else []
    return sa.or_(
        own(model),
        *disclosed,
        sa.and_(
            model.disclosure != Disclosure.OWNER_ONLY,
            id_in(model.agency_id, sharing_agencies(Basis.AGREEMENT, at)),
        ),
        id_in(model.agency_id, sharing_agencies(of, at)),
    )


def with_its_system(record: Any, *, at: Profile) -> ColumnElement[bool]:
    """Who sees what is shown with a system, at the standard profile and as that is disclosed."""
    return seen(record, at=max(at, Profile.STANDARD))


def level(model: Any, *, of: ResourceType = ResourceType.SYSTEMS) -> ColumnElement[int]:
    """How much the actor sees of a record that it sees: a `Profile`."""

    def ranked(profile: Profile) -> ColumnElement[int]:
        return sa.literal_column(str(profile.value), sa.Integer())

    return sa.case(
        (seen(model, of=of, at=Profile.FULL), ranked(Profile.FULL)),
        (seen(model, of=of, at=Profile.STANDARD), ranked(Profile.STANDARD)),
        else_=ranked(Profile.SUMMARY),
    )
