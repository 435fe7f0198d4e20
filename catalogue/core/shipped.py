"""What comes with the product and is no module: migrations and the API's document."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(name: str) -> Path:
    """A file or folder: within the package when a wheel installed it, beside it in a checkout."""
    within = _PACKAGE / name
    return within if within.exists() else _PACKAGE.parent / name
