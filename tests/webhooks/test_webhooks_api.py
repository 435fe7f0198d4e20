"""Webhooks as records of an agency: what is refused, and what others see."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.models import IdempotencyKey
from tests.api_calls import answer, change, refusals
from tests.factories import BEDS, CAMBS
from tests.unsaved import CheckedClient

Fields = dict[str, Any]
SignIn = Callable[[str | None, str], CheckedClient]
SCOPES = "systems:read webhooks:write"


@pytest.fixture
def api(sign_in: SignIn) -> CheckedClient:
    """Return Bedfordshire's client."""
    return sign_in(BEDS, SCOPES)


@pytest.mark.parametrize(
    "url",
    [
        "https://10.1.2.3/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/hook",
        "https://[fec0::1]/hook",
        "https://[::ffff:0:169.254.169.254]/hook",
        "https://168.63.129.16/hook",
        "http://example.org/hook",
        "https://example.org:99999/hook",
        "https://user:secret@example.org/hook",
        "https://example.org/hook#part",
    ],
)
@pytest.mark.only_on("sqlite")
def test_url_that_cannot_receive_events_is_refused(api: CheckedClient, url: str) -> None:
    assert refusals(api.post("/v1/webhooks", json={"url": url})) == {("/url", "invalid")}


def test_text_that_is_no_url_is_refused(api: CheckedClient) -> None:
    for url in ("ftp://example.org/hook", "/hook"):
        assert refusals(api.post("/v1/webhooks", json={"url": url})) == {("/url", "pattern")}


def test_unknown_kind_of_event_is_refused(api: CheckedClient) -> None:
    for kind in ("toaster.created", "toaster.*", "system.updatd", "system.revoked"):
        fields = {"url": "https://example.org/hook", "event_kinds": ["system.*", kind]}
        response = api.post("/v1/webhooks", json=fields)
        assert refusals(response) == {("/event_kinds/1", "unknown")}, kind
        assert kind != "system.updatd" or "Did you mean `system.updated`" in response.text


def test_kind_of_event_that_the_client_cannot_see_is_refused(
    api: CheckedClient, sign_in: SignIn
) -> None:
    fields = {"url": "https://example.org/hook", "event_kinds": ["cost.*"]}
    response = api.post("/v1/webhooks", json=fields)
    assert refusals(response) == {("/event_kinds/0", "out_of_scope")}
    assert "`costs:read`" in response.text
    wider = sign_in(BEDS, f"{SCOPES} costs:read")
    created = answer(wider.post("/v1/webhooks", json=fields))
    changed = change(api, f"/v1/webhooks/{created['id']}", event_kinds=["cost.created"])
    assert refusals(changed) == {("/event_kinds/0", "out_of_scope")}


def test_all_faults_of_a_webhook_are_listed_at_once(api: CheckedClient) -> None:
    kinds = ["system.*", "toaster.created", "cost.*"]
    fields = {"url": "https://10.1.2.3/hook", "event_kinds": kinds, "status": "suspended"}
    faults = {
        ("/status", "unexpected"),
        ("/url", "invalid"),
        ("/event_kinds/1", "unknown"),
        ("/event_kinds/2", "out_of_scope"),
    }
    assert refusals(api.post("/v1/webhooks", json=fields)) == faults
    created = answer(api.post("/v1/webhooks", json={"url": "https://example.org/hook"}))
    assert refusals(change(api, f"/v1/webhooks/{created['id']}", **fields)) == faults


def test_only_the_service_suspends_a_webhook(api: CheckedClient) -> None:
    fields = {"url": "https://example.org/hook", "status": "suspended"}
    assert refusals(api.post("/v1/webhooks", json=fields)) == {("/status", "unexpected")}


def test_secret_appears_once_and_in_no_other_response(api: CheckedClient) -> None:
    created = answer(api.post("/v1/webhooks", json={"url": "https://example.org/hook"}))
    path = f"/v1/webhooks/{created['id']}"
    change(api, path, description="Ours")
    later = [api.get(path).text, api.get("/v1/webhooks").text, api.get(f"{path}/history").text]
    assert created["secret"].startswith("whsec_")
    assert not [text for text in later if created["secret"][6:] in text]


def test_secret_is_not_stored_for_a_repeated_request(api: CheckedClient, session: Session) -> None:
    def post(path: str, key: str, **body: Any) -> Fields:
        return answer(api.post(path, json=body or None, headers={"Idempotency-Key": key}))

    url = "https://example.org/hook"
    created = post("/v1/webhooks", "made", url=url)
    path = f"/v1/webhooks/{created['id']}"
    rotated = post(f"{path}/secrets", "rotated")
    assert created["secret"] != rotated["secret"]
    stored = session.scalars(sa.select(IdempotencyKey.body)).all()
    assert len(stored) == 2
    assert not [body for body in stored if b"whsec_" in body]
    for _ in range(2):
        assert post("/v1/webhooks", "made", url=url) == created | {"secret": None}
        assert post(f"{path}/secrets", "rotated") == rotated | {"secret": None}
        gone = api.delete(path, headers={"If-Match": api.get(path).headers.get("ETag", "*")})
        assert gone.status_code in {204, 404}


def test_another_agency_sees_neither_webhook_nor_deliveries(
    api: CheckedClient, sign_in: SignIn
) -> None:
    created = answer(api.post("/v1/webhooks", json={"url": "https://example.org/hook"}))
    path = f"/v1/webhooks/{created['id']}"
    cambs = sign_in(CAMBS, SCOPES)
    assert answer(cambs.get("/v1/webhooks"))["items"] == []
    for attempt in (
        cambs.get(path),
        cambs.get(f"{path}/deliveries"),
        cambs.get(f"{path}/history"),
        cambs.post(f"{path}/secrets"),
        cambs.post(f"{path}/replays", json={}),
        cambs.delete(path, headers={"If-Match": '"x"'}),
    ):
        assert attempt.status_code == 404


def test_replay_after_an_event_that_the_agency_cannot_see_is_refused(api: CheckedClient) -> None:
    created = answer(api.post("/v1/webhooks", json={"url": "https://example.org/hook"}))
    path = f"/v1/webhooks/{created['id']}/replays"
    for after in ("01a19b8d-2140-7000-ad3b-34ef65192d76", "yesterday"):
        assert refusals(api.post(path, json={"after": after})) == {("/after", "unknown")}


def test_an_agency_has_at_most_twenty_webhooks(api: CheckedClient) -> None:
    fields = {"url": "https://example.org/hook"}
    for _ in range(20):
        assert api.post("/v1/webhooks", json=fields).status_code == 201
    assert refusals(api.post("/v1/webhooks", json=fields), 409) == {("", "too_many")}


def test_deleted_webhook_takes_its_secrets_with_it(api: CheckedClient) -> None:
    created = answer(api.post("/v1/webhooks", json={"url": "https://example.org/hook"}))
    path = f"/v1/webhooks/{created['id']}"
    etag = api.get(path).headers["ETag"]
    assert api.delete(path, headers={"If-Match": etag}).status_code == 204
    assert api.get(path).status_code == 404
