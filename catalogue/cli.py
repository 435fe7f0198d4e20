"""The `catalogue` command, for operators on the server of the service.

The modules of the commands are imported only when a command runs, so that listing them is fast.
"""

import logging
import os
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

WITHOUT_DATABASE = {"demo", "match", "openapi", "serve"}
"""Commands that make their own application, or need none."""
COMPARES_DATABASE = {"database", "worker"}
"""Commands that compare the structure of the database with this release themselves."""


class Listed(click.Command):
    """A command as `catalogue --help` lists it: its name, its help, and its `module:name`."""

    def __init__(self, name: str, place: str, help_: str) -> None:
        super().__init__(name, help=help_)
        self.place = place

    def loaded(self) -> click.Command:
        command = load(self.place)
        assert isinstance(command, click.Command)  # noqa: S101 - narrows the type for mypy
        return command


def load(place: str) -> Any:
    """Import a name from a module, given as `module:name`."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


class Catalogue(click.Group):
    """The group of all commands, which reports faults of settings and database in plain words."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command by its name, and load it. Suggests commands for an unknown name."""
        try:
            name, command, rest = super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand:
            explanation = f"There is no command `{args[0]}`. See `catalogue --help`."
            if similar := " or ".join(f"`{each}`" for each in self._similar(args[0])):
                explanation = f"There is no command `{args[0]}`. Did you mean {similar}?"
            raise click.UsageError(explanation, ctx) from None
        return name, command.loaded() if isinstance(command, Listed) else command, rest

    def _similar(self, typed: str) -> list[str]:
        """List the commands whose name resembles what a user typed, else those within groups."""
        if close := get_close_matches(typed, self.commands, n=2):
            return [f"catalogue {name}" for name in close]
        inner: dict[str, list[str]] = {}
        for name, command in self.commands.items():
            loaded = command.loaded() if isinstance(command, Listed) else command
            for word in getattr(loaded, "commands", ()):
                inner.setdefault(word, []).append(f"catalogue {name} {word}")
        return [each for word in get_close_matches(typed, inner, n=1) for each in inner[word]]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and turn a fault that an operator can correct into an error message."""
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
    """Run and maintain the shared IT service catalogue.

    Environment variables CATALOGUE_... hold the settings.
    """
    # Before the settings, of which a wrong one is reported when a command needs it.
    load("catalogue.core.logs.formats:configure")(os.environ.get("CATALOGUE_LOG_FORMAT", "text"))
    asks_for_help = {"-h", "--help"} & set(sys.argv[1:])
    if not asks_for_help:
        # Here, because each process of a server would repeat the warnings.
        for warning in load("catalogue.core.config:unknown_settings")(os.environ):
            logging.getLogger(__name__).warning(warning)
    if context.invoked_subcommand in WITHOUT_DATABASE or asks_for_help:
        return
    context.with_resource(load("catalogue.app:create_app")().app_context())
    if context.invoked_subcommand not in COMPARES_DATABASE:
        load("catalogue.core.commands:require_not_too_new")()


for listed in (
    Listed(
        "agencies", "catalogue.agencies.commands:agencies", "List the agencies and their codes."
    ),
    Listed(
        "audit",
        "catalogue.history.commands:audit",
        "Verify the audit log, or erase a person's name in it.",
    ),
    Listed("clients", "catalogue.access.commands:clients", "Manage the clients of the API."),
    Listed(
        "database",
        "catalogue.core.commands:database_group",
        "Upgrade or check the structure of the database.",
    ),
    Listed(
        "demo",
        "catalogue.commands:demo",
        "Load the demonstration and serve it on 127.0.0.1.",
    ),
    Listed(
        "export",
        "catalogue.data_exchange.exports.commands:export_list",
        "Export a list, such as systems or contracts, as an agency sees it.",
    ),
    Listed(
        "identity-providers",
        "catalogue.access.identity_providers.commands:identity_provider_commands",
        "Manage the identity providers whose tokens the API accepts.",
    ),
    Listed(
        "import",
        "catalogue.data_exchange.commands:import_file",
        "Import a spreadsheet of systems, contracts, costs and other records.",
    ),
    Listed(
        "import-ocds",
        "catalogue.data_exchange.ocds.commands:import_ocds",
        "Import OCDS releases as contracts from a package, an array or one release on each line.",
    ),
    Listed(
        "import-template",
        "catalogue.data_exchange.templates.commands:import_template",
        "Write an XLSX workbook with the headings and choices that an import accepts.",
    ),
    Listed(
        "import-undo",
        "catalogue.data_exchange.reversal.commands:import_undo",
        "Undo the import with this id, completely or not at all.",
    ),
    Listed(
        "keys",
        "catalogue.access.commands:key_commands",
        "Manage the keys that sign access tokens.",
    ),
    Listed(
        "match",
        "catalogue.rationalisation.matching.evaluation.commands:match",
        "Evaluate the matching of systems of different agencies.",
    ),
    Listed(
        "openapi", "catalogue.commands:openapi", "Print the OpenAPI document made from the code."
    ),
    Listed(
        "reference",
        "catalogue.commands:reference",
        "Load the reference data that comes with the product.",
    ),
    Listed("serve", "catalogue.core.commands:serve", "Serve the API."),
    Listed(
        "worker",
        "catalogue.core.commands:worker",
        "Run jobs until interrupted, for servers with CATALOGUE_JOB_WORKER=external.",
    ),
):
    main.add_command(listed)
