"""What a saving claims, the hash by which that is validated, and who wrote it."""

from hashlib import sha256

from catalogue.core.actor import Actor
from catalogue.core.canonical import content_digest
from catalogue.core.money import amount_text
from catalogue.savings.claims.models import Saving


def content_hash(saving: Saving) -> str:
    """SHA-256 of all that is claimed, the same whatever order it came in."""
    content = {
        "baseline_line_id": str(saving.line.id),
        "title": saving.title,
        "description": saving.description,
        "kind": saving.kind.value,
        "recurring": saving.recurring,
        "cost_to_achieve": amount_text(saving.cost_to_achieve),
        "evidence": saving.evidence,
        "years": {year.financial_year: amount_text(year.amount) for year in saving.years},
        "shares": {str(share.agency_id): f"{share.percent:.2f}" for share in saving.shares},
    }
    return content_digest(content)


def note_claimant(saving: Saving, by: Actor) -> None:
    """Keep in mind who wrote something of what a saving claims."""
    author = _author(by)
    if author not in saving.claimants:
        saving.claimants = [*saving.claimants, author]


def has_claimed(saving: Saving, by: Actor) -> bool:
    """Whether the actor wrote something of what a saving claims.

    It is the same person, by whichever program; or the same program, unless it acts for another
    person each time.
    """
    client, person = _author(by)
    return any(
        (person and person == their_person)
        or (client == their_client and not (person and their_person))
        for their_client, their_person in saving.claimants
    )


def _author(by: Actor) -> list[str]:
    person = by.subject if by.subject != by.client_id else None
    return [_digest(by.client_id), _digest(person) if person else ""]


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:32]
