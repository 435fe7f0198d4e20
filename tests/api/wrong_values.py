"""Values that a schema of the document does not allow, each with the pointer to what is wrong."""

from collections.abc import Iterator
from typing import Any

from tests.api.surface import conforms, resolved

HUGE = 10**30
BY_TYPE: dict[str, list[Any]] = {
    "string": [7, 2.5, True, ["Duties"], {"name": "Duties"}, "\u0000", "Du\u0000ties"],
    "integer": ["2", 2.5, True, [], {}, HUGE, -HUGE, "NaN"],
    "number": ["2", True, [], {}],
    "boolean": ["true", 0, 1, [], {}],
    "array": ["Duties", 7, {}, {"0": "Duties"}, True],
    "object": ["Duties", 7, [], [{}], True],
}
BY_FORMAT = {
    "uuid": ["7", "0198c2f0-3a5e-7d41-9b6c", "{0198c2f0-3a5e-7d41-9b6c-2f1e8a7d4c10}", " "],
    "date": [
        "yesterday",
        "2026-02-30",
        "20260401",
        "2026-4-1",
        "0026-04-01",
        "2026-04-01T00:00:00Z",
    ],
    "date-time": ["yesterday", "2026-04-01", "2026-04-01 09:00"],
}
# At least one of these is foreign to any pattern.
ODD_TEXTS = ("\u00a7 \u00a7", "a\tb", "-", "\u00e9", "no such thing!", "\u0660")


def wrong_values(schema: dict[str, Any], pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Pointers into a body, and for each a value that may not stand there."""
    schema = resolved(schema)
    required = schema.get("required", [])
    for name, declared in schema.get("properties", {}).items():
        here = f"{pointer}/{name}"
        for value in _wrong(declared):
            yield here, value
        if name in required:
            yield here, MISSING
        for inner, value in _within(declared):
            yield here + inner, value


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()
"""Stands for the absence of a field that is required."""


def _wrong(declared: dict[str, Any]) -> list[Any]:
    """Values that are wrong for one schema: by type, by bounds, by form, and null."""
    schema = _plain(declared)
    types = _types(schema)
    found: list[Any] = [v for t in types for v in BY_TYPE.get(t, [])]
    found += BY_FORMAT.get(schema.get("format", ""), [])
    found += ["no such thing"] if "enum" in schema else []
    found += ["x" * (schema["maxLength"] + 1)] if "maxLength" in schema else []
    found += ["", "  "] if schema.get("minLength") else []
    found += list(ODD_TEXTS) if "pattern" in schema else []
    found += [schema["minimum"] - 1] if "minimum" in schema else []
    found += [schema["maximum"] + 1] if "maximum" in schema else []
    found += [None]
    return [value for value in found if conforms(value, declared)]


def _within(declared: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Wrong values inside a list or an object."""
    schema = _plain(declared)
    if "properties" in schema:
        yield from wrong_values(schema)
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        for value in _wrong(values):
            yield "/first", value
    if "items" not in schema:
        return
    item = _plain(schema["items"])
    if "properties" in item:
        yield from ((f"/0{inner}", value) for inner, value in wrong_values(item))
    for value in _wrong(schema["items"]):
        yield "/0", value


def _plain(declared: dict[str, Any]) -> dict[str, Any]:
    """A schema without the wrapping that lets it be null."""
    schema = resolved(declared)
    for wrapped in [*schema.get("anyOf", []), *schema.get("allOf", [])]:
        inner = resolved(wrapped)
        if inner.get("type") != "null":
            return inner
    return schema


def _types(schema: dict[str, Any]) -> list[str]:
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else [name for name in named if name != "null"]


def placed(body: Any, pointer: str, value: Any) -> Any:
    """A copy of a body with a value at a pointer; lists and objects are made on the way."""
    step, _, rest = pointer.removeprefix("/").partition("/")
    if step.isdecimal():
        copied: Any = list(body or [])
        key: Any = int(step)
        inner = copied[key] if copied else None
        copied = copied or [None]
    else:
        copied, key = dict(body or {}), step
        inner = copied.get(key)
    if rest:
        copied[key] = placed(inner, f"/{rest}", value)
    elif value is MISSING:
        copied.pop(key, None)
    else:
        copied[key] = value
    return copied
