"""The document and the page that shows it: public, and our own files."""

import re
from urllib.parse import urljoin

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api_calls import answer
from tests.stores import Store

DOCS = "/docs/"
# An address that a browser would fetch from, save for names that only look like one.
ELSEWHERE = re.compile(r"""(?:src|href|url)\s*[=(:]\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)


def fetch(client: FlaskClient, address: str) -> str:
    """A file of the page, as text."""
    with client.get(address) as response:
        assert response.status_code == 200, address
        return response.get_data().decode(errors="replace")


def test_openapi_document_is_served_with_etag(client: FlaskClient, app: Flask) -> None:
    response = client.get("/v1/openapi.json")
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    document = answer(response)
    assert document["openapi"].startswith("3.1")
    assert response.data == app.extensions["openapi"].document()
    assert "/v1/systems" in document["paths"]
    again = client.get("/v1/openapi.json", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_openapi_document_is_same_for_every_app(store: Store) -> None:
    made = [store.app_with().extensions["openapi"].document() for _ in range(2)]
    assert made[0] == made[1]
    assert orjson.loads(made[0])["servers"] == [{"url": store.settings.public_url}]


@pytest.mark.only_on("sqlite")
def test_docs_page_loads_only_local_files(client: FlaskClient) -> None:
    page = client.get(DOCS)
    assert page.status_code == 200
    assert page.mimetype == "text/html"
    assert not ELSEWHERE.search(page.text)
    needed = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
    assert any(each.endswith(".js") for each in needed)
    assert any(each.endswith(".css") for each in needed)
    for each in needed:
        address = urljoin(DOCS, each)
        assert address.startswith("/docs/"), each
        assert fetch(client, address)


@pytest.mark.only_on("sqlite")
def test_docs_page_shows_openapi_document(client: FlaskClient) -> None:
    page = fetch(client, DOCS)
    scripts = [
        fetch(client, urljoin(DOCS, each))
        for each in re.findall(r"""src=["']([^"']+)["']""", page)
        if "initializer" in each
    ]
    assert "/v1/openapi.json" in page + "".join(scripts)


@pytest.mark.only_on("sqlite")
def test_docs_style_sheets_fetch_nothing(client: FlaskClient) -> None:
    page = fetch(client, DOCS)
    sheets = re.findall(r"""href=["']([^"']+\.css)["']""", page)
    assert sheets
    for sheet in sheets:
        text = fetch(client, urljoin(DOCS, sheet))
        assert not re.search(r"""(?:@import|url\()\s*["']?(?:https?:)?//""", text)


@pytest.mark.only_on("sqlite")
def test_docs_security_policy_allows_only_local_sources(client: FlaskClient) -> None:
    policy = client.get(DOCS).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for sources in rules.values():
        assert set(sources.split()) <= {"'none'", "'self'", "'unsafe-inline'", "data:"}
    assert client.get(DOCS).headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.only_on("sqlite")
def test_docs_paths_outside_its_files_are_not_served(client: FlaskClient) -> None:
    for path in (
        "/docs/../catalogue.db",
        "/docs/%2e%2e/%2e%2e/pyproject.toml",
        "/docs//etc/passwd",
    ):
        assert client.get(path).status_code in {301, 302, 308, 404}, path
