"""Audit: whether history and the records are as they were left; letting go of a name."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.history.chain_verification import (
    Anchor,
    Chain,
    faults_of_persons,
    faults_of_the_chain,
)
from catalogue.history.hash_chain import pseudonym
from catalogue.history.models import Person
from catalogue.history.record_verification import faults_of_records


class UnknownPerson(LookupError):
    """Nobody of that name has changed anything."""


def verify(session: Session, chain: Chain, *, anchor: Anchor | None = None) -> Iterator[str]:
    """A sentence for each fault: of the chain and its authors, then of the records against it."""
    yield from faults_of_the_chain(session.connection(), chain, anchor=anchor)
    yield from faults_of_persons(session.connection())
    yield from faults_of_records(session)


def pseudonymise(session: Session, name: str) -> str:
    """Let go of a person's name; the pseudonym that takes its place. UnknownPerson if not there.

    The seal covers the person's id alone, so it holds. Whoever comes by that name later is another
    person to history.
    """
    person = session.scalar(sa.select(Person).where(Person.name == name).with_for_update())
    if person is None:
        raise UnknownPerson(name)
    person.name, person.salt = pseudonym(person.id), None
    person.pseudonymised_at = clock.now()
    return person.name
