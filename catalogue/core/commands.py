"""The commands `catalogue database`, `serve` and `worker`, and error messages for all commands."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec

import click
import sqlalchemy as sa
from environs import EnvError
from flask import current_app, has_app_context

from catalogue.core.application import database
from catalogue.core.config import Settings
from catalogue.core.database import Database, MissingDatabaseFile, UnusableDatabase
from catalogue.core.jobs.worker import work
from catalogue.core.migrations import compare, upgrade
from catalogue.core.monitoring.metrics import Exporter
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
        if newer := _explain_newer_database():
            return click.ClickException(f"{newer} The database returned an error: {reason}.")
        return click.ClickException(
            f"The database returned an error: {reason}. Check CATALOGUE_DATABASE_URL, then run "
            "`catalogue database upgrade`."
        )
    return None


def _explain_newer_database() -> str | None:
    """Return the message for a database that is newer than this release, or None."""
    with suppress(sa.exc.SQLAlchemyError):
        if has_app_context() and (comparison := compare(database().engine)).is_newer:
            return comparison.message
    return None


def require_usable(engine: sa.Engine) -> None:
    """Raise ClickException if this release cannot use the database. Warn if it is newer."""
    comparison = compare(engine)
    if not comparison.usable:
        raise click.ClickException(comparison.message)
    if comparison.is_newer:
        click.echo(f"Warning: {comparison.message}", err=True)


def require_not_too_new() -> None:
    """Raise ClickException if the database is too new for this release. Warn if it is newer.

    Any other fault is left to the command, which does not always need the database.
    """
    with suppress(sa.exc.SQLAlchemyError, MissingDatabaseFile):
        engine = database().engine
        if compare(engine).is_newer:
            require_usable(engine)


@click.group("database")
def database_group() -> None:
    """Upgrade or check the structure of the database."""


@database_group.command("upgrade")
def upgrade_database() -> None:
    """Upgrade the database to the structure that this release needs."""
    engine = database().engine
    upgrade(engine)
    comparison = compare(engine)
    if not comparison.usable:
        raise click.ClickException(comparison.message)
    click.echo(f"{comparison.message}{_NOTHING_CHANGED if comparison.is_newer else ''}")


_NOTHING_CHANGED = " Nothing was changed."


@database_group.command("check")
def check_database() -> None:
    """Check that this release can use the structure of the database."""
    comparison = compare(database().engine)
    if not comparison.usable:
        raise click.ClickException(comparison.message)
    click.echo(comparison.message)


@click.command()
def worker() -> None:
    """Run jobs until interrupted, for servers with CATALOGUE_JOB_WORKER=external."""
    require_usable(database().engine)
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
    if configured.metrics_address.rpartition(":")[2] == str(port):
        raise click.UsageError(
            f"CATALOGUE_METRICS_ADDRESS has the port {port} of the server. "
            "Choose another port for the metrics."
        )
    # Checked here, because the server would start a failing worker again and again.
    engine = Database(configured).engine
    try:
        require_usable(engine)
    finally:
        engine.dispose()
    require_extras(configured)
    with metrics_of(configured):
        run_server(
            host=host,
            port=port,
            workers=workers,
            threads=threads,
            log_format=configured.log_format,
        )


def require_extras(settings: Settings) -> None:
    """Raise UsageError if a setting needs libraries that are not installed."""
    for variable, value, extra, library in (
        ("METRICS_ADDRESS", settings.metrics_address, "metrics", "prometheus_client"),
        ("TRACING_ENDPOINT", settings.tracing_endpoint, "tracing", "opentelemetry"),
    ):
        # Not imported, because prometheus_client must find its shared folder when it is.
        if value and find_spec(library) is None:
            raise click.UsageError(
                f"CATALOGUE_{variable} needs libraries that are not installed. "
                f"Install `it-service-catalogue[{extra}]`, or remove the setting."
            )


@contextmanager
def metrics_of(settings: Settings) -> Iterator[None]:
    """Serve the metrics during the block, if a setting names their address."""
    if not settings.metrics_address:
        yield
        return
    try:
        exporter = Exporter(settings)
    except OSError as error:
        raise click.ClickException(
            f"The metrics cannot listen on {settings.metrics_address} ({error.strerror}). "
            "Choose another address in CATALOGUE_METRICS_ADDRESS."
        ) from None
    try:
        yield
    finally:
        exporter.close()
