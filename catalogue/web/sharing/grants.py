"""Pages of access grants: one grant, and the forms that create, change and revoke it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import request, url_for
from werkzeug.exceptions import NotFound

from catalogue.agencies.schemas import AccessGrantCreate, AccessGrantPatch, RevocationCreate
from catalogue.agencies.vocabulary import AccessGrantStatus
from catalogue.core.sharing import ResourceType
from catalogue.web.agency_names import agency_choices, read_agency_names
from catalogue.web.api_calls import Answer
from catalogue.web.forms import Form, Option
from catalogue.web.pages import Pages, Visit, redirect_to
from catalogue.web.sharing.effects import (
    count_own_systems,
    effects_of_grant,
    effects_of_revocation,
    fields_of,
)
from catalogue.web.sharing.steps import Change, show_check, show_form, take_step
from catalogue.web.wording import meaning

grants = Pages("grants")

_RULE = "/sharing/grants/<uuid:access_grant_id>"
_RECORD_PAGE = "pages-grants.record_page"
_FIELDS = ("resource_types", "field_profile", "purpose", "expires_at")


@grants.get(
    _RULE,
    calls=("get_access_grant", "list_agencies", "update_access_grant", "revoke_access_grant"),
    needs=("get_access_grant",),
)
def record_page(visit: Visit, access_grant_id: UUID) -> Any:
    """One grant: what it opens to which agency, why, and until when."""
    grant = _read(visit, access_grant_id).document
    is_given = grant["grantor"] == visit.agency
    is_live = grant["status"] == AccessGrantStatus.LIVE
    return visit.render(
        "sharing/grant.html",
        grant=grant,
        names=read_agency_names(visit),
        status_meaning=meaning(grant["status"], AccessGrantStatus),
        fields=fields_of(grant["field_profile"]),
        is_given=is_given,
        can_change=is_given and is_live and visit.can("update_access_grant"),
        can_revoke=is_given and is_live and visit.can("revoke_access_grant"),
        done=request.args.get("done"),
    )


def _read(visit: Visit, access_grant_id: UUID) -> Answer:
    return visit.call("get_access_grant", path={"access_grant_id": access_grant_id})


def _read_given(visit: Visit, access_grant_id: UUID) -> Answer:
    """Return a grant that the person's agency gave, and so can change."""
    answer = _read(visit, access_grant_id)
    if answer.document["grantor"] != visit.agency:
        raise NotFound
    return answer


def _href(access_grant_id: Any) -> str:
    return url_for(_RECORD_PAGE, access_grant_id=access_grant_id)


# ---- Creating and changing


_CREATE = ("create_access_grant", "list_agencies", "count_systems")


@grants.get("/sharing/grants/new", calls=_CREATE, needs=("create_access_grant",))
def grant_form(visit: Visit) -> Any:
    """The form for a new grant."""
    if visit.agency is None:
        return visit.render("errors/not_your_record.html", status=403)
    return _show_new(visit, _new_form(visit))


@grants.post("/sharing/grants/new", calls=_CREATE, needs=("create_access_grant",))
def create(visit: Visit) -> Any:
    """Show what the grant opens, then create it."""
    form = _new_form(visit)

    def check(body: dict[str, Any]) -> Any:
        grantee = _name_grantee(visit, body)
        return show_check(
            visit,
            form,
            name="Sharing",
            record_href=url_for("pages-sharing.overview_page"),
            heading="Check before you grant access",
            effects=effects_of_grant(body, grantee, count_own_systems(visit), _last_day(form)),
            button=f"Grant access to {grantee}",
        )

    def send(body: dict[str, Any]) -> Any:
        made = visit.call("create_access_grant", body=body, key=request.form.get("key")).document
        return redirect_to(_RECORD_PAGE, access_grant_id=made["id"], done="created")

    return take_step(
        form,
        AccessGrantCreate,
        show=lambda status: _show_new(visit, form, status=status),
        check=check,
        send=send,
    )


def _show_new(visit: Visit, form: Form, *, status: int = 200) -> Any:
    return show_form(
        visit,
        form,
        name="Sharing",
        record_href=url_for("pages-sharing.overview_page"),
        heading="Grant access",
        intro="A grant opens your agency's records of some types to one agency, until a day.",
        status=status,
    )


def _new_form(visit: Visit) -> Form:
    form = Form(AccessGrantCreate, ("grantee", *_FIELDS))
    agencies = agency_choices(visit, read_agency_names(visit))
    form.offer("grantee", [Option(code, text) for code, text in agencies if code != visit.agency])
    return _with_words(form)


