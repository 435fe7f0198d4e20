"""Sharing: the records that other agencies share with an agency, and until when.

The row rules refer to shares by bind parameters. A list therefore needs no further query, and a
share ends at its exact moment even in a cache.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from catalogue.core.vocabulary import Vocabulary

ACTOR_AGENCY: ColumnElement[Any] = bindparam("actor_agency_id", type_=sa.Uuid(), required=True)
"""The id of the actor's agency, for row rules. Null for an administrator."""


class Profile(IntEnum):
    """The part of a record that an actor sees. Each profile includes the one before."""

    SUMMARY = 1
    STANDARD = 2
    FULL = 3


class ResourceType(Vocabulary):
    """The kind of records that an access grant opens."""

    SYSTEMS = "systems", "Systems, with their uses and interfaces."
    CONTRACTS = "contracts", "Contracts."
    COSTS = "costs", "Cost lines of systems."


class Basis(StrEnum):
    """The ground on which a record is shared."""

    AGREEMENT = "agreement"
    GRANT = "grant"


@dataclass(frozen=True)
class Share:
    """The records that an agency shares with the actor's agency, from `since` until `until`."""

    owner_id: UUID
    basis: Basis
    resource_types: frozenset[ResourceType]
    profile: Profile
    since: datetime | None = None
    until: datetime | None = None
    recorded_at: datetime | None = None
    """The time of the last change set of the agreement or grant. Null before its commit."""
    source_id: UUID | None = None
    """The id of the agreement or grant."""

    def is_in_force(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (
            self.until is None or moment < self.until
        )

    def began_before(self, moment: datetime) -> bool:
        """Return whether the share was in force, in its present form, before a past moment."""
        return (
            self.recorded_at is not None
            and self.recorded_at < moment
            and (self.since is None or self.since < moment)
        )

    def opens(self, of: ResourceType) -> bool:
        """Return whether the share opens records of this type."""
        return self.basis is Basis.AGREEMENT or of in self.resource_types


class _Ids(TypeDecorator[str]):
    """The type of a set of ids in braces: text on SQLite, and an array on PostgreSQL.

    PostgreSQL would otherwise parse the text again for each row.
    """

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(sa.Uuid()))
        return dialect.type_descriptor(sa.String())

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if dialect.name != "postgresql":
            return value
        return [UUID(each) for each in value.strip("{}").split(",") if each]


class id_in(FunctionElement[bool]):  # noqa: N801 - it reads as an SQL function
    """The condition that an id is one of the ids in a parameter."""

    type = sa.Boolean()
    name = "id_in"
    inherit_cache = True


@compiles(id_in, "postgresql")
def _id_in_on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    identity, named = element.clauses
    return f"{compiler.process(identity, **kw)} = ANY ({compiler.process(named, **kw)})"


@compiles(id_in, "sqlite")
def _id_in_on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    identity, named = element.clauses
    return f"instr({compiler.process(named, **kw)}, {compiler.process(identity, **kw)}) > 0"


def ids_parameter(name: str) -> ColumnElement[Any]:
    """Make a parameter for ids, which `id_in` searches.

    Its value is text such as `{0193...,0193...}`. PostgreSQL reads the text as an array of ids.
    SQLite searches the text, because it stores ids as the same 32 digits.
    """
    return bindparam(name, type_=_Ids(), required=True)


def ids_value(ids: Iterable[UUID]) -> str:
    """Make the value of a parameter for ids."""
    return "{" + ",".join(sorted(each.hex for each in ids)) + "}"


def sharing_agencies(basis: Basis | ResourceType, profile: Profile) -> ColumnElement[Any]:
    """Make the parameter for the agencies that share at a profile or a larger one.

    They share by agreement, or by grants of a resource type.
    """
    return ids_parameter(f"shared_{basis.value}_{profile.value}")


class SharedWith:
    """Records shared with one agency, as parameters of the row rules at a moment."""

    def __init__(self, shares: Iterable[Share] = ()) -> None:
        self._shares = tuple(shares)
        self._changes = sorted(
            {m for share in self._shares for m in (share.since, share.until) if m is not None}
        )
        self._cached: tuple[int, dict[str, str]] | None = None

    def parameters(self, moment: datetime) -> dict[str, str]:
        """Return the values of all parameters, for the shares in force at a moment."""
        # The values stay the same between two moments at which a share begins or ends.
        period = sum(change <= moment for change in self._changes)
        cached = self._cached
        if cached is None or cached[0] != period:
            cached = self._cached = period, self._parameters_at(moment)
        return cached[1]

    def includes_full_profile(self, moment: datetime) -> bool:
        """Return whether any agency shares whole records, with their sensitive fields."""
        return any(s.profile is Profile.FULL and s.is_in_force(moment) for s in self._shares)

    def last_change(self, after: datetime, until: datetime) -> datetime | None:
        """Return the last moment in a period at which something shared begins or ends, or None."""
        return max((m for m in self._changes if after < m <= until), default=None)

    def began_before(
        self, moment: datetime, owner_id: UUID | None, *, of: ResourceType, now: datetime
    ) -> bool:
        """Return whether a present share by this owner began before a past moment."""
        return any(
            share.owner_id == owner_id
            and share.opens(of)
            and share.is_in_force(now)
            and share.began_before(moment)
            for share in self._shares
        )

    def _parameters_at(self, moment: datetime) -> dict[str, str]:
        owners: dict[tuple[str, Profile], set[UUID]] = {
            (basis, profile): set()
            for basis in (Basis.AGREEMENT, *ResourceType)
            for profile in Profile
        }
        for share in self._shares:
            if share.is_in_force(moment):
                kinds = share.resource_types if share.basis is Basis.GRANT else {Basis.AGREEMENT}
                for kind in kinds:
                    for profile in Profile:
                        if profile <= share.profile:
                            owners[kind, profile].add(share.owner_id)
        return {
            f"shared_{basis}_{profile.value}": ids_value(ids)
            for (basis, profile), ids in owners.items()
        }


NOTHING_SHARED = SharedWith()
