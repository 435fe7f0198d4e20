"""A server that is stopped answers the requests that wait for changes."""

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

import httpx
from sqlalchemy.orm import Session

from tests.factories import BEDS, signed_in
from tests.history.feed import FEED, WITH_RISKS
from tests.programs import free_port, serving
from tests.stores import Store
from tests.threads import PATIENCE_SECONDS


def test_waiting_feed_request_is_answered_when_server_stops(
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

    def request_changes() -> httpx.Response:
        return httpx.get(
            f"{address}{FEED}",
            params={"resource": "system", "wait": 30},
            headers={"Authorization": token},
            timeout=30 + PATIENCE_SECONDS,
        )

    with ThreadPoolExecutor(2) as pool:
        # A server that does not end by itself is killed, and then no request is answered.
        with serving("serve", "--workers", "1", port=port, cwd=tmp_path, **settings):
            requests = [pool.submit(request_changes) for _ in range(2)]
            # Only one request can wait. The other finds no free slot, and is answered at once.
            done, waiting = wait(requests, PATIENCE_SECONDS, return_when=FIRST_COMPLETED)
            assert (len(done), len(waiting)) == (1, 1)
        responses = [each.result() for each in requests]
    for response in responses:
        assert response.status_code == 200, response.text
        assert response.json()["items"] == []
