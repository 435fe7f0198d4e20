"""Imports whose client or person loses access before the import runs."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.access.models import OAuthClient
from catalogue.access.operations import revoke_client
from catalogue.core.actor import Author
from catalogue.core.jobs.models import Job
from catalogue.core.jobs.worker import run_waiting
from tests.access.identity_providers.issuer import AUDIENCE, Issuer
from tests.api_calls import answer, change, listed
from tests.factories import BEDS, client_with, signed_in
from tests.stores import Store
from tests.unsaved import CheckedClient

SCOPES = "systems:read systems:write imports:write audit:read"
PERSON = "jane.doe@example.org"
Fields = dict[str, Any]
SignIn = Callable[[str | None, str], CheckedClient]


def post_import(api: CheckedClient) -> Fields:
    data = {"file": (io.BytesIO(b"Name,Lifecycle\nLedger,live\n"), "systems.csv")}
    response = api.post("/v1/imports", data=data)
    assert response.status_code == 202, response.text
    posted: Fields = answer(response)
    return posted


def read_job(api: CheckedClient, posted: Fields) -> Fields:
    job: Fields = answer(api.get(f"/v1/jobs/{posted['job_id']}"))
    return job


def require_refused(job: Fields) -> None:
    assert (job["status"], job["problem"]["status"]) == ("failed", 403)
    [error] = job["problem"]["errors"]
    assert (error["pointer"], error["code"]) == ("", "client_revoked")


@pytest.mark.parametrize("lost", ["client", "scope"])
def test_import_of_a_client_that_lost_its_access_changes_nothing_until_another_retries_it(
    lost: str,
    app: Flask,
    session: Session,
    sign_in: SignIn,
    run_jobs: Callable[[], None],
) -> None:
    posted = post_import(sign_in(BEDS, SCOPES))
    session.info["author"] = Author("test")
    client = session.scalars(sa.select(OAuthClient)).one()
    if lost == "client":
        revoke_client(session, client_id=client.client_id)
    else:
        client.scopes = "systems:read"
    run_jobs()
    other = signed_in(app, session, BEDS, SCOPES)
    require_refused(read_job(other, posted))
    assert listed(other, "/v1/systems") == []
    assert other.post(f"/v1/jobs/{posted['job_id']}/retry").status_code == 202
    run_jobs()
    assert read_job(other, posted)["status"] == "succeeded"
    assert listed(other, "/v1/systems") == ["Ledger"]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer().running() as running:
        yield running


@pytest.fixture
def provided(store: Store) -> Flask:
    """Return an app that may read the documents of a provider on this machine."""
    return store.app_with(identity_provider_private_addresses=True)


def test_import_by_a_person_names_the_person_and_needs_their_access(
    provided: Flask, session: Session, issuer: Issuer, make_agency: Callable[..., object]
) -> None:
    make_agency(BEDS)
    admin = signed_in(provided, session, None, "admin")
    provider = answer(
        admin.post(
            "/v1/identity-providers",
            json={
                "key": "beds",
                "name": "Bedfordshire",
                "issuer": issuer.url,
                "audiences": [AUDIENCE],
                "agencies": [BEDS],
            },
        )
    )
    person = client_with(provided, issuer.token(sub="u1", preferred_username=PERSON, scope=SCOPES))
    post_import(person)
    session.commit()
    run_waiting(provided)
    [made] = answer(person.get("/v1/systems"))["items"]
    [event] = answer(person.get(f"/v1/systems/{made['id']}/history"))["items"]
    assert event["person"].endswith(PERSON)
    session.expire_all()
    [ended] = session.scalars(sa.select(Job))
    assert PERSON not in str(ended.arguments)
    session.commit()

    second = post_import(person)
    path = f"/v1/identity-providers/{provider['id']}"
    blocked = change(admin, path, blocked_subjects=[PERSON])
    assert blocked.status_code == 200, blocked.text
    run_waiting(provided)
    require_refused(read_job(signed_in(provided, session, BEDS, SCOPES), second))
