"""Every operation of the API, found from the app: nothing here names one."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from uuid import uuid4

import jsonschema
import orjson
import pytest
from flask import Flask

from catalogue.app import create_app
from catalogue.core.actor import Scope
from catalogue.core.config import Settings
from catalogue.core.rest.operation import Operation

JSON = "application/json"
PROBLEM = "application/problem+json"
MULTIPART = "multipart/form-data"
METHODS = ("get", "post", "put", "patch", "delete")
ALL_SCOPES = " ".join(Scope)

# Which operations there are does not depend on the database, so none is opened.
APP = create_app(Settings(database_url="sqlite://", job_worker="external"))
DOCUMENT: dict[str, Any] = APP.extensions["openapi"].spec.to_dict()


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """A node of the document, with its own reference followed."""
    while "$ref" in node:
        found: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found | {name: said for name, said in node.items() if name != "$ref"}
    return node


def conforms(value: Any, schema: dict[str, Any]) -> list[str]:
    """What in a value is not as a schema of the document says."""
    errors = _validator(orjson.dumps(schema)).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in errors]


@cache
def _validator(schema: bytes) -> jsonschema.Draft202012Validator:
    # Kept, because to find the way about the document takes longer than to look at a value.
    whole = {"allOf": [orjson.loads(schema)], "components": DOCUMENT["components"]}
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(whole, format_checker=checker)


@dataclass(frozen=True)
class Op:
    """One operation: as the document shows it, and as the kernel knows it."""

    path: str
    method: str
    node: dict[str, Any]
    kernel: Operation

    def __str__(self) -> str:
        return str(self.node["operationId"])

    __hash__ = object.__hash__

    @property
    def name(self) -> str:
        """The operationId."""
        return str(self)

    @cached_property
    def parameters(self) -> list[dict[str, Any]]:
        """All parameters, those of the path included."""
        listed = DOCUMENT["paths"][self.path].get("parameters", []) + self.node["parameters"]
        return [resolved(parameter) for parameter in listed]

    def parameter_names(self, where: str) -> list[str]:
        """The names of the parameters in the `path`, `query` or `header`."""
        return [p["name"] for p in self.parameters if p["in"] == where]

    def nowhere(self) -> str:
        """Its address, with the ids of nothing."""
        return self.path.format(**{name: str(uuid4()) for name in self.parameter_names("path")})

    @property
    def public(self) -> bool:
        """Whether it needs no token."""
        return self.node["security"] == []

    @property
    def scope(self) -> str | None:
        """The scope that it needs, or None if any token will do."""
        (scopes,) = self.node["security"][0].values()
        return str(scopes[0]) if scopes else None

    @property
    def body_type(self) -> str | None:
        """The content type of its body."""
        content = self.node.get("requestBody", {}).get("content", {})
        return next(iter(content), None)

    @property
    def takes_json(self) -> bool:
        """Whether its body is JSON."""
        return self.body_type is not None and self.body_type != MULTIPART

    @property
    def body_schema(self) -> dict[str, Any]:
        """The schema of its body."""
        content = self.node["requestBody"]["content"]
        return dict(content[self.body_type]["schema"])

    @property
    def query_example(self) -> dict[str, str]:
        """The document's examples of the query parameters that are required."""
        required = (p for p in self.parameters if p["in"] == "query" and p.get("required"))
        return {p["name"]: (p | p["schema"])["example"] for p in required}

    @property
    def body_example(self) -> Any:
        """The example of its body."""
        return self.node["requestBody"]["content"][self.body_type]["example"]

    @property
    def successes(self) -> dict[int, dict[str, Any]]:
        """The answers of an operation that succeeds."""
        return {int(s): resolved(a) for s, a in self.node["responses"].items() if s[0] == "2"}

    @property
    def failures(self) -> dict[int, dict[str, Any]]:
        """The answers of one that does not."""
        return {int(s): resolved(a) for s, a in self.node["responses"].items() if s[0] in "45"}


def _operations(app: Flask) -> Iterator[Op]:
    for rule in app.url_map.iter_rules():
        kernel: Operation | None = getattr(app.view_functions[rule.endpoint], "operation", None)
        if kernel is None:
            continue
        path = "".join(f"{{{part}}}" if dynamic else part for dynamic, part in rule._trace[1:])
        node = DOCUMENT["paths"][path][kernel.method.lower()]
        yield Op(path, kernel.method, node, kernel)


OPERATIONS = tuple(sorted(_operations(APP), key=lambda op: (op.path, op.method)))
BY_NAME = {op.name: op for op in OPERATIONS}
GUARDED = tuple(op for op in OPERATIONS if not op.public)
SCOPED = tuple(op for op in GUARDED if op.scope)
LISTS = tuple(op for op in OPERATIONS if op.kernel.list_of)
WITH_JSON = tuple(op for op in OPERATIONS if op.takes_json)
WITH_IF_MATCH = tuple(op for op in OPERATIONS if op.kernel.if_match)
KEYED = tuple(op for op in OPERATIONS if op.kernel.idempotent)
POSTS = tuple(op for op in KEYED if op.method == "POST")


def each(operations: tuple[Op, ...]) -> pytest.MarkDecorator:
    """Run a test for each of the operations."""
    return pytest.mark.parametrize("op", operations, ids=str)
