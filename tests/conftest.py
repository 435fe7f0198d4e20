"""The test run: the stores, the fixtures of every test, and the summary at the end."""

import gc
import os
import resource
import secrets
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial
from types import FrameType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.actor import SYSTEM_ACTOR, Author
from catalogue.core.application import ports
from catalogue.core.context import Context
from catalogue.core.database import UnitOfWork
from catalogue.core.jobs.worker import run_waiting
from tests.factories import agency, client_with, token_for
from tests.postgres import Keeper, find_binaries
from tests.releases import NO_HISTORY
from tests.steps import Steps
from tests.stores import (
    NAMES,
    NO_CHROMIUM,
    NO_POSTGRES,
    NO_PROXIES,
    Run,
    Store,
    drop_databases,
    open_store,
)
from tests.unsaved import CheckedClient, lend, take_back

pytest_plugins = ["pytester", "tests.selection", "tests.chance"]

REQUIRE_POSTGRES = os.environ.get("CATALOGUE_REQUIRE_POSTGRES") == "1"

run_key = pytest.StashKey[Run]()
keeper_key = pytest.StashKey[Keeper]()
peaks_key = pytest.StashKey[dict[str, int]]()
"""The most memory that each process of the run took, in MB."""


def pytest_configure(config: pytest.Config) -> None:
    """Find PostgreSQL, once for all processes of the run."""
    # A worker keeps about a million objects. Looking through them as often as Python does by
    # default takes a twelfth of the run.
    gc.set_threshold(50_000, 20, 50)
    if hasattr(config, "workerinput"):
        config.stash[run_key] = Run(**config.workerinput["run"])
        return
    signal.signal(signal.SIGTERM, _end_in_order)
    config.stash[peaks_key] = {}
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
    """Send an xdist worker the settings of the run."""
    node.workerinput["run"] = node.config.stash[run_key].to_worker()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Record the memory that an xdist worker used."""
    peak = getattr(node, "workeroutput", {}).get("peak")
    if peak:
        node.config.stash[peaks_key][node.gateway.id] = peak


def pytest_unconfigure(config: pytest.Config) -> None:
    """Delete the databases and files of the run."""
    if hasattr(config, "workerinput") or run_key not in config.stash:
        return
    run = config.stash[run_key]
    if keeper_key in config.stash:
        config.stash[keeper_key].release()
    elif run.postgres_url:
        drop_databases(run)
    shutil.rmtree(run.directory, ignore_errors=True)


class Tally:
    """The results of the tests on each store."""

    def __init__(self, reporter: Any) -> None:
        self.outcomes: dict[str, Counter[str]] = {name: Counter() for name in NAMES}
        self.missing = 0
        self.without_history = 0
        self.requests = 0
        """The requests that Schemathesis sent."""
        skipped = reporter.stats.get("skipped", [])
        self.skipped = len(skipped)
        self.unproxied = sum(NO_PROXIES in str(report.longrepr) for report in skipped)
        self.unseen = sum(NO_CHROMIUM in str(report.longrepr) for report in skipped)
        for outcome, reports in reporter.stats.items():
            for report in reports:
                if not outcome or not isinstance(report, pytest.TestReport):
                    continue
                self.without_history += outcome == "skipped" and NO_HISTORY in str(report.longrepr)
                properties = dict(report.user_properties)
                self.requests += properties.get("requests", 0)
                store = properties.get("store")
                if store:
                    self.outcomes[store][outcome] += 1
                    if outcome == "skipped" and NO_POSTGRES in str(report.longrepr):
                        self.missing += 1

    def lines(self) -> Iterator[str]:
        """Return a line for each store of the run."""
        for store, outcomes in self.outcomes.items():
            if outcomes:
                counted = ", ".join(f"{number} {what}" for what, number in outcomes.items())
                yield f"{store}: {counted}"
        if self.requests:
            yield f"requests made from the document: {self.requests:,}"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that did not cover PostgreSQL but had to. A worker reports its memory."""
    config = session.config
    if hasattr(config, "workerinput"):
        config.workeroutput["peak"] = _peak()
        return
    if not REQUIRE_POSTGRES:
        return
    tally = Tally(config.pluginmanager.getplugin("terminalreporter"))
    if tally.skipped or not tally.outcomes["postgresql"]["passed"]:
        session.exitstatus = max(int(session.exitstatus), pytest.ExitCode.TESTS_FAILED)


