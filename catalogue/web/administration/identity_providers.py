"""The identity providers: their list, their records, and the forms that change them."""

from typing import Any
from uuid import UUID

from flask import request

from catalogue.access.identity_providers.schemas import (
    IdentityProviderCreate,
    IdentityProviderPatch,
)
from catalogue.web.administration.new_records import NewRecord
from catalogue.web.editing import Editing, Section
from catalogue.web.filters import YES_NO, Filter
from catalogue.web.lists import ListPage
from catalogue.web.pages import Pages, Visit, redirect_to

identity_providers = Pages("identity-providers")

_RULE = "/administration/identity-providers/<uuid:identity_provider_id>"
_PARAMETER = "identity_provider_id"

SECTIONS = (
    Section("about", "Sign-in to the pages", ("name", "sign_in_client_id", "email_domains")),
    Section(
        "rights",
        "Agencies and roles",
        ("agencies", "agency_claims", "agency_values", "role_claims", "roles", "scope_claims"),
    ),
    Section(
        "tokens",
        "Tokens",
        (
            "audiences",
            "algorithms",
            "token_types",
            "max_lifetime_seconds",
            "jwks_url",
            "person_claims",
            "client_claims",
        ),
    ),
    Section("blocked", "Blocked people and programs", ("blocked_subjects", "blocked_clients")),
)
EDITING = Editing(
    group=identity_providers,
    rule=_RULE,
    get="get_identity_provider",
    update="update_identity_provider",
    schema=IdentityProviderPatch,
    sections=SECTIONS,
)
EDITING.register()

NEW = NewRecord(
    group=identity_providers,
    rule="/administration/identity-providers/new",
    create="create_identity_provider",
    schema=IdentityProviderCreate,
    fields=(
        "key",
        "name",
        "issuer",
        "audiences",
        "agencies",
        "roles",
        "sign_in_client_id",
        "email_domains",
    ),
    heading="Record an identity provider",
    parameter=_PARAMETER,
    always={"enabled": False},
    advice="The new provider is disabled. Check its record, then enable the provider there.",
)
NEW.register()

LIST = ListPage(
    operation="list_identity_providers",
    endpoint="pages-identity-providers.list_page",
    sorts={"name": "Identity provider", "key": "Key", "enabled": "State"},
    filters=(Filter("key", "Key"), Filter("enabled", "Enabled", YES_NO)),
)


@identity_providers.get(
    "/administration/identity-providers",
    calls=("list_identity_providers", "create_identity_provider"),
    needs=("list_identity_providers",),
)
def list_page(visit: Visit) -> Any:
    """The identity providers."""
    return visit.render(
        "administration/identity_providers.html", listed=LIST.read(visit, request.args)
    )


@identity_providers.get(
    _RULE,
    calls=("get_identity_provider", "update_identity_provider"),
    needs=("get_identity_provider",),
)
def record_page(visit: Visit, identity_provider_id: UUID) -> Any:
    """One identity provider. The service keeps the secret of its client outside the record."""
    answer = visit.call("get_identity_provider", path={_PARAMETER: identity_provider_id})
    return visit.render(
        "administration/identity_provider.html",
        provider=answer.document,
        sections=SECTIONS,
        can_change=visit.can("update_identity_provider"),
        done=request.args.get("done"),
    )


_SWITCH = ("get_identity_provider", "update_identity_provider")


@identity_providers.get(f"{_RULE}/state", calls=_SWITCH, needs=_SWITCH)
def state_form(visit: Visit, identity_provider_id: UUID) -> Any:
    """Show the effect before a provider is enabled or disabled."""
    answer = visit.call("get_identity_provider", path={_PARAMETER: identity_provider_id})
    return visit.render(
        "administration/identity_provider_state.html", provider=answer.document, etag=answer.etag
    )


@identity_providers.post(f"{_RULE}/state", calls=_SWITCH, needs=_SWITCH)
def change_state(visit: Visit, identity_provider_id: UUID) -> Any:
    """Enable or disable a provider."""
    enabled = request.form.get("enabled") == "true"
    visit.call(
        "update_identity_provider",
        path={_PARAMETER: identity_provider_id},
        body={"enabled": enabled},
        etag=request.form.get("etag", ""),
        key=request.form.get("key"),
    )
    return redirect_to(
        "pages-identity-providers.record_page",
        identity_provider_id=identity_provider_id,
        done="enabled" if enabled else "disabled",
    )
