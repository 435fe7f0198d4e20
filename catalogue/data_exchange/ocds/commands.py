"""The command `catalogue import-ocds`, which imports OCDS releases as an agency's contracts."""

from pathlib import Path

import click
from flask import current_app

from catalogue.core.application import unit_of_work
from catalogue.core.errors import Problem
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange.commands import (
    agency_option,
    checked_reason,
    dry_run_option,
    fail,
    file_argument,
    find_owner,
    finish,
    json_option,
    mode_option,
    reason_option,
    require_current_database,
)
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.ocds.files import read_releases
from catalogue.data_exchange.ocds.operations import OcdsImportOptions, import_releases
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.queue import begin_import, keep_import


@click.command("import-ocds")
@file_argument
@agency_option("contracts")
@click.option(
    "--buyer", metavar="NAME", help="Import only the releases of the buyer with this name."
)
@click.option(
    "--require-supplier",
    is_flag=True,
    help="Reject contracts without a supplier, such as tenders.",
)
@dry_run_option
@mode_option("Import all contracts or none (atomic), or the valid ones (partial).")
@reason_option
@json_option
@click.pass_context
def import_ocds(
    context: click.Context,
    file: Path,
    agency: str,
    buyer: str | None,
    require_supplier: bool,
    dry_run: bool,
    mode: str,
    reason: str | None,
    as_json: bool,
) -> None:
    """Import OCDS releases as contracts from a package, an array or one release on each line.

    The exit status is 0 if everything was imported, and 3 if there are notices to check. It is 1 if
    contracts were rejected, and 2 if the file or an option is invalid.
    """
    require_current_database()
    options = OcdsImportOptions(
        mode=BulkMode(mode), dry_run=dry_run, buyer=buyer, require_supplier=require_supplier
    )
    try:
        releases = read_releases(file.read_bytes())
        with unit_of_work(current_app) as work:
            owner = find_owner(work.session, agency)
            import_id = begin_import(work, reason=checked_reason(reason))
            report = import_releases(work, agency=owner, file=releases, options=options)
            keep_import(
                work,
                import_id,
                report,
                agency=owner,
                filename=file.name,
                options=options,
                kind=ImportKind.CONTRACTS,
            )
    except (TableProblem, Problem) as problem:
        fail(context, problem, as_json=as_json)
        return
    if not as_json:
        for note in report.mapping.notes:
            click.echo(note)
    finish(context, report, file=file, agency=agency, import_id=import_id, as_json=as_json)
