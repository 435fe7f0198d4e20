"""`catalogue clients` and `catalogue keys`: clients of the API, and keys that sign its tokens.

The commands run in the application context of their caller.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta

import click
import orjson
import sqlalchemy as sa
from flask import current_app
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from catalogue.access import keys, operations
from catalogue.access.models import ClientSecret, OAuthClient
from catalogue.access.roles import ROLES
from catalogue.access.scopes import UnknownScope, scope_string
from catalogue.agencies.models import Agency
from catalogue.core.actor import SCOPE_MEANINGS
from catalogue.core.application import unit_of_work

_WIDTH_OF_FILES = 1000
"""The width in characters of a list that goes to a file or a program, so that no line is broken."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Duration(click.ParamType[timedelta]):
    """A length of time, such as 90s, 30m, 24h or 7d."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Return the length of time. Fails with the expected form if the value is invalid."""
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"(\d{1,6})([smhd])", str(value))
        if match is None:
            self.fail(
                f"{value!r} is not a length of time. Write it as 90s, 30m, 24h or 7d.", param, ctx
            )
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


@contextmanager
def _transaction() -> Iterator[Session]:
    """Open a session in one transaction. Errors become usage errors, with exit status 2."""
    try:
        with unit_of_work(current_app) as context:
            yield context.session
    except (UnknownScope, operations.ClientError) as error:
        raise click.UsageError(str(error)) from None


@click.group()
def clients() -> None:
    """Manage the clients of the API."""


