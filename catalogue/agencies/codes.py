"""Codes of agencies, and the suggestions for a code that no agency has."""

from collections.abc import Sequence
from difflib import get_close_matches

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency

MOST_SUGGESTIONS = 3
SIMILARITY = 0.8
"""The least similarity of a suggestion, from 0 to 1, as difflib measures it."""


def unknown_agency(session: Session, code: str) -> str:
    """Return the message for an unknown code, with up to three suggestions.

    The list of agencies is public, so suggestions reveal nothing.
    """
    with session.no_autoflush:
        codes = session.scalars(sa.select(Agency.code).order_by(Agency.code)).all()
    if not codes:
        return f"There is no agency {code!r}. Run `catalogue reference load` to load the agencies."
    suggestions = similar_codes(code, codes)
    hint = f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""
    return f"There is no agency {code!r}.{hint}"


def similar_codes(code: str, codes: Sequence[str]) -> list[str]:
    """Return the codes that begin with this one, else those that resemble it most."""
    wanted = "-".join(code.lower().split())
    longer = [each for each in codes if wanted and each.startswith(wanted)]
    return longer[:MOST_SUGGESTIONS] or get_close_matches(
        wanted, codes, n=MOST_SUGGESTIONS, cutoff=SIMILARITY
    )
