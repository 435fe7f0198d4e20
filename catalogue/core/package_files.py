"""Files that come with the product and are not modules, such as migrations."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def package_file(name: str) -> Path:
    """Find a file or folder: inside the installed package, or beside it in a checkout."""
    within = _PACKAGE / name
    return within if within.exists() else _PACKAGE.parent / name
