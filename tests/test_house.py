"""The rules of the house that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import ROOT

LONGEST_FILE = 400
# What every domain is made of; further modules are named for the topic that they hold.
DOMAIN_MODULES = {"models", "schemas", "operations", "views", "commands"}
HEAPS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
NOT_DOMAINS = {"core", "history", "reports", "demonstration", "web"}
# A registry's or a mirror's own address, and places that exist on one machine only.
FOREIGN = re.compile(
    r"registry\.npmjs|npmjs\.org|yarnpkg|pypi\.org|pythonhosted|artifactory|nexus\."
    r"|(?<![\w.])/(?:work|root|home|Users)/|(?:127\.0\.0\.1|localhost):8081"
)
MADE_BY_MACHINE = {
    ".git", ".venv", ".venv-tools", ".cache", ".hypothesis", ".schemathesis",
    "__pycache__", "node_modules", "var", "build", "dist",
}  # fmt: skip
NOT_TEXT = {".xlsx", ".ods", ".zip", ".gz", ".png", ".woff2", ".ico", ".pyc", ".db"}
# Imports inside functions hide cycles. A name here says why it is no cycle.
LATE_IMPORTS: dict[str, str] = {}


def project_files(directory: Path = ROOT) -> Iterator[Path]:
    """The project's own text files. Not asked of git, which may be absent or mistrust its owner."""
    for path in sorted(directory.iterdir()):
        if path.is_dir():
            if path.name not in MADE_BY_MACHINE and not path.name.endswith("_cache"):
                yield from project_files(path)
        elif path.suffix not in NOT_TEXT:
            yield path


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


FILES = list(project_files())
POINTING = [p for p in FILES if p.name != "uv.lock" and p != Path(__file__)]
PYTHON = [path for path in FILES if path.suffix == ".py"]
PRODUCT = [path for path in PYTHON if path.is_relative_to(ROOT / "catalogue")]
PACKAGES = sorted({path.parent for path in PRODUCT})
DOMAINS = [
    package
    for package in PACKAGES
    if package.parent == ROOT / "catalogue" and package.name not in NOT_DOMAINS
]


def test_the_listing_is_not_empty() -> None:
    assert PRODUCT, "no file of the product was found, and every other test here proves nothing"


@pytest.mark.parametrize("path", PYTHON, ids=named)
def test_a_file_stays_readable(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= LONGEST_FILE, f"{named(path)} has {lines} lines: find what to move out"


@pytest.mark.parametrize("package", PACKAGES, ids=named)
def test_a_package_says_what_it_is_and_no_more(package: Path) -> None:
    init = package / "__init__.py"
    assert init.exists(), f"{named(package)} needs an __init__.py with a docstring"
    tree = ast.parse(init.read_text())
    assert ast.get_docstring(tree), f"{named(init)} needs a docstring"
    assert len(tree.body) == 1, f"{named(init)} holds more than its docstring"


@pytest.mark.parametrize("path", PYTHON, ids=named)
def test_a_module_is_named_for_what_it_holds(path: Path) -> None:
    assert not {path.stem, *path.relative_to(ROOT).parts[:-1]} & HEAPS


@pytest.mark.parametrize("package", DOMAINS, ids=named)
def test_a_domain_has_the_usual_rooms(package: Path) -> None:
    modules = {path.stem for path in package.rglob("*.py")}
    assert modules & DOMAIN_MODULES, f"{named(package)} has none of {sorted(DOMAIN_MODULES)}"
    singular = {name.removesuffix("s") for name in DOMAIN_MODULES} & modules
    assert not singular, f"{named(package)}: {sorted(singular)} are in the plural elsewhere"


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_imports_stand_at_the_top(path: Path) -> None:
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        late = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
        assert not late or named(path) in LATE_IMPORTS, (
            f"{named(path)}, line {late[0].lineno}: an import inside a function hides a cycle"
        )


@pytest.mark.parametrize("path", POINTING, ids=named)
def test_nothing_points_to_one_machine_or_registry(path: Path) -> None:
    found = FOREIGN.search(path.read_text(errors="replace"))
    assert not found, f"{named(path)} mentions {found[0]}" if found else ""
