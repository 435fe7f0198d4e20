"""Visibility: which agencies see a record, and how much of it.

Every read of a record that an agency owns follows this one rule.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, event
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from catalogue.core import clock
from catalogue.core.context import Context
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
from catalogue.core.vocabulary import Vocabulary


class Disclosure(Vocabulary):
    """The agencies that can see a record without a grant."""

    OWNER_ONLY = "owner_only", "Only the owner."
    AGREEMENT = "agreement", "The owner, and agencies in an agreement with it that is in force."
    ALL_AGENCIES = "all_agencies", "Every agency, up to the standard profile."

    def is_narrower_than(self, other: "Disclosure") -> bool:
        """Return whether this disclosure shows a record to fewer agencies than the other does."""
        members = list(Disclosure)
        return members.index(self) < members.index(other)


class FieldProfile(Vocabulary):
    """The set of fields that sharing opens: a summary, the standard fields or all fields."""

    SUMMARY = "summary", "The fields that finding duplicates needs."
    STANDARD = "standard", "The summary, and the fields that planning needs."
    FULL = "full", "All fields, including risk scores and resilience figures."

    @property
    def rank(self) -> Profile:
        """The profile as a member of `Profile`, whose members are in order of size."""
        return Profile[self.name]


UNSHARED = frozenset(
    {
        "updated_at",
        "revision",
        "shared_updated_at",
        "search_text",
        "name_sort",
        "title_sort",
        "reference_sort",
    }
)
"""Attributes that follow from other changes, so a change to them alone is no shared change."""


class Disclosed(Entity):
    """A record with a disclosure, which decides the agencies that can see it."""

    __abstract__ = True

    full_fields: ClassVar[frozenset[str]] = frozenset()
    """Attributes that only the full profile opens."""

    disclosure: Mapped[Disclosure] = mapped_column(
        enumeration(Disclosure), default=Disclosure.AGREEMENT, sort_order=80
    )
    shared_updated_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=93)
    """The time of the last change to a field of the summary or standard profile.

    Readers below the full profile see this moment as `updated_at`, because the real one would
    reveal changes to withheld fields.
    """

    @declared_attr
    def agency_id(cls) -> Mapped[UUID]:  # noqa: N805 - SQLAlchemy hands over the class
        """The owner: the agency that is answerable for the record, and alone can change it."""
        return mapped_column(sa.ForeignKey("agency.id"), sort_order=-5)

    def stamp_creation(self) -> None:
        super().stamp_creation()
        self.shared_updated_at = self.created_at

    def touch(self) -> None:
        """Record the time of a change to rows in other tables that belong to the record."""
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
    """Return the condition for records of the actor's agency."""
    return model.agency_id == ACTOR_AGENCY  # type: ignore[no-any-return]


def seen(
    model: Any, *, of: ResourceType = ResourceType.SYSTEMS, at: Profile = Profile.SUMMARY
) -> ColumnElement[bool]:
    """Return the condition for records that the actor sees at this profile or a larger one.

    The actor sees:

    - the records of its own agency
    - records disclosed to all agencies, up to the standard profile
    - records disclosed under agreements, if one is in force at this profile
    - records opened by a live grant at this profile
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


def was_seen(
    context: Context, record: Any, at: datetime, *, of: ResourceType = ResourceType.SYSTEMS
) -> bool:
    """Return whether the actor saw a record until its deletion or merger at a past moment.

    `record` has the owner and the last disclosure. The owner saw the record in any case. Other
    agencies saw it if its disclosure was `all_agencies`. If the disclosure was `agreement`, the
    owner's present share with the actor must have begun before that moment.
    """
    if context.actor.agency_id is not None and record.agency_id == context.actor.agency_id:
        return True
    if record.disclosure == Disclosure.AGREEMENT:
        return context.shared_with.began_before(at, record.agency_id, of=of, now=clock.now())
    return bool(record.disclosure == Disclosure.ALL_AGENCIES)


def with_its_system(record: Any, *, at: Profile) -> ColumnElement[bool]:
    """Return the condition for parts of a system, which need at least its standard profile."""
    return seen(record, at=max(at, Profile.STANDARD))


def level(model: Any, *, of: ResourceType = ResourceType.SYSTEMS) -> ColumnElement[int]:
    """Return the largest profile at which the actor sees a record, as a number of `Profile`."""

    def ranked(profile: Profile) -> ColumnElement[int]:
        return sa.literal_column(str(profile.value), sa.Integer())

    return sa.case(
        (seen(model, of=of, at=Profile.FULL), ranked(Profile.FULL)),
        (seen(model, of=of, at=Profile.STANDARD), ranked(Profile.STANDARD)),
        else_=ranked(Profile.SUMMARY),
    )
