"""Addresses that the service may connect to."""

from datetime import timedelta
from ipaddress import ip_address, ip_network
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.core.outbound import is_allowed
from catalogue.webhooks.sending import DELAYS, JITTER, delay_after

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:192.168.0.1",
    "64:ff9b::7f00:1",
    "2002:a00:1::",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_is_not_allowed(address: str) -> None:
    assert not is_allowed(ip_address(address), (), encrypted=True)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_public_address_is_allowed_with_https_alone(address: str) -> None:
    assert is_allowed(ip_address(address), (), encrypted=True)
    assert not is_allowed(ip_address(address), (), encrypted=False)


def test_network_of_the_operator_is_allowed_without_https() -> None:
    networks = (ip_network("10.20.0.0/16"),)
    assert is_allowed(ip_address("10.20.3.4"), networks, encrypted=False)
    assert is_allowed(ip_address("::ffff:10.20.3.4"), networks, encrypted=False)
    assert not is_allowed(ip_address("10.21.3.4"), networks, encrypted=True)


@given(st.integers(1, 20), st.integers())
def test_delay_grows_up_to_its_end_and_jitter_only_adds(attempts: int, seed: int) -> None:
    delay = delay_after(attempts, Random(seed))
    if attempts > len(DELAYS):
        assert delay is None
    else:
        least = DELAYS[attempts - 1]
        assert delay is not None
        assert least <= delay <= least * (1 + JITTER) + timedelta(microseconds=1)
