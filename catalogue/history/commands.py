"""`catalogue audit`: whether history is intact, and letting go of names in it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from sqlalchemy.orm import Session

from catalogue.core.application import database, unit_of_work
from catalogue.core.database import Database
from catalogue.history import operations
from catalogue.history.chain_verification import Anchor, Chain


class AnchorType(click.ParamType[Anchor]):
    """A number and a digest, as `catalogue audit verify` prints them."""

    name = "number:digest"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Anchor:
        """Read both; say what is expected if they are not there."""
        if isinstance(value, Anchor):
            return value
        number, _, digest = str(value).partition(":")
        if not number.isdecimal() or len(digest) != 64:
            self.fail(f"{value!r} is not NUMBER:DIGEST.", param, ctx)
        return Anchor(int(number), digest.lower())


@contextmanager
def _snapshot(source: Database) -> Iterator[Session]:
    """The database as it is at one moment, whatever others write meanwhile."""
    if source.dialect == "postgresql":
        connection = source.engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    else:
        connection = source.reading_engine.connect()
        connection.exec_driver_sql("BEGIN")
    with connection, Session(connection, info={"read_only": True}) as session:
        try:
            yield session
        finally:
            session.rollback()


@click.group()
def audit() -> None:
    """The history of all changes, and its seal."""


@audit.command()
@click.option("--expect", type=AnchorType(), help="The number and digest printed on another day.")
def verify(expect: Anchor | None) -> None:
    """Check that nothing in the history was edited, removed or moved, nor any record past it.

    Keep what it prints somewhere else: given to --expect on another day, it shows too whether the
    end of the history was cut off, or all of it was written anew. A record without a
    history was added past it.
    """
    chain = Chain()
    faults = 0
    with _snapshot(database()) as session:
        for sentence in operations.verify(session, chain, anchor=expect):
            click.echo(sentence)
            faults += 1
    counts = f"{chain.changes} changes, {chain.events} events"
    if faults:
        click.echo(f"{counts}: {faults} {'fault' if faults == 1 else 'faults'}.", err=True)
        raise click.exceptions.Exit(1)
    click.echo(f"{counts}: sealed, {chain.number}:{chain.digest}")


@audit.command()
@click.argument("name")
def pseudonymise(name: str) -> None:
    """Replace a person's name as the author of changes by a pseudonym. The seal holds.

    NAME is what tokens call the person. What people wrote into records and reasons stays as it is.
    """
    with unit_of_work(current_app) as context:
        try:
            pseudonym = operations.pseudonymise(context.session, name)
        except operations.UnknownPerson:
            raise click.UsageError(f"Nobody called {name!r} has changed anything.") from None
    click.echo(f"{name} is {pseudonym} from now on.")
