"""The session resource. Only a token with `admin` reads it, whatever its agency."""

import sqlalchemy as sa

from catalogue.access.sessions.models import WebSession
from catalogue.access.sessions.schemas import SessionSchema
from catalogue.agencies.models import Agency
from catalogue.core.rest.resource import EVERYONE, Resource

SESSIONS = Resource(
    name="session",
    path="/v1/sessions",
    # Not an Entity, because nobody changes a session, so it needs no revision.
    model=WebSession,  # type: ignore[arg-type]
    schema=SessionSchema,
    columns={
        "id": WebSession.id,
        "name": WebSession.name,
        "subject": WebSession.subject,
        "agency": Agency.code,
        "agency_name": Agency.name,
        "client_id": WebSession.client_id,
        "identity_provider": WebSession.provider_key,
        "begun_at": WebSession.begun_at,
        "seen_at": WebSession.seen_at,
    },
    source=sa.orm.outerjoin(WebSession, Agency, WebSession.agency_id == Agency.id),
    visible=EVERYONE,
    default_sort="-begun_at",
    has_etags=False,
    administered=True,
)
