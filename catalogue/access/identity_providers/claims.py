"""Claims of tokens: paths that name a claim, and the texts of a claim.

A path separates the names of nested claims by dots, such as `realm_access.roles`. A backslash before
a dot makes the dot a part of the name. A path with `://` is one name, such as
`https://police.example/agency`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

_CHARACTER = r"(?:[^\\\s.\x00-\x1f\x7f-\x9f]|\\[\\.])"
PATH = rf"^{_CHARACTER}+(?:\.{_CHARACTER}+)*$"
"""The form of a path: no white space, no control characters, and no empty name.

A backslash stands only before a dot or another backslash.
"""

_NAME = re.compile(r"(?:[^\\.]|\\.)+")
_ESCAPED = re.compile(r"\\(.)")


def split_path(path: str) -> list[str]:
    """Return the names of a path, the outermost first."""
    if "://" in path and "\\" not in path:
        return [path]
    return [_ESCAPED.sub(r"\1", name) for name in _NAME.findall(path)]


def find_claim(claims: dict[str, Any], path: str) -> Any:
    """Return the value of a claim, or None if the token does not have it."""
    value: Any = claims
    for name in split_path(path):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def words(claims: dict[str, Any], paths: list[str] | tuple[str, ...]) -> Iterator[str]:
    """Yield the values of list claims, such as scopes or roles, of all paths.

    A text is yielded as a whole, and by its words (RFC 6749 section 3.3).
    """
    for path in paths:
        value = find_claim(claims, path)
        if isinstance(value, str):
            yield from {value: None, **dict.fromkeys(value.split())}
        elif isinstance(value, list):
            yield from (each for each in value if isinstance(each, str))


def keep_claims(claims: dict[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return a copy of the claims with these paths, which a database can store.

    The copy has only texts and lists of texts. A claim of another kind stays as an empty value, since
    a claim that names nothing differs from a missing claim.
    """
    kept: dict[str, Any] = {}
    for path in paths:
        value = find_claim(claims, path)
        if value is None:
            continue
        *parents, name = split_path(path)
        place = kept
        for parent in parents:
            place = place.setdefault(parent, {})
        if isinstance(value, dict):
            place.setdefault(name, {})
        else:
            place[name] = _storable(value)
    return kept


def _storable(value: Any) -> str | list[str]:
    # PostgreSQL refuses NUL characters in JSON.
    if isinstance(value, str):
        return value if "\x00" not in value else []
    values = value if isinstance(value, list) else []
    return [each for each in values if isinstance(each, str) and "\x00" not in each]


def first_text(claims: dict[str, Any], paths: list[str] | tuple[str, ...]) -> str | None:
    """Return the first of the claims that is a usable text, or None."""
    for path in paths:
        value = find_claim(claims, path)
        if isinstance(value, str) and is_name(value):
            return value.strip()
    return None


def is_name(value: str) -> bool:
    """Return whether a text can name a person or a client in the audit log."""
    return bool(value.strip()) and value.isprintable()
