"""Actor of a request: the client, its agency and the scopes of its token."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID


class Scope(StrEnum):
    """A permission in an access token.

    Scopes limit what the row rule shows, and never extend it.
    """

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
    WEBHOOKS_WRITE = "webhooks:write"
    ADMIN = "admin"


SCOPE_MEANINGS: dict[Scope, str] = {
    Scope.AGENCIES_READ: "Read agencies, and your agency's agreements and access grants.",
    Scope.AGENCIES_WRITE: "Change your agency's record, accept agreements and grant access.",
    Scope.SYSTEMS_READ: "Read systems, custom fields, capabilities, suppliers and products.",
    Scope.SYSTEMS_WRITE: (
        "Record and change your agency's systems, custom fields, suppliers and products."
    ),
    Scope.CONTRACTS_READ: "Read contracts.",
    Scope.CONTRACTS_WRITE: "Record and change your agency's contracts.",
    Scope.RISKS_READ: "Read legacy-risk scores and resilience figures.",
    Scope.COSTS_READ: "Read cost lines.",
    Scope.OVERLAPS_READ: "Read overlaps.",
    Scope.OVERLAPS_WRITE: "Find overlaps, and confirm or reject them.",
    Scope.DECISIONS_READ: "Read decisions about overlapping systems.",
    Scope.DECISIONS_PROPOSE: "Draft, propose and withdraw decisions.",
    Scope.DECISIONS_SIGN: "Agree to or refuse a decision for your agency.",
    Scope.PROGRAMMES_READ: "Read programmes and migrations.",
    Scope.PROGRAMMES_WRITE: "Lead programmes, and move migrations through their stages.",
    Scope.SAVINGS_READ: "Read baselines and savings.",
    Scope.SAVINGS_WRITE: "Create and approve baselines, and create and change savings.",
    Scope.SAVINGS_VALIDATE: "Validate savings for finance.",
    Scope.AUDIT_READ: "Read the audit log and the change feed.",
    Scope.IMPORTS_WRITE: "Import files of systems and contracts, and read the reports.",
    Scope.WEBHOOKS_WRITE: "Send the events of the change feed to addresses of your choice.",
    Scope.ADMIN: (
        "Maintain agencies, identity providers, capabilities and custom fields of all agencies, and "
        "merge suppliers and products."
    ),
}
"""The description of each scope in the OpenAPI document and on the command line."""


@dataclass(frozen=True)
class Actor:
    """The client of a request, and its agency. An administrator's client has no agency."""

    client_id: str
    agency_id: UUID | None
    agency: str | None
    scopes: frozenset[str]
    subject: str | None = None
    provider_token: dict[str, Any] | None = field(default=None, repr=False, compare=False)
    """The parts of an identity provider's token that its rights depend on, or None.

    It holds personal data, so no log and no response shows it.
    """
    scopes_fault: str = ""
    """The reason why the token has no scopes, in a sentence, or empty."""

    @property
    def person(self) -> str | None:
        """The person behind the token, or None if the token is the client's own."""
        return Author.of(self).person

    def has(self, scope: Scope) -> bool:
        """Return whether the token has this scope."""
        return scope.value in self.scopes


@dataclass(frozen=True)
class Author:
    """The author of a change in the audit log: the client, the person, the agency, the reason."""

    client_id: str
    agency_id: UUID | None = None
    subject: str | None = None
    reason: str | None = None
    import_id: UUID | None = None
    """The import that makes the change, or None."""

    @classmethod
    def of(
        cls, actor: Actor, *, reason: str | None = None, import_id: UUID | None = None
    ) -> "Author":
        """Make the author of an actor's changes. `reason` and `import_id` go into the audit log."""
        return cls(actor.client_id, actor.agency_id, actor.subject, reason, import_id)

    @property
    def person(self) -> str | None:
        """The person who makes the change, or None. A client's own token names the client."""
        return None if self.subject == self.client_id else self.subject


ANONYMOUS = Actor(client_id="", agency_id=None, agency=None, scopes=frozenset())
"""The actor of a request without a token, which can read only what is public."""

SYSTEM_ACTOR = Actor(
    client_id="catalogue", agency_id=None, agency=None, scopes=frozenset({Scope.ADMIN.value})
)
