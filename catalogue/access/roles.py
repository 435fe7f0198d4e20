"""Roles: named sets of scopes for the usual users of the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalogue.core.actor import Scope

_READ = (
    Scope.AGENCIES_READ,
    Scope.SYSTEMS_READ,
    Scope.OVERLAPS_READ,
    Scope.DECISIONS_READ,
    Scope.PROGRAMMES_READ,
    Scope.CONTRACTS_READ,
    Scope.COSTS_READ,
    Scope.RISKS_READ,
    Scope.SAVINGS_READ,
    Scope.AUDIT_READ,
)


@dataclass(frozen=True)
class Role:
    """A set of scopes, and the work that it is for."""

    title: str
    """The name for people."""
    description: str
    scopes: tuple[Scope, ...]
    for_people: bool = True
    """False for a role of programs."""


ROLES = {
    "reader": Role("Reader", "Reads everything that the agency can see.", _READ),
    "it-manager": Role(
        "IT manager",
        "Records the agency's systems and contracts, finds overlaps and signs decisions.",
        (
            *_READ,
            Scope.AGENCIES_WRITE,
            Scope.SYSTEMS_WRITE,
            Scope.CONTRACTS_WRITE,
            Scope.IMPORTS_WRITE,
            Scope.OVERLAPS_WRITE,
            Scope.DECISIONS_SIGN,
        ),
    ),
    "programme-board": Role(
        "Programme board",
        "Leads programmes, proposes and signs decisions, and claims savings.",
        (
            *_READ,
            Scope.AGENCIES_WRITE,
            Scope.OVERLAPS_WRITE,
            Scope.DECISIONS_PROPOSE,
            Scope.DECISIONS_SIGN,
            Scope.PROGRAMMES_WRITE,
            Scope.SAVINGS_WRITE,
        ),
    ),
    "finance": Role("Finance", "Validates savings.", (*_READ, Scope.SAVINGS_VALIDATE)),
    "integration": Role(
        "Integration",
        "Keeps the agency's systems and contracts up to date from other registers.",
        (*_READ, Scope.SYSTEMS_WRITE, Scope.CONTRACTS_WRITE, Scope.IMPORTS_WRITE),
        for_people=False,
    ),
    "administrator": Role(
        "Administrator",
        "Maintains the shared reference data. Such a client needs no agency.",
        (
            Scope.ADMIN,
            Scope.AGENCIES_READ,
            Scope.AGENCIES_WRITE,
            Scope.SYSTEMS_READ,
            Scope.SYSTEMS_WRITE,
            Scope.AUDIT_READ,
        ),
    ),
}
"""Every role by its name, as `catalogue clients create --role` accepts it."""


def find_roles(scopes: Iterable[Scope]) -> list[Role]:
    """List the roles of people that have all these scopes."""
    wanted = set(scopes)
    return [role for role in ROLES.values() if role.for_people and wanted <= set(role.scopes)]
