"""Webhooks of clients of an identity provider end with the rights of the token that made them."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalogue.webhooks.models import WebhookProgress
from tests.access.identity_providers.conftest import record_provider
from tests.access.identity_providers.issuer import Issuer
from tests.access.identity_providers.test_operations import PATH, patch
from tests.api_calls import answer, change
from tests.factories import BEDS, CAMBS, agency, client_with, signed_in, system
from tests.unsaved import CheckedClient
from tests.webhooks.receiver import Receiver
from tests.webhooks.webhook_calls import path_of

Fields = dict[str, Any]
Subscribe = Callable[..., Fields]
Deliver = Callable[[], None]
Change = Callable[[Fields], Fields]
Holder = Callable[..., CheckedClient]

SCOPES = "systems:read webhooks:write agencies:read"
MANAGER = {"value": "Manager", "grants": SCOPES.split()}
PERSON = {"sub": "u-777", "preferred_username": "Jane", "azp": "portal", "roles": ["Manager"]}
NAMED_LIKE_CLIENT = {"sub": "u-8", "preferred_username": "portal", "azp": "portal", "sid": "1"}
PROGRAM = {"sub": "portal", "azp": "portal"}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer().running() as running:
        yield running


@pytest.fixture
def holder(hooked: Flask, session: Session, issuer: Issuer) -> Holder:
    """`holder(sub="u-777")`: sign in with a token of an identity provider that maps roles."""
    for code in (BEDS, CAMBS):
        agency(session, code)
    session.commit()
    record_provider(
        hooked,
        issuer.url,
        agencies=[BEDS, CAMBS],
        agency_values=[{"value": "Beds", "agency": BEDS}],
        roles=[MANAGER, {"value": "Reader", "grants": ["systems:read"]}],
    )

    def sign_in(**claims: Any) -> CheckedClient:
        usual = {"scope": SCOPES, "agency": "Beds", "roles": ["Manager"]}
        return client_with(hooked, issuer.token(**usual | claims))

    return sign_in


@pytest.fixture
def change_provider(hooked: Flask, session: Session, holder: Holder) -> Change:
    """Return a function that changes the identity provider, and returns the values before."""
    administrator = signed_in(hooked, session, None, "admin")

    def run(changes: Fields) -> Fields:
        (provider,) = administrator.get(PATH).json["items"]
        patch(administrator, provider["id"], changes)
        return {name: provider[name] for name in changes}

    return run


@pytest.mark.parametrize(
    ("claims", "losses"),
    [
        pytest.param(
            PERSON,
            [
                {"blocked_subjects": ["U-777"]},
                {"blocked_subjects": ["jane"]},
                {"blocked_clients": ["Portal"]},
                {"enabled": False},
                {"roles": []},
                {"roles": [MANAGER | {"grants": ["costs:read"]}]},
                {"role_claims": ["groups"]},
                {"agencies": [CAMBS], "agency_values": []},
                {"agency_values": [{"value": "Beds", "agency": CAMBS}]},
            ],
            id="person",
        ),
        pytest.param(
            NAMED_LIKE_CLIENT,
            [{"blocked_subjects": ["portal"]}, {"blocked_subjects": ["person:portal"]}],
            id="person named like the client",
        ),
        pytest.param(PROGRAM, [{"blocked_clients": ["portal"]}], id="program"),
    ],
)
def test_client_that_lost_its_rights_has_its_webhook_suspended(
    beds: CheckedClient,
    holder: Holder,
    change_provider: Change,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
    claims: Fields,
    losses: list[Fields],
) -> None:
    api = holder(**claims)
    hook = subscribe(api)
    for number, loss in enumerate(losses):
        before = change_provider(loss)
        system(beds, f"System {number}")
        deliver()
        assert receiver.attempts == [], loss
        shown = answer(beds.get(path_of(hook)))
        assert (shown["status"], shown["suspended_because"]) == ("suspended", "client_revoked")
        change_provider(before)
        _succeed(change(api, path_of(hook), status="active"))
        deliver()
        assert receiver.kinds == ["system.created"]
        receiver.attempts.clear()
        receiver.accepted.clear()


def test_block_of_another_subject_changes_nothing(
    beds: CheckedClient,
    holder: Holder,
    change_provider: Change,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
) -> None:
    subscribe(holder(**PERSON))
    change_provider({"blocked_subjects": ["portal", "u-7"], "blocked_clients": ["u-777"]})
    system(beds, "Ledger")
    deliver()
    assert receiver.kinds == ["system.created"]


def test_narrower_role_narrows_what_is_sent_and_a_wider_role_does_not_widen_it(
    beds: CheckedClient,
    holder: Holder,
    change_provider: Change,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
) -> None:
    hook = subscribe(holder(**PERSON), event_kinds=[])
    deliver()
    receiver.accepted.clear()

    def received(grants: list[str], name: str) -> list[str]:
        change_provider({"roles": [MANAGER | {"grants": grants}]})
        system(beds, name)
        own = answer(beds.get(f"/v1/agencies?code={BEDS}"))["items"][0]
        _succeed(change(beds, f"/v1/agencies/{own['id']}", name=f"Police {name}"))
        deliver()
        kinds = sorted(receiver.kinds)
        receiver.accepted.clear()
        return kinds

    both = ["agency.updated", "system.created"]
    assert received(SCOPES.split(), "a") == both
    assert received(["agencies:read"], "b") == ["agency.updated"]
    assert received([*SCOPES.split(), "costs:read", "contracts:read"], "c") == both
    narrow = holder(**PERSON, scope="agencies:read webhooks:write")
    _succeed(change(narrow, path_of(hook), description="Narrow"))
    deliver()
    receiver.accepted.clear()
    assert received(SCOPES.split(), "d") == ["agency.updated"]


def test_change_binds_the_webhook_to_the_token_of_its_client(
    session: Session,
    beds: CheckedClient,
    holder: Holder,
    change_provider: Change,
    subscribe: Subscribe,
    deliver: Deliver,
    receiver: Receiver,
) -> None:
    hook = subscribe(holder(**PERSON))
    change_provider({"blocked_subjects": ["u-777"]})
    other = holder(**PERSON | {"sub": "u-9", "preferred_username": "Jo"})
    _succeed(change(other, path_of(hook), description="Jo's"))
    system(beds, "Ledger")
    deliver()
    assert receiver.kinds == ["system.created"]
    _succeed(change(beds, path_of(hook), description="Ours"))
    assert session.get_one(WebhookProgress, UUID(hook["id"])).provider_token is None
    change_provider({"enabled": False})
    system(beds, "Register")
    deliver()
    assert receiver.kinds == ["system.created", "system.created"]


def test_no_response_shows_the_claims_of_the_token(
    holder: Holder, beds: CheckedClient, subscribe: Subscribe
) -> None:
    roles = ["Manager", "Secret\x00role", "Secret role", 7]
    hook = subscribe(holder(**PERSON | {"roles": roles}))
    for path in (path_of(hook), f"{path_of(hook)}/history", "/v1/changes", "/v1/webhooks"):
        shown = beds.get(path)
        assert shown.status_code == 200
        assert "Secret" not in shown.text
        assert "u-777" not in shown.text


def _succeed(response: TestResponse) -> None:
    assert response.status_code == 200, response.text
