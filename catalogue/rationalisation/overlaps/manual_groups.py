"""Manual groups: overlaps that agencies split or merge by hand."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.database import pairs
from catalogue.core.errors import Forbidden, conflict, invalid
from catalogue.core.ids import new_id
from catalogue.core.rest.reader import only_visible
from catalogue.core.text import search_text
from catalogue.rationalisation.decisions.models import Decision
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.overlaps.models import (
    Overlap,
    OverlapGrouping,
    OverlapMember,
    OverlapOrigin,
)
from catalogue.rationalisation.overlaps.resources import OVERLAPS
from catalogue.rationalisation.overlaps.run_lock import acquire_run_lock
from catalogue.rationalisation.overlaps.visibility import MANUAL_KEY_PREFIX, MEMBER_SEEN
from catalogue.rationalisation.states import OPEN_DECISIONS
from catalogue.rationalisation.vocabulary import DecisionStatus, GroupingAction, OverlapKind
from catalogue.systems.models import System

CERTAIN = 100
"""The score of merged systems, in hundredths: a person decided that they overlap."""
MERGER_EVIDENCE = "An agency merged this system's overlap with others."
COPIED_FIELDS = ("score", "evidence", "supplier_name", "digest", "changed_at")


def create_overlap_grouping(context: Context, *, fields: dict[str, Any]) -> OverlapGrouping:
    """Split systems off from an overlap, or merge overlaps, for the actor's agency.

    Systems that are split off overlap with each other, but not with the rest. A merged overlap
    follows its origins, so it also gains systems that join an origin later.

    Raises Forbidden unless the agency owns a system in the overlaps. Raises Conflict for an overlap
    that has a decision or was made by hand, and Unprocessable for invalid fields.
    """
    acquire_run_lock(context.session)
    origins = _visible_overlaps(context, fields["overlap_ids"])
    _require_undecided(context, origins)
    system_ids = fields.get("system_ids") or []
    if fields["action"] is GroupingAction.SPLIT:
        _require_split(context, origins, system_ids)
    else:
        _require_merger(origins, system_ids)
    # A merger does not make one product of two registered products.
    products = {each.product_id for each in origins if each.kind is OverlapKind.SAME_PRODUCT}
    kinds = {each.kind for each in origins} if len(products) < 2 else set()
    kind = fields.get("kind") or (kinds.pop() if len(kinds) == 1 else None)
    if kind is None:
        detail = (
            "The overlaps are of several kinds or products. State in `kind` what their systems "
            "have in common."
        )
        raise invalid("/kind", "ambiguous", detail)
    return _create(context, origins, system_ids, kind, fields=fields)


def _visible_overlaps(context: Context, overlap_ids: list[UUID]) -> list[Overlap]:
    statement = sa.select(Overlap).where(Overlap.id.in_(overlap_ids)).order_by(Overlap.id)
    visible = list(context.session.scalars(only_visible(context, OVERLAPS, statement)))
    known = {overlap.id for overlap in visible}
    for i, overlap_id in enumerate(overlap_ids):
        if overlap_id not in known:
            raise invalid(f"/overlap_ids/{i}", "unknown", OVERLAPS.explain_unknown())
    return visible


def _require_undecided(context: Context, origins: list[Overlap]) -> None:
    """Raise Conflict for manual groups, and for overlaps with a decision that the actor can see.

    A manual group cannot be the origin of a second group. A reader who sees only part of the first
    group would see the rest of its systems in the second.
    """
    if any(each.key.startswith(MANUAL_KEY_PREFIX) for each in origins):
        detail = (
            "One of the overlaps is itself a split or a merger. Withdraw that grouping, and group "
            "its original overlaps."
        )
        raise conflict("/overlap_ids", "made_by_hand", detail)
    decided: Any = sa.select(Decision.overlap_id).where(
        Decision.overlap_id.in_([each.id for each in origins]),
        Decision.status.in_((*OPEN_DECISIONS, DecisionStatus.AGREED)),
    )
    if context.session.scalars(only_visible(context, DECISIONS, decided)).first() is not None:
        detail = (
            "A decision on one of the overlaps is a draft, proposed or agreed. Withdraw or "
            "supersede the decision first."
        )
        raise conflict("/overlap_ids", "decided", detail)


def _require_split(context: Context, origins: list[Overlap], system_ids: list[UUID]) -> None:
    if len(origins) != 1:
        raise invalid(
            "/overlap_ids",
            "not_one",
            "A split takes exactly one overlap. Name the overlap to split.",
        )
    if not system_ids:
        raise invalid(
            "/system_ids",
            "too_few",
            "The split names no system. List in `system_ids` the systems to split off.",
        )
    members = _visible_members(context, origins[0])
    for i, system_id in enumerate(system_ids):
        if system_id not in members:
            detail = (
                "The overlap has no system with this id that you can see. "
                "Choose one of its `members`."
            )
            raise invalid(f"/system_ids/{i}", "unknown", detail)
    if set(system_ids) == set(members):
        detail = "The split takes every system. Leave at least one system in the overlap."
        raise invalid("/system_ids", "all", detail)


def _require_merger(origins: list[Overlap], system_ids: list[UUID]) -> None:
    if len(origins) < 2:
        raise invalid(
            "/overlap_ids", "too_few", "A merger takes at least two overlaps. Add another."
        )
    if system_ids:
        detail = "A merger takes all systems of its overlaps. Leave `system_ids` out."
        raise invalid("/system_ids", "unexpected", detail)


def withdraw_overlap_grouping(session: Session, grouping: OverlapGrouping) -> None:
    """Withdraw a grouping, so that its systems return to their overlaps.

    Raises Conflict if it is already withdrawn.
    """
    if grouping.withdrawn_at is not None:
        raise conflict("", "withdrawn", "This grouping is already withdrawn. No action is needed.")
    acquire_run_lock(session)
    grouping.withdrawn_at = clock.now()
    refresh_group(session, grouping)


def refresh_group(session: Session, grouping: OverlapGrouping) -> None:
    """Set the members of a manual group from the current members of its origins."""
    overlap = session.get_one(Overlap, grouping.overlap_id)
    rows: dict[UUID, dict[str, Any]] = {}
    if grouping.withdrawn_at is None:
        origins = [UUID(each) for each in grouping.origin_ids]
        chosen = {UUID(each) for each in grouping.system_ids}
        members = sa.select(OverlapMember).where(OverlapMember.overlap_id.in_(origins))
        for member in session.scalars(members):
            if grouping.action is GroupingAction.MERGE:
                rows[member.system_id] = _merged_member(grouping)
            elif member.system_id in chosen:
                rows[member.system_id] = {name: getattr(member, name) for name in COPIED_FIELDS}
    set_members(overlap, rows)


def _merged_member(grouping: OverlapGrouping) -> dict[str, Any]:
    """Return the fields of a member of a merged overlap, which are the same for all members.

    The evidence of the origins is left out, because a reader might not see each of them.
    """
    return {
        "score": CERTAIN,
        "evidence": [MERGER_EVIDENCE],
        "supplier_name": None,
        "digest": "",
        "changed_at": grouping.created_at,
    }


def set_members(overlap: Overlap, wanted: dict[UUID, dict[str, Any]]) -> None:
    """Set the members of an overlap, by system id, and write only changed rows."""
    known = {member.system_id: member for member in overlap.members}
    members = []
    for system_id, fields in wanted.items():
        member = known.get(system_id) or OverlapMember(system_id=system_id)
        for name, value in fields.items():
            if getattr(member, name) != value:
                setattr(member, name, value)
        members.append(member)
    if {member.system_id for member in members} != set(known):
        overlap.members = members


def _create(
    context: Context,
    origins: list[Overlap],
    system_ids: list[UUID],
    kind: OverlapKind,
    *,
    fields: dict[str, Any],
) -> OverlapGrouping:
    owners = {owner for origin in origins for owner in _visible_members(context, origin).values()}
    if context.actor.agency_id is None or context.actor.agency_id not in owners:
        raise Forbidden(
            "Only an agency that owns a system in these overlaps can split or merge them. "
            "Ask one of these agencies to do so."
        )
    now, grouping_id = clock.now(), new_id()
    title = fields.get("title") or ""
    overlap = Overlap(
        id=new_id(),
        kind=kind,
        key=f"{MANUAL_KEY_PREFIX}{grouping_id}",
        name=title,
        search_text=search_text(title),
        first_found_at=now,
        last_found_at=now,
    )
    if fields["action"] is GroupingAction.SPLIT:
        # A merger copies nothing from its origins, because a reader might not see each of them.
        (origin,) = origins
        overlap.name = title or origin.name
        overlap.product_id, overlap.capability_id = origin.product_id, origin.capability_id
        overlap.search_text = search_text(title, origin.search_text)
    context.session.add(overlap)
    context.session.flush()
    grouping = OverlapGrouping(
        id=grouping_id,
        overlap_id=overlap.id,
        agency_id=context.actor.agency_id,
        action=fields["action"],
        title=fields.get("title"),
        reason=fields["reason"],
        client_id=context.actor.client_id,
        origin_ids=[str(each.id) for each in origins],
        system_ids=[str(each) for each in sorted(system_ids)],
    )
    context.session.add(grouping)
    context.session.add_all(
        OverlapOrigin(overlap_id=overlap.id, origin_id=each.id) for each in origins
    )
    context.session.flush()
    refresh_group(context.session, grouping)
    context.session.flush()
    return grouping


def _visible_members(context: Context, overlap: Overlap) -> dict[UUID, UUID]:
    """Return the owners of the members that the actor can see, by system id."""
    statement: Any = sa.select(System.id, System.agency_id).where(
        MEMBER_SEEN, Overlap.id == overlap.id
    )
    return pairs(context.session, only_visible(context, OVERLAPS, statement))
