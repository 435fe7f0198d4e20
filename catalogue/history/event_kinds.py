"""Kinds of events in the change feed: the kind of record and a verb, such as `system.updated`."""

from collections.abc import Collection, Iterator
from functools import cache

from catalogue.core.codes import LONGEST_QUOTE, quote, suggest_names
from catalogue.core.rest.resource import EVERYONE
from catalogue.core.sharing import ACTOR_AGENCY, Profile
from catalogue.history.audience.comparison import CHANGED, GIVEN, WITHDRAWN
from catalogue.history.feed_fields import KINDS, FeedSpec, feed_spec

EVENT_KIND = r"[a-z]+(_[a-z]+)*\.([a-z]+(_[a-z]+)*|\*)"
"""The form of a kind in a request."""
MOST_EVENT_KINDS = 100
"""The most kinds that a request or a webhook can name."""
ALL_VERBS = "*"
"""The verb that stands for every verb of a record, as in `system.*`."""

READ = "read"
VERBS: dict[str, str] = {
    "created": "The record is new.",
    "updated": "Fields of the record changed.",
    "deleted": "The record was deleted.",
    READ: "Another agency saw fields of the full profile. Only the owner sees this event.",
    GIVEN: "Your agency newly sees the record.",
    CHANGED: "Your agency sees another part of the record.",
    WITHDRAWN: "Your agency no longer sees the record.",
    "accepted": "A party accepted the agreement.",
    "withdrawn": "A party refused the agreement, or withdrew from it.",
    "terminated": "The agreement ended at once and permanently.",
    "revoked": "The grantor ended the access grant early.",
    "merged": "A duplicate was merged into the record.",
    "secret_rotated": "The webhook has a new secret.",
    "replayed": "The webhook sends earlier events again.",
}
"""The meaning of every verb. `expose` declares the more exact verbs of a record."""

_OF_EVERY_RECORD = ("created", "updated", "deleted")


def verbs_of(record: str) -> tuple[str, ...]:
    """Return the verbs that events of a kind of record can have."""
    spec = feed_spec(record)
    return (*_OF_EVERY_RECORD, *spec.verbs, *_verbs_of_readers(spec))


@cache
def event_kinds() -> tuple[str, ...]:
    """Return every kind of event, once all domains are imported."""
    return tuple(f"{record}.{verb}" for record in KINDS for verb in verbs_of(record))


def record_of(kind: str) -> str:
    """Return the kind of record of a kind of event."""
    return kind.partition(".")[0]


def is_wanted(kind: str, wanted: Collection[str]) -> bool:
    """Return whether a list of kinds includes a kind of event. An empty list includes all."""
    return not wanted or kind in wanted or f"{record_of(kind)}.{ALL_VERBS}" in wanted


def explain_unknown_kind(text: str) -> str | None:
    """Explain that no event has a kind, with suggestions. Return None for a known kind."""
    known = [*event_kinds(), *(f"{record}.{ALL_VERBS}" for record in KINDS)]
    if text in known:
        return None
    of_record = [kind for kind in known if record_of(kind) == record_of(text)]
    return (
        f"The change feed has no events of the kind {quote(text)}."
        f"{suggest_names(text[:LONGEST_QUOTE], of_record or known)} The reference page of the "
        "events lists the kinds."
    )


def _verbs_of_readers(spec: FeedSpec) -> Iterator[str]:
    """Yield the verbs for reads by other agencies, and for changes of their access."""
    resource = spec.resource
    profiles = resource.profiles
    if profiles and Profile.FULL in map(profiles.profile_of, resource.columns):
        yield READ
    # The access to a record that all agencies see, or only its owner, never changes.
    agency_id = getattr(resource.model, "agency_id", None)
    is_private = agency_id is not None and resource.visible.compare(agency_id == ACTOR_AGENCY)
    if resource.visible is not EVERYONE and not is_private:
        yield from (GIVEN, CHANGED, WITHDRAWN)
