"""The cookie of attempts: signed, short-lived, and small enough for a browser."""

from datetime import UTC, datetime, timedelta

import pytest

from catalogue.access.sign_in.attempts import (
    LONGEST_PLACE,
    attempts_key,
    begin_attempt,
    find_attempt,
    local_path,
    read_attempts,
    write_attempts,
)
from catalogue.core import clock
from tests.stores import Store

KEY = b"k" * 32
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


def test_cookie_holds_the_three_newest_attempts() -> None:
    attempts = []
    for seconds in range(5):
        with clock.freeze(NOW + timedelta(seconds=seconds)):
            attempts.append(begin_attempt("beds", "/" + "p" * (LONGEST_PLACE - 1)))
    value = write_attempts(attempts, KEY)
    assert len(value) < 4000
    with clock.freeze(NOW + timedelta(minutes=9)):
        assert read_attempts(value, KEY) == attempts[2:]
        for attempt in attempts[2:]:
            assert find_attempt(attempts, "beds", attempt.state) == attempt


def test_attempt_belongs_to_its_provider_and_its_state() -> None:
    attempts = [begin_attempt("beds", "/")]
    state = attempts[0].state
    for key, given in (("herts", state), ("beds", "x"), ("beds", ""), ("beds", None)):
        assert find_attempt(attempts, key, given) is None


def test_attempt_expires_after_ten_minutes() -> None:
    with clock.freeze(NOW):
        value = write_attempts([begin_attempt("beds", "/")], KEY)
    with clock.freeze(NOW + timedelta(minutes=10, seconds=-1)):
        assert len(read_attempts(value, KEY)) == 1
    with clock.freeze(NOW + timedelta(minutes=10)):
        assert read_attempts(value, KEY) == []


def test_forged_cookie_holds_no_attempt() -> None:
    value = write_attempts([begin_attempt("beds", "/")], KEY)
    body, _, signature = value.partition(".")
    for forged in (
        None,
        "",
        ".",
        body,
        f"{body}.",
        f"{body}.{signature[:-1]}",
        f"é{value}",
        f"{body}x.{signature}",
        write_attempts([begin_attempt("beds", "/")], b"other"),
        value.replace(body, body[::-1]),
        "\udcff.\udcff",
    ):
        assert read_attempts(forged, KEY) == []
    assert len(read_attempts(value, KEY)) == 1


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "evil.example",
        "/\t/evil.example",
        "/é",
        "javascript:alert(1)",
        "/" + "p" * LONGEST_PLACE,
        "",
        None,
    ],
)
def test_place_to_return_to_is_on_this_service(place: str | None) -> None:
    assert local_path(place) == "/"


def test_local_place_stays() -> None:
    assert local_path("/systems?q=a&sort=-name") == "/systems?q=a&sort=-name"


def test_servers_share_the_key(store: Store) -> None:
    assert attempts_key(store.database) == attempts_key(store.database)
