"""The content of a claim: its hash, which finance validates, and its authors."""

from hashlib import sha256

from catalogue.core.actor import Actor
from catalogue.core.canonical import content_digest
from catalogue.core.money import amount_text
from catalogue.savings.claims.models import Saving


def content_hash(saving: Saving) -> str:
    """Return the SHA-256 of the claim. The order of years and shares makes no difference."""
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
    """Record the actor as an author of the claim."""
    author = _author(by)
    if author not in saving.claimants:
        saving.claimants = [*saving.claimants, author]


def has_claimed(saving: Saving, by: Actor) -> bool:
    """Return true if the actor is an author of the claim.

    A person who claimed is an author with any client. A client that claimed is an author too,
    unless it acted for one person then and acts for another now.
    """
    client, person = _author(by)
    return any(
        (person and person == author_person)
        or (client == author_client and not (person and author_person))
        for author_client, author_person in saving.claimants
    )


def _author(by: Actor) -> list[str]:
    person = by.subject if by.subject != by.client_id else None
    return [_digest(by.client_id), _digest(person) if person else ""]


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:32]
