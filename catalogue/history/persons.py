"""Persons by name: found or added, so that records and the audit log refer to them by id alone."""

import secrets
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from catalogue.history.hash_chain import person_id
from catalogue.history.models import LONGEST_NAME, Person

_persons: Any = Person.__table__


def find_or_add_person(connection: sa.Connection, name: str) -> UUID:
    """Return the id of the person with this name.

    A record that keeps the id shows the pseudonym once the person's name was erased.
    """
    name = name[:LONGEST_NAME]
    statement = sa.select(_persons.c.id).where(_persons.c.name == name)
    identity: UUID | None = connection.scalar(statement)
    if identity is not None:
        return identity
    salt = secrets.token_hex(16)
    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # If another transaction is adding the same person, this waits until it ends.
    connection.execute(
        insert(_persons)
        .values(id=person_id(name, salt), name=name, salt=salt)
        .on_conflict_do_nothing()
    )
    added: UUID = connection.execute(statement).scalar_one()
    return added


def name_of_person(person_id: Any) -> sa.ScalarSelect[str]:
    """Return the subquery for the name of the person with an id."""
    return sa.select(Person.name).where(Person.id == person_id).scalar_subquery()
