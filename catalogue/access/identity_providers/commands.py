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
from catalogue.access.identity_providers.discovery import ProviderFault, discover_keys
from catalogue.access.identity_providers.models import IdentityProvider
from catalogue.access.identity_providers.schemas import (
    IdentityProviderCreate,
    IdentityProviderSchema,
)
from catalogue.core.application import unit_of_work
from catalogue.core.context import Context
from catalogue.core.errors import Problem
from catalogue.core.outgoing import Reach, RequestFailed
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
                "sign_in_client_id": provider.sign_in_client_id,
                "email_domains": provider.email_domains,
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
def show(key: str) -> None:
    """Print a provider as JSON, as GET /v1/identity-providers shows it."""
    with _transaction() as context:
        provider = operations.find_identity_provider(context.session, key)
        document = IdentityProviderSchema().dump(provider)
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


@identity_provider_commands.command()
@click.argument("key")
def check(key: str) -> None:
    """Fetch the metadata and keys of a provider, and print what is found.

    The exit code is 1 if no token of the provider could be verified.
    """
    with _transaction() as context:
        provider = operations.find_identity_provider(context.session, key)
        issuer, jwks_url = provider.issuer, provider.jwks_url
        algorithms, remarks = set(provider.algorithms), list(_remarks(provider))
        settings = context.settings
    click.echo(f"Issuer: {issuer}")
    try:
        found = discover_keys(
            issuer,
            jwks_url,
            Reach.of_identity_providers(settings),
            settings.identity_provider_timeout_seconds,
        )
    except RequestFailed as failure:
        reason = str(failure).removesuffix(".")
        summary = "The provider does not respond"
        if isinstance(failure, ProviderFault):
            summary = f"The provider is set up wrongly: {failure.fault}"
        raise click.ClickException(f"{summary}. The cause: {reason}.") from None
    click.echo(f"Metadata: {found.metadata_url or 'not used, because `jwks_url` is set'}")
    click.echo(f"Keys: {found.jwks_url}")
    usable = False
    for each in found.keys:
        accepted = sorted(each.algorithms & algorithms)
        usable = usable or bool(accepted)
        click.echo(f"  {each.kid}  {' '.join(accepted) or 'no accepted algorithm'}")
    if not usable:
        raise click.ClickException(
            "No key has an algorithm that the provider may use here. Correct its `algorithms`."
        )
    for remark in remarks:
        click.echo(f"Note: {remark}")
    click.echo("The service can verify tokens of this provider.")


def _remarks(provider: IdentityProvider) -> Iterator[str]:
    """Yield the parts of a provider's record that leave its tokens little use."""
    if not provider.enabled:
        yield "The provider is disabled, so its tokens are refused."
    if not provider.agencies:
        yield "The provider is bound to no agency, so only administrators can use its tokens."
    if not provider.roles:
        yield "No role is mapped, so only tokens that name scopes of the catalogue have scopes."


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
