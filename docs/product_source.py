"""The product's source, parsed once for the programs and tests that search it."""

import ast
from functools import cache
from pathlib import Path

PRODUCT = Path(__file__).resolve().parents[1] / "catalogue"


@cache
def modules() -> dict[Path, ast.Module]:
    """Return the syntax tree of every module of the product, by its path."""
    return {path: ast.parse(path.read_text()) for path in sorted(PRODUCT.rglob("*.py"))}
