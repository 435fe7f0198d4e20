"""Completeness: the fields that a system's record needs before a merger can be planned with it.

`REQUIREMENTS` lists the expected fields by lifecycle. A planned system needs fewer than a live one,
and a retired system needs none. No field of the full profile is expected, because the list of
missing fields would show other agencies that the field is empty. The result is stored with the
record, since calculating it on each read would take a quarter of the time of a list request.
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
"""Hosting where the agency itself must replace software whose support ends."""

PERSONAL = frozenset(PersonalData) - {PersonalData.NONE}


@dataclass(frozen=True)
class Requirement:
    """A field that must be filled, and the records that need it."""

    name: str
    during: frozenset[Lifecycle]
    """The lifecycles in which the field is needed."""
    alternative: str | None = None
    """Another field that can be filled instead."""
    where: Mapping[str, frozenset[Any]] = field(default_factory=dict)
    """Other fields, each with those of its values that make this field necessary."""


REQUIREMENTS = (
    Requirement("description", IN_SELECTION | IN_BUILD | IN_USE),
    Requirement("product_name", IN_BUILD | IN_USE, alternative="product_id"),
    Requirement("capabilities", IN_SELECTION | IN_BUILD | IN_USE),
    Requirement("live_from", IN_USE),
    Requirement("end_of_support", IN_USE, where={"hosting": MAINTAINED_BY_AGENCY}),
    Requirement("hosting", IN_BUILD | IN_USE),
    Requirement("criticality", IN_BUILD | IN_USE),
    Requirement("user_count", WITH_USERS),
    Requirement("classification", IN_BUILD | IN_USE),
    Requirement("personal_data", IN_BUILD | IN_USE),
    # UK GDPR article 35 requires an assessment before the processing begins.
    Requirement("dpia_status", IN_BUILD | IN_USE, where={"personal_data": PERSONAL}),
    Requirement("business_owner", IN_SELECTION | IN_BUILD | IN_USE),
    Requirement("technical_owner", IN_BUILD | IN_USE),
)
"""Every field that can be needed, in the order in which `missing` lists them."""

_BY_LIFECYCLE = {
    lifecycle: [each for each in REQUIREMENTS if lifecycle in each.during]
    for lifecycle in Lifecycle
}


def requirements_for(record: Mapping[str, Any]) -> list[Requirement]:
    """Return the requirements that apply to a record, given with its field names in the API."""
    return [
        requirement
        for requirement in _BY_LIFECYCLE[record["lifecycle"]]
        if not requirement.where
        or all(record[name] in values for name, values in requirement.where.items())
    ]


def measure_completeness(record: Mapping[str, Any]) -> tuple[list[str], int]:
    """Return the expected fields that are empty, and the percentage of those that are filled.

    A field counts as filled if its alternative is. The percentage is rounded down, and is 100 for a
    record without expected fields.
    """
    needed = requirements_for(record)
    missing = [
        requirement.name
        for requirement in needed
        if record[requirement.name] in (None, [])
        and (requirement.alternative is None or record[requirement.alternative] is None)
    ]
    share = 100 * (len(needed) - len(missing)) // len(needed) if needed else 100
    return missing, share


_FIELDS = {
    name
    for requirement in REQUIREMENTS
    for name in (requirement.name, requirement.alternative, *requirement.where)
    if name
} - {"capabilities"} | {"lifecycle"}


def update_completeness(system: System) -> None:
    """Update the list of missing fields and the completeness that the system's record holds."""
    record = {name: getattr(system, name) for name in _FIELDS}
    record["capabilities"] = system.capability_links
    missing, completeness = measure_completeness(record)
    if system.missing != missing:
        system.missing = missing
    if system.completeness != completeness:
        system.completeness = completeness
