"""The string literals of the product's source that people read.

Little is listed by name: an exception's class, a function that returns one, and a function with a
parameter `detail` all take messages.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from docs.product_source import modules

PLACEHOLDER = "word"

_EXCEPTION = re.compile(r"(Error|Exception|Problem|Warning|Exit)$")
_CLICK = {"echo", "secho", "confirm", "prompt"}
_HELP = {"help", "short_help", "epilog"}
_DATABASE = re.compile(r"\s*[A-Z]{2,}\b[ (]+[A-Za-z_*(\"%]")
_PROSE = re.compile(r"[A-Z“\"'(]?[\w'’`{<“\"]+,? ")
_DATA = {"example", "examples"}


def texts_of(path: Path, tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the kind and the text of each literal of a module that people read."""
    takers = _message_takers()
    names = _assigned(tree)
    found: dict[int, tuple[int, str, str]] = {}

    def take(node: ast.AST | None, kind: str) -> None:
        for each in _strings(node, names):
            text = _text(each)
            if text is not None and " " in text.strip() and id(each) not in found:
                found[id(each)] = (each.lineno, kind, text)

    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = _called(node)
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            if called in takers or called in _CLICK:
                for each in arguments:
                    take(each, "error" if called in takers else "prose")
            for keyword in node.keywords:
                if keyword.arg in _HELP:
                    take(keyword.value, "help")
                elif keyword.arg == "detail":
                    take(keyword.value, "error")
                elif keyword.arg == "description":
                    take(keyword.value, "description")
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            for each in node.exc.args:
                take(each, "error")
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "description":
                    take(value, "description")
        elif isinstance(node, ast.Assign) and "error_messages" in ast.unparse(node.targets[0]):
            for each in getattr(node.value, "values", []):
                take(each, "error")
    yield from found.values()
    yield from _served_docstrings(path, tree)
    yield from _prose(tree, found)


def _strings(node: ast.AST | None, names: dict[str, list[ast.expr]]) -> Iterator[ast.expr]:
    """Yield the string expressions of a value. A name stands for each value assigned to it."""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            yield node
        case ast.BinOp(op=ast.Add()):
            yield node if _text(node) is not None else node.left
        case ast.IfExp(body=body, orelse=orelse):
            yield from _strings(body, names)
            yield from _strings(orelse, names)
        case ast.BoolOp(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
            for each in values:
                yield from _strings(each, names)
        case ast.Name(id=name):
            for each in names.get(name, []):
                yield from _strings(each, {})
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            yield from _strings(value, names)


def _text(node: ast.AST) -> str | None:
    """Return a string with its fields replaced by a word, or None for anything else."""
    match node:
        case ast.Constant(value=str() as value):
            return value
        case ast.JoinedStr(values=values):
            return "".join(
                each.value if isinstance(each, ast.Constant) else PLACEHOLDER
                for each in values
                if not isinstance(each, ast.Constant) or isinstance(each.value, str)
            )
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _text(left), _text(right)
            if first is None and second is None:
                return None
            return (first or PLACEHOLDER) + (second or PLACEHOLDER)
    return None


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _assigned(tree: ast.Module) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    return found


@cache
def _message_takers() -> frozenset[str]:
    """Return the names of exceptions, and of functions that return one or take a detail."""
    classes: dict[str, list[str]] = {}
    functions: list[ast.FunctionDef] = []
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                classes[node.name] = [ast.unparse(base).split(".")[-1] for base in node.bases]
            elif isinstance(node, ast.FunctionDef):
                functions.append(node)

    found = {"FieldError", "Coded", "Problem"}
    grown = -1
    while grown != len(found):
        grown = len(found)
        found |= {
            name
            for name, bases in classes.items()
            if any(base in found or _EXCEPTION.search(base) for base in bases)
        }
    found |= {"ValidationError", "UsageError", "ClickException", "BadParameter", "ValueError"}
    for function in functions:
        returned = ast.unparse(function.returns).split(".")[-1] if function.returns else ""
        parameters = {each.arg for each in [*function.args.args, *function.args.kwonlyargs]}
        if returned in found or "detail" in parameters:
            found.add(function.name)
    return frozenset(found - {"__init__", "__new__"})


def _served_docstrings(path: Path, tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Yield the docstrings that the OpenAPI document or the command line shows."""
    for node in ast.walk(tree):
        served = False
        if isinstance(node, ast.FunctionDef):
            decorators = " ".join(ast.unparse(each) for each in node.decorator_list)
            served = bool(re.search(r"\b(command|group|route|operation|get|post)\b", decorators))
            served |= path.name == "views.py" and bool(node.decorator_list)
        elif isinstance(node, ast.ClassDef):
            bases = " ".join(ast.unparse(each) for each in node.bases)
            served = path.name == "schemas.py" or "StrEnum" in bases or "Vocabulary" in bases
        text = ast.get_docstring(node) if served else None
        if text:
            yield node.lineno, "docstring", text


def _prose(
    tree: ast.Module, found: dict[int, tuple[int, str, str]]
) -> Iterator[tuple[int, str, str]]:
    """Yield any other literal that reads as a sentence or a heading."""
    left_out = set(found)
    reasons: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node).startswith("not_"):
            reasons |= {id(each) for each in node.args}  # @not_recorded("why")
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.add(id(node.value))
        if isinstance(node, ast.JoinedStr) or id(node) in left_out:
            left_out |= {id(each) for each in ast.walk(node) if each is not node}
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in _DATA:
                    left_out |= {id(each) for each in ast.walk(value)}
        if id(node) in left_out or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        text = _text(node)
        if text and len(text.split()) > 2 and text[0].isupper() and _PROSE.match(text):
            if _DATABASE.match(text):
                continue
            yield node.lineno, "reason" if id(node) in reasons else "prose", text
