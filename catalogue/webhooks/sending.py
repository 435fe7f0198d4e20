"""Deliveries over HTTP: signed requests to receivers, and the time until the next attempt.

Requests follow the Standard Webhooks specification, so receivers can check them with its libraries.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING

from standardwebhooks import Webhook as Signer

from catalogue.core import clock
from catalogue.core.outgoing import AddressRefused, Reach, post, posting_client
from catalogue.webhooks.vocabulary import DeliveryFailure

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 10.0
ROUND_SECONDS = 20.0
"""The time after which a round starts no further request, so that webhooks take turns."""
MOST_AT_ONCE = 8
"""The most requests to a receiver at the same time."""
DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000)
)
"""The time before each further attempt. Together with the jitter they cover more than two days."""
JITTER = 0.2
"""The largest part by which a delay is longer, so that receivers are not all tried at once."""
LONGEST_RETRY_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Message:
    """A request to send. Every attempt of a delivery has the same id."""

    id: str
    body: bytes


@dataclass(frozen=True)
class Attempt:
    """The outcome of sending a message."""

    status: int | None = None
    failure: DeliveryFailure | None = None
    retry_after: timedelta | None = None

    @property
    def succeeded(self) -> bool:
        return self.failure is None


@dataclass(frozen=True)
class Receiver:
    """The address that receives a webhook's events, and the secrets that sign them."""

    url: str
    secrets: tuple[str, ...]
    reach: Reach

    def headers(self, message: Message, at: datetime) -> dict[str, str]:
        text = message.body.decode()
        signatures = [
            Signer(secret).sign(msg_id=message.id, timestamp=at, data=text)
            for secret in self.secrets
        ]
        return {
            "Content-Type": "application/json",
            "User-Agent": "it-service-catalogue",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def send_all(
    receiver: Receiver, chains: Sequence[Sequence[Message]], at: datetime
) -> dict[str, Attempt]:
    """Send messages, and return the outcome of each one that was sent, by its id.

    The messages of a chain go out one after another, up to the first that fails. Chains go out at
    the same time. After ROUND_SECONDS no further message goes out.
    """

    async def send_chain(client: "httpx.AsyncClient", chain: Sequence[Message]) -> None:
        async with few:
            for message in chain:
                if clock.monotonic() >= end:
                    return
                outcomes[message.id] = outcome = await _send(client, receiver, message, at)
                if not outcome.succeeded:
                    return

    async def send() -> None:
        async with posting_client(receiver.url, TIMEOUT_SECONDS) as client:
            await asyncio.gather(*(send_chain(client, chain) for chain in chains))

    outcomes: dict[str, Attempt] = {}
    end = clock.monotonic() + ROUND_SECONDS
    few = asyncio.Semaphore(MOST_AT_ONCE)
    asyncio.run(send())
    return outcomes


async def _send(
    client: "httpx.AsyncClient", receiver: Receiver, message: Message, at: datetime
) -> Attempt:
    import httpx

    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            response = await post(
                client,
                receiver.url,
                content=message.body,
                headers=receiver.headers(message, at),
                reach=receiver.reach,
            )
    except AddressRefused:
        return Attempt(failure=DeliveryFailure.ADDRESS_NOT_ALLOWED)
    except (TimeoutError, httpx.TimeoutException):
        return Attempt(failure=DeliveryFailure.TIMEOUT)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        # The client wraps errors of TLS in its own, and keeps only their text.
        is_tls = "[SSL" in str(error)
        return Attempt(failure=DeliveryFailure.TLS if is_tls else DeliveryFailure.UNREACHABLE)
    if HTTPStatus(200) <= response.status_code < HTTPStatus(300):
        return Attempt(response.status_code)
    return Attempt(
        response.status_code,
        DeliveryFailure.ERROR_STATUS,
        _read_retry_after(response.headers.get("Retry-After", "")),
    )


def _read_retry_after(text: str) -> timedelta | None:
    """Return the seconds of a Retry-After header, up to an hour. Ignore dates."""
    if not (text.isascii() and text.isdigit()):
        return None
    return min(timedelta(seconds=int(text[:9])), LONGEST_RETRY_AFTER)


def delay_after(attempts: int, random: Random) -> timedelta | None:
    """Return the time until the next attempt, or None after the last one."""
    if attempts > len(DELAYS):
        return None
    return DELAYS[attempts - 1] * (1 + JITTER * random.random())
