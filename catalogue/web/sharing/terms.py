"""Forms for the terms of an agreement: proposing it, and changing it."""

from typing import Any
from uuid import UUID

from flask import request, url_for

from catalogue.agencies.schemas import AgreementCreate, AgreementPatch
from catalogue.core.wording import listed
from catalogue.web.agency_names import agency_choices, read_agency_names
from catalogue.web.forms import Form, Option
from catalogue.web.pages import Pages, Visit, redirect_to
from catalogue.web.sharing.agreements import RECORD_PAGE, RULE, href_of, read_led
from catalogue.web.sharing.effects import count_own_systems, effects_of_change, fields_of
from catalogue.web.sharing.steps import Change, show_check, show_form, take_step

terms = Pages("agreement-terms")

_FIELDS = (
    "title",
    "instrument",
    "parties",
    "start_date",
    "end_date",
    "decision_notice_url",
    "field_profile",
)


_PROPOSE = ("create_agreement", "list_agencies")


@terms.get("/sharing/agreements/new", calls=_PROPOSE, needs=("create_agreement",))
def proposal_form(visit: Visit) -> Any:
    """The form for a new agreement."""
    if visit.agency is None:
        return visit.render("errors/not_your_record.html", status=403)
    return _show_proposal(visit, _terms_form(visit))


@terms.post("/sharing/agreements/new", calls=_PROPOSE, needs=("create_agreement",))
def propose(visit: Visit) -> Any:
    """Show who the agreement is for, then propose it to its parties."""
    form = _terms_form(visit)

    def check(body: dict[str, Any]) -> Any:
        names = read_agency_names(visit)
        others = listed([names.get(c, c) for c in body["parties"] if c != visit.agency])
        return show_check(
            visit,
            form,
            name="Sharing",
            record_href=url_for("pages-sharing.overview_page"),
            heading="Check before you propose",
            effects=[
                f"{others} can read this proposal, and accept or refuse it.",
                "Nothing is shared until every party, and that includes your agency, accepts.",
                (
                    "Then each party can see the records of the others that are disclosed under "
                    "agreements."
                ),
                f"The profile shows them this. {fields_of(body['field_profile'])}",
            ],
            button="Propose the agreement",
        )

    def send(body: dict[str, Any]) -> Any:
        made = visit.call("create_agreement", body=body, key=request.form.get("key")).document
        return redirect_to(RECORD_PAGE, agreement_id=made["id"], done="proposed")

    return take_step(
        form,
        AgreementCreate,
        show=lambda status: _show_proposal(visit, form, status=status),
        check=check,
        send=send,
    )


def _show_proposal(visit: Visit, form: Form, *, status: int = 200) -> Any:
    return show_form(
        visit,
        form,
        name="Sharing",
        record_href=url_for("pages-sharing.overview_page"),
        heading="Propose an agreement",
        intro="Your agency leads the agreement. "
        "Nothing is shared until every party has accepted the same terms.",
        status=status,
    )


def _terms_form(visit: Visit, *, change: bool = False) -> Form:
    form = Form(AgreementPatch if change else AgreementCreate, _FIELDS)
    agencies = agency_choices(visit, read_agency_names(visit))
    form.offer("parties", [Option(code, text) for code, text in agencies if code != visit.agency])
    for control in form.controls:
        if control.name == "parties":
            control.hint, control.can_be_empty = "Your agency is always a party.", False
    return form


_CHANGE = ("get_agreement", "update_agreement", "list_agencies", "count_systems")


@terms.get(f"{RULE}/edit", calls=_CHANGE, needs=("update_agreement",))
def change_form(visit: Visit, agreement_id: UUID) -> Any:
    """The form that changes the terms."""
    return _change_of(visit, agreement_id).open()


@terms.post(f"{RULE}/edit", calls=_CHANGE, needs=("update_agreement",))
def change(visit: Visit, agreement_id: UUID) -> Any:
    """Show who sees less while the parties accept the new terms, then change them."""
    changed = _change_of(visit, agreement_id)
    form = changed.form

    def check(changes: dict[str, Any]) -> Any:
        if not changes:
            return redirect_to(RECORD_PAGE, agreement_id=agreement_id, done="unchanged")
        own = count_own_systems(visit)
        return show_check(
            visit,
            form,
            name=changed.name,
            record_href=href_of(agreement_id),
            heading="Check before you change the agreement",
            effects=effects_of_change(changed.record, visit, read_agency_names(visit), own),
            button="Change the agreement",
            warning=True,
        )

    def send(changes: dict[str, Any]) -> Any:
        conflict = changed.send(changes)
        if conflict is not None:
            return conflict
        return redirect_to(RECORD_PAGE, agreement_id=agreement_id, done="changed")

    return take_step(
        form,
        AgreementPatch,
        show=changed.show,
        check=check,
        send=send,
        read=lambda: form.read_changes(request.form),
    )


def _change_of(visit: Visit, agreement_id: UUID) -> Change:
    answer = read_led(visit, agreement_id)
    agreement = answer.document
    # The form shows the other parties: the lead agency is one in any case.
    others = [code for code in agreement["parties"] if code != agreement["lead_agency"]]
    return Change(
        visit=visit,
        form=_terms_form(visit, change=True),
        update="update_agreement",
        path={"agreement_id": agreement_id},
        etag=answer.etag,
        record=agreement | {"parties": others},
        name=agreement["title"],
        record_href=href_of(agreement_id),
        heading="Change the agreement",
        intro="Any change voids all acceptances. Every party must accept the new terms.",
    )
