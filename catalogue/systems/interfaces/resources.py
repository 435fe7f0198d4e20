"""The interface resource, which withholds the systems that the actor cannot see."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import own, seen
from catalogue.core.actor import Scope
from catalogue.core.rest.columns import DialectExpression, json_list, list_contains
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY, Profile
from catalogue.core.types import Json
from catalogue.history.feed_fields import ReferenceField, expose, same_names
from catalogue.systems.interfaces.models import Interface
from catalogue.systems.interfaces.schemas import InterfaceSchema
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS

ENDS = ("from_system_id", "to_system_id")

# The join finds an end only if the actor can see it, so a hidden end is null in every field.
_from = sa.orm.aliased(System, name="from_system")
_to = sa.orm.aliased(System, name="to_system")
_end = sa.orm.aliased(System, name="interface_end")
_recorder = sa.orm.aliased(Agency, name="recorder")
_from_agency = sa.orm.aliased(Agency, name="from_agency")
_to_agency = sa.orm.aliased(Agency, name="to_agency")

_KNOWN_RECORDER = sa.or_(
    own(Interface), Interface.agency_id == _from.agency_id, Interface.agency_id == _to.agency_id
)
"""True if the recorder is the actor's agency, or owns an end that the actor can see.

The name of any other recorder would reveal who owns the hidden end.
"""


def _source() -> Any:
    source: Any = Interface
    for place, end, agency in (
        (Interface.from_system_id, _from, _from_agency),
        (Interface.to_system_id, _to, _to_agency),
    ):
        source = sa.orm.outerjoin(source, end, sa.and_(place == end.id, seen(end)))
        source = sa.orm.outerjoin(source, agency, end.agency_id == agency.id)
    return sa.orm.outerjoin(
        source, _recorder, sa.and_(Interface.agency_id == _recorder.id, _KNOWN_RECORDER)
    )


def _an_end(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(sa.literal_column("1"))
        .where(_end.id.in_((Interface.from_system_id, Interface.to_system_id)), *conditions)
        .correlate(Interface)
    )


def _shared_at_standard(place: Any) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(sa.literal_column("1"))
        .where(_end.id == place, seen(_end, at=Profile.STANDARD))
        .correlate(Interface)
    )


def _has_end(identity: ColumnElement[str]) -> DialectExpression:
    written = sa.func.lower(identity, type_=sa.String())
    dashed = sa.func.length(identity) == sa.literal_column("36")
    # SQLite stores an id as 32 digits without dashes.
    digits = sa.func.replace(written, sa.literal_column("'-'"), sa.literal_column("''"))
    stored = sa.type_coerce(_end.id, sa.String())
    return DialectExpression(
        postgresql=_an_end(seen(_end), sa.cast(_end.id, sa.String) == written),
        sqlite=_an_end(seen(_end), stored == digits, dashed),
    )


def _withheld() -> DialectExpression:
    def text(content: str) -> ColumnElement[str]:
        return sa.literal_column(f"'{content}'", sa.String())

    fields = text("")
    for visible_id, names in (
        (_recorder.id, ("agency",)),
        (_from.id, ("from_system_id", "from_system_name", "from_agency")),
        (_to.id, ("to_system_id", "to_system_name", "to_agency")),
    ):
        listed = "".join(f',"{name}"' for name in names)
        fields = fields + sa.case((visible_id.is_(None), text(listed)), else_=text(""))
    array = text("[") + sa.func.ltrim(fields, text(","), type_=sa.String()) + text("]")
    return DialectExpression(
        postgresql=sa.cast(array, sa.JSON()), sqlite=sa.type_coerce(array, Json)
    )


INTERFACES = Resource(
    name="interface",
    path="/v1/interfaces",
    model=Interface,
    schema=InterfaceSchema,
    columns={
        "id": Interface.id,
        "agency": _recorder.code,
        "from_system_id": _from.id,
        "from_system_name": _from.name,
        "from_agency": _from_agency.code,
        "to_system_id": _to.id,
        "to_system_name": _to.name,
        "to_agency": _to_agency.code,
        "system_ids": json_list(
            _end.id,
            of=Interface,
            where=sa.and_(
                _end.id.in_((Interface.from_system_id, Interface.to_system_id)), seen(_end)
            ),
            order_by=_end.id,
        ),
        "direction": Interface.direction,
        "standard": Interface.standard,
        "data_categories": Interface.data_categories,
        "criticality": Interface.criticality,
        "fallback": Interface.fallback,
        "description": Interface.description,
        "withheld": _withheld(),
        "created_at": Interface.created_at,
        "updated_at": Interface.updated_at,
    },
    source=_source(),
    contains={
        "system_ids": _has_end,
        "data_categories": lambda value: list_contains(
            Interface.__table__.c.data_categories, value
        ),
    },
    sort_as={"from_system_name": _from.name_key, "to_system_name": _to.name_key},
    not_filters=frozenset({"fallback", "description"}),
    visible=sa.or_(
        own(Interface),
        # The owner of an end must see every interface of its system.
        _an_end(_end.agency_id == ACTOR_AGENCY),
        sa.and_(*[_shared_at_standard(getattr(Interface, place)) for place in ENDS]),
    ),
    default_sort="from_system_name,to_system_name",
    owner="agency_id",
)


def _recorded_by_reader(record: Any, *, at: Profile) -> ColumnElement[bool]:
    # An event names the agency of its record, which can be the owner of a hidden end.
    return own(record)


expose(
    INTERFACES,
    scope=Scope.SYSTEMS_READ,
    disclosure_rule=_recorded_by_reader,
    # The recorder can be the owner of an end that the reader cannot see.
    hides_owner=True,
    fields={
        **{end: ReferenceField(end, to=SYSTEMS) for end in ENDS},
        **same_names(
            "direction", "standard", "data_categories", "criticality", "fallback", "description"
        ),
    },
)
