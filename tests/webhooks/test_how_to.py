"""The page about webhooks: its program checks real deliveries, and its command makes a client."""

import re
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from catalogue.core.actor import Scope
from tests.api_calls import answer
from tests.factories import system
from tests.stores import ROOT
from tests.unsaved import CheckedClient
from tests.webhooks.receiver import Receiver
from tests.webhooks.webhook_calls import path_of

PAGE = (ROOT / "docs" / "how-to" / "receive-webhooks.md").read_text()
Fields = dict[str, Any]


@pytest.fixture
def is_genuine() -> Callable[[Fields, bytes, str], bool]:
    """Return the function that the page shows."""
    (source,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    program: Fields = {}
    exec(source, program)
    function: Callable[[Fields, bytes, str], bool] = program["is_genuine"]
    return function


def test_program_of_the_page_checks_the_signatures_of_deliveries(
    beds: CheckedClient,
    subscribe: Callable[..., Fields],
    deliver: Callable[[], None],
    receiver: Receiver,
    is_genuine: Callable[[Fields, bytes, str], bool],
) -> None:
    hook = subscribe(beds)
    secrets = [hook["secret"], answer(beds.post(f"{path_of(hook)}/secrets"))["secret"]]
    foreign = answer(beds.post("/v1/webhooks", json={"url": "https://example.org/hook"}))["secret"]
    system(beds, "Ledger")
    deliver()
    [got] = receiver.accepted
    assert [is_genuine(got.headers, got.body, each) for each in secrets] == [True, True]
    assert not is_genuine(got.headers, got.body, foreign)
    assert not is_genuine(got.headers, got.body + b" ", secrets[0])
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        assert not is_genuine(got.headers | {name: "9\u00e9"}, got.body, secrets[0])
        assert not is_genuine(
            {k: v for k, v in got.headers.items() if k != name}, got.body, foreign
        )
    sent = int(got.headers["webhook-timestamp"])
    for seconds, accepted in ((-301, False), (-300, True), (300, True), (301, False)):
        with patch.object(time, "time", return_value=sent + seconds):
            assert is_genuine(got.headers, got.body, secrets[0]) == accepted, seconds


def test_command_of_the_page_names_scopes_that_exist() -> None:
    (scopes,) = re.findall(r'--scope "(.*?)"', PAGE)
    assert Scope.WEBHOOKS_WRITE in scopes.split()
    assert set(scopes.split()) <= set(Scope)


def test_replay_of_everything_needs_an_empty_object(
    beds: CheckedClient,
    subscribe: Callable[..., Fields],
    deliver: Callable[[], None],
    receiver: Receiver,
) -> None:
    hook = subscribe(beds)
    system(beds, "Ledger")
    deliver()
    assert beds.post(f"{path_of(hook)}/replays").status_code in {400, 415}
    assert beds.post(f"{path_of(hook)}/replays", json={}).status_code == 200
    deliver()
    first, second = receiver.accepted
    assert first.headers["webhook-id"] != second.headers["webhook-id"]
    assert first.data["id"] == second.data["id"]
