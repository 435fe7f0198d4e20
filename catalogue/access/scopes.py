"""Scope strings: space-separated in a request and in a token, sorted wherever we write one."""

from collections.abc import Iterable

from catalogue.core.actor import Scope

_KNOWN = frozenset(scope.value for scope in Scope)


class UnknownScope(ValueError):
    """A scope that the catalogue does not have. `scope` is the word that was asked for."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"There is no scope {scope!r}.")
        self.scope = scope


def parse_scopes(text: str) -> frozenset[Scope]:
    """Read a scope string; raise UnknownScope at the first word that is not a scope of ours."""
    words = text.split()
    for word in words:
        if word not in _KNOWN:
            raise UnknownScope(word)
    return frozenset(Scope(word) for word in words)


def scope_string(scopes: Iterable[Scope | str]) -> str:
    """Write scopes as RFC 6749 section 3.3 has it, in one order, so that equal sets look equal."""
    return " ".join(sorted({str(scope) for scope in scopes}))


def known_scopes(claim: object) -> frozenset[str]:
    """The scopes of ours in a token's claim, which may be a string or a list.

    A provider adds its own (`openid`, `profile`): those mean nothing here and are left out.
    """
    if isinstance(claim, str):
        words: Iterable[object] = claim.split()
    elif isinstance(claim, list):
        words = claim
    else:
        return frozenset()
    return frozenset(word for word in words if isinstance(word, str) and word in _KNOWN)
