"""How systems are read: their fields, who sees which rows, and which fields of them."""

from functools import partial

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import level, seen
from catalogue.capabilities.models import Capability
from catalogue.core.actor import Scope
from catalogue.core.reach import Profile
from catalogue.core.rest.columns import json_list, list_contains
from catalogue.core.rest.profiles import Profiles
from catalogue.core.rest.resource import Resource
from catalogue.systems.models import System, SystemCapability, SystemExternalId
from catalogue.systems.schemas import SystemSchema

SUMMARY_FIELDS = frozenset(
    {
        "id",
        "agency",
        "agency_name",
        "name",
        "product_name",
        "supplier_name",
        "product_id",
        "capabilities",
        "lifecycle",
    }
)
"""What finding duplicates needs, and no more."""

ESSENTIAL_FIELDS = (
    "description",
    "product_name",
    "live_from",
    "hosting",
    "criticality",
    "classification",
    "personal_data",
    "business_owner",
    "technical_owner",
    "user_count",
)
"""What a record needs before a merger can be planned on it; `completeness` is their share."""


def _completeness() -> ColumnElement[int]:
    filled = sum(
        (sa.case((getattr(System, name).is_not(None), 1), else_=0) for name in ESSENTIAL_FIELDS),
        start=sa.literal_column("0", sa.Integer()),
    )
    return sa.type_coerce(filled * sa.literal_column(str(100 // len(ESSENTIAL_FIELDS))), sa.Integer)


def _serves(code: ColumnElement[str]) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(1)
        .select_from(SystemCapability)
        .join(Capability, Capability.id == SystemCapability.capability_id)
        .where(SystemCapability.system_id == System.id, Capability.code == code)
        .correlate(System)
    )


def _called(identity: ColumnElement[str]) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(1)
        .select_from(SystemExternalId)
        .where(SystemExternalId.system_id == System.id, SystemExternalId.external_id == identity)
        .correlate(System)
    )


_COLUMNS = System.__table__.c

PROFILES = Profiles(
    level=level(System),
    seen=partial(seen, System),
    owner=System.agency_id,
    summary=SUMMARY_FIELDS,
    full=System.full_fields,
    full_scope=Scope.RISKS_READ,
)

SYSTEMS = Resource(
    name="system",
    path="/v1/systems",
    model=System,
    answer=SystemSchema,
    columns={
        "id": System.id,
        "agency": Agency.code,
        "agency_name": Agency.name,
        "name": System.name,
        "aliases": System.aliases,
        "description": System.description,
        "product_name": System.product_name,
        "supplier_name": System.supplier_name,
        "product_id": System.product_id,
        "product_version": System.product_version,
        "capabilities": json_list(
            Capability.code,
            of=System,
            where=sa.and_(
                SystemCapability.system_id == System.id,
                SystemCapability.capability_id == Capability.id,
            ),
            order_by=Capability.code,
        ),
        "lifecycle": System.lifecycle,
        "live_from": System.live_from,
        "end_of_support": System.end_of_support,
        "hosting": System.hosting,
        "criticality": System.criticality,
        "functional_fit": System.functional_fit,
        "technical_fit": System.technical_fit,
        "disposition": System.disposition,
        "user_count": System.user_count,
        "rto_hours": System.rto_hours,
        "rpo_hours": System.rpo_hours,
        "classification": System.classification,
        "personal_data": System.personal_data,
        "dpia_status": System.dpia_status,
        "retention_hold": System.retention_hold,
        "legacy_risk": System.legacy_risk,
        "business_owner": System.business_owner,
        "technical_owner": System.technical_owner,
        "external_ids": json_list(
            {"source": SystemExternalId.source, "id": SystemExternalId.external_id},
            of=System,
            where=SystemExternalId.system_id == System.id,
            order_by=SystemExternalId.source,
        ),
        "tags": System.tags,
        "attributes": System.attributes,
        "disclosure": System.disclosure,
        "attested_at": System.attested_at,
        "completeness": _completeness(),
        "created_at": System.created_at,
        "updated_at": sa.case(
            (PROFILES.shows(Profile.FULL), System.updated_at), else_=System.shared_updated_at
        ),
    },
    source=sa.orm.join(System, Agency, System.agency_id == Agency.id),
    contains={
        "capabilities": _serves,
        "external_ids": _called,
        "tags": lambda value: list_contains(_COLUMNS.tags, value),
        "aliases": lambda value: list_contains(_COLUMNS.aliases, value),
    },
    sort_as={"name": System.name_key},
    not_filters=frozenset({"description"}),
    visible=seen(System),
    profiles=PROFILES,
    search=System.search_text,
    summary_search=System.summary_search_text,
    default_sort="name",
    owner="agency_id",
)
