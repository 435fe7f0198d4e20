"""The time between the attempts of a delivery."""

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from catalogue.webhooks.sending import DELAYS, JITTER, delay_after


@given(st.integers(1, 20), st.integers())
def test_delay_grows_up_to_its_end_and_jitter_only_adds(attempts: int, seed: int) -> None:
    delay = delay_after(attempts, Random(seed))
    if attempts > len(DELAYS):
        assert delay is None
    else:
        least = DELAYS[attempts - 1]
        assert delay is not None
        assert least <= delay <= least * (1 + JITTER) + timedelta(microseconds=1)
