"""Sharing: what other agencies share with an agency, and until when.

The row rules refer to shares by bind parameters. So a list costs no further query, and what is
shared for a time ends to the second, whoever has it cached.
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

ACTOR_AGENCY: ColumnElement[Any] = bindparam("actor_agency_id", type_=sa.Uuid(), required=True)
"""Stands in row rules for the id of the actor's agency; null for an administrator."""


class Profile(IntEnum):
    """How much of a record one sees: each profile holds the one before it."""

    SUMMARY = 1
    STANDARD = 2
    FULL = 3


class ResourceType(StrEnum):
    """What an agency may grant access to. Systems come with their uses and interfaces."""

    SYSTEMS = "systems"
    CONTRACTS = "contracts"
    COSTS = "costs"


class Basis(StrEnum):
    """What something is shared by."""

    AGREEMENT = "agreement"
    GRANT = "grant"


@dataclass(frozen=True)
class Share:
    """What one agency shares with the actor's, from one moment until another."""

    owner_id: UUID
    basis: Basis
    resource_types: frozenset[ResourceType]
    profile: Profile
    since: datetime | None = None
    until: datetime | None = None

    def is_in_force(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (
            self.until is None or moment < self.until
        )


class _Ids(TypeDecorator[str]):
    """Ids in braces. PostgreSQL's parameter has to be of its own list type: as a text it would be
    read anew for each row."""

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
    """Whether an id is one of those that a parameter names."""

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
    """A parameter for some ids, for `id_in` to look through.

    It is a text such as `{0193...,0193...}`, which PostgreSQL reads as a list of ids, and SQLite
    looks through: there, ids are kept as the same 32 digits.
    """
    return bindparam(name, type_=_Ids(), required=True)


def ids_value(ids: Iterable[UUID]) -> str:
    """The value of such a parameter."""
    return "{" + ",".join(sorted(each.hex for each in ids)) + "}"


def sharing_agencies(basis: Basis | ResourceType, profile: Profile) -> ColumnElement[Any]:
    """The parameter for the agencies that share by agreement, or a type by grant, so much or more."""
    return ids_parameter(f"shared_{basis.value}_{profile.value}")


class SharedWith:
    """What is shared with one agency, and the parameters that say so at a moment."""

    def __init__(self, shares: Iterable[Share] = ()) -> None:
        self._shares = tuple(shares)
        self._changes = sorted(
            {m for share in self._shares for m in (share.since, share.until) if m is not None}
        )
        self._cached: tuple[int, dict[str, str]] | None = None

    def parameters(self, moment: datetime) -> dict[str, str]:
        """The values of all parameters, for the shares that are in force."""
        # Between two moments at which a share begins or ends, they stay the same.
        period = sum(change <= moment for change in self._changes)
        cached = self._cached
        if cached is None or cached[0] != period:
            cached = self._cached = period, self._parameters_at(moment)
        return cached[1]

    def includes_full_profile(self, moment: datetime) -> bool:
        """Whether anybody shares whole records, sensitive fields included."""
        return any(s.profile is Profile.FULL and s.is_in_force(moment) for s in self._shares)

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
