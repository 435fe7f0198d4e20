"""What is known of a system that is to go, as far as somebody may see it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from catalogue.contracts.visible_contracts import VisibleContract
from catalogue.systems.dependencies import Dependant
from catalogue.systems.vocabulary import DpiaStatus, Hosting, Lifecycle, PersonalData


@dataclass(frozen=True)
class SystemFacts:
    """A system. What is not shown, and what nobody recorded, is None."""

    id: UUID
    name: str
    agency: str
    lifecycle: Lifecycle
    shown: bool
    """Whether the standard profile of it is shown."""
    hosting: Hosting | None = None
    user_count: int | None = None
    personal_data: PersonalData | None = None
    dpia_status: DpiaStatus | None = None
    retention_hold: bool | None = None


@dataclass(frozen=True)
class Successor:
    """The system that takes over."""

    id: UUID
    name: str
    agency: str
    lifecycle: Lifecycle


@dataclass(frozen=True)
class Agreed:
    """What was agreed of the system."""

    decision_id: UUID
    decided_at: datetime
    goes: bool
    successor: Successor | None
    successor_withheld: bool


@dataclass(frozen=True)
class Use:
    """That an agency uses the system: one that has not ended."""

    id: UUID
    agency: str
    agency_name: str
    user_count: int | None
    until: date | None


@dataclass(frozen=True)
class Facts:
    """All that bears on whether a system can go.

    `*_known`: whether all there is of that kind would be among them, by who asks and what the
    owner shares with it; never by what there is.
    """

    system: SystemFacts
    agreed: Agreed | None
    decisions_known: bool
    dependants: tuple[Dependant, ...]
    dependants_known: bool
    contracts: tuple[VisibleContract, ...]
    contracts_known: bool
    uses: tuple[Use, ...]
    ever_used: bool
    """Whether any use of it is recorded, be it past."""
