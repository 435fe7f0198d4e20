"""Tests that the plain and the exhaustive run together make each test on each store."""

import pytest

SAMPLE = """
    import pytest
    from hypothesis import given, strategies as st

    stores = pytest.mark.parametrize("store", ["sqlite", "postgresql"])

    def test_without_store(): pass

    @stores
    def test_of_store(store): pass

    @stores
    @pytest.mark.default_store("sqlite")
    def test_of_values(store): pass

    @stores
    @pytest.mark.only_on("sqlite")
    def test_of_files(store): pass

    @stores
    @pytest.mark.exhaustive
    def test_of_everything(store): pass

    @pytest.mark.parametrize("size", [1, pytest.param(1000, marks=pytest.mark.exhaustive)])
    def test_of_sizes(size): pass

    @given(st.integers())
    def test_of_numbers(number): pass
"""
PLAIN = {
    "without_store",
    "of_store[postgresql]",
    "of_values[sqlite]",
    "of_files[sqlite]",
    "of_sizes[1]",
    "of_numbers",
}
EXHAUSTIVE = {
    "of_store[sqlite]",
    "of_values[postgresql]",
    "of_everything[sqlite]",
    "of_everything[postgresql]",
    "of_sizes[1000]",
    "of_numbers",  # with more examples
}


@pytest.fixture
def made(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """`made("--exhaustive")`: list the tests of the sample that a run with these arguments makes."""
    sample = pytester.makepyfile(test_sample=SAMPLE).name

    def collected(*arguments: str) -> set[str]:
        named = arguments if sample in " ".join(arguments) else (sample, *arguments)
        result = pytester.runpytest_inprocess(
            "-p", "tests.selection", "-p", "no:cacheprovider", "-n0", "-q", "--collect-only", *named
        )
        return {line.partition("::test_")[2] for line in result.outlines if "::" in line}

    return collected


def test_plain_and_exhaustive_runs_cover_each_test_once_per_store(made) -> None:
    assert made() == PLAIN
    assert made("--exhaustive") == EXHAUSTIVE
    assert made("--everything") == PLAIN | EXHAUSTIVE


@pytest.mark.parametrize("asked", ["--store=sqlite", "-ksqlite"])
def test_store_option_selects_that_store(made, asked: str) -> None:
    on_sqlite = {"of_store[sqlite]", "of_values[sqlite]", "of_files[sqlite]"}
    assert {name for name in made(asked) if "[s" in name} == on_sqlite
    assert not [name for name in made(asked) if "postgresql" in name]
    assert {name for name in made(asked, "--exhaustive") if "[" in name} >= {
        "of_store[sqlite]",
        "of_everything[sqlite]",
    }


def test_keyword_can_exclude_a_store(made) -> None:
    assert "of_values[postgresql]" in made("-k", "not sqlite")


def test_store_option_can_select_both_stores(made) -> None:
    stores = {"of_store[sqlite]", "of_store[postgresql]", "of_values[sqlite]"}
    assert made("--store=both") >= stores | {"of_values[postgresql]"}
    assert "of_sizes[1000]" not in made("--store=both")


def test_test_named_in_full_always_runs(made) -> None:
    named = "test_sample.py::test_of_everything"
    assert made(named) == {"of_everything[postgresql]"}
    assert made(f"{named}[sqlite]") == {"of_everything[sqlite]"}
