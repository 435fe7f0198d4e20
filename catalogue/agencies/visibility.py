"""The row rule for records that an agency owns: which of them another agency may see."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.core.rest.resource import ACTOR_AGENCY


class Disclosure(StrEnum):
    """With whom an agency shares a record."""

    OWNER_ONLY = "owner_only"
    AGREEMENT = "agreement"
    ALL_AGENCIES = "all_agencies"


def own(model: Any) -> ColumnElement[bool]:
    """The actor's own agency's records."""
    return model.agency_id == ACTOR_AGENCY  # type: ignore[no-any-return]


def own_or_disclosed(model: Any) -> ColumnElement[bool]:
    """The actor's own agency's records, and those that their owners disclosed to all agencies."""
    return sa.or_(own(model), model.disclosure == Disclosure.ALL_AGENCIES)
