"""Operations on the audit log: verify it, and erase a person's name in it."""

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
    """The error for a name that no author in the audit log has."""


def verify(session: Session, chain: Chain, *, anchor: Anchor | None = None) -> Iterator[str]:
    """Yield a sentence for each fault of the hash chain, of its authors, and of the records."""
    yield from faults_of_the_chain(session.connection(), chain, anchor=anchor)
    yield from faults_of_persons(session.connection())
    yield from faults_of_records(session)


def pseudonymise(session: Session, name: str) -> str:
    """Replace a person's name with a pseudonym, and return the pseudonym.

    Raises UnknownPerson if nobody has the name.

    The hash chain covers only the person's id, so it stays intact. A later author with the same
    name counts as another person.
    """
    person = session.scalar(sa.select(Person).where(Person.name == name).with_for_update())
    if person is None:
        raise UnknownPerson(name)
    person.name, person.salt = pseudonym(person.id), None
    person.pseudonymised_at = clock.now()
    return person.name
