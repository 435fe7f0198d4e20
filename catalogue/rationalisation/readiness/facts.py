"""Facts that decide whether a system can retire, as an actor can see them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from catalogue.contracts.visible_contracts import VisibleContract
from catalogue.systems.dependencies import Dependant
from catalogue.systems.vocabulary import DpiaStatus, Hosting, Lifecycle, PersonalData


@dataclass(frozen=True)
class SystemFacts:
    """The fields of the system itself. A field is None if it is withheld or was never recorded."""

    id: UUID
    name: str
    agency: str
    lifecycle: Lifecycle
    standard_visible: bool
    """True if the actor can see the standard profile of the system, not only the summary."""
    hosting: Hosting | None = None
    user_count: int | None = None
    personal_data: PersonalData | None = None
    dpia_status: DpiaStatus | None = None
    retention_hold: bool | None = None


@dataclass(frozen=True)
class Successor:
    """The system that takes over from the retiring system."""

    id: UUID
    name: str
    agency: str
    lifecycle: Lifecycle


@dataclass(frozen=True)
class AgreedOutcome:
    """The outcome that an agreed decision plans for the system."""

    decision_id: UUID
    decided_at: datetime
    retires: bool
    successor: Successor | None
    successor_withheld: bool


@dataclass(frozen=True)
class Use:
    """An agency's use of the system, current or past."""

    id: UUID
    agency: str
    agency_name: str
    user_count: int | None
    until: date | None


@dataclass(frozen=True)
class ReadinessFacts:
    """The facts that decide whether a system can retire.

    A field ending in `_known` is true if the actor would see every record of that kind. The value
    depends on the actor and on what the owner shares, and never on the records themselves.
    """

    system: SystemFacts
    agreed: AgreedOutcome | None
    decisions_known: bool
    dependants: tuple[Dependant, ...]
    dependants_known: bool
    contracts: tuple[VisibleContract, ...]
    contracts_known: bool
    uses: tuple[Use, ...]
    ever_used: bool
    """True if any use of the system is recorded, past or current."""
