"""The `catalogue` command: everything that is done on the machine itself.

The modules of the commands are imported when a command runs: to list them takes no time.
"""

import logging
import sys
from importlib import import_module
from typing import Any

import click

WITHOUT_DATABASE = {"demo", "match", "openapi", "serve"}
"""Commands that make an application of their own, or need none."""


class Listed(click.Command):
    """A command as `catalogue --help` lists it: its name, its first sentence, and its place."""

    def __init__(self, name: str, place: str, help_: str) -> None:
        super().__init__(name, help=help_)
        self.place = place

    def loaded(self) -> click.Command:
        command = load(self.place)
        assert isinstance(command, click.Command)  # noqa: S101 - narrows the type for mypy
        return command


def load(place: str) -> Any:
    """What a module holds, as `module:name`."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


class Catalogue(click.Group):
    """Says in a sentence what is wrong with the settings or the database."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named, and load it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.loaded() if isinstance(command, Listed) else command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            refusal = load("catalogue.core.commands:refusal_of")(error)
            if refusal is None:
                raise
            raise refusal from None


@click.group(cls=Catalogue, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="it-service-catalogue")
@click.pass_context
def main(context: click.Context) -> None:
    """The shared IT service catalogue. It is configured by environment variables CATALOGUE_..."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    asks_for_help = {"-h", "--help"} & set(sys.argv[1:])
    if context.invoked_subcommand in WITHOUT_DATABASE or asks_for_help:
        return
    context.with_resource(load("catalogue.app:create_app")().app_context())


for listed in (
    Listed(
        "audit", "catalogue.history.commands:audit", "The history of all changes, and its seal."
    ),
    Listed("agencies", "catalogue.agencies.commands:agencies", "Agencies and their codes."),
    Listed("clients", "catalogue.access.commands:clients", "Programs that can use the API."),
    Listed("database", "catalogue.core.commands:database_group", "The database's structure."),
    Listed(
        "demo",
        "catalogue.commands:demo",
        "Load the demonstration, once, and serve it on 127.0.0.1.",
    ),
    Listed(
        "import",
        "catalogue.data_exchange.commands:import_file",
        "Load a spreadsheet of systems (CSV, XLSX or ODS).",
    ),
    Listed(
        "import-ocds",
        "catalogue.data_exchange.ocds.commands:import_ocds",
        "Load OCDS releases as contracts: a package, an array, or a release on each line.",
    ),
    Listed(
        "keys",
        "catalogue.access.commands:key_commands",
        "Keys that sign access tokens.",
    ),
    Listed(
        "match",
        "catalogue.rationalisation.matching.evaluation.commands:match",
        "The matching of systems of different agencies.",
    ),
    Listed(
        "openapi", "catalogue.commands:openapi", "Print the OpenAPI document, as it is committed."
    ),
    Listed(
        "reference", "catalogue.commands:reference", "Reference data that comes with the product."
    ),
    Listed("serve", "catalogue.core.commands:serve", "Serve the API."),
    Listed(
        "worker",
        "catalogue.core.commands:worker",
        "Run jobs until interrupted, for servers with CATALOGUE_JOB_WORKER=external.",
    ),
):
    main.add_command(listed)
