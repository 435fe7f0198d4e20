"""Codes of agencies: the message for a code that no agency has."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.codes import explain_unknown_code, quote

LISTED_BY_COMMAND = "catalogue agencies list"


def unknown_agency(session: Session, code: str, *, listed_by: str = "GET /v1/agencies") -> str:
    """Return the message for an unknown code, with up to three suggestions.

    The list of agencies is public, so suggestions reveal nothing.
    """
    with session.no_autoflush:
        codes = session.scalars(sa.select(Agency.code)).all()
    if not codes:
        return (
            f"There is no agency with the code {quote(code)}. "
            "Run `catalogue reference load` to load the agencies."
        )
    return explain_unknown_code("agency", code, codes, listed_by=listed_by)
