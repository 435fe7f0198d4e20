"""The command `catalogue import-undo`, which undoes an import."""

from uuid import UUID

import click
import orjson
import sqlalchemy as sa
from flask import current_app

from catalogue.agencies.models import Agency
from catalogue.core.actor import Actor, Author, Scope
from catalogue.core.application import unit_of_work
from catalogue.core.context import Context
from catalogue.core.errors import Problem
from catalogue.data_exchange.commands import (
    REJECTED,
    checked_reason,
    json_option,
    reason_option,
    require_current_database,
)
from catalogue.data_exchange.models import Import
from catalogue.data_exchange.reversal.operations import undo_import


@click.command("import-undo")
@click.argument("import_id", metavar="ID", type=click.UUID)
@reason_option
@json_option
@click.pass_context
def import_undo(context: click.Context, import_id: UUID, reason: str | None, as_json: bool) -> None:
    """Undo the import with this id, completely or not at all.

    Records that the import created are deleted, and records that it changed get their old values
    back. Suppliers that an import of other records created stay, because all agencies share them.
    The exit status is 0 if the import is undone, 1 if something blocks it, and 2 if there is no such
    import.
    """
    require_current_database()
    try:
        with unit_of_work(current_app) as work:
            statement = sa.select(Import).where(Import.id == import_id).with_for_update()
            requested = work.session.scalar(statement)
            if requested is None:
                raise click.UsageError(
                    f"There is no import with the id {import_id}. Correct the id."
                )
            owner = _acting_for_owner(work, requested)
            owner.write_as(Author.of(work.actor, reason=checked_reason(reason)))
            undo_import(owner, requested)
            undone_at = requested.undone_at
    except Problem as problem:
        _report(problem, as_json=as_json)
        context.exit(REJECTED)
    if as_json:
        moment = undone_at.isoformat() if undone_at else None
        click.echo(orjson.dumps({"import_id": str(import_id), "undone_at": moment}))
    else:
        click.echo("The import is undone.")


def _acting_for_owner(work: Context, requested: Import) -> Context:
    """Return the context of the agency, whose view decides what the errors name."""
    agency = work.session.get_one(Agency, requested.agency_id)
    scopes = frozenset(scope.value for scope in Scope)
    return work.acting_as(Actor(work.actor.client_id, agency.id, agency.code, scopes))


def _report(problem: Problem, *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps({"problem": problem.document()}))
        return
    click.echo(f"Error: {problem.detail or problem.advice}", err=True)
    for error in problem.errors:
        click.echo(f"  {error.detail}", err=True)
