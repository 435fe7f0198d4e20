"""The command `catalogue export`, which writes a list to a file as an agency sees it."""

from pathlib import Path

import click
from flask import current_app

from catalogue.core.actor import Actor, Scope
from catalogue.core.application import database, ports
from catalogue.core.codes import suggest_names
from catalogue.core.context import Context
from catalogue.core.database import UnitOfWork
from catalogue.core.errors import Problem
from catalogue.core.rest.list_export import write_list
from catalogue.core.rest.list_request import read_list_query
from catalogue.core.rest.query import PAGING
from catalogue.core.rest.resource import Resource
from catalogue.core.tables.formats import TableFormat
from catalogue.data_exchange.commands import fail, find_owner, require_current_database
from catalogue.data_exchange.output_files import table_format_of, written_whole

_SCOPES = frozenset(scope.value for scope in Scope if scope is not Scope.ADMIN)


@click.command("export")
@click.argument("name", metavar="LIST")
@click.option(
    "--agency",
    metavar="CODE",
    required=True,
    help="The code of the agency whose view of the list is written.",
)
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write. An existing file is replaced.",
)
@click.option(
    "--format",
    "table_format",
    type=click.Choice([table_format.value for table_format in TableFormat]),
    help="The format of the file. By default the ending of its name decides.",
)
@click.option(
    "--filter",
    "filters",
    metavar="NAME=VALUE",
    multiple=True,
    help="A query parameter of the list, such as lifecycle=live or q=rota.",
)
@click.option("--fields", help="The fields to write, separated by commas.")
@click.option("--sort", help="The fields to sort by, separated by commas.")
@click.pass_context
def export_list(
    context: click.Context,
    name: str,
    agency: str,
    output: Path,
    table_format: str | None,
    filters: tuple[str, ...],
    fields: str | None,
    sort: str | None,
) -> None:
    """Export a list, such as systems or contracts, as an agency sees it.

    LIST is the path of the list in the API below /v1. The access log records the export as a read
    by the agency. The exit status is 2 if the list or an option is invalid.
    """
    require_current_database()
    resource = _find_list(name)
    chosen = TableFormat(table_format) if table_format else table_format_of(output)
    arguments = _arguments(filters, fields=fields, sort=sort)
    try:
        with UnitOfWork(database(), read_only=True) as work, written_whole(output) as target:
            owner = find_owner(work.session, agency)
            actor = Actor("catalogue", owner.id, owner.code, _SCOPES)
            reading = Context(work, actor, ports())
            query, as_of = read_list_query(reading, resource, arguments)
            write_list(target, reading, resource, query, chosen, as_of=as_of)
            if work.sensitive_reads:
                reading.ports.log_reads(reading)
    except Problem as problem:
        fail(context, problem, as_json=False)
        return
    except OSError as error:
        raise click.UsageError(
            f"{output} cannot be written ({error.strerror}). Choose another file."
        ) from None
    click.echo(f"Exported to {output}.")


def _find_list(name: str) -> Resource:
    lists: dict[str, Resource] = current_app.extensions["openapi"].lists()
    if name not in lists:
        raise click.UsageError(
            f"There is no list with this path.{suggest_names(name, lists)} "
            f"The lists are: {', '.join(sorted(lists))}."
        )
    return lists[name]


def _arguments(filters: tuple[str, ...], **others: str | None) -> dict[str, list[str]]:
    arguments = {name: [text] for name, text in others.items() if text is not None}
    for pair in filters:
        name, equals, text = pair.partition("=")
        if not equals or name in {*PAGING, "format"}:
            raise click.BadParameter(
                f"{pair!r} is not a filter. Write it as NAME=VALUE.", param_hint="--filter"
            )
        arguments.setdefault(name, []).append(text)
    return arguments
