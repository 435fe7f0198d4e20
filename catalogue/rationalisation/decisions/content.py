"""The content of a decision that agencies sign, and its hash."""

from datetime import datetime
from typing import Any

from catalogue.core import clock
from catalogue.core.canonical import content_digest
from catalogue.rationalisation.decisions.deadlines import sign_by
from catalogue.rationalisation.decisions.models import Decision
from catalogue.systems.vocabulary import Disposition

STAYS = frozenset({Disposition.TOLERATE, Disposition.INVEST})
"""The dispositions of systems that stay. Systems with any other disposition retire."""


def content_of(decision: Decision) -> dict[str, Any]:
    """Return the signed fields, with members sorted so that their order does not matter."""
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
    """Return the SHA-256 of the content, the deadline and the moment of the proposal.

    The moment stands for the systems' records. The audit log holds the records of that moment,
    protected by its hash chain, and the briefing shows them. Owners therefore sign the systems as
    recorded at that moment. A sign-off of an earlier proposal never counts for a later one with
    equal wording, because their moments differ.
    """
    if decision.proposed_at is None or decision.sign_by is None:
        raise ValueError("A decision has no content hash before it is proposed.")
    content = content_of(decision) | {
        "proposed_at": decision.proposed_at.isoformat(timespec="microseconds"),
        "sign_by": decision.sign_by.isoformat(),
    }
    return content_digest(content)


def start_sign_off(decision: Decision, at: datetime | None) -> None:
    """Fix the content under a new hash, and start the time to sign."""
    decision.proposed_at = at or clock.now()
    decision.sign_by = sign_by(decision.proposed_at, decision.working_days_to_sign)
    decision.content_hash = content_hash(decision)
