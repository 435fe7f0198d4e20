"""The `catalogue` command: everything that is done on the machine itself."""

import logging
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from alembic.util import CommandError
from environs import EnvError
from flask import current_app

from catalogue.access.commands import clients, key_commands
from catalogue.agencies.operations import load_agencies
from catalogue.app import NOT_CURRENT, create_app
from catalogue.capabilities.operations import load_capabilities
from catalogue.core.config import Settings
from catalogue.core.database import Database, UnusableDatabase, database, unit_of_work
from catalogue.core.jobs.worker import work
from catalogue.core.migrations import is_current, upgrade
from catalogue.core.server import run as run_server
from catalogue.demonstration.greeting import greeting
from catalogue.demonstration.operations import is_loaded, load_demonstration
from catalogue.exchange.commands import import_file
from catalogue.exchange.ocds.commands import import_ocds
from catalogue.history.commands import audit
from catalogue.rationalisation.commands import match
from catalogue.suppliers.operations import load_products, load_suppliers

WITHOUT_DATABASE = {"demo", "match", "openapi", "serve"}
"""Commands that make an application of their own, or need none."""


class Catalogue(click.Group):
    """Says in a sentence what is wrong with the settings or the database."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (EnvError, UnusableDatabase) as error:
            raise click.UsageError(str(error)) from None
        except CommandError as error:
            raise click.ClickException(f"The database's structure: {error}.") from None
        except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
            said = " ".join(str(error.orig).split())
            raise click.ClickException(
                f"The database does not do what is asked of it ({said}). Is CATALOGUE_DATABASE_URL "
                "right, and has `catalogue database upgrade` been run?"
            ) from None


@click.group(cls=Catalogue, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="it-service-catalogue")
@click.pass_context
def main(context: click.Context) -> None:
    """The shared IT service catalogue. It is configured by environment variables CATALOGUE_..."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    asks_for_help = {"-h", "--help"} & set(sys.argv[1:])
    if context.invoked_subcommand in WITHOUT_DATABASE or asks_for_help:
        return
    context.with_resource(create_app().app_context())


def require_current(engine: sa.Engine) -> None:
    """Refuse a database that lacks migrations, or has more than this release knows."""
    if not is_current(engine):
        raise click.ClickException(NOT_CURRENT)


@main.group()
def database_group() -> None:
    """The database's structure."""


@database_group.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the state that this release needs."""
    upgrade(database().engine)
    click.echo("The database is at the state that this release needs.")


@database_group.command("check")
def check_database() -> None:
    """Say whether the database is at the state that this release needs."""
    require_current(database().engine)
    click.echo("The database is at the state that this release needs.")


@main.group()
def reference() -> None:
    """Reference data that comes with the product."""


@reference.command("load")
def load_reference() -> None:
    """Load agencies, capabilities, suppliers and products; again, to bring them up to date."""
    loaders = {
        "agencies": load_agencies,
        "capabilities": load_capabilities,
        "suppliers": load_suppliers,
        "products": load_products,
    }
    with unit_of_work(current_app) as session:
        for name, load in loaders.items():
            new, changed = load(session)
            click.echo(f"{name}: {new} new, {changed} changed")


@main.command()
def worker() -> None:
    """Run jobs until interrupted, for servers with CATALOGUE_JOB_WORKER=external."""
    click.echo("Running jobs; Ctrl-C ends.", err=True)
    stop = threading.Event()
    try:
        work(current_app._get_current_object(), stop)  # type: ignore[attr-defined]
    except KeyboardInterrupt:
        stop.set()


@main.command()
def openapi() -> None:
    """Print the OpenAPI document, as it is committed."""
    app = create_app(Settings(database_url="sqlite://"))
    click.echo(app.extensions["openapi_document"])


_WORKERS = click.option(
    "--workers", default=os.cpu_count() or 1, show_default="one a core", type=click.IntRange(1, 64)
)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@_WORKERS
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64))
@click.option("--access-log/--no-access-log", default=False, help="Log each request.")
def serve(host: str, port: int, workers: int, threads: int, access_log: bool) -> None:
    """Serve the API."""
    # Once here, so that it is said once: a server starts a failing worker again and again.
    engine = Database(Settings.from_environment()).engine
    try:
        require_current(engine)
    finally:
        engine.dispose()
    run_server(host=host, port=port, workers=workers, threads=threads, access_log=access_log)


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--database",
    "path",
    default="var/demo.db",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The SQLite file that keeps the demonstration.",
)
@click.option("--reset", is_flag=True, help="Throw away what is there, and load it anew.")
@click.option("--serve/--no-serve", "serving", default=True, help="Whether to serve it, too.")
def demo(port: int, path: Path, reset: bool, serving: bool) -> None:
    """Load the demonstration, once, and serve it on 127.0.0.1."""
    if serving:
        _require_free(port)
    if reset:
        # Only now: a demonstration that still runs on the port keeps its data.
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    os.environ["CATALOGUE_DATABASE_URL"] = f"sqlite:///{path.resolve()}"
    os.environ["CATALOGUE_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    app = create_app()
    upgrade(app.extensions["database"].engine)
    with app.app_context(), unit_of_work(app) as session:
        if not is_loaded(session):
            click.echo("Loading the demonstration ...")
            load_demonstration(session)
        public_url = app.config["SETTINGS"].public_url
        click.echo(greeting(session, public_url, path.resolve().parent / "demo-access"))
    if serving:
        run_server(host="127.0.0.1", port=port, workers=1, threads=4)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} cannot be used ({error.strerror}); choose another: PORT=8001."
            ) from None


main.add_command(database_group, "database")
main.add_command(import_file)
main.add_command(import_ocds)
main.add_command(audit)
main.add_command(clients)
main.add_command(key_commands)
main.add_command(match)
