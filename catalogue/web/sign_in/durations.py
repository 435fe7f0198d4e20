"""Durations in words, such as "30 minutes"."""

_UNITS = (("hour", 3600), ("minute", 60), ("second", 1))


def in_words(seconds: int) -> str:
    """Return a duration in the largest unit that counts it in whole numbers."""
    unit, size = next((u, s) for u, s in _UNITS if seconds % s == 0)
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"
