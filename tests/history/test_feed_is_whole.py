"""A reader that follows the feed ends with exactly what fresh lists give it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from catalogue.core import clock
from tests.chance import chance
from tests.contracts.api_contracts import supplier
from tests.history.follower import Follower
from tests.history.random_changes import AGENCIES, SCOPES, RandomChanges
from tests.unsaved import CheckedClient

pytestmark = pytest.mark.default_store("sqlite")

SignIn = Callable[[str | None, str], CheckedClient]
EVENING = datetime(2026, 11, 28, 21, 30, tzinfo=UTC)


def follow_random_changes(sign_in: SignIn, count: int, *, pause: timedelta) -> RandomChanges:
    """Let four agencies make random changes, and compare their copies with fresh lists."""
    with clock.freeze(EVENING):
        apis = {code: sign_in(code, SCOPES) for code in AGENCIES}
        made = supplier(apis[AGENCIES[0]])
        changes = RandomChanges(apis, made, chance("random changes"))
        followers = [Follower(api) for api in apis.values()]
    for i in range(1, count + 1):
        with clock.freeze(EVENING + i * pause):
            changes.step()
            if i % 150 == 0 or i == count:
                for follower in followers:
                    follower.follow()
                    differences = follower.differences()
                    assert differences == [], f"after {i}:\n" + "\n".join(differences)
    return changes


def test_follower_has_what_fresh_lists_show(sign_in: SignIn) -> None:
    changes = follow_random_changes(sign_in, 150, pause=timedelta(seconds=120))
    assert len(changes.done) > 15


@pytest.mark.exhaustive
def test_follower_has_what_fresh_lists_show_after_5000_changes(sign_in: SignIn) -> None:
    follow_random_changes(sign_in, 5000, pause=timedelta(seconds=16))
