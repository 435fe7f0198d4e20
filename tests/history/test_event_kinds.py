"""Every kind of event that the product records is declared."""

import ast
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from catalogue.history.event_kinds import VERBS, event_kinds, verbs_of
from catalogue.history.feed_fields import KINDS, feed_spec
from catalogue.history.registry import list_audited_models
from docs.product_source import PRODUCT, modules

OUTSIDE_THE_FEED = {("access", "secret_rotated")}
"""Verbs of records that the feed does not show, with the package that records them."""


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    """Yield every call of a function in the product, with its file."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
                yield path, node


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def texts(node: ast.AST) -> set[str]:
    """Return the texts that an expression or a function can return."""
    if isinstance(node, ast.FunctionDef):
        returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
        return set().union(*(texts(each) for each in returned if each))
    if isinstance(node, ast.Lambda):
        return texts(node.body)
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def test_verbs_of_recorded_events_are_declared(app: Flask) -> None:
    found = set()
    for path, call in calls("record_event"):
        package = path.relative_to(PRODUCT).parts[0]
        verb = keyword(call, "verb")
        assert isinstance(verb, ast.Constant), f"{path}:{call.lineno} needs a verb as a text"
        found.add((package, verb.value))
    declared = {
        (feed_spec(record).resource.model.__module__.split(".")[1], verb)
        for record in KINDS
        for verb in verbs_of(record)
    }
    assert len(found) >= 4, "the calls were not found in the source"
    assert found - declared - OUTSIDE_THE_FEED == set(), (
        "declare the verbs where `expose` is called"
    )


def test_exact_verbs_of_updates_are_declared(app: Flask) -> None:
    found = 0
    for path, call in calls("audited"):
        verb = keyword(call, "verb")
        resource = ast.literal_eval(call.args[0])
        if verb is None or resource not in KINDS:
            continue
        if isinstance(verb, ast.Name):
            (verb,) = (
                node
                for node in modules()[path].body
                if isinstance(node, ast.FunctionDef) and node.name == verb.id
            )
        exact = texts(verb)
        assert exact, f"{path}:{call.lineno}: the verbs were not found"
        assert exact <= set(verbs_of(resource)), "declare the verbs where `expose` is called"
        found += 1
    assert found >= 2, "the declarations were not found in the source"


def test_every_declared_verb_has_a_meaning_and_every_meaning_a_verb(app: Flask) -> None:
    assert {kind.partition(".")[2] for kind in event_kinds()} == set(VERBS)
    recorded = {each.resource for each in list_audited_models()}
    assert [record for record in KINDS if record not in recorded] == []


def test_kinds_include_reads_and_access_only_where_they_can_happen(app: Flask) -> None:
    reads = {kind.removesuffix(".read") for kind in event_kinds() if kind.endswith(".read")}
    assert reads == {"system", "contract", "cost", "baseline_line"}
    given = {kind.partition(".")[0] for kind in event_kinds() if kind.endswith(".access_given")}
    assert {"system", "migration_check"} <= given
    assert not given & {"webhook", "import_mapping", "agency", "supplier", "capability"}
