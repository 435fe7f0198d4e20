"""The change feed of agreements and access grants, and who sees their changes."""

import pytest

from tests.agencies.api_agreements import (
    KENT,
    SCOPES,
    SignIn,
    agree,
    agreement,
    grant,
    path_of,
    revoke,
    terminate,
    withdraw,
)
from tests.api_calls import Fields, answer, change
from tests.factories import BEDS, CAMBS
from tests.unsaved import CheckedClient

AUDIT = f"{SCOPES} audit:read"


@pytest.fixture
def clients(sign_in: SignIn) -> tuple[CheckedClient, CheckedClient, CheckedClient]:
    """Clients of two partners and of a third agency."""
    return sign_in(BEDS, AUDIT), sign_in(CAMBS, AUDIT), sign_in(KENT, AUDIT)


def list_changes(api: CheckedClient, resource: str) -> list[Fields]:
    items = answer(api.get("/v1/changes", query_string={"resource": resource}))["items"]
    return [dict(item) for item in items]


def test_feed_shows_every_step_of_an_agreement_to_its_parties(
    clients: tuple[CheckedClient, CheckedClient, CheckedClient],
) -> None:
    beds, cambs, kent = clients
    created = agreement(beds)
    agree(created, beds, cambs)
    change(beds, path_of(created), title="Improved")
    agree(created, cambs)
    withdraw(cambs, created)
    terminate(beds, created)
    for api in (beds, cambs):
        steps = list_changes(api, "agreement")
        assert [(step["kind"].partition(".")[2], step["acting_agency"]) for step in steps] == [
            ("created", BEDS),
            ("accepted", BEDS),
            ("accepted", CAMBS),
            ("updated", BEDS),
            ("accepted", CAMBS),
            ("withdrawn", CAMBS),
            ("terminated", BEDS),
        ]
        assert steps[0]["changes"]["parties"]["after"] == [BEDS, CAMBS]
        # The change and the acceptances that it voids are one change set.
        assert set(steps[3]["changes"]) == {"title", "content_hash", "accepted_by"}
        assert steps[3]["changes"]["accepted_by"]["after"] == []
        assert set(steps[5]["changes"]) == {"accepted_by", "withdrawn_by"}
    assert list_changes(kent, "agreement") == []


def test_feed_shows_every_step_of_a_grant_to_both_agencies(
    clients: tuple[CheckedClient, CheckedClient, CheckedClient],
) -> None:
    beds, cambs, kent = clients
    created = grant(beds)
    change(beds, f"/v1/access-grants/{created['id']}", field_profile="full")
    revoke(beds, created)
    for api in (beds, cambs):
        steps = list_changes(api, "access_grant")
        assert [step["kind"].partition(".")[2] for step in steps] == [
            "created",
            "updated",
            "revoked",
        ]
        assert steps[1]["changes"] == {"field_profile": {"before": "standard", "after": "full"}}
        assert steps[2]["changes"]["revoked_reason"]["after"] == "It is done."
    assert list_changes(kent, "access_grant") == []
