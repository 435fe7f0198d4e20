"""`catalogue database`, `serve` and `worker`, and what commands say when something is wrong."""

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
from catalogue.core.server import run as run_server


def refusal_of(error: Exception) -> click.ClickException | None:
    """What is wrong with the settings or the database, in a sentence; None for anything else."""
    from alembic.util import CommandError

    if isinstance(error, EnvError | UnusableDatabase):
        return click.UsageError(str(error))
    cause = getattr(error, "orig", error)
    if isinstance(cause, MissingDatabaseFile):
        return click.ClickException(str(cause))
    if isinstance(error, CommandError):
        return click.ClickException(f"The database's structure: {error}.")
    if isinstance(error, sa.exc.OperationalError | sa.exc.ProgrammingError):
        reason = " ".join(str(error.orig).split())
        return click.ClickException(
            f"The database does not do what is asked of it ({reason}). Is CATALOGUE_DATABASE_URL "
            "right, and has `catalogue database upgrade` been run?"
        )
    return None


def require_current(engine: sa.Engine) -> None:
    """Refuse a database that lacks migrations, or has more than this release knows."""
    problem = find_problem(engine)
    if problem:
        raise click.ClickException(problem)


@click.group("database")
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


@click.command()
def worker() -> None:
    """Run jobs until interrupted, for servers with CATALOGUE_JOB_WORKER=external."""
    require_current(database().engine)
    click.echo("Running jobs; Ctrl-C ends.", err=True)
    stop = threading.Event()
    try:
        work(current_app._get_current_object(), stop)  # type: ignore[attr-defined]
    except KeyboardInterrupt:
        stop.set()


_WORKERS = click.option(
    "--workers", default=os.cpu_count() or 1, show_default="one a core", type=click.IntRange(1, 64)
)


@click.command()
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
