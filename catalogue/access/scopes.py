"""Scope strings: scopes separated by spaces, as in requests and tokens."""

from collections.abc import Iterable

from catalogue.core.actor import Scope

_KNOWN = frozenset(scope.value for scope in Scope)


class UnknownScope(ValueError):
    """The error for an unknown scope, which is kept in `scope`."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"There is no scope {scope!r}. `catalogue clients scopes` lists the scopes."
        )
        self.scope = scope


def parse_scopes(scopes: Iterable[Scope | str] | str) -> frozenset[Scope]:
    """Return the scopes of a string or a list. Raises UnknownScope for the first unknown word."""
    words = (scopes if isinstance(scopes, str) else " ".join(map(str, scopes))).split()
    for word in words:
        if word not in _KNOWN:
            raise UnknownScope(word)
    return frozenset(Scope(word) for word in words)


def scope_string(scopes: Iterable[Scope | str]) -> str:
    """Return scopes as a string (RFC 6749 section 3.3), sorted so that equal sets look equal."""
    return " ".join(sorted({str(scope) for scope in scopes}))


def known_scopes(claim: object) -> frozenset[str]:
    """Return the catalogue's scopes in a token's claim, which can be a string or a list.

    Other scopes of a provider, such as `openid`, are left out.
    """
    if isinstance(claim, str):
        words: Iterable[object] = claim.split()
    elif isinstance(claim, list):
        words = claim
    else:
        return frozenset()
    return frozenset(word for word in words if isinstance(word, str) and word in _KNOWN)
