"""Outgoing requests reach no private address, by no name, redirect or second look-up."""

import re
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest

from catalogue.core.config import Settings
from catalogue.core.outgoing import (
    USABLE_ISSUER,
    USABLE_URL,
    Reach,
    RequestFailed,
    fetch_json,
    url_fault,
)
from tests.access.identity_providers.issuer import OPENID, Issuer


@pytest.mark.parametrize(
    ("address", "reaches"),
    [
        ("8.8.8.8", {Reach.PUBLIC, Reach.LOOPBACK, Reach.PRIVATE}),
        ("2606:4700::1111", {Reach.PUBLIC, Reach.LOOPBACK, Reach.PRIVATE}),
        ("127.0.0.1", {Reach.LOOPBACK, Reach.PRIVATE}),
        ("127.9.9.9", {Reach.LOOPBACK, Reach.PRIVATE}),
        ("::1", {Reach.LOOPBACK, Reach.PRIVATE}),
        ("::ffff:127.0.0.1", {Reach.LOOPBACK, Reach.PRIVATE}),
        ("10.1.2.3", {Reach.PRIVATE}),
        ("172.16.0.1", {Reach.PRIVATE}),
        ("192.168.1.1", {Reach.PRIVATE}),
        ("100.64.0.1", {Reach.PRIVATE}),
        ("fd00::1", {Reach.PRIVATE}),
        ("::ffff:10.0.0.1", {Reach.PRIVATE}),
        ("64:ff9b::10.0.0.1", {Reach.PRIVATE}),
        ("2002:0a00:0001::", {Reach.PRIVATE}),
        ("fec0::1", {Reach.PRIVATE}),
        ("64:ff9b:1::8.8.8.8", {Reach.PRIVATE}),
        ("64:ff9b:1::10.0.0.1", {Reach.PRIVATE}),
        ("64:ff9b:1::169.254.169.254", set()),
        ("::ffff:0:8.8.8.8", {Reach.PRIVATE}),
        ("::ffff:0:10.0.0.1", {Reach.PRIVATE}),
        ("::ffff:0:169.254.169.254", set()),
        ("::8.8.8.8", {Reach.PRIVATE}),
        ("::10.0.0.1", {Reach.PRIVATE}),
        ("::169.254.169.254", set()),
        ("192.0.0.192", set()),
        ("192.0.0.9", set()),
        ("168.63.129.16", set()),
        ("::ffff:168.63.129.16", set()),
        ("64:ff9b::168.63.129.16", set()),
        ("169.254.169.254", set()),
        ("::ffff:169.254.169.254", set()),
        ("64:ff9b::169.254.169.254", set()),
        ("fe80::1", set()),
        ("0.0.0.0", set()),
        ("::", set()),
        ("224.0.0.1", set()),
        ("ff02::1", set()),
    ],
)
def test_reach_allows_only_its_addresses(address: str, reaches: set[Reach]) -> None:
    assert {reach for reach in Reach if reach.allows(ip_address(address))} == reaches


@pytest.mark.parametrize(
    ("settings", "reaches"),
    [
        ({"public_url": "http://127.0.0.1:8000"}, (Reach.LOOPBACK, Reach.LOOPBACK)),
        ({"public_url": "https://127.0.0.1"}, (Reach.PUBLIC, Reach.PUBLIC)),
        ({"public_url": "https://catalogue.example.police.uk"}, (Reach.PUBLIC, Reach.PUBLIC)),
        (
            {"public_url": "https://c.example", "identity_provider_private_addresses": True},
            (Reach.PRIVATE, Reach.PUBLIC),
        ),
        (
            {"public_url": "https://c.example", "webhook_private_addresses": True},
            (Reach.PUBLIC, Reach.PRIVATE),
        ),
    ],
)
def test_reach_follows_the_settings(settings: dict[str, Any], reaches: tuple[Reach, Reach]) -> None:
    made = Settings(**settings)
    assert (Reach.of_identity_providers(made), Reach.of_webhooks(made)) == reaches


@pytest.mark.parametrize(
    "url",
    [
        "http://sso.example",
        "https://",
        "https://user@sso.example",
        "https://sso.example/#x",
        "https://sso.example/ä",
        "https://sso.example:99999/",
        "https://[::1",
        "file:///etc/passwd",
        "https://10.0.0.1/",
        "https://localhost/",
        "http://127.0.0.1/",
        "https://sso.example/" + "a" * 500,
    ],
)
def test_unusable_address_has_a_reason(url: str) -> None:
    fault = url_fault(url, Reach.PUBLIC)
    assert fault is not None
    assert fault.endswith(".")


@pytest.mark.parametrize(
    "url",
    [
        "https://sso.example",
        "https://sso.example:8443/realms/beds",
        "https://[2606:4700::1111]/keys",
        "http://localhost:8000/",
        "http://[::1]:8000/",
    ],
)
def test_usable_address_has_the_documented_form(url: str) -> None:
    assert url_fault(url, Reach.LOOPBACK) is None
    assert re.fullmatch(USABLE_ISSUER, url)
    assert re.fullmatch(USABLE_URL, f"{url}?a=b")
    for unusable in (f"{url}#a", url.replace("//", "//user@"), f"{url} ", "http://sso.example"):
        assert not re.fullmatch(USABLE_URL, unusable)
    assert not re.fullmatch(USABLE_ISSUER, f"{url}?a=b")


@pytest.fixture
def server() -> Iterator[Issuer]:
    with Issuer().running() as running:
        yield running


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Make each look-up of a name return the next addresses. Return the names as they come."""
    looked_up: list[str] = []
    remaining = list(answers)

    def look_up(host: str, port: int, *_rest: Any, **_options: Any) -> list[Any]:
        looked_up.append(host)
        return [(2, 1, 6, "", (address, port)) for address in remaining.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return looked_up


def test_name_is_looked_up_once_so_a_second_answer_changes_nothing(
    server: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url.replace("127.0.0.1", "localhost") + OPENID
    # The connection itself looks up only the literal address.
    looked_up = resolve_to(monkeypatch, ["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"])
    assert fetch_json(url, reach=Reach.LOOPBACK, timeout=20)["issuer"] == server.url
    assert looked_up[0] == "localhost"
    assert set(looked_up[1:]) <= {"127.0.0.1"}


@pytest.mark.parametrize("answer", [["10.0.0.7"], ["8.8.8.8", "169.254.169.254"], []])
def test_name_with_any_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, answer: list[str]
) -> None:
    resolve_to(monkeypatch, answer)
    with pytest.raises(RequestFailed, match="private network"):
        fetch_json("https://sso.example/keys", reach=Reach.PUBLIC, timeout=1)


def test_next_address_is_tried_when_the_first_does_not_respond(
    server: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.url.replace("127.0.0.1", "localhost") + OPENID
    looked_up = resolve_to(
        monkeypatch, ["127.0.0.2", "127.0.0.1"], ["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]
    )
    # Nothing listens at the first address, because the server is bound to the second.
    assert fetch_json(url, reach=Reach.LOOPBACK, timeout=20)["issuer"] == server.url
    assert looked_up[:2] == ["localhost", "127.0.0.2"]


def test_other_responses_than_a_json_object_are_refused(server: Issuer) -> None:
    for body in ([], b"text", 404, 302):
        server.served["/document"] = body
        with pytest.raises(RequestFailed):
            fetch_json(f"{server.url}/document", reach=Reach.LOOPBACK, timeout=20)
