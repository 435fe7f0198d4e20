"""Splitting overlaps and merging them by hand, where people know better than their records say."""

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
"""In hundredths: who merged them knows better than the records say."""
BY_HAND = "Its overlap was merged with others by hand."
COPIED = ("score", "evidence", "supplier_name", "digest", "changed_at")


def create_overlap_grouping(context: Context, *, fields: dict[str, Any]) -> OverlapGrouping:
    """Split systems off from an overlap, or merge several: for an agency with a system in them.

    Forbidden for another agency. Unprocessable names what does not fit. Systems that are split off
    are no duplicates of the others, but perhaps of each other. A merged overlap follows those that
    it was made from: what they gain later is in it as well.
    """
    acquire_run_lock(context.session)
    found = _overlaps_seen(context, fields["overlap_ids"])
    _require_undecided(context, found)
    systems = fields.get("system_ids") or []
    if fields["action"] is GroupingAction.SPLIT:
        _require_splits(context, found, systems)
    else:
        _require_merges(found, systems)
    # Two registered products are not one for having been put together.
    products = {each.product_id for each in found if each.kind is OverlapKind.SAME_PRODUCT}
    kinds = {each.kind for each in found} if len(products) < 2 else set()
    kind = fields.get("kind") or (kinds.pop() if len(kinds) == 1 else None)
    if kind is None:
        detail = "They are of several kinds: say what they have in common."
        raise invalid("/kind", "ambiguous", detail)
    return _make(context, found, systems, kind, fields=fields)


def _overlaps_seen(context: Context, wanted: list[UUID]) -> list[Overlap]:
    asked = sa.select(Overlap).where(Overlap.id.in_(wanted)).order_by(Overlap.id)
    found = list(context.session.scalars(only_visible(context, OVERLAPS, asked)))
    known = {each.id for each in found}
    for i, each in enumerate(wanted):
        if each not in known:
            raise invalid(f"/overlap_ids/{i}", "unknown", "There is no such overlap.")
    return found


def _require_undecided(context: Context, found: list[Overlap]) -> None:
    """What is being decided, or is decided, stands still: as far as the actor knows of it.

    Nor is a group made by hand the origin of another. Who sees it in part would be shown by the
    other what it does not see in the first.
    """
    if any(each.key.startswith(MANUAL_KEY_PREFIX) for each in found):
        detail = "It was made by hand: withdraw that, and group anew what it was made from."
        raise conflict("/overlap_ids", "made_by_hand", detail)
    decided: Any = sa.select(Decision.overlap_id).where(
        Decision.overlap_id.in_([each.id for each in found]),
        Decision.status.in_((*OPEN_DECISIONS, DecisionStatus.AGREED)),
    )
    taken = set(context.session.scalars(only_visible(context, DECISIONS, decided)))
    if taken:
        detail = "A decision on it is drafted, proposed or agreed: withdraw or supersede it first."
        raise conflict("/overlap_ids", "decided", detail)


def _require_splits(context: Context, found: list[Overlap], systems: list[UUID]) -> None:
    if len(found) != 1:
        raise invalid("/overlap_ids", "not_one", "One overlap is split at a time.")
    if not systems:
        raise invalid("/system_ids", "too_few", "Name the systems to split off.")
    present = _members_seen(context, found[0])
    for i, each in enumerate(systems):
        if each not in present:
            raise invalid(f"/system_ids/{i}", "unknown", "The overlap has no such system.")
    if set(systems) == set(present):
        raise invalid("/system_ids", "all", "At least one system has to stay where it is.")


def _require_merges(found: list[Overlap], systems: list[UUID]) -> None:
    if len(found) < 2:
        raise invalid("/overlap_ids", "too_few", "Name two overlaps or more.")
    if systems:
        raise invalid("/system_ids", "unexpected", "All systems of what is merged are in it.")


