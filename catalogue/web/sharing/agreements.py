"""Pages of agreements: one agreement, its history, and the forms that accept and end it."""

from typing import Any
from uuid import UUID

from flask import request, url_for
from werkzeug.exceptions import NotFound

from catalogue.agencies.schemas import AcceptanceCreate, WithdrawalCreate
from catalogue.agencies.vocabulary import AgreementStatus
from catalogue.web.agency_names import read_agency_names
from catalogue.web.api_calls import Answer, Refused
from catalogue.web.forms import Form
from catalogue.web.pages import Pages, Visit, redirect_to
from catalogue.web.sharing.effects import (
    count_own_systems,
    effects_of_acceptance,
    effects_of_end,
    fields_of,
    period_of,
)
from catalogue.web.sharing.pages import waits_for
from catalogue.web.sharing.steps import note_mistakes, show_check, show_form, take_step
from catalogue.web.steps import CHANGE, SEND, chosen_step
from catalogue.web.wording import meaning

agreements = Pages("agreements")

RULE = "/sharing/agreements/<uuid:agreement_id>"
RECORD_PAGE = "pages-agreements.record_page"
_SHOWN = (
    "get_agreement",
    "list_agencies",
    "count_systems",
    "accept_agreement",
    "update_agreement",
    "withdraw_agreement",
    "terminate_agreement",
)


# ---- One agreement


@agreements.get(RULE, calls=_SHOWN, needs=("get_agreement",))
def record_page(visit: Visit, agreement_id: UUID) -> Any:
    """One agreement: its parties, what it opens, and who has accepted it."""
    return _show_record(visit, _read(visit, agreement_id).document)


def _read(visit: Visit, agreement_id: UUID) -> Answer:
    return visit.call("get_agreement", path={"agreement_id": agreement_id})


def read_led(visit: Visit, agreement_id: UUID) -> Answer:
    """Return an agreement that the person's agency leads, and so can change."""
    answer = _read(visit, agreement_id)
    if answer.document["lead_agency"] != visit.agency:
        raise NotFound
    return answer


def _show_record(
    visit: Visit,
    agreement: dict[str, Any],
    *,
    status: int = 200,
    changed: bool = False,
    errors: list[str] | None = None,
    form: Form | None = None,
) -> Any:
    names = read_agency_names(visit)
    is_open = agreement["status"] != AgreementStatus.TERMINATED
    leads = is_open and agreement["lead_agency"] == visit.agency
    withdrawn = visit.agency in {each["agency"] for each in agreement["withdrawn_by"]}
    is_party = visit.agency in agreement["parties"]
    return visit.render(
        "sharing/agreement.html",
        status=status,
        agreement=agreement,
        names=names,
        parties=_party_rows(agreement, names),
        status_meaning=meaning(agreement["status"], AgreementStatus),
        period=period_of(agreement),
        fields=fields_of(agreement["field_profile"]),
        own=count_own_systems(visit),
        can_accept=waits_for(visit, agreement) and visit.can("accept_agreement"),
        can_change=leads and visit.can("update_agreement"),
        can_withdraw=is_open and is_party and not withdrawn and visit.can("withdraw_agreement"),
        can_terminate=leads and visit.can("terminate_agreement"),
        can_read_history=visit.can("list_agreement_history"),
        changed=changed,
        acceptance=form or _acceptance_controls(),
        error_list=[{"text": text} for text in errors or ()] + (form.error_list if form else []),
        done=request.args.get("done"),
    )


