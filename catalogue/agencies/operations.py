"""Agencies: finding, recording and changing them, and loading the national list."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from catalogue.agencies.codes import unknown_agency
from catalogue.agencies.models import Agency
from catalogue.agencies.vocabulary import AgencyKind
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import END_BEFORE_START, Forbidden, NotFound, invalid
from catalogue.core.reference_data import count_changes, read_rows
from catalogue.core.text import search_text

OWN_PREDECESSOR = (
    "An agency cannot take over from itself, directly or through others. Remove this predecessor."
)
OWN_FIELDS = frozenset({"name", "identifiers"})
"""Fields that an agency can change in its own record. Administrators change the others."""


def find_agency(session: Session, reference: str) -> Agency:
    """Return the agency with this code or id. Raises NotFound if there is none."""
    try:
        condition = Agency.id == UUID(reference)
    except ValueError:
        condition = Agency.code == reference
    agency = session.scalar(sa.select(Agency).where(condition))
    if agency is None:
        raise NotFound(unknown_agency(session, reference))
    return agency


def create_agency(session: Session, fields: dict[str, Any]) -> Agency:
    """Record an agency. Raises Unprocessable for an unknown governor or predecessor."""
    agency = Agency(code=fields["code"], identifiers=[])
    session.add(agency)
    change_agency(session, agency, fields)
    return agency


def change_own_agency(context: Context, agency: Agency, changes: dict[str, Any]) -> None:
    """Change an agency's record for its own client or an administrator.

    Raises Forbidden for fields that concern other agencies too. Only an administrator changes
    those.
    """
    administered = sorted(set(changes) - OWN_FIELDS)
    if administered and not context.actor.has(Scope.ADMIN):
        fields = ", ".join(f"`{name}`" for name in administered)
        raise Forbidden(
            f"Only an administrator can change {fields}. Ask the operator of the service."
        )
    change_agency(context.session, agency, changes)


def change_agency(session: Session, agency: Agency, changes: dict[str, Any]) -> None:
    """Change some fields of an agency. Raises Unprocessable for invalid values."""
    values = dict(changes)
    with session.no_autoflush:
        if "governed_by" in values:
            code = values.pop("governed_by")
            governor = None if code is None else _by_code(session, code, "/governed_by")
            if _leads_to(agency, [governor], lambda each: [each.governed_by]):
                raise invalid(
                    "/governed_by",
                    "circular",
                    "An agency cannot govern itself, directly or through others. Name another agency.",
                )
            agency.governed_by = governor
        if "predecessors" in values:
            before = [
                _by_code(session, code, f"/predecessors/{i}")
                for i, code in enumerate(values.pop("predecessors"))
            ]
            if _leads_to(agency, before, lambda each: each.predecessors):
                raise invalid("/predecessors", "circular", OWN_PREDECESSOR)
            for other in set(before) ^ set(agency.predecessors):
                agency.touch()
                other.touch()
            agency.predecessors = before
    for name, value in values.items():
        setattr(agency, name, value)
    if agency.valid_from and agency.valid_to and agency.valid_to < agency.valid_from:
        raise invalid("/valid_to", "out_of_order", END_BEFORE_START)
    ids = [each["id"] for each in agency.identifiers]
    agency.search_text = search_text(agency.name, agency.code, ids)


def _leads_to(
    agency: Agency,
    first: Iterable[Agency | None],
    step: Callable[[Agency], Iterable[Agency | None]],
) -> bool:
    """Return whether `agency` is in `first`, or can be reached from there by repeated steps.

    `step` returns the agencies that follow from an agency, such as its predecessors.
    """
    seen: set[Agency] = set()
    waiting = list(first)
    while waiting:
        reached = waiting.pop()
        if reached is agency:
            return True
        if reached is not None and reached not in seen:
            seen.add(reached)
            waiting += step(reached)
    return False


def _by_code(session: Session, code: str, pointer: str) -> Agency:
    agency = session.scalar(sa.select(Agency).where(Agency.code == code))
    if agency is None:
        raise invalid(pointer, "unknown", unknown_agency(session, code))
    return agency


def load_agencies(session: Session) -> tuple[int, int]:
    """Load the agencies of the reference data. Return how many are new and how many changed.

    Loading again changes only what differs. Agencies that were recorded by hand stay.
    """
    files = ("governors.csv", "agencies.csv")
    return load_rows(
        session, [row for name in files for row in read_rows("catalogue.agencies", name)]
    )


def load_rows(session: Session, rows: list[dict[str, str]]) -> tuple[int, int]:
    """Load agencies from rows in the form of the reference files, as `load_agencies` does."""
    related = selectinload(Agency.predecessors), selectinload(Agency.successors)
    known = {each.code: each for each in session.scalars(sa.select(Agency).options(*related))}
    before = set(known)
    for row in rows:
        agency = known.get(row["code"])
        if agency is None:
            agency = known[row["code"]] = Agency(code=row["code"])
            session.add(agency)
        identifiers = [
            {"scheme": scheme, "id": identity}
            for scheme, _, identity in (
                each.partition(":") for each in _split_list(row["identifiers"])
            )
        ]
        values = {
            "name": row["name"],
            "kind": AgencyKind(row["kind"]),
            "nation": row["nation"] or None,
            "identifiers": identifiers,
            "valid_from": _parse_date(row["valid_from"]),
            "valid_to": _parse_date(row["valid_to"]),
            "search_text": search_text(row["name"], row["code"], [i["id"] for i in identifiers]),
        }
        for name, value in values.items():
            if getattr(agency, name) != value:
                setattr(agency, name, value)
    for row in rows:
        agency = known[row["code"]]
        governor = known[row["governed_by"]] if row["governed_by"] else None
        if agency.governed_by is not governor:
            agency.governed_by = governor
        for code in _split_list(row["predecessors"]):
            _link_succession(known[code], agency)
        for code in _split_list(row["successors"]):
            _link_succession(agency, known[code])
    return count_changes(session, Agency, new=len(set(known) - before))


def _link_succession(before: Agency, after: Agency) -> None:
    if after not in before.successors:
        before.successors.append(after)
        before.touch()
        after.touch()


def _split_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _parse_date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
