"""The commands `catalogue demo`, `openapi` and `reference`, which need the whole product."""

import os
from pathlib import Path

import click
from flask import current_app

from catalogue.access.identity_providers.verification import list_issuers
from catalogue.agencies.operations import load_agencies
from catalogue.app import create_app
from catalogue.capabilities.operations import load_capabilities
from catalogue.core.application import settings, unit_of_work
from catalogue.core.commands import require_usable
from catalogue.core.config import Settings
from catalogue.core.migrations import upgrade
from catalogue.core.option_types import PORT
from catalogue.core.server import require_free
from catalogue.core.server import run as run_server
from catalogue.demonstration.banner import make_banner
from catalogue.demonstration.operations import is_loaded, load_demonstration
from catalogue.suppliers.operations import load_products, load_suppliers


@click.group()
def reference() -> None:
    """Load the reference data that comes with the product."""


@reference.command("load")
def load_reference() -> None:
    """Load agencies, capabilities, suppliers and products, or update those loaded before."""
    loaders = {
        "agencies": load_agencies,
        "capabilities": load_capabilities,
        "suppliers": load_suppliers,
        "products": load_products,
    }
    with unit_of_work(current_app) as context:
        for name, load in loaders.items():
            new, changed = load(context.session)
            click.echo(f"{name}: {new} new, {changed} changed")


@click.command()
def openapi() -> None:
    """Print the OpenAPI document made from the code."""
    app = create_app(Settings(database_url="sqlite://"))
    click.echo(app.extensions["openapi"].document())


@click.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=PORT,
    help="The port to listen on.",
)
@click.option(
    "--database",
    "path",
    default="var/demo.db",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The SQLite file of the demonstration.",
)
@click.option("--reset", is_flag=True, help="Delete the demonstration and load it again.")
@click.option(
    "--serve/--no-serve",
    "serving",
    default=True,
    help="Serve it after loading it, or only load it.",
)
def demo(port: int, path: Path, reset: bool, serving: bool) -> None:
    """Load the demonstration and serve it on 127.0.0.1.

    A demonstration that was loaded before is served as it is.
    """
    if serving:
        require_free("127.0.0.1", port)
    if reset:
        # After the check of the port, so that a demonstration that still runs keeps its data.
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    os.environ["CATALOGUE_DATABASE_URL"] = f"sqlite:///{path.resolve()}"
    os.environ["CATALOGUE_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    app = create_app()
    upgrade(app.extensions["database"].engine)
    require_usable(app.extensions["database"].engine)
    with unit_of_work(app) as context:
        if not is_loaded(context.session):
            click.echo("Loading the demonstration ...")
            load_demonstration(context)
        click.echo(make_banner(context, path.resolve().parent / "demo-access"))
        # Visitors sign in without a password, unless somebody has connected an identity provider.
        has_provider = bool(list_issuers(context.connection))
    os.environ["CATALOGUE_DEMONSTRATION_SIGN_IN"] = str(not has_provider).lower()
    if serving:
        log_format = settings(app).log_format
        run_server(host="127.0.0.1", port=port, workers=1, threads=6, log_format=log_format)
