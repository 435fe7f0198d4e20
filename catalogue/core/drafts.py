"""Drafts: new records as plain objects, for code that creates thousands of them at once.

A draft has the attributes and methods of its model. It has none of SQLAlchemy's tracking of changes,
which takes longer than all other work on a new record. A session neither accepts nor returns drafts:
`history.bulk_inserts` writes them. Operations that set attributes can fill either form.
"""

from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa

from catalogue.core.database import Base, Entity
from catalogue.core.ids import new_id

_Model = TypeVar("_Model", bound=Base)

_MODEL = "__draft_of__"


def draft_of(model: type[_Model], **values: Any) -> _Model:
    """Make a draft of a record. An attribute without a value is None, and a list is empty."""
    kind, lists = _draft_class(model)
    draft: _Model = object.__new__(kind)
    state = draft.__dict__
    if issubclass(model, Entity) and "id" not in values:
        state["id"] = new_id()
    for name in lists:
        state[name] = []
    state.update(values)
    return draft


def new_part(whole: Base, model: type[_Model], **values: Any) -> _Model:
    """Make a row that belongs to a record: a draft if the record is one."""
    return draft_of(model, **values) if is_draft(whole) else model(**values)


def is_draft(record: Any) -> bool:
    """Return whether a record is a draft, which no session knows."""
    return hasattr(type(record), _MODEL)


def model_of(record: Any) -> type[Any]:
    """Return the model of a record, whether or not it is a draft."""
    model: type[Any] = getattr(type(record), _MODEL, type(record))
    return model


@cache
def _draft_class(model: Any) -> tuple[type[Any], tuple[str, ...]]:
    """Make the class of the drafts of a model. Its attributes hide those that track changes."""
    mapper = sa.inspect(model)
    attributes: dict[str, Any] = dict.fromkeys(mapper.attrs.keys())
    lists = tuple(name for name, each in mapper.relationships.items() if each.uselist)
    names = {"__abstract__": True, _MODEL: model, "__module__": __name__}
    return type(model)(f"{model.__name__}Draft", (model,), attributes | names), lists