def withdraw_overlap_grouping(session: Session, grouping: OverlapGrouping) -> None:
    """Undo it: the systems are in the overlaps again that they came from."""
    if grouping.withdrawn_at is not None:
        raise conflict("", "withdrawn", "It has been withdrawn already.")
    acquire_run_lock(session)
    grouping.withdrawn_at = clock.now()
    refresh_group(session, grouping)


def refresh_group(session: Session, grouping: OverlapGrouping) -> None:
    """Put into a group that was made by hand the systems that its origins have now."""
    overlap = session.get_one(Overlap, grouping.overlap_id)
    rows: dict[UUID, dict[str, Any]] = {}
    if grouping.withdrawn_at is None:
        origins = [UUID(each) for each in grouping.origin_ids]
        chosen = {UUID(each) for each in grouping.system_ids}
        members = sa.select(OverlapMember).where(OverlapMember.overlap_id.in_(origins))
        for member in session.scalars(members):
            if grouping.action is GroupingAction.MERGE:
                rows[member.system_id] = _put_together(grouping)
            elif member.system_id in chosen:
                rows[member.system_id] = {name: getattr(member, name) for name in COPIED}
    set_members(overlap, rows)


def _put_together(grouping: OverlapGrouping) -> dict[str, Any]:
    """What is said of a system in a merged overlap: the same of all of them.

    What its origins say of it is not said here, for a reader may not know of each of these.
    """
    return {
        "score": CERTAIN,
        "evidence": [BY_HAND],
        "supplier_name": None,
        "digest": "",
        "changed_at": grouping.created_at,
    }


def set_members(overlap: Overlap, wanted: dict[UUID, dict[str, Any]]) -> None:
    """Let an overlap have these members; those that are as they should be are not touched."""
    known = {member.system_id: member for member in overlap.members}
    members = []
    for system_id, said in wanted.items():
        member = known.get(system_id) or OverlapMember(system_id=system_id)
        for name, value in said.items():
            if getattr(member, name) != value:
                setattr(member, name, value)
        members.append(member)
    if {member.system_id for member in members} != set(known):
        overlap.members = members


def _make(
    context: Context,
    origins: list[Overlap],
    systems: list[UUID],
    kind: OverlapKind,
    *,
    fields: dict[str, Any],
) -> OverlapGrouping:
    owners = {owner for origin in origins for owner in _members_seen(context, origin).values()}
    if context.actor.agency_id is None or context.actor.agency_id not in owners:
        raise Forbidden("Only an agency that owns one of the systems may group them.")
    now, made = clock.now(), new_id()
    title = fields.get("title") or ""
    overlap = Overlap(
        id=new_id(),
        kind=kind,
        key=f"{MANUAL_KEY_PREFIX}{made}",
        name=title,
        search_text=search_text(title),
        first_found_at=now,
        last_found_at=now,
    )
    if fields["action"] is GroupingAction.SPLIT:
        # Of what is merged, a reader need not see each: so nothing of it is said of the whole.
        (one,) = origins
        overlap.name = title or one.name
        overlap.product_id, overlap.capability_id = one.product_id, one.capability_id
        overlap.search_text = search_text(title, one.search_text)
    context.session.add(overlap)
    context.session.flush()
    grouping = OverlapGrouping(
        id=made,
        overlap_id=overlap.id,
        agency_id=context.actor.agency_id,
        action=fields["action"],
        title=fields.get("title"),
        reason=fields["reason"],
        client_id=context.actor.client_id,
        origin_ids=[str(each.id) for each in origins],
        system_ids=[str(each) for each in sorted(systems)],
    )
    context.session.add(grouping)
    context.session.add_all(
        OverlapOrigin(overlap_id=overlap.id, origin_id=each.id) for each in origins
    )
    context.session.flush()
    refresh_group(context.session, grouping)
    context.session.flush()
    return grouping


def _members_seen(context: Context, overlap: Overlap) -> dict[UUID, UUID]:
    """The systems of an overlap that an actor sees, and their owners."""
    asked: Any = sa.select(System.id, System.agency_id).where(MEMBER_SEEN, Overlap.id == overlap.id)
    return pairs(context.session, only_visible(context, OVERLAPS, asked))
