"""Conventions of this repository that no linter checks."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

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


def project_files(directory: Path = ROOT) -> Iterator[Path]:
    """List the project's own text files, without git, which can be absent or refuse the folder."""
    for path in sorted(directory.iterdir()):
        if path.name in MADE_BY_MACHINE or path.name.endswith("_cache"):
            continue  # in a second working tree of git, .git is a file
        if path.is_dir():
            yield from project_files(path)
        elif path.suffix not in NOT_TEXT:
            yield path


def relative_path(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def text(path: Path) -> str:
    return path.read_text(errors="replace")


FILES = list(project_files())
PYTHON = [path for path in FILES if path.suffix == ".py"]
PRODUCT = [path for path in PYTHON if path.is_relative_to(ROOT / "catalogue")]
PACKAGES = sorted({path.parent for path in PRODUCT})
DOMAINS = [
    package
    for package in PACKAGES
    if package.parent == ROOT / "catalogue" and package.name not in NOT_DOMAINS
]


def test_product_files_are_found() -> None:
    assert PRODUCT, "no file of the product was found, and every other test here proves nothing"


def test_no_file_is_too_long() -> None:
    lines = {relative_path(path): len(text(path).splitlines()) for path in PYTHON}
    too_long = {name: count for name, count in lines.items() if count > LONGEST_FILE}
    assert too_long == {}, "find what to move out"


def test_package_inits_hold_only_a_docstring() -> None:
    wrong = {}
    for package in PACKAGES:
        init = package / "__init__.py"
        tree = ast.parse(text(init) if init.exists() else "")
        if not ast.get_docstring(tree):
            wrong[relative_path(package)] = "needs an __init__.py with a docstring"
        elif len(tree.body) != 1:
            wrong[relative_path(package)] = "holds more than its docstring"
    assert wrong == {}


def test_no_module_name_is_vague() -> None:
    parts = {
        relative_path(path): {path.stem, *path.relative_to(ROOT).parts[:-1]} for path in PYTHON
    }
    assert [name for name, found in parts.items() if found & HEAPS] == []


def test_domains_have_the_usual_modules() -> None:
    wrong = {}
    singular = {name.removesuffix("s") for name in DOMAIN_MODULES}
    for package in DOMAINS:
        modules = {path.stem for path in package.rglob("*.py")}
        if not modules & DOMAIN_MODULES:
            wrong[relative_path(package)] = f"has none of {sorted(DOMAIN_MODULES)}"
        elif modules & singular:
            wrong[relative_path(package)] = (
                f"{sorted(modules & singular)} are in the plural elsewhere"
            )
    assert wrong == {}


def test_no_file_mentions_one_machine_or_registry() -> None:
    excepted = {ROOT / "uv.lock", Path(__file__)}
    found = {relative_path(path): FOREIGN.search(text(path)) for path in FILES}
    pointing = {name: match[0] for name, match in found.items() if match}
    assert {n: said for n, said in pointing.items() if ROOT / n not in excepted} == {}


AMBIENT = {"current_app", "g", "request", "session"}
HOLDS_REQUEST = re.compile(
    r"catalogue/(?:core/application|core/rest/\w+|history/responses|data_exchange/schemas"
    r"|access/\w+|web/(?:\w+/)*\w+|(?:\w+/)*(?:views|public_views|commands))\.py"
)
"""Modules that speak HTTP or the command line, and hand on what they read as a context."""


def test_operations_take_a_context_and_find_nothing_around_them() -> None:
    """The actor and session are arguments, so that a reader sees them."""
    ambient = []
    for path in PRODUCT:
        name = relative_path(path)
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.ImportFrom) and node.module == "flask":
                named = AMBIENT & {each.name for each in node.names}
                if named and not HOLDS_REQUEST.fullmatch(name):
                    ambient.append(f"{name}, line {node.lineno}: {sorted(named)} of flask")
            elif (
                isinstance(node, ast.ImportFrom)
                and node.module == "contextvars"
                # A line of the log can come from anywhere, also from a library.
                and name != "catalogue/core/logs/current_request.py"
            ):
                ambient.append(f"{name}, line {node.lineno}: a context variable")
    assert ambient == []
