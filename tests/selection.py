"""The selection of tests for a run: each test once, unless an option adds more.

A test of the store can run on both. The plain run makes it on the store where it tells most:

- where `only_on` says it has to be, else
- where `default_store` says, else
- on SQLite if its directory is named in `ON_SQLITE`, else
- on PostgreSQL, which is what runs in production.

It leaves out what is marked `exhaustive`. `--exhaustive` makes exactly what the plain run leaves
out, and draws more examples for the tests that draw them; `--everything` makes all.
`--store=sqlite`, or a store's name in `-k`, takes the place of the rule. What the command line
names in full always runs.
"""

import pytest

from tests.stores import NAMES

# What these hold is decided in Python, before or after the store is asked.
ON_SQLITE = (
    "tests/access/",
    "tests/agencies/",
    "tests/api/",
    "tests/capabilities/",
    "tests/data_exchange/",
    "tests/suppliers/",
)

# Their tests share a client, a server, a database or texts that take long to make, so one worker runs them all.
BY_ONE_WORKER = (
    "tests/behind_proxies/",
    "tests/browser/",
    "tests/clients/",
    "tests/demonstration/",
    "tests/test_style.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("catalogue", "which tests to run")
    group.addoption("--exhaustive", action="store_true", help="what the plain run leaves out")
    group.addoption("--everything", action="store_true", help="all that there is")
    group.addoption("--store", choices=[*NAMES, "both"], help="on this store, not where it is best")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    for mark in (
        "exhaustive: left out of the plain run, and made by --exhaustive",
        "only_on(store): the test asks something that one store alone can answer",
        "default_store(store): the store on which the plain run makes the test",
    ):
        config.addinivalue_line("markers", mark)


# Before xdist appends the names of groups to those of tests.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that this run does not make, and note the store of each test."""
    kept, left_out = [], []
    for item in items:
        (kept if _is_made(item, config) else left_out).append(item)
        if store := store_of(item):
            item.user_properties.append(("store", store))
        if directory := next(filter(item.nodeid.startswith, BY_ONE_WORKER), None):
            item.add_marker(pytest.mark.xdist_group(directory))
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def store_of(item: pytest.Item) -> str | None:
    """Return the store that a test requires."""
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec else ()
    return next((value for value in values if isinstance(value, str) and value in NAMES), None)


def telling_store(item: pytest.Item) -> str:
    """Return the store on which a test reveals most."""
    for name in ("only_on", "default_store"):
        if mark := item.get_closest_marker(name):
            return str(mark.args[0])
    return "sqlite" if item.nodeid.startswith(ON_SQLITE) else "postgresql"


def _is_made(item: pytest.Item, config: pytest.Config) -> bool:
    store, options = store_of(item), config.option
    if item.get_closest_marker("only_on") and store not in {None, telling_store(item)}:
        return False
    if item.nodeid in config.args:
        return True
    if store and options.store not in {None, store, "both"}:
        return False
    if options.everything:
        return True
    if options.exhaustive:
        return not _is_plain(item, store) or (store is None and _draws_examples(item))
    named = options.store or any(name in options.keyword for name in NAMES)
    return _is_plain(item, None if named else store)


def _is_plain(item: pytest.Item, store: str | None) -> bool:
    function = item.nodeid.partition("[")[0]
    if item.get_closest_marker("exhaustive") and function not in item.config.args:
        return False
    return store in {None, telling_store(item)}


def _draws_examples(item: pytest.Item) -> bool:
    """Return whether Hypothesis runs a test. The plain run draws few examples."""
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))
