"""The command `catalogue import-ocds`, which imports OCDS releases as an agency's contracts."""

from pathlib import Path

import click
import orjson
from flask import current_app

from catalogue.agencies.operations import find_agency
from catalogue.core.application import database, unit_of_work
from catalogue.core.errors import NotFound, Problem
from catalogue.core.migrations import is_current
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange.commands import (
    DATABASE_NOT_READY,
    REJECTED,
    fail,
    print_report,
    refuse_agency,
)
from catalogue.data_exchange.ocds.files import read_releases
from catalogue.data_exchange.ocds.operations import OcdsImportOptions, import_releases
from catalogue.data_exchange.problems import TableProblem


@click.command("import-ocds")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--agency",
    metavar="CODE",
    required=True,
    help="The code of the agency that owns the contracts.",
)
@click.option(
    "--buyer", metavar="NAME", help="Import only the releases of the buyer with this name."
)
@click.option(
    "--require-supplier",
    is_flag=True,
    help="Reject contracts without a supplier, such as tenders.",
)
@click.option("--dry-run", is_flag=True, help="Report the effect without changing any record.")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in BulkMode]),
    default=BulkMode.ATOMIC.value,
    show_default=True,
    help="Import all contracts or none (atomic), or the valid ones (partial).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.pass_context
def import_ocds(
    context: click.Context,
    file: Path,
    agency: str,
    buyer: str | None,
    require_supplier: bool,
    dry_run: bool,
    mode: str,
    as_json: bool,
) -> None:
    """Import OCDS releases as contracts from a package, an array or one release on each line.

    The exit status is 0 if every row was accepted, and 1 if rows were rejected. It is 2 if the file
    or an option is invalid.
    """
    if not is_current(database().engine):
        raise click.UsageError(DATABASE_NOT_READY)
    options = OcdsImportOptions(
        mode=BulkMode(mode), dry_run=dry_run, buyer=buyer, require_supplier=require_supplier
    )
    try:
        releases = read_releases(file.read_bytes())
        with unit_of_work(current_app) as work:
            try:
                owner = find_agency(work.session, agency)
            except NotFound:
                raise refuse_agency(work.session, agency) from None
            report = import_releases(work, agency=owner, file=releases, options=options)
    except (TableProblem, Problem) as problem:
        fail(context, problem, as_json=as_json)
        return
    if as_json:
        click.echo(orjson.dumps({"file": file.name, "agency": agency, **report.as_json()}))
    else:
        for note in report.mapping.notes:
            click.echo(note)
        print_report(report)
    if report.rejected:
        context.exit(REJECTED)