def _party_rows(agreement: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return each party with its answer."""
    accepted = {each["agency"]: each for each in agreement["accepted_by"]}
    withdrawn = {each["agency"]: each for each in agreement["withdrawn_by"]}
    return [
        {
            "name": names.get(code, code),
            "leads": code == agreement["lead_agency"],
            "acceptance": accepted.get(code),
            "withdrawal": withdrawn.get(code),
        }
        for code in agreement["parties"]
    ]


def href_of(agreement_id: Any) -> str:
    """Return the address of an agreement's page."""
    return url_for(RECORD_PAGE, agreement_id=agreement_id)


# ---- Accepting and ending


@agreements.post(f"{RULE}/acceptance", calls=_SHOWN, needs=("accept_agreement", "get_agreement"))
def accept(visit: Visit, agreement_id: UUID) -> Any:
    """Show what an acceptance opens to which agencies, then record it."""
    agreement = _read(visit, agreement_id).document
    read_hash = request.form.get("content_hash", "")
    if agreement["content_hash"] != read_hash:
        return _show_record(visit, agreement, status=409, changed=True)
    form = _acceptance_controls()
    form.fill_typed(request.form)
    body = form.read(request.form) | {"content_hash": read_hash, "person": visit.signatory}
    step = chosen_step()
    if step == CHANGE:
        return _show_record(visit, agreement, form=form)
    if step != SEND:
        if note_mistakes(form, AcceptanceCreate, body):
            return _show_record(visit, agreement, status=422, form=form)
        names = read_agency_names(visit)
        return show_check(
            visit,
            form,
            name=agreement["title"],
            record_href=href_of(agreement_id),
            heading="Check before you accept",
            effects=effects_of_acceptance(agreement, visit, names, count_own_systems(visit)),
            button=f"Accept for {names.get(visit.agency or '', visit.agency)}",
        )
    return _send(visit, agreement_id, "accept_agreement", "accepted", body=body)


def _acceptance_controls() -> Form:
    form = Form(AcceptanceCreate, ("role",))
    form.controls[0].label = "Your role"
    form.controls[0].hint = "Your name and role stand beside the acceptance. All parties read them."
    return form


@agreements.post(
    f"{RULE}/termination", calls=_SHOWN, needs=("terminate_agreement", "get_agreement")
)
def terminate(visit: Visit, agreement_id: UUID) -> Any:
    """Show who sees less, then end the agreement permanently."""
    agreement = read_led(visit, agreement_id).document
    if chosen_step() != SEND:
        names = read_agency_names(visit)
        ends = effects_of_end(agreement, visit, names, count_own_systems(visit))
        return show_check(
            visit,
            None,
            name=agreement["title"],
            record_href=href_of(agreement_id),
            heading="Check before you terminate",
            effects=[*ends, "The end is permanent. Sharing again takes another agreement."],
            button="Terminate the agreement",
            warning=True,
        )
    return _send(visit, agreement_id, "terminate_agreement", "terminated")


def _send(
    visit: Visit,
    agreement_id: UUID,
    operation: str,
    done: str,
    *,
    body: dict[str, Any] | None = None,
) -> Any:
    """Call an operation on an agreement. If it is refused, show the agreement as it is now."""
    path = {"agreement_id": agreement_id}
    try:
        visit.call(operation, path=path, body=body, key=request.form.get("key"))
    except Refused as refusal:
        if refusal.status not in {403, 409}:
            raise
        problem = refusal.problem
        errors = [e["detail"] for e in problem.get("errors", ())] or [problem["detail"]]
        agreement = _read(visit, agreement_id).document
        return _show_record(visit, agreement, status=refusal.status, errors=errors)
    return redirect_to(RECORD_PAGE, agreement_id=agreement_id, done=done)


_WITHDRAW = ("get_agreement", "withdraw_agreement", "list_agencies", "count_systems")


@agreements.get(f"{RULE}/withdrawal", calls=_WITHDRAW, needs=("withdraw_agreement",))
def withdrawal_form(visit: Visit, agreement_id: UUID) -> Any:
    """The form that withdraws the agency from an agreement, or refuses it."""
    return _show_withdrawal(visit, _read(visit, agreement_id).document, _withdrawal_controls())


@agreements.post(f"{RULE}/withdrawal", calls=_WITHDRAW, needs=("withdraw_agreement",))
def withdraw(visit: Visit, agreement_id: UUID) -> Any:
    """Show who sees less, then record the withdrawal."""
    agreement = _read(visit, agreement_id).document
    form = _withdrawal_controls()

    def check(_body: dict[str, Any]) -> Any:
        names = read_agency_names(visit)
        lead = names.get(agreement["lead_agency"], agreement["lead_agency"])
        return show_check(
            visit,
            form,
            name=agreement["title"],
            record_href=href_of(agreement_id),
            heading="Check before you withdraw",
            effects=[
                *effects_of_end(agreement, visit, names, count_own_systems(visit)),
                f"Your agency can accept again only after {lead} changes the agreement.",
            ],
            button="Withdraw from the agreement",
            warning=True,
        )

    def send(body: dict[str, Any]) -> Any:
        path = {"agreement_id": agreement_id}
        visit.call("withdraw_agreement", path=path, body=body, key=request.form.get("key"))
        return redirect_to(RECORD_PAGE, agreement_id=agreement_id, done="withdrawn")

    return take_step(
        form,
        WithdrawalCreate,
        show=lambda status: _show_withdrawal(visit, agreement, form, status=status),
        check=check,
        send=send,
    )


def _withdrawal_controls() -> Form:
    form = Form(WithdrawalCreate, ("reason",))
    form.controls[0].label = "Why does your agency withdraw?"
    form.controls[0].hint = "All parties can read the reason."
    return form


def _show_withdrawal(
    visit: Visit, agreement: dict[str, Any], form: Form, *, status: int = 200
) -> Any:
    return show_form(
        visit,
        form,
        name=agreement["title"],
        record_href=href_of(agreement["id"]),
        heading="Withdraw from the agreement",
        status=status,
    )
