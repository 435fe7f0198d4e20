"""The command `catalogue audit`: verify the audit log, or erase a person's name in it."""

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
        """Return the anchor. Fails if the value is not a number and a digest of 64 characters."""
        if isinstance(value, Anchor):
            return value
        number, _, digest = str(value).partition(":")
        if not number.isdecimal() or len(digest) != 64:
            self.fail(
                f"{value!r} is not NUMBER:DIGEST. Copy what `catalogue audit verify` printed.",
                param,
                ctx,
            )
        return Anchor(int(number), digest.lower())


@contextmanager
def _snapshot(source: Database) -> Iterator[Session]:
    """Open the database as it is at one moment, regardless of later writes."""
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
    """Verify the audit log, or erase a person's name in it."""


@audit.command()
@click.option("--expect", type=AnchorType(), help="The number and digest printed on another day.")
def verify(expect: Anchor | None) -> None:
    """Check that nobody has edited, removed or moved a part of the audit log.

    The command also finds records that were changed without the audit log. Keep the number and
    digest that it prints in another place. With --expect, a later run then also shows whether the
    end of the log was removed, or the whole log was replaced.
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
    click.echo(f"{counts}: intact, {chain.number}:{chain.digest}")


@audit.command()
@click.argument("name")
def pseudonymise(name: str) -> None:
    """Replace a person's name as the author of changes with a pseudonym.

    NAME is the person's name in access tokens. The hash chain stays intact. Names in records and in
    reasons for changes stay as they are.
    """
    with unit_of_work(current_app) as context:
        try:
            pseudonym = operations.pseudonymise(context.session, name)
        except operations.UnknownPerson:
            raise click.UsageError(
                f"The audit log has no author with the name {name!r}. "
                "Give the name as it is in access tokens."
            ) from None
    click.echo(f"The audit log now has {pseudonym} in place of {name}.")
