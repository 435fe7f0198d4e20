"""The test run: the stores, what every test may ask for, and what the run says at its end."""

import os
import secrets
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.actor import Author
from catalogue.core.database import working
from catalogue.core.jobs.operations import run_waiting
from tests.identities import agency, signed_in
from tests.postgres import Keeper, find_binaries
from tests.stores import NAMES, NO_POSTGRES, Run, Store, drop_databases, open_store
from tests.unsaved import CheckedClient, lend, take_back

# How long an example takes says more of the machine than of the code.
settings.register_profile(
    "catalogue",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("catalogue")

REQUIRE_POSTGRES = os.environ.get("CATALOGUE_REQUIRE_POSTGRES") == "1"

run_key = pytest.StashKey[Run]()
keeper_key = pytest.StashKey[Keeper]()


def pytest_configure(config: pytest.Config) -> None:
    """Find PostgreSQL, once for all processes of the run."""
    if hasattr(config, "workerinput"):
        config.stash[run_key] = Run(**config.workerinput["run"])
        return
    signal.signal(signal.SIGTERM, _end_in_order)
    directory = tempfile.mkdtemp(prefix="catalogue-tests-")
    token = f"catalogue_test_{secrets.token_hex(4)}"
    url = os.environ.get("CATALOGUE_TEST_POSTGRES_URL", "")
    binaries = None if url else find_binaries()
    if binaries:
        keeper = config.stash[keeper_key] = Keeper(binaries)
        run = Run(directory, token, cluster_directory=str(keeper.cluster.directory))
    else:
        run = Run(directory, token, url)
    config.stash[run_key] = run


def _end_in_order(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker about the run."""
    node.workerinput["run"] = node.config.stash[run_key].to_worker()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    if hasattr(config, "workerinput") or run_key not in config.stash:
        return
    run = config.stash[run_key]
    if keeper_key in config.stash:
        config.stash[keeper_key].release()
    elif run.postgres_url:
        drop_databases(run)
    shutil.rmtree(run.directory, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the other store of a test that is marked `only_on`; note each test's store."""
    kept, left_out = [], []
    for item in items:
        store = _store_of(item)
        mark = item.get_closest_marker("only_on")
        (left_out if mark and store and store not in mark.args else kept).append(item)
        if store:
            item.user_properties.append(("store", store))
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def _store_of(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec else ()
    return next((value for value in values if isinstance(value, str) and value in NAMES), None)


class Tally:
    """What became of the tests on each store."""

    def __init__(self, reporter: Any) -> None:
        self.outcomes: dict[str, Counter[str]] = {name: Counter() for name in NAMES}
        self.missing = 0
        self.skipped = len(reporter.stats.get("skipped", []))
        for outcome, reports in reporter.stats.items():
            for report in reports:
                if not outcome or not isinstance(report, pytest.TestReport):
                    continue
                store = dict(report.user_properties).get("store")
                if store:
                    self.outcomes[store][outcome] += 1
                    if outcome == "skipped" and NO_POSTGRES in str(report.longrepr):
                        self.missing += 1

    def lines(self) -> Iterator[str]:
        """One line for each store that was asked for."""
        for store, outcomes in self.outcomes.items():
            if outcomes:
                counted = ", ".join(f"{number} {what}" for what, number in outcomes.items())
                yield f"{store}: {counted}"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that had to cover PostgreSQL, and did not."""
    config = session.config
    if hasattr(config, "workerinput") or not REQUIRE_POSTGRES:
        return
    tally = Tally(config.pluginmanager.getplugin("terminalreporter"))
    if tally.skipped or not tally.outcomes["postgresql"]["passed"]:
        session.exitstatus = max(int(session.exitstatus), pytest.ExitCode.TESTS_FAILED)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Iterator[None]:
    """Close with what ran on which store, and loudly with what did not."""
    yield
    tally = Tally(terminalreporter)
    for line in tally.lines():
        terminalreporter.line(line)
    if tally.missing:
        terminalreporter.section("POSTGRESQL WAS NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(
            f"{tally.missing} tests were skipped. Install PostgreSQL (Debian: apt-get install "
            "postgresql), or name a server in CATALOGUE_TEST_POSTGRES_URL.",
            red=True,
        )
    if REQUIRE_POSTGRES and tally.skipped:
        terminalreporter.line(
            f"CATALOGUE_REQUIRE_POSTGRES=1: {tally.skipped} skipped tests fail the run.", red=True
        )
    elif REQUIRE_POSTGRES and not tally.outcomes["postgresql"]["passed"]:
        terminalreporter.line(
            "CATALOGUE_REQUIRE_POSTGRES=1: nothing passed on PostgreSQL, so the run fails.",
            red=True,
        )


@pytest.fixture(scope="session")
def run(request: pytest.FixtureRequest) -> Run:
    """What the processes of this test run share."""
    return request.config.stash[run_key]


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this process among those of the run."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session", params=NAMES)
def store(request: pytest.FixtureRequest, run: Run, worker: str) -> Iterator[Store]:
    """SQLite, then PostgreSQL: a migrated database and an app on it, emptied after each test."""
    if request.param == "postgresql" and not run.has_postgres:
        pytest.skip(NO_POSTGRES)
    with open_store(run, request.param, worker) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _empty_store(request: pytest.FixtureRequest) -> Iterator[None]:
    if "store" not in request.fixturenames:
        yield
        return
    used: Store = request.getfixturevalue("store")
    yield
    used.clean()


@pytest.fixture
def app(store: Store) -> Flask:
    """The app on the store."""
    return store.app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without a token, which fails on a request that leaves work uncommitted."""
    return app.test_client()


@pytest.fixture
def session(store: Store) -> Iterator[Session]:
    """A session for the test itself. What it holds is committed before each request, and read
    afresh after it.
    """
    with working(store.database, read_only=False) as opened:
        opened.info["author"] = Author("test")
        lend(opened)
        try:
            yield opened
        finally:
            take_back(opened)
            opened.rollback()
            opened.info.clear()


@pytest.fixture
def make_agency(session: Session) -> Callable[..., Agency]:
    """`make_agency("bedfordshire-fire")`: an agency, found or made. Its kind is guessed."""
    return partial(agency, session)


@pytest.fixture
def sign_in(app: Flask, session: Session) -> Callable[[str | None, str], CheckedClient]:
    """`sign_in("bedfordshire-police", "systems:read systems:write")`: a client with a token.

    The agency is made if need be; None is an administrator, who acts for no agency.
    """
    return partial(signed_in, app, session)


@pytest.fixture
def run_jobs(app: Flask, session: Session) -> Callable[[], None]:
    """Run the jobs that are waiting, as the worker would."""

    def run() -> None:
        session.commit()
        run_waiting(app)
        session.expire_all()

    return run
