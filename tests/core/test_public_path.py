"""A service that a proxy publishes below a path of its host: every address leads back to it."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories import BEDS, READ_WRITE, signed_in, system
from tests.stores import Store
from tests.unsaved import CheckedClient

PUBLIC = "https://police.example/it/catalogue"
PREFIX = "/it/catalogue"

Below = Callable[[str], CheckedClient]


@pytest.fixture
def below(store: Store) -> Flask:
    return store.app_with(public_url=PUBLIC)


@pytest.fixture
def api(below: Flask, session: Session) -> CheckedClient:
    return signed_in(below, session, BEDS, f"{READ_WRITE} audit:read")


def test_location_leads_to_record_below_the_prefix(api: CheckedClient) -> None:
    made = api.post("/v1/systems", json={"name": "Custody", "lifecycle": "live"})
    assert made.headers["Location"] == f"{PREFIX}/v1/systems/{made.json['id']}"
    assert api.get(made.headers["Location"]).json == made.json


@pytest.mark.parametrize("path", ["/v1/systems?limit=1&sort=name", "/v1/changes?limit=1"])
def test_next_link_leads_to_next_page_below_the_prefix(api: CheckedClient, path: str) -> None:
    for name in ("Alpha", "Bravo", "Charlie"):
        system(api, name)
    seen, address = [], path
    for _ in range(10):
        response = api.get(address)
        seen += [item["id"] for item in response.json["items"]]
        link = re.fullmatch(r'<([^>]+)>; rel="next"', response.headers.get("Link", ""))
        if link is None:
            break
        address = link[1]
        assert address.startswith(f"{PREFIX}/v1/")
    assert len(seen) == len(set(seen)) >= 3


def test_proxy_can_leave_the_prefix_in_the_path_or_remove_it(api: CheckedClient) -> None:
    assert api.get("/v1/systems").status_code == 200
    assert api.get(f"{PREFIX}/v1/systems").status_code == 200
    assert api.get(f"{PREFIX}{PREFIX}/v1/systems").status_code == 404
    assert api.get(f"{PREFIX}/etc").status_code == 404
    assert api.get(f"{PREFIX}x/v1/systems").status_code == 404


def test_prefix_that_looks_like_the_api_takes_nothing_from_it(store: Store) -> None:
    client = store.app_with(public_url="https://police.example/v1").test_client()
    assert client.get("/v1/openapi.json").status_code == 200
    assert client.get("/v1/v1/openapi.json").status_code == 200


def test_problem_names_the_public_path(api: CheckedClient) -> None:
    for path in ("/v1/nothing", f"{PREFIX}/v1/nothing"):
        assert api.get(path).json["instance"] == f"{PREFIX}/v1/nothing"


def test_merged_duplicate_leads_to_survivor_below_the_prefix(api: CheckedClient) -> None:
    survivor, duplicate = (system(api, name, disclosure="all_agencies") for name in "AB")
    merged = api.post(f"/v1/systems/{survivor['id']}/merge", json={"duplicate_id": duplicate["id"]})
    assert merged.status_code == 200, merged.text
    gone = api.get(f"/v1/systems/{duplicate['id']}")
    assert gone.json["merged_into"] == f"{PREFIX}/v1/systems/{survivor['id']}"


def test_docs_page_and_all_its_files_lie_below_the_prefix(below: Flask) -> None:
    client = below.test_client()
    assert client.get("/docs").headers["Location"] == f"{PREFIX}/docs/"
    page = client.get(f"{PREFIX}/docs/").text
    assert f'"url": "{PREFIX}/v1/openapi.json"' in page
    assert f'"oauth2RedirectUrl": "{PUBLIC}/docs/oauth2-redirect.html"' in page
    files = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page)
    assert files
    for file in files:
        assert file.startswith(f"{PREFIX}/docs/")
        with client.get(file) as response:
            assert response.status_code == 200, file


def test_challenge_leads_to_metadata_and_token_endpoint_below_the_prefix(below: Flask) -> None:
    client = below.test_client()
    refused = client.get("/v1/systems")
    address = refused.headers["WWW-Authenticate"].partition('resource_metadata="')[2].rstrip('"')
    assert address.startswith(f"{PUBLIC}/")
    resource = client.get(urlsplit(address).path).json
    assert resource["resource"] == f"{PUBLIC}/v1"
    [issuer] = resource["authorization_servers"]
    path = urlsplit(issuer).path + "/.well-known/oauth-authorization-server"
    assert client.get(path).json["token_endpoint"] == f"{PUBLIC}/oauth/token"
    document = client.get(f"{PREFIX}/v1/openapi.json").json
    assert document["servers"] == [{"url": PUBLIC}]