def _with_words(form: Form) -> Form:
    types = [Option(each, each.meaning.removesuffix(".")) for each in ResourceType]
    form.offer("resource_types", types)
    for control in form.controls:
        if control.name == "resource_types":
            control.can_be_empty = False
        elif control.name == "expires_at":
            control.hint = "Access ends when this day ends in the United Kingdom. "
            control.hint += "The day must be in the future, within five years."
    return form


def _last_day(form: Form) -> str:
    return next(c.answer for c in form.controls if c.name == "expires_at")


_CHANGE = ("get_access_grant", "update_access_grant", "list_agencies", "count_systems")


@grants.get(f"{_RULE}/edit", calls=_CHANGE, needs=("update_access_grant",))
def change_form(visit: Visit, access_grant_id: UUID) -> Any:
    """The form that changes a grant."""
    return _change_of(visit, access_grant_id).open()


@grants.post(f"{_RULE}/edit", calls=_CHANGE, needs=("update_access_grant",))
def change(visit: Visit, access_grant_id: UUID) -> Any:
    """Show what the grant opens after the change, then change it."""
    changed = _change_of(visit, access_grant_id)
    form = changed.form

    def check(changes: dict[str, Any]) -> Any:
        if not changes:
            return redirect_to(_RECORD_PAGE, access_grant_id=access_grant_id, done="unchanged")
        after, own = {**changed.record, **changes}, count_own_systems(visit)
        grantee = _name_grantee(visit, after)
        return show_check(
            visit,
            form,
            name=changed.name,
            record_href=_href(access_grant_id),
            heading="Check before you change the grant",
            effects=effects_of_grant(after, grantee, own, _last_day(form)),
            button="Change the grant",
        )

    def send(changes: dict[str, Any]) -> Any:
        conflict = changed.send(changes)
        if conflict is not None:
            return conflict
        return redirect_to(_RECORD_PAGE, access_grant_id=access_grant_id, done="changed")

    return take_step(
        form,
        AccessGrantPatch,
        show=changed.show,
        check=check,
        send=send,
        read=lambda: form.read_changes(request.form),
    )


def _change_of(visit: Visit, access_grant_id: UUID) -> Change:
    answer = _read_given(visit, access_grant_id)
    return Change(
        visit=visit,
        form=_with_words(Form(AccessGrantPatch, _FIELDS)),
        update="update_access_grant",
        path={"access_grant_id": access_grant_id},
        etag=answer.etag,
        record=answer.document,
        name=f"Grant to {_name_grantee(visit, answer.document)}",
        record_href=_href(access_grant_id),
        heading="Change the grant",
    )


def _name_grantee(visit: Visit, grant: Mapping[str, Any]) -> str:
    code: str = grant["grantee"]
    return read_agency_names(visit).get(code, code)


# ---- Revoking


_REVOKE = ("get_access_grant", "revoke_access_grant", "list_agencies", "count_systems")


@grants.get(f"{_RULE}/revocation", calls=_REVOKE, needs=("revoke_access_grant",))
def revocation_form(visit: Visit, access_grant_id: UUID) -> Any:
    """The form that revokes a grant."""
    grant = _read_given(visit, access_grant_id).document
    return _show_revocation(visit, grant, _revocation_controls())


@grants.post(f"{_RULE}/revocation", calls=_REVOKE, needs=("revoke_access_grant",))
def revoke(visit: Visit, access_grant_id: UUID) -> Any:
    """Show what the other agency no longer sees, then revoke the grant."""
    grant = _read_given(visit, access_grant_id).document
    form = _revocation_controls()

    def check(_body: dict[str, Any]) -> Any:
        grantee = _name_grantee(visit, grant)
        return show_check(
            visit,
            form,
            name=f"Grant to {grantee}",
            record_href=_href(access_grant_id),
            heading="Check before you revoke",
            effects=effects_of_revocation(grant, grantee, count_own_systems(visit)),
            button="Revoke the grant",
            warning=True,
        )

    def send(body: dict[str, Any]) -> Any:
        path = {"access_grant_id": access_grant_id}
        visit.call("revoke_access_grant", path=path, body=body, key=request.form.get("key"))
        return redirect_to(_RECORD_PAGE, access_grant_id=access_grant_id, done="revoked")

    return take_step(
        form,
        RevocationCreate,
        show=lambda status: _show_revocation(visit, grant, form, status=status),
        check=check,
        send=send,
    )


def _revocation_controls() -> Form:
    form = Form(RevocationCreate, ("reason",))
    form.controls[0].label = "Why does your agency revoke the grant?"
    form.controls[0].hint = "Both agencies can read the reason."
    return form


def _show_revocation(visit: Visit, grant: dict[str, Any], form: Form, *, status: int = 200) -> Any:
    return show_form(
        visit,
        form,
        name=f"Grant to {_name_grantee(visit, grant)}",
        record_href=_href(grant["id"]),
        heading="Revoke the grant",
        status=status,
    )
