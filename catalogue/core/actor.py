"""Actor of a request: the client, the agency it acts for, and the scopes it was given."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Scope(StrEnum):
    """What a token may be allowed to do. A scope narrows; the row rule decides."""

    AGENCIES_READ = "agencies:read"
    AGENCIES_WRITE = "agencies:write"
    SYSTEMS_READ = "systems:read"
    SYSTEMS_WRITE = "systems:write"
    CONTRACTS_READ = "contracts:read"
    CONTRACTS_WRITE = "contracts:write"
    RISKS_READ = "risks:read"
    COSTS_READ = "costs:read"
    OVERLAPS_READ = "overlaps:read"
    OVERLAPS_WRITE = "overlaps:write"
    DECISIONS_READ = "decisions:read"
    DECISIONS_PROPOSE = "decisions:propose"
    DECISIONS_SIGN = "decisions:sign"
    PROGRAMMES_READ = "programmes:read"
    PROGRAMMES_WRITE = "programmes:write"
    SAVINGS_READ = "savings:read"
    SAVINGS_WRITE = "savings:write"
    SAVINGS_VALIDATE = "savings:validate"
    AUDIT_READ = "audit:read"
    IMPORTS_WRITE = "imports:write"
    ADMIN = "admin"


SCOPE_MEANINGS: dict[Scope, str] = {
    Scope.AGENCIES_READ: "Read agencies, and the agreements and access grants of one's own agency.",
    Scope.AGENCIES_WRITE: "Change the record of one's own agency, agree for it to share, and grant access.",
    Scope.SYSTEMS_READ: "Read systems, capabilities, suppliers and products.",
    Scope.SYSTEMS_WRITE: "Record and change systems of one's own agency, suppliers and products.",
    Scope.CONTRACTS_READ: "Read contracts.",
    Scope.CONTRACTS_WRITE: "Record and change contracts of one's own agency.",
    Scope.RISKS_READ: "Read legacy-risk scores and resilience figures.",
    Scope.COSTS_READ: "Read cost lines.",
    Scope.OVERLAPS_READ: "Read groups of overlapping systems.",
    Scope.OVERLAPS_WRITE: "Look for overlaps; confirm or reject them.",
    Scope.DECISIONS_READ: "Read decisions about overlapping systems.",
    Scope.DECISIONS_PROPOSE: "Draft, propose and withdraw decisions.",
    Scope.DECISIONS_SIGN: "Agree to or refuse a decision for one's own agency.",
    Scope.PROGRAMMES_READ: "Read programmes and migrations.",
    Scope.PROGRAMMES_WRITE: "Lead programmes and move their migrations on.",
    Scope.SAVINGS_READ: "Read baselines and savings.",
    Scope.SAVINGS_WRITE: "Draw and approve baselines; claim savings and change them.",
    Scope.SAVINGS_VALIDATE: "Validate savings for finance, so that they count.",
    Scope.AUDIT_READ: "Read who changed what, and when.",
    Scope.IMPORTS_WRITE: "Load files of systems and contracts, and read how the load went.",
    Scope.ADMIN: "Keep the shared reference data: agencies and capabilities.",
}


@dataclass(frozen=True)
class Actor:
    """Somebody who asks. `agency` is the agency's code; both are None for an administrator."""

    client_id: str
    agency_id: UUID | None
    agency: str | None
    scopes: frozenset[str]
    subject: str | None = None

    def has(self, scope: Scope) -> bool:
        """Whether the token was given this scope."""
        return scope.value in self.scopes


@dataclass(frozen=True)
class Author:
    """Who history says made a change, for whom and why."""

    client_id: str
    agency_id: UUID | None = None
    subject: str | None = None
    reason: str | None = None

    @classmethod
    def of(cls, actor: Actor, *, reason: str | None = None) -> "Author":
        """An actor, who gives this reason."""
        return cls(actor.client_id, actor.agency_id, actor.subject, reason)


ANONYMOUS = Actor(client_id="", agency_id=None, agency=None, scopes=frozenset())
"""Who asks without a token. It may read what is published."""

SYSTEM_ACTOR = Actor(
    client_id="catalogue", agency_id=None, agency=None, scopes=frozenset({Scope.ADMIN.value})
)
