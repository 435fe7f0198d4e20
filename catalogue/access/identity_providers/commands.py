"""`catalogue identity-providers`: other issuers whose access tokens the API accepts.

The first provider can grant `admin` to a person, so the command works without any token.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
import orjson
import sqlalchemy as sa
from flask import current_app

from catalogue.access.identity_providers import operations
from catalogue.access.identity_providers.models import IdentityProvider
from catalogue.access.identity_providers.schemas import IdentityProviderCreate
from catalogue.core.application import unit_of_work
from catalogue.core.context import Context
from catalogue.core.errors import Problem
from catalogue.core.rest.loading import load

_KINDS = {"subject": "blocked_subjects", "client": "blocked_clients"}


@contextmanager
def _transaction() -> Iterator[Context]:
    """Open a transaction. Problems become usage errors, with every invalid value."""
    try:
        with unit_of_work(current_app) as context:
            yield context
    except Problem as problem:
        lines = [f"{error.pointer}: {error.detail}" for error in problem.errors]
        raise click.UsageError("\n".join(lines) or problem.detail) from None


@click.group(name="identity-providers")
def identity_provider_commands() -> None:
    """Manage the identity providers whose tokens the API accepts."""


@identity_provider_commands.command()
@click.argument("file", type=click.File("rb"))
def create(file: IO[bytes]) -> None:
    """Record the provider that a JSON file describes, as for POST /v1/identity-providers.

    Give - to read standard input.
    """
    try:
        document = orjson.loads(file.read())
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"The file is not valid JSON: {error}.") from None
    with _transaction() as context:
        provider = operations.create_identity_provider(
            context, load(IdentityProviderCreate(), document)
        )
        key = provider.key
    click.echo(f"Tokens of {key} are accepted from now on.")


@identity_provider_commands.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_providers(as_json: bool) -> None:
    """List the providers."""
    with _transaction() as context:
        documents: list[dict[str, Any]] = [
            {
                "key": provider.key,
                "issuer": provider.issuer,
                "agencies": provider.agencies,
                "enabled": provider.enabled,
                "blocked_subjects": provider.blocked_subjects,
                "blocked_clients": provider.blocked_clients,
            }
            for provider in context.session.scalars(
                sa.select(IdentityProvider).order_by(IdentityProvider.key)
            )
        ]
    if as_json:
        click.echo(orjson.dumps(documents).decode())
        return
    for document in documents:
        state = "enabled" if document["enabled"] else "disabled"
        agencies = " ".join(document["agencies"]) or "-"
        click.echo(f"{document['key']}  {state}  {document['issuer']}  {agencies}")
    if not documents:
        click.echo("There are no identity providers. Add one with `create`.", err=True)


@identity_provider_commands.command()
@click.argument("key")
def disable(key: str) -> None:
    """Refuse all tokens of a provider from now on."""
    _set_enabled(key, enabled=False)
    click.echo(f"Tokens of {key} are refused from now on.")


@identity_provider_commands.command()
@click.argument("key")
def enable(key: str) -> None:
    """Accept the tokens of a disabled provider again."""
    _set_enabled(key, enabled=True)
    click.echo(f"Tokens of {key} are accepted from now on.")


def _set_enabled(key: str, *, enabled: bool) -> None:
    with _transaction() as context:
        provider = operations.find_identity_provider(context.session, key)
        operations.change_identity_provider(context, provider, {"enabled": enabled})


def _blocking(blocked: bool) -> click.Command:
    verb, state = ("block", "refused") if blocked else ("unblock", "accepted")

    @click.argument("key")
    @click.option("--subject", "subjects", multiple=True, help="The subject or person.")
    @click.option("--client", "clients", multiple=True, help="The client id at the provider.")
    def run(key: str, subjects: tuple[str, ...], clients: tuple[str, ...]) -> None:
        if not subjects and not clients:
            raise click.UsageError("Nobody is named. Give --subject or --client.")
        with _transaction() as context:
            provider = operations.find_identity_provider(context.session, key)
            for kind, names in (("subject", subjects), ("client", clients)):
                if names:
                    operations.change_blocks(
                        context, provider, _KINDS[kind], names, blocked=blocked
                    )
        click.echo(f"Their tokens are {state} from now on.")

    run.__doc__ = (
        "Refuse the tokens of a subject or a client from now on."
        if blocked
        else "Accept the tokens of a subject or a client again."
    )
    return click.command(verb)(run)


identity_provider_commands.add_command(_blocking(blocked=True))
identity_provider_commands.add_command(_blocking(blocked=False))
