"""Attestations: recording them."""

from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import invalid
from catalogue.systems.attestations.models import COMMENT_NEEDED, Attestation
from catalogue.systems.models import System
from catalogue.systems.vocabulary import AttestationVerdict


def attest(
    context: Context, system: System, *, verdict: AttestationVerdict, comment: str | None = None
) -> Attestation:
    """Record the owner's verdict on the record of its system.

    Raises Unprocessable for a verdict other than `confirmed` without a comment. The verdict marks
    the record and changes nothing else: a transfer or a retirement has its own rules.
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
