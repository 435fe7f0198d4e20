"""Rights that a person lacks for a page, and the roles that include them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app

from catalogue.access.roles import find_roles
from catalogue.core.actor import SCOPE_MEANINGS, Scope
from catalogue.core.errors import TYPE_PREFIX, InsufficientScope
from catalogue.web.api_calls import find_operation

_QUOTED = re.compile(r"`([a-z:]+)`")


@dataclass(frozen=True)
class MissingRights:
    """The scopes that a person lacks."""

    scopes: tuple[Scope, ...]

    @property
    def meanings(self) -> list[str]:
        """The meaning of each scope."""
        return [SCOPE_MEANINGS[scope] for scope in self.scopes]

    @property
    def roles(self) -> str:
        """The names of the roles that have all the scopes, or an empty text."""
        return " or ".join(f"“{role.title}”" for role in find_roles(self.scopes))


def rights_of(operations: Iterable[str]) -> MissingRights:
    """Return the rights that operations need."""
    scopes = (find_operation(current_app, name).scope for name in operations)
    return MissingRights(tuple(dict.fromkeys(s for s in scopes if isinstance(s, Scope))))


def rights_in(problem: dict[str, Any]) -> MissingRights | None:
    """Return the right that the refusal of an operation names, or None for any other refusal."""
    if problem.get("type") != TYPE_PREFIX + InsufficientScope.kind:
        return None
    named = [word for word in _QUOTED.findall(problem["detail"]) if word in set(Scope)]
    return MissingRights(tuple(Scope(word) for word in named[:1]))
