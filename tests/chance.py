"""Random draws, which are the same in every run unless you give a seed.

`CATALOGUE_TEST_SEED=7` or `--hypothesis-seed=7` draws other examples, orders and requests, which
are again the same each time.
"""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, settings

EXAMPLES = 25
"""The number of examples in the plain run, for tests that do not set their own."""

VARIABLE = "CATALOGUE_TEST_SEED"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Use one seed for everything. Hypothesis reads its option after this hook."""
    given = config.option.hypothesis_seed or os.environ.get(VARIABLE)
    if given:
        config.option.hypothesis_seed = given
        os.environ[VARIABLE] = given
    settings.register_profile(
        "catalogue",
        max_examples=100 if _is_thorough(config) else EXAMPLES,
        # How long an example takes says more of the machine than of the code.
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        derandomize=not given,
        database=None,
    )
    settings.load_profile("catalogue")


def _is_thorough(config: pytest.Config) -> bool:
    return bool(config.option.exhaustive or config.option.everything)


@pytest.fixture(scope="session")
def thorough(pytestconfig: pytest.Config) -> bool:
    """Return whether the run has time for further examples."""
    return _is_thorough(pytestconfig)


def seed() -> int:
    """Return the seed of this run."""
    return int(os.environ.get(VARIABLE, "4711"))


def chance(purpose: str) -> Random:
    """Return random draws for one purpose, which do not depend on other draws."""
    return Random(f"{seed()} {purpose}")
