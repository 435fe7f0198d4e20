"""A server that is told to end does not wait for those who wait for changes."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from sqlalchemy.orm import Session

from tests.history.following import FEED, WITH_RISKS
from tests.identities import signed_in
from tests.programs import free_port, serving
from tests.recording import BEDS
from tests.stores import Store


def test_a_server_that_ends_lets_go_who_waits(
    store: Store, session: Session, tmp_path: Path
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {
        "CATALOGUE_DATABASE_URL": store.url,
        "CATALOGUE_PUBLIC_URL": store.settings.public_url,
        "CATALOGUE_FEED_WAITERS": "1",
    }
    token = signed_in(store.app, session, BEDS, WITH_RISKS).environ_base["HTTP_AUTHORIZATION"]
    session.close()

    def wait() -> httpx.Response:
        return httpx.get(
            f"{address}{FEED}",
            params={"resource": "system", "wait": 30},
            headers={"Authorization": token},
            timeout=40,
        )

    with ThreadPoolExecutor(1) as pool:
        with serving("serve", "--workers", "1", port=port, cwd=tmp_path, **settings):
            asked = pool.submit(wait)
            time.sleep(1.5)
            assert not asked.done(), asked.result().text
            began = time.monotonic()
        assert time.monotonic() - began < 8
        response = asked.result()
    assert response.status_code == 200, response.text
    assert response.json()["items"] == []
