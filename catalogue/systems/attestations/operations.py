"""The operation that records an owner's attestation of a system."""

from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import invalid
from catalogue.systems.attestations.models import COMMENT_NEEDED, Attestation
from catalogue.systems.models import System
from catalogue.systems.vocabulary import AttestationVerdict


def attest(
    context: Context, system: System, *, verdict: AttestationVerdict, comment: str | None = None
) -> Attestation:
    """Store the owner's verdict on the record of its system.

    Raises Unprocessable if a verdict other than `confirmed` has no comment. The verdict changes no
    other field of the system, because a transfer and a retirement have rules of their own.
    """
    if verdict is not AttestationVerdict.CONFIRMED and comment is None:
        raise invalid("/comment", "unexplained", COMMENT_NEEDED)
    moment = clock.now()
    system.attestation_verdict = verdict
    if verdict is AttestationVerdict.CONFIRMED:
        system.attested_at = moment
    attestation = Attestation(
        agency_id=system.agency_id,
        system_id=system.id,
        verdict=verdict,
        comment=comment,
        client_id=context.actor.client_id,
        created_at=moment,
    )
    context.session.add(attestation)
    return attestation
