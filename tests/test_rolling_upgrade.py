"""An old release serves beside a new one, on a database that the new one has migrated."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalogue.core.actor import Author
from catalogue.core.application import database
from catalogue.core.config import Settings
from catalogue.core.database import UnitOfWork
from tests.factories import BEDS, token_for
from tests.programs import environment, free_port, serving
from tests.releases import (
    NO_HISTORY,
    Release,
    commit_before_last_migration,
    has_history,
    next_release,
    release_of,
)
from tests.stores import NAMES, NO_POSTGRES, ROOT, Run, administer, make_database, new_app
from tests.threads import PATIENCE_SECONDS

pytestmark = pytest.mark.xdist_group("rolling upgrade")
HAS_HISTORY = has_history()
PREVIOUS = commit_before_last_migration() if HAS_HISTORY else None
NEXT = "next release"
FORMS = [NEXT, *(["previous commit"] if PREVIOUS or not HAS_HISTORY else [])]
SCOPES = "systems:read systems:write overlaps:read overlaps:write"
ROUNDS = 15


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    """Today's code before a later release, or after an earlier one."""
    return str(request.param)


@pytest.fixture
def releases(form: str, tmp_path: Path) -> tuple[Release, Release]:
    """The old release and the new one, of which one is today's code."""
    today = Release(tmp_path / "today")
    today.folder.mkdir()
    for part in ("catalogue", "migrations", "openapi"):
        (today.folder / part).symlink_to(ROOT / part)
    if form == NEXT:
        return today, next_release(tmp_path / "next")
    if not PREVIOUS:
        pytest.skip(NO_HISTORY)
    return release_of(PREVIOUS, tmp_path / "previous"), today


@pytest.fixture(params=NAMES)
def url(request: pytest.FixtureRequest, form: str, run: Run, worker: str) -> Iterator[str]:
    """Yield the address of a database on each store, with today's structure or empty."""
    if request.param == "postgresql" and not run.has_postgres:
        pytest.skip(NO_POSTGRES)
    made = make_database(run, request.param, worker, migrated=form == NEXT)
    yield made.render_as_string(hide_password=False)
    if request.param == "postgresql":
        administer(run.server_url(), f'DROP DATABASE "{made.database}" WITH (FORCE)')


class Load:
    """Requests to one server, one after another, and those that it refused."""

    def __init__(self, port: int, token: str) -> None:
        self.refused: list[str] = []
        self.served = 0
        self.api = httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE_SECONDS,
        )
        self.stop = threading.Event()

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request, and note a refusal."""
        response = self.api.request(method, path, **options)
        if response.status_code >= 400:
            self.refused.append(f"{method} {path}: {response.status_code} {response.text}")
        self.served += 1
        return response

    def run(self, name: str, rounds: int) -> None:
        """Record, read, change and list systems, and find overlaps."""
        for number in range(rounds):
            if self.stop.is_set():
                return
            body = {"name": f"{name} {number}", "lifecycle": "live"}
            path = self.send("POST", "/v1/systems", json=body).headers["Location"]
            tag = self.send("GET", path).headers["ETag"]
            change = {"user_count": number}
            self.send("PATCH", path, json=change, headers={"If-Match": tag})
            self.send("GET", "/v1/systems?total=true&sort=-name")
            self.send("GET", f"{path}/history" if number % 5 else "/health/ready")
        self.send("POST", "/v1/overlaps/runs")


@contextmanager
def loaded(port: int, token: str, name: str, rounds: int) -> Iterator[Load]:
    """Send requests during the block, and to the end of the rounds unless they are stopped."""
    load = Load(port, token)
    thread = threading.Thread(target=load.run, args=(name, rounds))
    thread.start()
    try:
        yield load
    finally:
        thread.join(PATIENCE_SECONDS)
        load.api.close()


def make_token(url: str, settings: dict[str, str]) -> str:
    app = new_app(Settings(database_url=url, public_url=settings["CATALOGUE_PUBLIC_URL"]))
    with UnitOfWork(database(app), read_only=False) as work:
        work.session.info["author"] = Author("test")
        token = token_for(app, work.session, BEDS, SCOPES)
    database(app).engine.dispose()
    return token


def test_old_release_serves_beside_the_new_one_on_its_database(
    form: str, releases: tuple[Release, Release], url: str, tmp_path: Path
) -> None:
    old, new = releases
    settings = {"CATALOGUE_DATABASE_URL": url, "CATALOGUE_PUBLIC_URL": "http://catalogue.test"}
    if form != NEXT:
        assert run_command(old, "database", "upgrade", cwd=tmp_path, **settings) == 0
    old_port, new_port = free_port(), free_port()
    served = ("serve", "--workers", "1", "--threads", "4")
    folders = [tmp_path / name for name in ("first", "second", "third")]
    for folder in folders:
        folder.mkdir()
    token = make_token(url, settings)
    running = serving(*served, port=old_port, cwd=folders[0], command=old.command, **settings)
    with running, loaded(old_port, token, "Before", 1000) as first:
        assert run_command(new, "database", "upgrade", cwd=tmp_path, **settings) == 0
        first.stop.set()
    assert first.refused == []
    with (
        serving(*served, port=new_port, cwd=folders[1], command=new.command, **settings),
        serving(*served, port=old_port, cwd=folders[2], command=old.command, **settings) as log,
        loaded(old_port, token, "Old", ROUNDS) as by_old,
        loaded(new_port, token, "New", ROUNDS) as by_new,
    ):
        pass
    assert by_old.refused == by_new.refused == []
    assert by_old.served == by_new.served > ROUNDS
    assert "newer than this release" in log.read_text()


def run_command(release: Release, *arguments: str, cwd: Path, **settings: str) -> int:
    """Run a command of a release to its end, and return its code."""
    ended = subprocess.run(
        [release.command, *arguments], cwd=cwd, env=environment(**settings), check=False
    )
    return ended.returncode
