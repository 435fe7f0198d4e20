"""`catalogue import-ocds`: load OCDS releases as an agency's contracts from the command line."""

from pathlib import Path

import click
import orjson
from flask import current_app

from catalogue.agencies.operations import find_agency
from catalogue.core.application import database, unit_of_work
from catalogue.core.errors import NotFound, Problem
from catalogue.core.migrations import is_current
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange.commands import REJECTED, fail, print_report
from catalogue.data_exchange.ocds.files import read_releases
from catalogue.data_exchange.ocds.operations import OcdsImportOptions, import_releases
from catalogue.data_exchange.problems import TableProblem


@click.command("import-ocds")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--agency", metavar="CODE", required=True, help="The agency that has the contracts.")
@click.option("--buyer", metavar="NAME", help="Only releases of the buyer of this name.")
@click.option(
    "--require-supplier", is_flag=True, help="Refuse what names no supplier, such as tenders."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in BulkMode]),
    default=BulkMode.ATOMIC.value,
    show_default=True,
    help="All rows or none, or each row for itself.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
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
    """Load OCDS releases as contracts: a package, an array, or a release on each line.

    The exit status is 0 if every row was accepted, 1 if rows were rejected, and 2 if the file
    or the options could not be used.
    """
    if not is_current(database().engine):
        raise click.UsageError("The database is not ready: run `catalogue database upgrade`.")
    options = OcdsImportOptions(
        mode=BulkMode(mode), dry_run=dry_run, buyer=buyer, require_supplier=require_supplier
    )
    try:
        releases = read_releases(file.read_bytes())
        with unit_of_work(current_app) as work:
            try:
                found = find_agency(work.session, agency)
            except NotFound:
                raise click.UsageError(f"There is no agency {agency!r}.") from None
            report = import_releases(work, agency=found, file=releases, options=options)
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
