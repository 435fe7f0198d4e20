"""The briefing of a decision as rows of a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalogue.core.money import whole_pounds
from catalogue.rationalisation.vocabulary import BriefingRole, MigrationStrategy
from catalogue.web.wording import label, meaning, show_day, show_field, value_label

NOT_SHARED = "Not shared with your agency"


@dataclass(frozen=True)
class PlannedSystem:
    """A system of a decision, in words."""

    system_id: str
    name: str
    agency: str
    """The code of the owner."""
    agency_name: str
    role: BriefingRole
    outcome: str
    """The plan for the system and the way to carry it out."""
    way: str
    """The meaning of the way."""
    successor: str
    """The system that takes over, or an empty text."""
    users: str
    annual_cost: str
    changes: tuple[str, ...]
    """The fields that have changed since the decision was proposed."""


@dataclass(frozen=True)
class SignOffRow:
    """The answer of an agency to a decision, in words."""

    agency_name: str
    signatory: str
    """The person who signed and the role, or an empty text."""
    answer: str
    signed_on: str
    comment: str


def plan_of(briefing: Mapping[str, Any], names: Mapping[str, str]) -> list[PlannedSystem]:
    """Return the systems of a decision: those that stay, those that go, and other successors."""
    titles = {
        system["system_id"]: f"{system['system_name']} of {_name(system['agency'], names)}"
        for system in briefing["systems"]
    }
    order = list(BriefingRole)
    plan = [_planned(system, names, titles) for system in briefing["systems"]]
    return sorted(plan, key=lambda each: (order.index(each.role), each.agency_name, each.name))


def going_systems(briefing: Mapping[str, Any]) -> set[str]:
    """Return the ids of the systems that a decision retires."""
    return {s["system_id"] for s in briefing["systems"] if s["role"] == BriefingRole.GOES}


def sign_off_rows(decision: Mapping[str, Any], names: Mapping[str, str]) -> list[SignOffRow]:
    """Return the sign-offs of a decision, oldest first, then the agencies that have not signed."""
    rows = [
        SignOffRow(
            _name(each["agency"], names),
            ", ".join(filter(None, (each["person"], each["role"]))),
            f"{value_label(each['verdict'])}, for an earlier text"
            if each["voided_at"]
            else value_label(each["verdict"]),
            show_day(each["signed_at"]),
            each["comment"] or "",
        )
        for each in decision["sign_offs"]
    ]
    waits = [SignOffRow(_name(code, names), "", "Not yet", "", "") for code in decision["awaiting"]]
    return rows + waits


def _planned(
    system: Mapping[str, Any], names: Mapping[str, str], titles: Mapping[str, str]
) -> PlannedSystem:
    record, withheld = system["as_proposed"] or {}, system["withheld"]
    strategy = system["strategy"] or ""
    parts = [value_label(system["disposition"] or ""), value_label(strategy).lower()]
    if "successor_id" in withheld:
        successor = NOT_SHARED
    else:
        successor = titles.get(system["successor_id"] or "", "")
    cost = system["annual_cost"]
    users_hidden = not record or "user_count" in record["withheld"]
    return PlannedSystem(
        system_id=system["system_id"],
        name=system["system_name"],
        agency=system["agency"],
        agency_name=_name(system["agency"], names),
        role=BriefingRole(system["role"]),
        outcome=", ".join(filter(None, parts)),
        way=meaning(strategy, MigrationStrategy),
        successor=successor,
        users=show_field("user_count", record.get("user_count"))
        or _missing(is_withheld=users_hidden),
        annual_cost=whole_pounds(Decimal(cost))
        if cost
        else _missing(is_withheld="annual_cost" in withheld),
        changes=tuple(map(_change, system["changed_since"])),
    )


def _change(change: Mapping[str, Any]) -> str:
    name = change["field"]
    before, now = (show_field(name, change[each]) or "not recorded" for each in ("before", "now"))
    return f"{label(name)}: {before}, now {now}"


def _missing(*, is_withheld: bool) -> str:
    return NOT_SHARED if is_withheld else "Not recorded"


def _name(code: str, names: Mapping[str, str]) -> str:
    return names.get(code, code)
