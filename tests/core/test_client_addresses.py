"""The client's address behind proxies, for rate limits and the log."""

from datetime import UTC, datetime
from typing import Any

import pytest

from catalogue.core import clock
from catalogue.core.wsgi.client_address import find_client_address, parse_address
from tests.stores import Store

START = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("203.0.113.6", "203.0.113.6"),
        ("203.0.113.6:40001", "203.0.113.6"),
        (" 203.0.113.6 ", "203.0.113.6"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:DB8::7]:443", "2001:db8::7"),
        ("2001:db8:0:0:0:0:0:7:40001", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:1", "fe80::1"),
        ("::ffff:203.0.113.6", "203.0.113.6"),
        ("[::ffff:203.0.113.6]:80", "203.0.113.6"),
        ("unknown", None),
        ("_hidden", None),
        ("", None),
        ("203.0.113.6:", None),
        ("203.0.113.6:port", None),
        ("203.0.113.256", None),
        ("[2001:db8::7", None),
        ("2001:db8::7]", None),
        ("[2001:db8::7]x", None),
        ("203.0.113.6\t203.0.113.7", None),
        ("catalogue.example", None),
        ("٢٠٣.0.113.6", None),
        ("1" * 5_000, None),
    ],
)
def test_address_is_read_from_entry(entry: str, address: str | None) -> None:
    assert parse_address(entry) == address


@pytest.mark.parametrize(
    ("trusted", "headers", "address"),
    [
        pytest.param(0, {"X_FORWARDED_FOR": "203.0.113.6"}, PROXY, id="no_trust"),
        pytest.param(1, {}, PROXY, id="no_header"),
        pytest.param(1, {"X_FORWARDED_FOR": ""}, PROXY, id="empty"),
        pytest.param(1, {"X_FORWARDED_FOR": "9.9.9.9, 203.0.113.6:1"}, "203.0.113.6", id="forged"),
        pytest.param(
            2, {"X_FORWARDED_FOR": "9.9.9.9,203.0.113.6:1,10.0.0.2:2"}, "203.0.113.6", id="two_hops"
        ),
        pytest.param(2, {"X_FORWARDED_FOR": "203.0.113.6"}, PROXY, id="too_few_hops"),
        pytest.param(2, {"X_FORWARDED_FOR": "9.9.9.9,unknown,10.0.0.2"}, "10.0.0.2", id="unknown"),
        pytest.param(1, {"X_FORWARDED_FOR": "9.9.9.9,garbage"}, PROXY, id="garbage"),
        pytest.param(1, {"X_FORWARDED_FOR": "9.9.9.9, 203.0.113.6, ,"}, "203.0.113.6", id="blanks"),
        pytest.param(1, {"FORWARDED": "for=203.0.113.6;proto=https"}, "203.0.113.6", id="standard"),
        pytest.param(
            2,
            {"FORWARDED": 'for=9.9.9.9, For="[2001:db8::7]:4711";by=10.0.0.2, for=10.0.0.2'},
            "2001:db8::7",
            id="standard_ipv6",
        ),
        pytest.param(1, {"FORWARDED": "for=9.9.9.9, proto=https"}, PROXY, id="standard_unnamed"),
        pytest.param(
            1,
            {"FORWARDED": "for=9.9.9.9", "X_FORWARDED_FOR": "203.0.113.6"},
            "203.0.113.6",
            id="both",
        ),
    ],
)
def test_address_is_the_one_that_trusted_proxies_added(
    trusted: int, headers: dict[str, str], address: str
) -> None:
    environ: dict[str, Any] = {f"HTTP_{name}": value for name, value in headers.items()}
    assert find_client_address(environ | {"REMOTE_ADDR": PROXY}, trusted) == address


@pytest.mark.parametrize(
    "form",
    [
        pytest.param("203.0.113.6:{port}", id="ipv4_port"),
        pytest.param("[2001:db8::7]:{port}", id="ipv6_port"),
        pytest.param("[2001:db8:0:0:{port}::7]:443", id="ipv6_of_one_network"),
        pytest.param("9.9.9.{last}, 203.0.113.6", id="forged_entries"),
        pytest.param("garbage-{port}", id="garbage"),
    ],
)
def test_rate_limit_counts_one_client_behind_changing_ports(store: Store, form: str) -> None:
    client = store.app_with(token_requests_per_minute=3, trusted_proxies=1).test_client()
    with clock.freeze(START):
        statuses = [
            client.post(
                "/oauth/token",
                data={"grant_type": "client_credentials"},
                auth=("guessed", "guess"),
                headers={"X-Forwarded-For": form.format(port=4000 + number, last=number)},
            ).status_code
            for number in range(5)
        ]
    assert statuses == [401, 401, 401, 429, 429]
