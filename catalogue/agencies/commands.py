"""`catalogue agencies`: the agencies and their codes."""

import click
import orjson
import sqlalchemy as sa
from flask import current_app

from catalogue.agencies.models import Agency
from catalogue.agencies.vocabulary import AgencyKind
from catalogue.core.application import unit_of_work
from catalogue.core.text import fold_for_search

NO_AGENCIES = "The catalogue has no agencies yet. Run `catalogue reference load` first."
NO_MATCH = "No agency matches. Leave out --kind and --search to list all agencies."


@click.group()
def agencies() -> None:
    """List the agencies and their codes."""


@agencies.command("list")
@click.option(
    "--kind", type=click.Choice([kind.value for kind in AgencyKind]), help="Only one kind."
)
@click.option("--search", metavar="TEXT", help="Only agencies with this text in code or name.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_agencies(kind: str | None, search: str | None, as_json: bool) -> None:
    """List agencies, sorted by code."""
    statement = sa.select(Agency).order_by(Agency.code)
    if kind:
        statement = statement.where(Agency.kind == AgencyKind(kind))
    if search:
        statement = statement.where(
            Agency.search_text.contains(fold_for_search(search), autoescape=True)
        )
    with unit_of_work(current_app) as context:
        documents = [_describe(agency) for agency in context.session.scalars(statement)]
        is_empty = not documents and context.session.scalar(sa.select(Agency.id).limit(1)) is None
    if as_json:
        click.echo(orjson.dumps(documents).decode())
        return
    if not documents:
        click.echo(NO_AGENCIES if is_empty else NO_MATCH, err=True)
    for document in documents:
        ended = f" (ended on {document['valid_to']})" if document["valid_to"] else ""
        click.echo(f"{document['code']:<40}  {document['kind']:<14}  {document['name']}{ended}")


def _describe(agency: Agency) -> dict[str, str | None]:
    return {
        "code": agency.code,
        "name": agency.name,
        "kind": agency.kind.value,
        "valid_to": agency.valid_to.isoformat() if agency.valid_to else None,
    }