@clients.command()
@click.option(
    "--agency", metavar="CODE", help="The code of its agency. See `catalogue agencies list`."
)
@click.option(
    "--role", type=click.Choice(list(ROLES)), help="A set of scopes. See `catalogue clients roles`."
)
@click.option(
    "--scope",
    "scopes",
    default="",
    metavar="SCOPES",
    help="Scopes, separated by spaces. See `catalogue clients scopes`.",
)
@click.option("--name", default="", help="A name that people recognise.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def create(agency: str | None, role: str | None, scopes: str, name: str, as_json: bool) -> None:
    """Register a client and print its secret, which cannot be shown again.

    Choose its scopes with --role, --scope or both.
    """
    if role:
        scopes = f"{scopes} {scope_string(ROLES[role].scopes)}"
    if not scopes.strip():
        raise click.UsageError("The client has no scopes. Give --role or --scope.")
    with _transaction() as session:
        client, secret = operations.create_client(
            session, name=name, agency_code=agency, scopes=scopes
        )
        document: dict[str, object] = {
            "client_id": client.client_id,
            "client_secret": secret,
            "agency": agency,
            "scopes": client.scopes.split(),
        }
    _print_secret(document, as_json=as_json)


@clients.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_clients(as_json: bool) -> None:
    """List the clients, without their secrets."""
    with _transaction() as session:
        documents = _describe_clients(session)
    if as_json:
        _print_json(documents)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("client_id", "agency"):
        table.add_column(heading, no_wrap=True)
    for heading in ("scopes", "last used", "state"):
        table.add_column(heading, overflow="fold")
    for client in documents:
        table.add_row(
            str(client["client_id"]),
            str(client["agency"] or "-"),
            str(client["scopes"]),
            str(client["last_used_at"] or "never")[:10],
            "revoked" if client["revoked_at"] else "live",
        )
    # A program that reads the output gets each client on one line.
    Console(width=None if sys.stdout.isatty() else _WIDTH_OF_FILES).print(table)


@clients.command()
@click.argument("client_id")
@click.option(
    "--grace",
    type=Duration(),
    default="0s",
    help="The time for which the present secret remains valid, such as 24h.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def rotate(client_id: str, grace: timedelta, as_json: bool) -> None:
    """Give a client a new secret."""
    with _transaction() as session:
        secret = operations.rotate_secret(session, client_id=client_id, grace=grace)
    _print_secret({"client_id": client_id, "client_secret": secret}, as_json=as_json)


@clients.command()
@click.argument("client_id")
def revoke(client_id: str) -> None:
    """Revoke a client and all its tokens."""
    with _transaction() as session:
        operations.revoke_client(session, client_id=client_id)
    click.echo(f"{client_id} is revoked. Its tokens are refused from now on.")


@clients.command("scopes")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def list_scopes(as_json: bool) -> None:
    """List the scopes that a client can have."""
    meanings = {scope.value: meaning for scope, meaning in SCOPE_MEANINGS.items()}
    if as_json:
        _print_json(meanings)
        return
    for scope, meaning in meanings.items():
        click.echo(f"{scope:<18}  {meaning}")


@clients.command("roles")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def list_roles(as_json: bool) -> None:
    """List the roles and their scopes."""
    if as_json:
        _print_json({name: asdict(role) for name, role in ROLES.items()})
        return
    for name, role in ROLES.items():
        click.echo(f"{name}: {role.description}")
        click.echo(f"    {scope_string(role.scopes)}")


@click.group(name="keys")
def key_commands() -> None:
    """Manage the keys that sign access tokens."""


@key_commands.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_keys(as_json: bool) -> None:
    """List the keys, without their private halves."""
    with _transaction() as session:
        documents: list[dict[str, object]] = [
            {
                "kid": key.kid,
                "algorithm": key.algorithm,
                "created_at": key.created_at,
                "signing": bool(key.signing),
                "verifies_until": key.verifies_until,
            }
            for key in keys.published_keys(session)
        ]
    if as_json:
        _print_json(documents)
        return
    for key in documents:
        state = "signs" if key["signing"] else f"verifies until {key['verifies_until']}"
        click.echo(f"{key['kid']}  {key['algorithm']}  {key['created_at']}  {state}")


@key_commands.command(name="rotate")
@click.option(
    "--algorithm",
    type=click.Choice(keys.ALGORITHMS),
    default=keys.DEFAULT_ALGORITHM,
    show_default=True,
    help="The signature algorithm of the new key.",
)
def rotate_keys(algorithm: str) -> None:
    """Create a new signing key. The old key still verifies tokens until they expire."""
    with _transaction() as session:
        kid = keys.rotate_keys(session, algorithm=algorithm).kid
    click.echo(f"{kid} signs from now on.")


# One thumbprint in 64 begins with a hyphen, and must not be read as an option.
@key_commands.command(name="withdraw", context_settings={"ignore_unknown_options": True})
@click.argument("kid")
def withdraw_key(kid: str) -> None:
    """Withdraw a key at once. All tokens that it signed become invalid."""
    with _transaction() as session:
        try:
            keys.withdraw_key(session, kid)
        except keys.UnknownKey:
            raise click.UsageError(
                f"There is no key {kid!r}. `catalogue keys list` lists the keys."
            ) from None
    click.echo(f"{kid} is withdrawn. Tokens signed with it are refused from now on.")


def _describe_clients(session: Session) -> list[dict[str, object]]:
    used = sa.func.max(ClientSecret.last_used_at)
    rows = session.execute(
        sa.select(OAuthClient, Agency.code, used)
        .outerjoin(Agency, Agency.id == OAuthClient.agency_id)
        .outerjoin(ClientSecret, ClientSecret.oauth_client_id == OAuthClient.id)
        .group_by(OAuthClient.id, Agency.code)
        .order_by(OAuthClient.created_at, OAuthClient.client_id)
    )
    return [
        {
            "client_id": client.client_id,
            "name": client.name,
            "agency": agency,
            "scopes": client.scopes,
            "created_at": client.created_at,
            "last_used_at": last_used,
            "revoked_at": client.revoked_at,
        }
        for client, agency, last_used in rows
    ]


def _print_secret(document: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        _print_json(document)
        return
    for name, value in document.items():
        text = " ".join(value) if isinstance(value, list) else value
        click.echo(f"{name}: {text if text is not None else '-'}")
    click.echo("Store the secret now. It cannot be shown again.", err=True)


def _print_json(document: object) -> None:
    click.echo(orjson.dumps(document, default=_as_text).decode())


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"A value of type {type(value).__name__} cannot be written as JSON.")
