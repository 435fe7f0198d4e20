"""Response body of the session endpoints."""

from marshmallow import fields

from catalogue.core.rest.schemas import ReadSchema, Text, Uuid


class SessionSchema(ReadSchema):
    """A person who is signed in to the pages."""

    id = Uuid(metadata={"description": "The id of the session."})
    name = Text(metadata={"description": "The name that the pages show.", "example": "Jo Smith"})
    subject = Text(
        allow_none=True,
        metadata={
            "description": (
                "The name of the person in the audit log. It begins with the key of the identity "
                "provider, or with `demonstration`."
            ),
            "example": "beds-entra:jo.smith@beds.police.uk",
        },
    )
    agency = Text(
        allow_none=True,
        metadata={
            "description": "The code of the person's agency, or null for an administrator.",
            "example": "bedfordshire-police",
        },
    )
    agency_name = Text(
        allow_none=True,
        metadata={
            "description": "The name of the person's agency, or null for an administrator.",
            "example": "Bedfordshire Police",
        },
    )
    client_id = Text(
        metadata={
            "description": "The client that the audit log names for the session's changes.",
            "example": "beds-entra:PAGES_CLIENT_ID",
        }
    )
    identity_provider = Text(
        allow_none=True,
        metadata={
            "description": (
                "The key of the identity provider, or null for a role of the demonstration."
            ),
            "example": "beds-entra",
        },
    )
    begun_at = fields.DateTime(metadata={"description": "The time of the sign-in."})
    seen_at = fields.DateTime(
        metadata={
            "description": "The time of the last request, which is recorded once a minute at most."
        }
    )
