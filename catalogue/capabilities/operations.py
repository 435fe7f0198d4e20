"""Finding, recording and changing capabilities, and loading the tree that comes with the product."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.capabilities.models import Capability, CapabilityTier
from catalogue.core.errors import NotFound, invalid
from catalogue.core.reference_data import count_changes, read_rows
from catalogue.core.text import search_text


def find_capability(session: Session, reference: str) -> Capability:
    """The capability with this code or id; NotFound if there is none."""
    try:
        condition = Capability.id == UUID(reference)
    except ValueError:
        condition = Capability.code == reference
    found = session.scalar(sa.select(Capability).where(condition))
    if found is None:
        raise NotFound("There is no such capability.")
    return found


def create_capability(session: Session, fields: dict[str, Any]) -> Capability:
    """Record a capability. Unprocessable if the one above it is unknown."""
    capability = Capability(code=fields["code"])
    session.add(capability)
    change_capability(session, capability, fields)
    return capability


def change_capability(session: Session, capability: Capability, changes: dict[str, Any]) -> None:
    """Change some fields. Unprocessable if the tree would close on itself."""
    plain = dict(changes)
    with session.no_autoflush:
        if "parent" in plain:
            capability.parent = _parent(session, capability, plain.pop("parent"))
    for name, value in plain.items():
        setattr(capability, name, value)
    capability.search_text = search_text(capability.code, capability.name, capability.description)


def _parent(session: Session, capability: Capability, code: str | None) -> Capability | None:
    if code is None:
        return None
    parent = session.scalar(sa.select(Capability).where(Capability.code == code))
    if parent is None:
        raise invalid("/parent", "unknown", f"There is no capability {code!r}.")
    above: Capability | None = parent
    while above is not None:
        if above is capability:
            raise invalid("/parent", "circular", "A capability cannot stand below itself.")
        above = above.parent
    return parent


def load_capabilities(session: Session) -> tuple[int, int]:
    """Load the capabilities that come with the product; how many were new, how many changed."""
    known = {each.code: each for each in session.scalars(sa.select(Capability))}
    before = set(known)
    rows = read_rows("catalogue.capabilities", "capabilities.csv")
    for row in rows:
        capability = known.get(row["code"])
        if capability is None:
            capability = known[row["code"]] = Capability(code=row["code"])
            session.add(capability)
        values = {
            "name": row["name"],
            "tier": CapabilityTier(row["tier"]),
            "description": row["description"] or None,
            "search_text": search_text(row["code"], row["name"], row["description"]),
        }
        for name, value in values.items():
            if getattr(capability, name) != value:
                setattr(capability, name, value)
    for row in rows:
        parent = known[row["parent"]] if row["parent"] else None
        if known[row["code"]].parent is not parent:
            known[row["code"]].parent = parent
    return count_changes(session, Capability, new=len(set(known) - before))
