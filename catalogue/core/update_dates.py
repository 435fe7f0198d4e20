"""The dates of records, which must not reveal changes to fields that some readers cannot see."""

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm.attributes import flag_modified

Model = TypeVar("Model", bound=type[Any])


def undated(*names: str) -> Callable[[Model], Model]:
    """Return a decorator that keeps `updated_at` if nothing but these columns or lists change.

    Some readers of the record cannot see them, and a new date would reveal the change. The change
    still counts a revision, so that concurrent writers notice each other.
    """

    def keep_date(_mapper: Any, _connection: Any, record: Any) -> None:
        state: Any = sa.inspect(record)
        changed = {
            attribute.key
            for attribute in (*state.mapper.column_attrs, *state.mapper.relationships)
            if state.attrs[attribute.key].history.has_changes()
        }
        if changed and changed <= set(names):
            flag_modified(record, "updated_at")

    def decorate(model: Model) -> Model:
        event.listen(model, "before_update", keep_date)
        return model

    return decorate
