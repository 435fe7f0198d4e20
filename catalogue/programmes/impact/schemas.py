"""What notices look like, and whom a migration touches."""

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
from catalogue.programmes.impact.vocabulary import NoticeAudience
from catalogue.programmes.vocabulary import MigrationKind

_AGENCY = {
    "description": "Whose users, or which agency; null: all whom it concerns.",
    "example": "bedfordshire-police",
}
_CHANNEL = {"description": "How they are told.", "example": "Intranet and team briefings"}
_SUBJECT = {"example": "Your duty roster moves on 1 December"}
_TEXT = {"example": "From 1 December you will find your duties in the shared system."}
_PLANNED = {"description": "The day on which they are to be told.", "example": "2026-11-17"}
_SENT = {"description": "The day on which they were told.", "example": None}
_AUDIENCE = {"example": "users"}


class MigrationNoticeCreate(WriteSchema):
    """A notice of a migration, in a programme that one's own agency leads."""

    migration_id = Uuid(required=True)
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
    """What some people are to be told of a migration, and whether they have been."""

    id = Uuid()
    migration_id = Uuid()
    programme_id = Uuid()
    audience = Choice(NoticeAudience, metadata=_AUDIENCE)
    agency = Text(allow_none=True, metadata=_AGENCY)
    channel = Text(allow_none=True, metadata=_CHANNEL)
    subject = Text(metadata=_SUBJECT)
    text = Text(allow_none=True, metadata=_TEXT)
    planned_date = fields.Date(metadata=_PLANNED)
    sent_on = fields.Date(allow_none=True, metadata=_SENT)
    overdue = fields.Boolean(
        metadata={"description": "Its day has passed, and it was not sent.", "example": False}
    )
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class AgencyUsersSchema(ReadSchema):
    """An agency that uses the system that moves."""

    agency = Text(metadata={"example": "bedfordshire-police"})
    agency_name = Text(metadata={"example": "Bedfordshire Police"})
    users = Integer(
        allow_none=True, metadata={"description": "People; null: not known.", "example": 420}
    )


class MigrationPeopleSchema(ReadSchema):
    """Whom a migration touches, and what they are told, as far as one may know of it."""

    migration_id = Uuid(metadata={"example": EXAMPLE_ID})
    kind = Choice(MigrationKind)
    agencies = ListOf(
        Nested(AgencyUsersSchema),
        metadata={"description": "Who uses the system, or leaves it; as far as one sees."},
    )
    users = Integer(
        allow_none=True,
        metadata={
            "description": "The people who change over: as the system's record says, else the sum "
            "of the agencies' where all of them are known; null: not known.",
            "example": 420,
        },
    )
    change_for_users = Text(allow_none=True)
    change_for_public = Text(allow_none=True)
    notices = ListOf(Nested(MigrationNoticeSchema), metadata={"description": "The earliest first."})
    public_statement = Text(
        allow_none=True, metadata={"description": "What is published of it, if anything is."}
    )
    suggested_statement = Text(
        allow_none=True,
        metadata={
            "description": "What could be, in plain words, made from the record; null: nothing "
            "plain can be made of its names.",
            "example": "On 1 December 2026 Bedfordshire Police plans to start using a computer "
            "system that it shares with others for duty management.",
        },
    )
    withheld = ListOf(
        Text(),
        metadata={
            "description": "Fields that do not show all, because of who asks.",
            "example": [],
        },
    )
