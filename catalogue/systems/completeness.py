"""What the record of a system must hold before a merger can be planned on it.

One table says it, for what the record is: of something planned less can be known than of something
live, and of what is gone nothing more is asked. None of its fields is one that only the full
profile shows: what is missing would tell of it. What follows is kept with the record, since to work
it out at each reading takes a quarter of the time of a list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalogue.systems.lifecycle import IN_USE
from catalogue.systems.models import System
from catalogue.systems.vocabulary import Hosting, Lifecycle, PersonalData

IN_SELECTION = frozenset({Lifecycle.PLANNED, Lifecycle.IN_PROCUREMENT})
IN_BUILD = frozenset({Lifecycle.IMPLEMENTING})
WITH_USERS = IN_USE - {Lifecycle.READ_ONLY_ARCHIVE}

MAINTAINED_BY_AGENCY = frozenset(
    {Hosting.ON_PREMISE, Hosting.PRIVATE_CLOUD, Hosting.PUBLIC_CLOUD_IAAS, Hosting.HYBRID}
)
"""Where the agency itself must replace the software when its supplier stops mending it."""

PERSONAL = frozenset(PersonalData) - {PersonalData.NONE}


@dataclass(frozen=True)
class Requirement:
    """A field that must not be empty, and for which records."""

    name: str
    during: frozenset[Lifecycle]
    """The steps of a system's life in which it is asked for."""
    instead: str | None = None
    """Another field that will do as well."""
    where: Mapping[str, frozenset[Any]] = field(default_factory=dict)
    """Other fields, and the values of theirs for which it is asked."""


REQUIREMENTS = (
    Requirement("description", IN_SELECTION | IN_BUILD | IN_USE),
    Requirement("product_name", IN_BUILD | IN_USE, instead="product_id"),
    Requirement("capabilities", IN_SELECTION | IN_BUILD | IN_USE),
    Requirement("live_from", IN_USE),
    Requirement("end_of_support", IN_USE, where={"hosting": MAINTAINED_BY_AGENCY}),
    Requirement("hosting", IN_BUILD | IN_USE),
    Requirement("criticality", IN_BUILD | IN_USE),
    Requirement("user_count", WITH_USERS),
    Requirement("classification", IN_BUILD | IN_USE),
    Requirement("personal_data", IN_BUILD | IN_USE),
    # Before the processing begins (UK GDPR article 35), so while it is being built.
    Requirement("dpia_status", IN_BUILD | IN_USE, where={"personal_data": PERSONAL}),
    Requirement("business_owner", IN_SELECTION | IN_BUILD | IN_USE),
    Requirement("technical_owner", IN_BUILD | IN_USE),
)
"""Every field that is asked for, in the order in which `missing` names them."""


def requirements_for(record: Mapping[str, Any]) -> list[Requirement]:
    """What is asked of a record as the API shows it."""
    return [
        asked
        for asked in REQUIREMENTS
        if record["lifecycle"] in asked.during
        and all(record[name] in values for name, values in asked.where.items())
    ]


def missing_fields(record: Mapping[str, Any]) -> list[str]:
    """The fields that are asked for and empty."""
    return [
        asked.name
        for asked in requirements_for(record)
        if record[asked.name] in (None, [])
        and (asked.instead is None or record[asked.instead] is None)
    ]


def completeness_percentage(record: Mapping[str, Any]) -> int:
    """The share of the fields asked for that are filled, in whole per cent, rounded down."""
    needed = len(requirements_for(record))
    return 100 * (needed - len(missing_fields(record))) // needed if needed else 100


_LOOKED_AT = {
    name for asked in REQUIREMENTS for name in (asked.name, asked.instead, *asked.where) if name
} - {"capabilities"} | {"lifecycle"}


def update_completeness(system: System) -> None:
    """Keep with a system what is missing of it, and how complete that leaves it."""
    record = {name: getattr(system, name) for name in _LOOKED_AT}
    record["capabilities"] = system.capability_links
    missing, completeness = missing_fields(record), completeness_percentage(record)
    if system.missing != missing:
        system.missing = missing
    if system.completeness != completeness:
        system.completeness = completeness
