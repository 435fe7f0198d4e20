"""Fixtures: the demonstration, served, and visitors who read its pages in Chromium."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import cache, partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState

from tests.browser.chromium import Watched, find_chromium, running_chromium, visiting
from tests.browser.sign_in import sign_in
from tests.first_run import DATABASE, copy_database, load_first_run
from tests.programs import free_port, serving
from tests.stores import NO_CHROMIUM, Run

Visitors = Callable[..., Watched]
Doors = Callable[..., AbstractContextManager[Watched]]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Run Chromium for all tests of this folder."""
    program = find_chromium()
    if program is None:
        pytest.skip(NO_CHROMIUM)
    with running_chromium(program) as browser:
        yield browser


@pytest.fixture(scope="package")
def site(chromium: Browser, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a copy of the demonstration, and yield its address. Tests share what they change."""
    assert chromium.is_connected()
    place: Path = tmp_path_factory.mktemp("site")
    (place / DATABASE).parent.mkdir()
    copy_database(load_first_run(run).untouched, place / DATABASE)
    port = free_port()
    with serving("demo", port=port, cwd=place):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="package")
def open_site(chromium: Browser, site: str) -> Doors:
    """`open_site(width=320)`: open a page of the site as a new visitor."""
    return partial(visiting, chromium, site)


@pytest.fixture(scope="package")
def cookies(open_site: Doors) -> Callable[[str], StorageState]:
    """`cookies("manager")`: sign in by the form, once for each role, and return the cookies."""

    @cache
    def signed_in(role: str) -> StorageState:
        with open_site() as visitor:
            sign_in(visitor.page, role)
            return visitor.page.context.storage_state()

    return signed_in


@pytest.fixture
def visitor(open_site: Doors) -> Iterator[Visitors]:
    """`visitor(width=320)`: open a page without a session. A fault of a page fails the test."""
    opened: list[Watched] = []
    with ExitStack() as contexts:

        def visit(**options: object) -> Watched:
            opened.append(contexts.enter_context(open_site(**options)))
            return opened[-1]

        yield visit
    assert [fault for each in opened for fault in each.faults] == []


@pytest.fixture
def signed_in(visitor: Visitors, cookies: Callable[[str], StorageState]) -> Visitors:
    """`signed_in("manager", width=320)`: open a page as one of the demonstration's roles."""
    return lambda role, **options: visitor(storage=cookies(role), **options)
