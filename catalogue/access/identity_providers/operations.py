"""Operations that record and change identity providers. The caller commits.

Every change moves the permissions version, so that each process verifies its cached tokens again.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.access.identity_providers.models import IdentityProvider
from catalogue.access.identity_providers.schemas import DEFAULTS, MOST_BLOCKED
from catalogue.access.identity_providers.token_rules import LONGEST_CLIENT_ID, fold_value
from catalogue.access.roles import ROLES
from catalogue.agencies.codes import unknown_agency
from catalogue.agencies.models import Agency
from catalogue.core.actor import Scope
from catalogue.core.codes import explain_unknown_code
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, NotFound, Unprocessable
from catalogue.core.outgoing import IDENTITY_PROVIDER_SETTING, Reach, url_fault
from catalogue.core.permissions_version import bump_permissions_version

REPEATED = "The value is listed more than once. Remove one of the entries."
_GRANTS = frozenset(scope.value for scope in Scope) | ROLES.keys()


def create_identity_provider(context: Context, fields: dict[str, Any]) -> IdentityProvider:
    """Record a provider. Raises Unprocessable with every invalid value."""
    provider = IdentityProvider(key=fields["key"], issuer=fields["issuer"])
    context.session.add(provider)
    _apply(context, provider, DEFAULTS | fields)
    return provider


def change_identity_provider(
    context: Context, provider: IdentityProvider, changes: dict[str, Any]
) -> None:
    """Change some fields. Raises Unprocessable with every invalid value."""
    _apply(context, provider, changes)


def find_identity_provider(session: Session, key: str) -> IdentityProvider:
    """Return the provider with a key. Raises NotFound if there is none."""
    provider = session.scalar(sa.select(IdentityProvider).where(IdentityProvider.key == key))
    if provider is None:
        raise NotFound(
            f"There is no identity provider {key!r}. "
            "`catalogue identity-providers list` lists the providers."
        )
    return provider


def change_blocks(
    context: Context, provider: IdentityProvider, field: str, names: Iterable[str], *, blocked: bool
) -> None:
    """Add names to the blocked subjects or clients of a provider, or remove them."""
    folded = {fold_value(name) for name in names}
    kept = [name for name in getattr(provider, field) if fold_value(name) not in folded]
    _apply(context, provider, {field: [*kept, *names] if blocked else kept})


def _apply(context: Context, provider: IdentityProvider, changes: dict[str, Any]) -> None:
    with context.session.no_autoflush:
        for name, value in changes.items():
            setattr(provider, name, value)
        errors = [*_check_addresses(context, provider, changes), *_check_lists(context, provider)]
    if errors:
        raise Unprocessable(errors=errors)
    if context.session.is_modified(provider):
        context.session.flush()
        bump_permissions_version(context.session)


def _check_addresses(
    context: Context, provider: IdentityProvider, changes: dict[str, Any]
) -> Iterable[FieldError]:
    reach = Reach.of_identity_providers(context.settings)
    for name in ("issuer", "jwks_url"):
        url = changes.get(name)
        if url and (fault := url_fault(url, reach, setting=IDENTITY_PROVIDER_SETTING)):
            yield FieldError(f"/{name}", "unusable_address", fault)
    if "?" in provider.issuer:
        detail = "The issuer has a query. Give the issuer as tokens name it in `iss`."
        yield FieldError("/issuer", "unusable_address", detail)
    if provider.issuer == context.settings.issuer:
        detail = "This service itself is the issuer. Name another issuer."
        yield FieldError("/issuer", "circular", detail)


def _check_lists(context: Context, provider: IdentityProvider) -> Iterable[FieldError]:
    known = set(
        context.session.scalars(sa.select(Agency.code).where(Agency.code.in_(provider.agencies)))
    )
    for place, code in enumerate(provider.agencies):
        if code not in known:
            detail = unknown_agency(context.session, code)
            yield FieldError(f"/agencies/{place}", "unknown", detail)
    values: set[str] = set()
    for place, entry in enumerate(provider.agency_values):
        if entry["agency"] not in provider.agencies:
            detail = "This agency is not in `agencies`. Add its code there, or remove the value."
            yield FieldError(f"/agency_values/{place}/agency", "incomplete", detail)
        if fold_value(entry["value"]) in values:
            yield FieldError(f"/agency_values/{place}/value", "repeated", REPEATED)
        values.add(fold_value(entry["value"]))
    roles: set[str] = set()
    for place, entry in enumerate(provider.roles):
        if entry["value"] in roles:
            yield FieldError(f"/roles/{place}/value", "repeated", REPEATED)
        roles.add(entry["value"])
        for at, grant in enumerate(entry["grants"]):
            if grant not in _GRANTS:
                detail = explain_unknown_code(
                    "scope or role", grant, sorted(_GRANTS), listed_by="catalogue clients roles"
                )
                yield FieldError(f"/roles/{place}/grants/{at}", "unknown", detail)
    if len(f"{provider.key}:{provider.sign_in_client_id}") > LONGEST_CLIENT_ID:
        longest = LONGEST_CLIENT_ID - len(f"{provider.key}:")
        detail = f"The client id has more than {longest} characters. Use a shorter id."
        yield FieldError("/sign_in_client_id", "too_long", detail)
    for name in ("blocked_subjects", "blocked_clients"):
        if len(getattr(provider, name)) > MOST_BLOCKED:
            detail = f"There can be at most {MOST_BLOCKED} names. Remove those that are unused."
            yield FieldError(f"/{name}", "too_many", detail)
