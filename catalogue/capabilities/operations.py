"""Operations that find, record and change capabilities, and load the reference data."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.capabilities.models import Capability, CapabilityTier
from catalogue.core.codes import explain_unknown_code
from catalogue.core.errors import NotFound, invalid
from catalogue.core.reference_data import count_changes, read_rows
from catalogue.core.text import search_text


def find_capability(session: Session, reference: str) -> Capability:
    """Return the capability with this code or id. Raises NotFound if there is none."""
    try:
        condition = Capability.id == UUID(reference)
    except ValueError:
        condition = Capability.code == reference
    capability = session.scalar(sa.select(Capability).where(condition))
    if capability is None:
        raise NotFound(unknown_capability(reference))
    return capability


def unknown_capability(code: str) -> str:
    """Return the message for a code that no capability has."""
    return explain_unknown_code("capability", code, (), listed_by="GET /v1/capabilities")


def create_capability(session: Session, fields: dict[str, Any]) -> Capability:
    """Record a capability. Raises Unprocessable if the parent is unknown."""
    capability = Capability(code=fields["code"])
    session.add(capability)
    change_capability(session, capability, fields)
    return capability


def change_capability(session: Session, capability: Capability, changes: dict[str, Any]) -> None:
    """Change some fields. Raises Unprocessable if the parent is unknown or would form a loop."""
    values = dict(changes)
    with session.no_autoflush:
        if "parent" in values:
            capability.parent = _find_parent(session, capability, values.pop("parent"))
    for name, value in values.items():
        setattr(capability, name, value)
    capability.search_text = search_text(capability.code, capability.name, capability.description)


def _find_parent(session: Session, capability: Capability, code: str | None) -> Capability | None:
    if code is None:
        return None
    parent = session.scalar(sa.select(Capability).where(Capability.code == code))
    if parent is None:
        raise invalid("/parent", "unknown", unknown_capability(code))
    ancestor: Capability | None = parent
    while ancestor is not None:
        if ancestor is capability:
            detail = "A capability cannot be below itself in the tree. Choose another parent."
            raise invalid("/parent", "circular", detail)
        ancestor = ancestor.parent
    return parent


def load_capabilities(session: Session) -> tuple[int, int]:
    """Load the reference data's capabilities. Return how many are new, and how many changed."""
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
