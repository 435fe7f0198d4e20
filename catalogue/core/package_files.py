"""Package files: what comes with the product and is no module, such as migrations."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def package_file(name: str) -> Path:
    """A file or folder: within the package when a wheel installed it, beside it in a checkout."""
    within = _PACKAGE / name
    return within if within.exists() else _PACKAGE.parent / name
