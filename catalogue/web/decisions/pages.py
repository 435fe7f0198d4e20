"""The list of decisions, one decision, and the forms that sign, propose and withdraw it."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.exceptions import NotFound

from catalogue.rationalisation.decisions.schemas import DecisionWithdrawalCreate, SignOffCreate
from catalogue.rationalisation.states import OPEN_DECISIONS
from catalogue.rationalisation.vocabulary import DecisionStatus
from catalogue.web.agency_names import agency_choices, name_agencies, read_agency_names
from catalogue.web.api_calls import Refused
from catalogue.web.decisions.briefing import going_systems, plan_of, sign_off_rows
from catalogue.web.filters import YES_NO, Filter, choices_of
from catalogue.web.forms import Form, Option
from catalogue.web.lists import ListPage
from catalogue.web.pages import Pages, Visit, redirect_to
from catalogue.web.steps import CHANGE, SEND, chosen_step, note_missing
from catalogue.web.wording import meaning

decisions = Pages("decisions")

LIST = ListPage(
    operation="list_decisions",
    endpoint="pages-decisions.list_page",
    sorts={
        "title": "Decision",
        "status": "Status",
        "sign_by": "Sign by",
        "created_at": "Drafted",
    },
    filters=(
        Filter("q", "Title or reasons"),
        Filter("status", "Status", choices_of(DecisionStatus)),
        Filter("awaiting_your_signature", "Waits for your agency", YES_NO),
        Filter("awaiting", "Waits for"),
        Filter("agency", "Drafted by"),
        Filter("overdue", "Overdue", YES_NO),
    ),
)
_MOST_WAITING = 100


@decisions.get("/decisions", calls=("list_decisions", "list_agencies"), needs=("list_decisions",))
def list_page(visit: Visit) -> Any:
    """The decisions that wait for the person's agency, then the whole list."""
    names = read_agency_names(visit)
    agencies = agency_choices(visit, names)
    listed = LIST.read(visit, request.args, {"agency": agencies, "awaiting": agencies})
    is_start = not listed.chosen and not request.args.get("cursor")
    return visit.render(
        "decisions/list.html",
        listed=listed,
        waiting=_waiting(visit) if is_start else None,
        names=names,
        name_agencies=lambda codes: name_agencies(codes, names),
    )


def _waiting(visit: Visit) -> list[dict[str, Any]] | None:
    """Return the decisions that the person's agency must sign, the most urgent first."""
    if visit.agency is None:
        return None
    query = {"awaiting_your_signature": "true", "sort": "sign_by", "limit": _MOST_WAITING}
    found: list[dict[str, Any]] = visit.call("list_decisions", query=query).document["items"]
    return found


_RECORD = (
    "get_decision_briefing",
    "get_group_readiness",
    "list_agencies",
    "create_sign_off",
    "propose_decision",
    "withdraw_decision",
)


@decisions.get("/decisions/<uuid:decision_id>", calls=_RECORD, needs=("get_decision_briefing",))
def record_page(visit: Visit, decision_id: UUID) -> Any:
    """One decision: the plan, its costs, what blocks it, and who has signed."""
    return _show_record(visit, _read_briefing(visit, decision_id), _sign_off_controls())


def _read_briefing(visit: Visit, decision_id: UUID) -> dict[str, Any]:
    path = {"decision_id": decision_id}
    briefing: dict[str, Any] = visit.call("get_decision_briefing", path=path).document
    return briefing


