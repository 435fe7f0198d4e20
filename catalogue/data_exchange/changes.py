"""A digest of the changes of an import, which does not depend on new ids or on times."""

from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.canonical import canonical
from catalogue.history.audit_log import open_change_set_id
from catalogue.history.models import Event
from catalogue.history.registry import DERIVED

PASSING = DERIVED | {"id", "created_at", "completeness", "missing"}
"""Fields that differ between two equal imports, or that follow from other fields."""


def digest_of_changes(session: Session) -> str:
    """Return the digest of all changes of the transaction, in their order.

    Two imports have the same digest if they create the same records, and change the same values of
    the same records from the same old values. The place of a new record counts as its id.
    """
    digest = sha256()
    change_set_id = open_change_set_id(session)
    if change_set_id is None:
        return digest.hexdigest()
    places: dict[str, str] = {}
    statement = (
        sa.select(Event.kind, Event.resource_id, Event.before, Event.state)
        .where(Event.change_set_id == change_set_id)
        .order_by(Event.ordinal)
    )
    for kind, identity, before, state in session.execute(statement):
        if kind.endswith(".created"):
            places[str(identity)] = f"new record {len(places) + 1}"
        content = [kind, str(identity), _lasting(before), _lasting(state)]
        digest.update(canonical(_placed(content, places)))
    return digest.hexdigest()


def _lasting(values: dict[str, Any] | None) -> dict[str, Any] | None:
    return values and {name: value for name, value in values.items() if name not in PASSING}


def _placed(value: Any, places: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_placed(each, places) for each in value]
    if isinstance(value, dict):
        return {name: _placed(each, places) for name, each in value.items()}
    return places.get(value, value) if isinstance(value, str) else value
