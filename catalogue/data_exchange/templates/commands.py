"""The command `catalogue import-template`, which writes a workbook to fill in."""

from pathlib import Path

import click

from catalogue.core.application import database
from catalogue.core.database import open_session
from catalogue.data_exchange.commands import find_owner, require_current_database
from catalogue.data_exchange.custom_fields import with_custom_fields
from catalogue.data_exchange.kinds.registry import KINDS
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.output_files import written_whole
from catalogue.data_exchange.templates.workbook import write_template


@click.command("import-template")
@click.argument("kind", type=click.Choice([kind.value for kind in ImportKind]))
@click.option(
    "--agency", metavar="CODE", help="The agency whose custom fields also get a column each."
)
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The XLSX file to write. An existing file is replaced.",
)
def import_template(kind: str, agency: str | None, output: Path) -> None:
    """Write an XLSX workbook with the headings and choices that an import accepts.

    Fill in the first sheet, and import the file. An import leaves out the other sheets.
    """
    require_current_database()
    try:
        with (
            open_session(database(), read_only=True) as session,
            written_whole(output) as target,
        ):
            owner = find_owner(session, agency).id if agency else None
            fields = with_custom_fields(session, KINDS[ImportKind(kind)], owner)
            write_template(target, fields, session)
    except OSError as error:
        raise click.UsageError(
            f"{output} cannot be written ({error.strerror}). Choose another file."
        ) from None
    click.echo(f"Wrote the template to {output}.")