def _show_record(
    visit: Visit,
    briefing: dict[str, Any],
    form: Form,
    *,
    status: int = 200,
    changed: bool = False,
) -> Any:
    decision = briefing["decision"]
    names = read_agency_names(visit)
    is_own = decision["agency"] == visit.agency
    return visit.render(
        "decisions/record.html",
        status=409 if changed else status,
        briefing=briefing,
        decision=decision,
        status_meaning=meaning(decision["status"], DecisionStatus),
        names=names,
        plan=plan_of(briefing, names),
        sign_offs=sign_off_rows(decision, names),
        blocked=_blocked(visit, briefing),
        form=form,
        changed=changed,
        can_propose=is_own
        and decision["status"] == DecisionStatus.DRAFT
        and visit.can("propose_decision"),
        can_withdraw=is_own
        and decision["status"] in OPEN_DECISIONS
        and visit.can("withdraw_decision"),
        done=request.args.get("done"),
    )


def _blocked(visit: Visit, briefing: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the readiness of the systems that go, or None if the person cannot see it."""
    if not visit.can("get_group_readiness"):
        return None
    path = {"overlap_id": briefing["decision"]["overlap_id"]}
    try:
        readiness = visit.call("get_group_readiness", path=path).document
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return None  # The owner of a successor can see a decision, and need not see the overlap.
    going = going_systems(briefing)
    return [system for system in readiness["systems"] if system["system_id"] in going]


_MISSING = {
    "verdict": "Choose whether your agency agrees",
    "role": "Enter your role, such as chief information officer",
}
"""The most characters that a sign-off takes. The name of a session can be longer."""
_REFUSAL = {"comment": "Enter the reason why your agency refuses"}


@decisions.post(
    "/decisions/<uuid:decision_id>/sign-off",
    calls=_RECORD,
    needs=("create_sign_off", "get_decision_briefing"),
)
def sign(visit: Visit, decision_id: UUID) -> Any:
    """Show what a sign-off binds, then record it. A decision that has changed is shown again."""
    briefing = _read_briefing(visit, decision_id)
    form = _sign_off_controls()
    form.fill_typed(request.form)
    step, read_hash = chosen_step(), request.form.get("content_hash", "")
    if briefing["can_sign"] and briefing["content_hash"] != read_hash:
        return _show_record(visit, briefing, form, changed=True)
    if step == CHANGE:
        return _show_record(visit, briefing, form)
    refuses = request.form.get("verdict") == "refused"
    if note_missing(form, _MISSING | (_REFUSAL if refuses else {})):
        return _show_record(visit, briefing, form, status=422)
    if step != SEND:
        return _check_sign_off(visit, briefing, form)
    body = form.read(request.form) | {"content_hash": read_hash, "person": visit.signatory}
    path = {"decision_id": decision_id}
    try:
        visit.call("create_sign_off", path=path, body=body, key=request.form.get("key"))
    except Refused as refusal:
        return _refuse_sign_off(visit, decision_id, form, refusal)
    return redirect_to("pages-decisions.record_page", decision_id=decision_id, done=body["verdict"])


def _check_sign_off(visit: Visit, briefing: dict[str, Any], form: Form) -> Any:
    names = read_agency_names(visit)
    plan = plan_of(briefing, names)
    return visit.render(
        "decisions/check_sign_off.html",
        briefing=briefing,
        decision=briefing["decision"],
        own=[system for system in plan if system.agency == visit.agency],
        others=[system for system in plan if system.agency != visit.agency],
        agency_name=names.get(visit.agency or "", visit.agency),
        person=visit.signatory,
        form=form,
    )


def _refuse_sign_off(visit: Visit, decision_id: UUID, form: Form, refusal: Refused) -> Any:
    """Show why a sign-off was refused, beside the decision as it is now."""
    if refusal.status not in {409, 412, 422}:
        raise refusal
    briefing = _read_briefing(visit, decision_id)
    codes = {error["code"] for error in refusal.problem.get("errors", ())}
    if refusal.status == 412 or "stale" in codes:
        return _show_record(visit, briefing, form, changed=True)
    form.note_errors(refusal.problem)
    return _show_record(visit, briefing, form, status=refusal.status)


def _sign_off_controls() -> Form:
    form = Form(SignOffCreate, ("verdict", "role", "comment"))
    verdict, role, comment = form.controls
    verdict.label = "Does your agency agree?"
    verdict.hint = ""
    verdict.options = (Option("agreed", "Agree"), Option("refused", "Refuse"))
    role.label = "Your role"
    role.hint = (
        "Your name and role stand beside the answer. All who can see the decision read them."
    )
    comment.label, comment.can_be_empty = "Comment", False
    comment.hint = "If your agency refuses, enter the reason. All who can see the decision read it."
    return form


_PROPOSE = ("get_decision_briefing", "propose_decision", "list_agencies")


@decisions.post(
    "/decisions/<uuid:decision_id>/proposal", calls=_PROPOSE, needs=("propose_decision",)
)
def propose(visit: Visit, decision_id: UUID) -> Any:
    """Show what a proposal does, then send the draft to the owners of its systems."""
    if chosen_step() != SEND:
        briefing = _read_own(visit, decision_id)
        names = read_agency_names(visit)
        return visit.render(
            "decisions/check_proposal.html",
            decision=briefing["decision"],
            plan=plan_of(briefing, names),
            withheld=briefing["withheld_members"],
        )
    path = {"decision_id": decision_id}
    visit.call("propose_decision", path=path, key=request.form.get("key"))
    return redirect_to("pages-decisions.record_page", decision_id=decision_id, done="proposed")


_WITHDRAW = ("get_decision_briefing", "withdraw_decision")
_NO_REASON = {"reason": "Enter the reason for the withdrawal"}


@decisions.get(
    "/decisions/<uuid:decision_id>/withdrawal", calls=_WITHDRAW, needs=("withdraw_decision",)
)
def withdrawal_form(visit: Visit, decision_id: UUID) -> Any:
    """The form that withdraws a draft or a proposal."""
    return _show_withdrawal(visit, _read_own(visit, decision_id), _withdrawal_controls())


@decisions.post(
    "/decisions/<uuid:decision_id>/withdrawal", calls=_WITHDRAW, needs=("withdraw_decision",)
)
def withdraw(visit: Visit, decision_id: UUID) -> Any:
    """Show a withdrawal for a check, then record it."""
    briefing = _read_own(visit, decision_id)
    form = _withdrawal_controls()
    form.fill_typed(request.form)
    step = chosen_step()
    if step == CHANGE:
        return _show_withdrawal(visit, briefing, form)
    if note_missing(form, _NO_REASON):
        return _show_withdrawal(visit, briefing, form, status=422)
    if step != SEND:
        return _show_withdrawal(visit, briefing, form, check=True)
    path = {"decision_id": decision_id}
    body = form.read(request.form)
    try:
        visit.call("withdraw_decision", path=path, body=body, key=request.form.get("key"))
    except Refused as refusal:
        if refusal.status not in {409, 422}:
            raise
        form.note_errors(refusal.problem)
        return _show_withdrawal(visit, briefing, form, status=422)
    return redirect_to("pages-decisions.record_page", decision_id=decision_id, done="withdrawn")


def _withdrawal_controls() -> Form:
    form = Form(DecisionWithdrawalCreate, ("reason",))
    form.controls[0].label = "Why does your agency withdraw it?"
    form.controls[0].hint = "All who can see the decision can read the reason."
    return form


def _show_withdrawal(
    visit: Visit,
    briefing: dict[str, Any],
    form: Form,
    *,
    status: int = 200,
    check: bool = False,
) -> Any:
    return visit.render(
        "decisions/check_withdrawal.html" if check else "decisions/withdraw.html",
        status=status,
        decision=briefing["decision"],
        form=form,
    )


def _read_own(visit: Visit, decision_id: UUID) -> dict[str, Any]:
    """Return the briefing of a decision that the person's agency drafted."""
    briefing = _read_briefing(visit, decision_id)
    if briefing["decision"]["agency"] != visit.agency:
        raise NotFound
    return briefing
