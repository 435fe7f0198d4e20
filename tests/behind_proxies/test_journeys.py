"""Journeys through a real nginx with gzip, and through a real PgBouncer in transaction mode."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from time import monotonic, sleep
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from tests.behind_proxies.conftest import LIMIT, Site
from tests.threads import PATIENCE_SECONDS

TIMES = 20
JSON = {"Content-Type": "application/json"}
LARGE = b"a" * 50_000


def record(client: httpx.Client, name: str) -> httpx.Response:
    """Record a system, and read it as it was received."""
    made = client.post("/v1/systems", json={"name": name, "lifecycle": "live", "tags": [name[:4]]})
    assert made.status_code == 201, made.text
    return client.get(urljoin(str(client.base_url), made.headers["Location"]))


def send(address: str, path: str, body: bytes, headers: dict[str, str], *, times: int) -> set[int]:
    """Post a body on new connections, whole before the response is read. Return the statuses."""
    place = urlsplit(address)
    statuses = set()
    for _ in range(times):
        connection = HTTPConnection(place.netloc, timeout=PATIENCE_SECONDS)
        connection.request("POST", place.path + path, body, headers)
        statuses.add(connection.getresponse().status)
        connection.close()
    return statuses


def test_compressed_record_is_changed_by_its_tag_as_received(site: Site) -> None:
    with site.client() as client:
        read = record(client, "Custody")
        assert read.status_code == 200
        assert read.headers["Content-Encoding"] == "gzip"
        tag = read.headers["ETag"]
        assert tag.startswith("W/"), "nginx no longer changes tags, so this proves nothing"
        known = client.get(read.url, headers={"If-None-Match": tag})
        assert (known.status_code, known.content) == (304, b"")
        changed = client.patch(read.url, json={"user_count": 7}, headers={"If-Match": tag})
        assert (changed.status_code, changed.json()["user_count"]) == (200, 7)
        stale = client.patch(read.url, json={"user_count": 8}, headers={"If-Match": tag})
        assert stale.status_code == 412
        newest = client.get(read.url).headers["ETag"]
        item = {"id": read.json()["id"], "etag": newest, "user_count": 9}
        bulk = client.patch("/v1/systems/bulk", json={"items": [item]})
        assert bulk.json()["succeeded"] == 1, bulk.text
        deleted = client.delete(
            read.url, headers={"If-Match": client.get(read.url).headers["ETag"]}
        )
        assert deleted.status_code == 204


def test_pages_are_followed_by_link_below_the_public_path(site: Site) -> None:
    with site.client() as client:
        names = [f"Page {number}" for number in range(5)]
        items = [{"name": name, "lifecycle": "live", "tags": ["page"]} for name in names]
        assert client.post("/v1/systems/bulk", json={"items": items}).status_code == 200
        found, address = [], f"{site.address}/v1/systems?tags=page&sort=name&limit=2"
        while address:
            page = client.get(address)
            assert page.headers["Content-Encoding"] == "gzip"
            found += [item["name"] for item in page.json()["items"]]
            address = str(page.links.get("next", {}).get("url", ""))
            address = address and urljoin(str(page.url), address)
            assert not address or address.startswith(site.address)
        assert found == names


def test_docs_document_and_metadata_are_found_below_the_public_path(site: Site) -> None:
    with httpx.Client(follow_redirects=True) as client:
        page = client.get(f"{site.address}/docs")
        assert (page.status_code, str(page.url)) == (200, f"{site.address}/docs/")
        document = re.search(r'"url": "([^"]+)"', page.text)
        assert document
        needed = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
        for each in (*needed, document[1]):
            assert client.head(urljoin(str(page.url), each)).status_code == 200, each
        refused = client.get(f"{site.address}/v1/systems")
        challenge = refused.headers["WWW-Authenticate"]
        resource = client.get(challenge.partition('resource_metadata="')[2].rstrip('"')).json()
        [issuer] = resource["authorization_servers"]
        server = client.get(f"{issuer}/.well-known/oauth-authorization-server").json()
        assert server["token_endpoint"] == f"{site.address}/oauth/token"
        assert client.get(server["jwks_uri"]).status_code == 200


def test_import_is_accepted_and_finished_by_a_job(site: Site) -> None:
    with site.client() as client:
        file = ("systems.csv", b"Name,Lifecycle\nImported,live\n", "text/csv")
        accepted = client.post("/v1/imports", files={"file": file})
        assert accepted.status_code == 202, accepted.text
        address = urljoin(site.address, accepted.headers["Location"])
        deadline = monotonic() + PATIENCE_SECONDS
        while (report := client.get(address).json())["status"] in {"queued", "running"}:
            assert monotonic() < deadline, report
            sleep(0.1)
        assert report["status"] == "succeeded", report


@pytest.mark.parametrize("way", ["address", "plain_address", "direct_address"])
def test_refusal_before_the_body_is_read_reaches_the_client(site: Site, way: str) -> None:
    address = getattr(site, way)
    reader = {"Authorization": f"Bearer {site.token('reader')}"}
    refusals: list[tuple[str, dict[str, str], int]] = [
        ("/v1/imports", {"Authorization": "Bearer expired"}, 401),
        ("/v1/imports", reader, 403),
        ("/v1/nothing", {}, 404),
        ("/health/live", {}, 405),
        ("/v1/systems", {}, 401),
    ]
    for path, headers, status in refusals:
        found = send(address, path, LARGE, headers, times=4)
        assert found == {status}, path
    for size, times in ((20_000, 5), (len(LARGE), TIMES), (900_000, 3)):
        headers = {"Authorization": "Bearer expired"}
        found = send(address, "/v1/imports", b"a" * size, headers, times=times)
        assert found == {401}, size
    with httpx.Client(base_url=address) as client:
        kept = [client.post("/v1/imports", content=LARGE).status_code for _ in range(3)]
    assert kept == [401] * 3


def test_refusal_of_content_reaches_the_client(site: Site) -> None:
    with site.client() as client:
        for _ in range(TIMES):
            unknown = client.post(
                "/v1/systems", content=LARGE, headers={"Content-Type": "text/plain"}
            )
            assert (unknown.status_code, unknown.json()["status"]) == (415, 415)
        for size in (1_200_000, 5_000_000):
            large = client.post("/v1/systems", content=b"a" * size, headers=JSON)
            assert (large.status_code, large.json()["status"]) == (413, 413)
        for _ in range(3):
            file = ("large.csv", b"a" * 25_000_000, "text/csv")
            refused = client.post("/v1/imports", files={"file": file})
            assert (refused.status_code, refused.json()["status"]) == (413, 413)


def test_body_that_no_operation_wants_does_not_break_the_connection(site: Site) -> None:
    with site.client() as client:
        for _ in range(TIMES):
            read = client.request("GET", "/v1/systems?limit=1", content=LARGE)
            assert read.status_code == 200


def test_guesses_from_one_address_are_limited_whatever_port_they_name(site: Site) -> None:
    with httpx.Client(base_url=site.address, auth=("guessed", "guess")) as client:
        statuses = [
            client.post(
                "/oauth/token",
                data={"grant_type": "client_credentials", "padding": "a" * 10_000},
                # nginx adds the real address, so what the client writes there counts for nothing.
                headers={"X-Forwarded-For": f"203.0.113.{number}:{number}"},
            ).status_code
            for number in range(2 * LIMIT + 1)
        ]
    # The minute can end once while they are sent.
    assert set(statuses) == {401, 429}
    assert statuses.count(401) <= 2 * LIMIT


def test_log_names_the_caller_of_each_request(site: Site) -> None:
    client_id, secret = site.credentials["writer"]
    with site.client() as client:
        token = client.headers["Authorization"].removeprefix("Bearer ")
        for request_id, path in (("found", "/v1/systems?limit=1"), ("lost", "/v1/nothing")):
            response = client.get(path, headers={"X-Request-Id": request_id})
            assert response.headers["X-Request-Id"] == request_id
    lines = {line.get("request_id"): line for line in site.lines()}
    found = {"client_id": client_id, "address": "127.0.0.1", "status": 200, "query": "limit=1"}
    assert found.items() <= lines["found"].items()
    assert lines["lost"]["status"] == 404
    assert urlsplit(site.address).path + "/v1/nothing" == lines["lost"]["path"]
    text = site.log.read_text()
    assert secret not in text
    assert token not in text


def test_many_readers_and_writers_share_few_connections(site: Site) -> None:
    with site.client() as client:
        made = [record(client, f"Pool {number}") for number in range(4)]

        def work(number: int) -> int:
            if number % 3 == 0:
                name = f"Pool work {number}"
                return client.post(
                    "/v1/systems", json={"name": name, "lifecycle": "live"}
                ).status_code
            if number % 3 == 1:
                return client.get(made[number % 4].url).status_code
            return client.get(f"/v1/systems?q=pool&limit={number % 7 + 1}&total=true").status_code

        with ThreadPoolExecutor(8) as pool:
            statuses = set(pool.map(work, range(150)))
    assert statuses == {200, 201}
    assert not [line for line in site.lines() if line["level"] == "ERROR"]


def test_times_are_those_of_a_server_in_another_time_zone(site: Site) -> None:
    with site.client() as client:
        read = record(client, "Time")
        [listed] = client.get("/v1/systems", params={"name": "Time"}).json()["items"]
    assert read.json()["created_at"] == listed["created_at"]
    created = datetime.fromisoformat(listed["created_at"])
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=5)
    assert listed["created_at"].endswith("+00:00")
