"""Holding one request in the middle of its work, so that another can come in between."""

from collections.abc import Callable
from threading import Event
from typing import Any

PATIENCE_SECONDS = 20


class Held:
    """A function whose first call waits inside until it is released; later calls pass through."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self._entered, self._let_go = Event(), Event()

    def wrapper(self) -> Callable[..., Any]:
        """What to put in the function's place."""

        def call(*args: Any, **kwargs: Any) -> Any:
            if not self._entered.is_set():
                self._entered.set()
                assert self._let_go.wait(PATIENCE_SECONDS), "nobody let it go"
            return self.function(*args, **kwargs)

        return call

    def wait_until_entered(self) -> None:
        """Return as soon as the first call is under way."""
        assert self._entered.wait(PATIENCE_SECONDS), "it was never called"

    def let_go(self) -> None:
        """Let the first call go on."""
        self._let_go.set()
