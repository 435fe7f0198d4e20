"""Recording and changing attestations."""

from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import invalid
from catalogue.systems.attestations.models import Attestation
from catalogue.systems.models import System
from catalogue.systems.vocabulary import AttestationVerdict


def attest(
    context: Context, system: System, *, verdict: AttestationVerdict, comment: str | None = None
) -> Attestation:
    """Note what the owner says of the record of its system.

    What it does not confirm it gives a reason for (else Unprocessable). The record is marked, and
    stays as it is: to hand a system over or to retire it has rules of its own.
    """
    if verdict is not AttestationVerdict.CONFIRMED and comment is None:
        raise invalid("/comment", "unexplained", "Say why the record is not confirmed.")
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
