"""What a decision says, and the hash by which that is signed."""

from datetime import datetime
from typing import Any

from catalogue.core import clock
from catalogue.core.canonical import content_digest
from catalogue.rationalisation.decisions.deadlines import sign_by
from catalogue.rationalisation.decisions.models import Decision
from catalogue.systems.vocabulary import Disposition

STAYS = frozenset({Disposition.TOLERATE, Disposition.INVEST})
"""What is said of a system that stays. All others go."""


def content_of(decision: Decision) -> dict[str, Any]:
    """What is said, the same whatever order it came in."""
    return {
        "overlap_id": str(decision.overlap_id),
        "title": decision.title,
        "rationale": decision.rationale,
        "members": [
            {
                "system_id": str(member.system_id),
                "disposition": member.disposition.value,
                "strategy": member.strategy.value,
                "successor_id": str(member.successor_id) if member.successor_id else None,
            }
            for member in sorted(decision.members, key=lambda each: each.system_id)
        ],
        "working_days_to_sign": decision.working_days_to_sign,
    }


def content_hash(decision: Decision) -> str:
    """SHA-256 of what is proposed.

    That is what the decision says, until when it is to be signed, and the moment at which it was
    put before the owners. The moment stands for the records: history, which is sealed, has them as
    they stood then, and they are what the paper shows. So a signature is for the systems as they
    were known, and nobody's for an earlier wording holds for a later one that says the same again.
    """
    if decision.proposed_at is None or decision.sign_by is None:
        raise ValueError("Nothing is proposed yet.")
    content = content_of(decision) | {
        "proposed_at": decision.proposed_at.isoformat(timespec="microseconds"),
        "sign_by": decision.sign_by.isoformat(),
    }
    return content_digest(content)


def put_before_the_owners(decision: Decision, at: datetime | None) -> None:
    """Fix what it says now, and let the time to sign begin."""
    decision.proposed_at = at or clock.now()
    decision.sign_by = sign_by(decision.proposed_at, decision.working_days_to_sign)
    decision.content_hash = content_hash(decision)
