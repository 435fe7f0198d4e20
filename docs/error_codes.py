"""The error codes that the product can return, found in its source."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from docs.product_source import PRODUCT, modules

CODE = re.compile(r"[a-z][a-z0-9_]*")
_METHOD = {"self", "cls"}
_MESSAGES = {"error_messages", "default_error_messages"}


@cache
def codes_of_the_source() -> dict[str, tuple[str, ...]]:
    """Return each code with the files and lines that use the code.

    A code always comes with a sentence for people. So the search needs only three forms: an
    argument of a function or class that takes `code` and `detail`, a code beside a sentence, and a
    table of messages.
    """
    found: dict[str, list[str]] = {}
    for path, tree in modules().items():
        takers = _takers_everywhere() | dict(_takers(tree))
        for node in _walk(tree):
            for code in _codes(node, takers):
                line = getattr(node, "lineno", 0)
                found.setdefault(code, []).append(f"{path.relative_to(PRODUCT)}:{line}")
    return {code: tuple(found[code]) for code in sorted(found)}


def codes_in(source: str) -> set[str]:
    """Return the codes in a piece of source that uses the product's functions."""
    nodes = ast.walk(ast.parse(source))
    return {code for node in nodes for code in _codes(node, _takers_everywhere())}


@cache
def _takers_everywhere() -> dict[str, int]:
    return {name: place for tree in modules().values() for name, place in _takers(tree)}


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node except the members of vocabularies, whose values are not error codes."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.ClassDef) and "Vocabulary" in map(ast.unparse, child.bases)):
            yield from _walk(child)


@cache
def _sentence_names() -> frozenset[str]:
    """Return the names of module constants that hold a sentence."""
    return frozenset(
        target.id
        for tree in modules().values()
        for node in tree.body
        if isinstance(node, ast.Assign) and _is_sentence(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    )


def _takers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each function or class that takes a code with a sentence, and the code's position."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name != "__init__":
            yield from _taker(node.name, [each.arg for each in _arguments(node)])
        elif isinstance(node, ast.ClassDef):
            declared = [
                each.target.id
                for each in node.body
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
            ]
            yield from _taker(node.name, declared)
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    yield from _taker(node.name, [each.arg for each in _arguments(method)])


def _arguments(function: ast.FunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _taker(name: str, parameters: list[str]) -> Iterator[tuple[str, int]]:
    names = [each for each in parameters if each not in _METHOD]
    if "code" in names and "detail" in names:
        yield name, names.index("code")


def _codes(node: ast.AST, takers: dict[str, int]) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in takers:
            given = [each.value for each in node.keywords if each.arg == "code"]
            if not given and len(node.args) > takers[name]:
                given = [node.args[takers[name]]]
            for each in given:
                yield from _literals(each)
        case ast.Call(func=ast.Name(id="Coded"), args=[_, code]):
            yield from _literals(code)
        case ast.Tuple(elts=elements) if any(_is_sentence(e) or _names_one(e) for e in elements):
            # A code with a sentence, or a row that also holds the pointer.
            for each in elements:
                yield from (code for code in _literals(each) if CODE.fullmatch(code))
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys, values=values)):
            if name in _MESSAGES:
                for key, value in zip(keys, values, strict=True):
                    # A `Coded` message has a code of its own.
                    if not isinstance(value, ast.Call):
                        yield from _literals(key)


def _literals(node: ast.AST | None) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(code)):
            yield code
        case ast.IfExp(body=body, orelse=orelse):
            yield from _literals(body)
            yield from _literals(orelse)


def _names_one(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in _sentence_names()


def _is_sentence(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return " " in text and text.endswith(".")
        case ast.JoinedStr():
            return True
    return False
