"""The commands `catalogue database`, `serve` and `worker`, and error messages for all commands."""

import os
import threading

import click
import sqlalchemy as sa
from environs import EnvError
from flask import current_app

from catalogue.core.application import database
from catalogue.core.config import Settings
from catalogue.core.database import Database, MissingDatabaseFile, UnusableDatabase
from catalogue.core.jobs.worker import work
from catalogue.core.migrations import find_problem, upgrade
from catalogue.core.option_types import PORT, WholeNumber
from catalogue.core.server import run as run_server


def refusal_of(error: Exception) -> click.ClickException | None:
    """Explain a fault of the settings or the database in a message for operators.

    Return None for any other error.
    """
    from alembic.util import CommandError

    if isinstance(error, EnvError | UnusableDatabase):
        return click.UsageError(str(error))
    cause = getattr(error, "orig", error)
    if isinstance(cause, MissingDatabaseFile):
        return click.ClickException(str(cause))
    if isinstance(error, CommandError):
        return click.ClickException(
            f"The database could not be upgraded: {error}. Correct the cause, then try again."
        )
    if isinstance(error, sa.exc.OperationalError | sa.exc.ProgrammingError):
        reason = " ".join(str(error.orig).split())
        return click.ClickException(
            f"The database returned an error: {reason}. Check CATALOGUE_DATABASE_URL, then run "
            "`catalogue database upgrade`."
        )
    return None


def require_current(engine: sa.Engine) -> None:
    """Raise ClickException if the structure of the database is older or newer than this release."""
    problem = find_problem(engine)
    if problem:
        raise click.ClickException(problem)


_CURRENT = "The database has the structure that this release needs."


@click.group("database")
def database_group() -> None:
    """Upgrade or check the structure of the database."""


@database_group.command("upgrade")
def upgrade_database() -> None:
    """Upgrade the database to the structure that this release needs."""
    upgrade(database().engine)
    click.echo(_CURRENT)


@database_group.command("check")
def check_database() -> None:
    """Check that the database has the structure that this release needs."""
    require_current(database().engine)
    click.echo(_CURRENT)


@click.command()
def worker() -> None:
    """Run jobs until interrupted, for servers with CATALOGUE_JOB_WORKER=external."""
    require_current(database().engine)
    click.echo("Running jobs. Press Ctrl-C to stop.", err=True)
    stop = threading.Event()
    try:
        work(current_app._get_current_object(), stop)  # type: ignore[attr-defined]
    except KeyboardInterrupt:
        stop.set()


_WORKERS = click.option(
    "--workers",
    default=os.cpu_count() or 1,
    show_default="one for each core",
    type=WholeNumber(1, 64),
    help="The number of processes.",
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=PORT,
    help="The port to listen on.",
)
@_WORKERS
@click.option(
    "--threads",
    # Two exports to slow readers and two requests for changes that wait leave threads for the rest.
    default=6,
    show_default=True,
    type=WholeNumber(1, 64),
    help="The number of threads in each process. Use more than four.",
)
@click.option(
    "--access-log/--no-access-log",
    default=None,
    help="Log a line for each request, as CATALOGUE_ACCESS_LOG does.",
)
def serve(host: str, port: int, workers: int, threads: int, access_log: bool | None) -> None:
    """Serve the API."""
    if access_log is not None:
        # The server's processes read their settings from the environment.
        os.environ["CATALOGUE_ACCESS_LOG"] = str(access_log).lower()
    configured = Settings.from_environment()
    # Checked here, because the server would start a failing worker again and again.
    engine = Database(configured).engine
    try:
        require_current(engine)
    finally:
        engine.dispose()
    run_server(
        host=host, port=port, workers=workers, threads=threads, log_format=configured.log_format
    )
