"""Response body of the identity of a client."""

from catalogue.core.rest.schemas import ListOf, Nested, ReadSchema, Text, Uuid


class OwnAgencySchema(ReadSchema):
    """The agency that a client acts for."""

    id = Uuid(metadata={"description": "The id of the agency."})
    code = Text(
        metadata={"description": "The code of the agency.", "example": "bedfordshire-police"}
    )
    name = Text(
        metadata={"description": "The name of the agency.", "example": "Bedfordshire Police"}
    )


class IdentitySchema(ReadSchema):
    """The client, person, agency and scopes of an access token."""

    client_id = Text(
        metadata={"description": "The id of the client.", "example": "bedfordshire-cmdb"}
    )
    person = Text(
        allow_none=True,
        metadata={
            "description": "The person that the token names. Null if the client acts for itself.",
            "example": None,
        },
    )
    agency = Nested(
        OwnAgencySchema,
        allow_none=True,
        metadata={"description": "The agency that you act for. Null for an administrator."},
    )
    scopes = ListOf(
        Text(),
        metadata={
            "description": "The scopes of the token, in alphabetical order.",
            "example": ["agencies:read", "systems:read"],
        },
    )