def _peak() -> int:
    """Return the most memory that this process has used, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> Iterator[None]:
    """Print the tests that ran on each store, and warn about a store without tests."""
    yield
    peaks = config.stash[peaks_key] or {"main": _peak()}
    said = ", ".join(f"{name} {peaks[name]} MB" for name in sorted(peaks))
    terminalreporter.line(f"memory at its peak: {said}")
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
    if tally.without_history:
        terminalreporter.section(
            "THE PREVIOUS RELEASE WAS NOT TESTED", sep="!", red=True, bold=True
        )
        terminalreporter.line(
            f"{tally.without_history} tests were skipped. Run them in a clone with its history.",
            red=True,
        )
    if tally.unproxied:
        terminalreporter.section(
            "NGINX AND PGBOUNCER WERE NOT TESTED", sep="!", red=True, bold=True
        )
        terminalreporter.line(
            f"{tally.unproxied} tests were skipped. Run `.ci/debian-programs nginx pgbouncer` on "
            "Debian, which needs no root, or install both.",
            red=True,
        )
    if tally.unseen:
        terminalreporter.section("THE PAGES WERE NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(
            f"{tally.unseen} tests were skipped. Install Chromium (Debian: apt-get install "
            "chromium fonts-liberation), or name its program in CATALOGUE_CHROMIUM.",
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
    """Return the settings that the processes of this test run share."""
    return request.config.stash[run_key]


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """Return the name of this process in the run."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def stores(run: Run, worker: str) -> Iterator[Callable[[str], Store]]:
    """Return a function that opens a store by its name, once for this process."""
    with ExitStack() as opened:
        yield cache(lambda name: opened.enter_context(open_store(run, name, worker)))


@pytest.fixture(scope="session", params=NAMES)
def store(request: pytest.FixtureRequest, run: Run, stores: Callable[[str], Store]) -> Store:
    """Yield a migrated database and its app, on SQLite or PostgreSQL, emptied after each test."""
    if request.param == "postgresql" and not run.has_postgres:
        pytest.skip(NO_POSTGRES)
    return stores(request.param)


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
    """Return the app on the store."""
    return store.app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client without a token, which fails if a request leaves work uncommitted."""
    return app.test_client()


@pytest.fixture
def session(store: Store) -> Iterator[Session]:
    """Yield a session for the test.

    Its changes are committed before each request, and its records are read again after it.
    """
    with UnitOfWork(store.database, read_only=False) as work:
        opened = work.session
        opened.info["author"] = Author("test")
        opened.info["context"] = Context(work, SYSTEM_ACTOR, ports(store.app))
        lend(opened)
        try:
            yield opened
        finally:
            take_back(opened)
            opened.rollback()
            opened.info.clear()


@pytest.fixture
def make_agency(session: Session) -> Callable[..., Agency]:
    """`make_agency("bedfordshire-fire")`: find or make an agency, of a kind that its code suggests."""
    return partial(agency, session)


@pytest.fixture(scope="session")
def steps(store: Store) -> Steps:
    """The first steps of tests on the store, which are written again as rows."""
    return Steps(store)


@pytest.fixture
def sign_in(
    app: Flask, session: Session, steps: Steps
) -> Callable[[str | None, str], CheckedClient]:
    """`sign_in("bedfordshire-police", "systems:read systems:write")`: make a client with a token.

    A missing agency is made. Without an agency the client is an administrator.
    """

    def sign_in(agency_code: str | None, scopes: str) -> CheckedClient:
        token = steps.take(
            session,
            ("sign in", agency_code, scopes),
            lambda: token_for(app, session, agency_code, scopes),
        )
        return client_with(app, token)

    return sign_in


@pytest.fixture
def run_jobs(app: Flask, session: Session) -> Callable[[], None]:
    """Return a function that runs the waiting jobs, as the worker does."""

    def run() -> None:
        session.commit()
        run_waiting(app)
        session.expire_all()

    return run
