"""Sums as the API returns them."""

from typing import Any


def sum_of(value: str | int | None, *, unknown: int = 0, withheld: int = 0) -> dict[str, Any]:
    """Return a sum with its missing parts."""
    return {"value": value, "unknown": unknown, "withheld": withheld}
