"""Request and response bodies for notices, and for the people that a migration affects."""

from marshmallow import fields

from catalogue.agencies.schemas import CODE
from catalogue.core.rest.examples import EXAMPLE_ID
from catalogue.core.rest.schemas import (
    Choice,
    DateField,
    Integer,
    ListOf,
    Nested,
    ReadSchema,
    Text,
    Uuid,
    WriteSchema,
    patch_schema_of,
)
from catalogue.core.rest.sum_schemas import number_sum
from catalogue.programmes.impact.vocabulary import NoticeAudience
from catalogue.programmes.schemas import PROGRAMME_ID
from catalogue.programmes.vocabulary import MigrationKind

_MIGRATION = {"description": "The id of the migration.", "example": EXAMPLE_ID}
_AGENCY = {
    "description": "The code of the agency that the notice is for, or whose users it is for. "
    "Null for all agencies that are affected.",
    "example": "bedfordshire-police",
}
_CHANNEL = {
    "description": "The way in which people receive the notice. Null if not decided.",
    "example": "Intranet and team briefings",
}
_SUBJECT = {
    "description": "The subject line of the notice.",
    "example": "Your duty roster moves on 1 December",
}
_TEXT = {
    "description": "The text of the notice. Null if not written.",
    "example": "From 1 December you will find your duties in the shared system.",
}
_PLANNED = {
    "description": "The date on which the notice is due to be sent.",
    "example": "2026-11-17",
}
_SENT = {
    "description": "The date on which the notice was sent. Null if it has not been.",
    "example": None,
}
_AUDIENCE = {"description": "The people that the notice is for.", "example": "users"}


class MigrationNoticeCreate(WriteSchema):
    """A notice about a migration, in a programme that your agency leads."""

    migration_id = Uuid(required=True, metadata=_MIGRATION)
    audience = Choice(NoticeAudience, required=True, metadata=_AUDIENCE)
    agency = Text(max=80, pattern=CODE, allow_none=True, metadata=_AGENCY)
    channel = Text(max=100, allow_none=True, metadata=_CHANNEL)
    subject = Text(required=True, metadata=_SUBJECT)
    text = Text(max=10_000, allow_none=True, metadata=_TEXT)
    planned_date = DateField(required=True, metadata=_PLANNED)
    sent_on = DateField(allow_none=True, metadata=_SENT)


MigrationNoticePatch = patch_schema_of(
    MigrationNoticeCreate, "MigrationNoticePatch", without=("migration_id",)
)


class MigrationNoticeSchema(ReadSchema):
    """A planned or sent notice that informs people about a migration."""

    id = Uuid(metadata={"description": "The id of the notice."})
    migration_id = Uuid(metadata=_MIGRATION)
    programme_id = Uuid(metadata=PROGRAMME_ID)
    audience = Choice(NoticeAudience, metadata=_AUDIENCE)
    agency = Text(allow_none=True, metadata=_AGENCY)
    channel = Text(allow_none=True, metadata=_CHANNEL)
    subject = Text(metadata=_SUBJECT)
    text = Text(allow_none=True, metadata=_TEXT)
    planned_date = fields.Date(metadata=_PLANNED)
    sent_on = fields.Date(allow_none=True, metadata=_SENT)
    overdue = fields.Boolean(
        metadata={
            "description": "True if the planned date has passed and the notice was not sent.",
            "example": False,
        }
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class AgencyUsersSchema(ReadSchema):
    """An agency that uses the moving system, with the number of its users."""

    agency = Text(
        metadata={"description": "The code of the agency.", "example": "bedfordshire-police"}
    )
    agency_name = Text(
        metadata={"description": "The name of the agency.", "example": "Bedfordshire Police"}
    )
    users = Integer(
        allow_none=True,
        metadata={
            "description": "The number of people at the agency who use the system. "
            "Null if not known.",
            "example": 420,
        },
    )


class MigrationPeopleSchema(ReadSchema):
    """The people that a migration affects, with the changes and notices for them."""

    migration_id = Uuid(metadata=_MIGRATION)
    kind = Choice(MigrationKind)
    agencies = ListOf(
        Nested(AgencyUsersSchema),
        metadata={
            "description": "The agencies whose current use of the system you can see. "
            "For a separation, only the agency that leaves."
        },
    )
    users = number_sum(
        "The number of people who switch, as recorded for the system, or else the sum for "
        "`agencies`."
    )
    change_for_users = Text(
        allow_none=True,
        metadata={
            "description": "The changes for people who work with the system. Null if not recorded."
        },
    )
    change_for_public = Text(
        allow_none=True,
        metadata={"description": "The changes for the public. Null if not recorded."},
    )
    notices = ListOf(
        Nested(MigrationNoticeSchema),
        metadata={"description": "The notices of the migration, earliest first."},
    )
    public_statement = Text(
        allow_none=True,
        metadata={
            "description": "The recorded statement, which can be published. Null if there is none."
        },
    )
    suggested_statement = Text(
        allow_none=True,
        metadata={
            "description": "A statement in plain English that is made from the record. "
            "Null if the names in the record break the rules for statements.",
            "example": "On 1 December 2026 Bedfordshire Police plans to start using a computer "
            "system that it shares with others for duty management.",
        },
    )
    withheld = ListOf(
        Text(),
        metadata={
            "description": "The fields that can be incomplete because you cannot see the standard profile "
            "of the system, or lack the scope `systems:read`.",
            "example": [],
        },
    )
