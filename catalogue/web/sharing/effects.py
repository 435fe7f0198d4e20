"""Words for what agreements and grants open, and for who sees more or less after a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.agencies.visibility import Disclosure, FieldProfile
from catalogue.agencies.vocabulary import AgreementStatus
from catalogue.core import clock
from catalogue.core.wording import counted, day, listed
from catalogue.web.pages import Visit
from catalogue.web.wording import show_moment, value_label

PROFILE_FIELDS = {
    FieldProfile.SUMMARY: "name, agency, product, supplier, capabilities and lifecycle. "
    "Of a contract: title, agency, supplier, systems and end",
    FieldProfile.STANDARD: "all fields except legacy risk, recovery times, costs and values of "
    "contracts",
    FieldProfile.FULL: "all fields, with legacy risk, recovery times, costs and values of contracts",
}
"""The fields of systems and contracts that each profile opens."""

OPEN_STATUSES = (
    AgreementStatus.AWAITING_ACCEPTANCE,
    AgreementStatus.WITHDRAWN,
    AgreementStatus.AGREED,
    AgreementStatus.IN_FORCE,
)
"""The states in which an agreement shares records, or still can."""


@dataclass(frozen=True)
class OwnSystems:
    """The numbers of an agency's systems by disclosure."""

    by_disclosure: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_disclosure.values())

    @property
    def hidden(self) -> int:
        """The systems that only a grant opens to others."""
        return self.by_disclosure.get(Disclosure.OWNER_ONLY, 0)

    @property
    def agreed(self) -> int:
        """The systems that agreements open."""
        return self.by_disclosure.get(Disclosure.AGREEMENT, 0)


def count_own_systems(visit: Visit) -> OwnSystems | None:
    """Count the agency's systems, or return None if the person cannot read systems."""
    if visit.agency is None or not visit.can("count_systems"):
        return None
    query = {"by": "disclosure", "agency": visit.agency}
    groups = visit.call("count_systems", query=query).document["items"]
    return OwnSystems({g["values"]["disclosure"]: g["count"] for g in groups})


def period_of(agreement: Mapping[str, Any]) -> str:
    """Return the period of an agreement in words."""
    begins = f"From {day(agreement['start_date'])}"
    return f"{begins} to {day(agreement['end_date'])}" if agreement["end_date"] else begins


def fields_of(profile: str) -> str:
    """Return the fields that a profile opens, in words."""
    return f"{value_label(profile)}: {PROFILE_FIELDS[FieldProfile(profile)]}."


def effects_of_acceptance(
    agreement: Mapping[str, Any], visit: Visit, names: Mapping[str, str], own: OwnSystems | None
) -> list[str]:
    """Return who sees what after the agency accepts an agreement."""
    accepted = {each["agency"] for each in agreement["accepted_by"]}
    waits = [c for c in agreement["parties"] if c != visit.agency and c not in accepted]
    others = listed([names.get(c, c) for c in agreement["parties"] if c != visit.agency])
    if waits:
        begins = f"Nothing is shared until {listed([names.get(c, c) for c in waits])} accept too."
    elif agreement["start_date"] > str(clock.today()):
        begins = f"Sharing begins on {day(agreement['start_date'])}."
    else:
        begins = "Sharing begins at once, because every other party has accepted."
    number = f" Your agency has {_systems(own.agreed)} of this kind." if own else ""
    lead = names.get(agreement["lead_agency"], agreement["lead_agency"])
    ends = (
        f"Sharing ends after {day(agreement['end_date'])}, or earlier if a party withdraws."
        if agreement["end_date"]
        else f"Sharing lasts until a party withdraws, or until {lead} ends it."
    )
    return [
        begins,
        f"Then {others} can see your agency's records that are disclosed under agreements.{number}",
        f"The profile shows them this. {fields_of(agreement['field_profile'])}",
        "Your agency can see the same of theirs.",
        "Records disclosed to their owner only stay invisible.",
        ends,
    ]


def effects_of_end(
    agreement: Mapping[str, Any], visit: Visit, names: Mapping[str, str], own: OwnSystems | None
) -> list[str]:
    """Return who sees less when the sharing under an agreement stops."""
    others = listed([names.get(c, c) for c in agreement["parties"] if c != visit.agency])
    if agreement["status"] != AgreementStatus.IN_FORCE:
        return ["The agreement shares nothing today, so no record becomes invisible."]
    number = f" Your agency has {_systems(own.agreed)} of this kind." if own else ""
    return [
        "Sharing under this agreement stops at once, among all its parties.",
        f"The agreement no longer shows {others} your agency's records disclosed under agreements.{number}",
        "The agreement no longer shows your agency their records.",
        "Other agreements, grants and disclosures stay as they are.",
    ]


def effects_of_change(
    before: Mapping[str, Any], visit: Visit, names: Mapping[str, str], own: OwnSystems | None
) -> list[str]:
    """Return who sees less when the terms of an agreement change."""
    return [
        "The change voids every acceptance and withdrawal.",
        *effects_of_end(before, visit, names, own),
        "Nothing is shared until every party, and that includes your agency, accepts the new terms.",
    ]


def effects_of_grant(
    body: Mapping[str, Any], grantee: str, own: OwnSystems | None, ends: str
) -> list[str]:
    """Return what a grant opens to an agency."""
    types = listed([value_label(each).lower() for each in body["resource_types"]])
    number = []
    if own and "systems" in body["resource_types"]:
        number = [
            (
                f"Your agency has {_systems(own.total)}. "
                f"{own.hidden:,} of them are disclosed to their owner only."
            )
        ]
    return [
        (
            f"{grantee} can see all {types} of your agency at once, "
            "even those disclosed to their owner only."
        ),
        *number,
        f"The profile shows it this. {fields_of(body['field_profile'])}",
        f"Access ends on {ends}, or when your agency revokes the grant.",
    ]


def effects_of_revocation(
    grant: Mapping[str, Any], grantee: str, own: OwnSystems | None
) -> list[str]:
    """Return what an agency no longer sees when a grant is revoked."""
    types = listed([value_label(each).lower() for each in grant["resource_types"]])
    number = []
    if own and own.hidden and "systems" in grant["resource_types"]:
        number = [
            (
                f"{_systems(own.hidden)} disclosed to the owner only can become invisible, "
                "unless another grant opens them."
            )
        ]
    return [
        f"The grant no longer shows {grantee} the {types} of your agency, from the next request on.",
        *number,
        "Agreements, other grants and disclosures stay as they are.",
        f"Without the revocation, the grant ends on {show_moment(grant['expires_at'])}.",
        "Nobody can undo the revocation. You can create another grant.",
    ]


def _systems(number: int) -> str:
    return counted(number, "system", "systems")
