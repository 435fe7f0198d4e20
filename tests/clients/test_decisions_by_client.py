"""Two agencies decide about their duplicates through the generated client; a third looks on."""

import time
from contextlib import ExitStack
from typing import Any

from tests.clients.conftest import Generated, Served
from tests.factories import SIGNATORY
from tests.threads import PATIENCE_SECONDS

BEDS, CAMBS, KENT = "bedfordshire-police", "cambridgeshire-police", "kent-police"
DECIDES = (
    "systems:read systems:write overlaps:read overlaps:write "
    "decisions:read decisions:propose decisions:sign"
)


class Agency:
    """What somebody of an agency does, all of it by the generated client."""

    def __init__(self, generated: Generated, client: Any) -> None:
        self.generated, self.client = generated, client
        self.models = generated.module("models")

    def call(self, operation: str, *arguments: Any, **parameters: Any) -> Any:
        """An operation's answer, with its status and headers."""
        sent = self.generated.module(f"api.{operation}").sync_detailed
        return sent(*arguments, client=self.client, **parameters)

    def system(self, name: str) -> Any:
        """Record a live rostering system that all may see."""
        body = self.models.SystemCreate(
            name=name,
            lifecycle=self.models.Lifecycle.LIVE,
            capabilities=["E04"],
            disclosure=self.models.Disclosure.ALL_AGENCIES,
        )
        return self.call("systems.create_system", body=body).parsed

    def read(self, decision: Any) -> Any:
        """The decision, as it is answered now."""
        return self.call("decisions.get_decision", decision.id)

    def sign(self, decision: Any, verdict: str = "agreed", **said: Any) -> Any:
        """Sign what was read."""
        body = self.models.SignOffCreate(
            verdict=self.models.SignOffVerdict(verdict),
            content_hash=decision.content_hash,
            **SIGNATORY,
            **said,
        )
        return self.call("decisions.create_sign_off", decision.id, body=body)

    def propose(self, overlap: Any, stays: Any, goes: Any) -> Any:
        """Draft a decision, and put it before the owners."""
        create, disposition = self.models.DecisionMemberCreate, self.models.Disposition
        strategy = self.models.MigrationStrategy
        body = self.models.DecisionCreate(
            overlap_id=overlap.id,
            title="One roster",
            rationale="It has room for all.",
            members=[
                create(stays.id, disposition.INVEST, strategy.RETAIN),
                create(goes.id, disposition.MIGRATE, strategy.REPURCHASE, stays.id),
            ],
        )
        draft = self.call("decisions.create_decision", body=body)
        assert draft.status_code == 201, draft.content
        return self.call("decisions.propose_decision", draft.parsed.id).parsed


def test_two_agencies_agree_through_clients_and_third_sees_nothing(
    generated: Generated, served: Served
) -> None:
    with ExitStack() as opened:
        beds, cambs, kent = (
            opened.enter_context(sign_in(generated, served, code)) for code in (BEDS, CAMBS, KENT)
        )
        agencies = [Agency(generated, client) for client in (beds, cambs, kent)]
        decide(*agencies)


def sign_in(generated: Generated, served: Served, agency: str) -> Any:
    """A client of the agency with a token."""
    token = served.token(*served.admit(agency, DECIDES))
    return generated.module("client").AuthenticatedClient(base_url=served.address, token=token)


def decide(beds: Agency, cambs: Agency, kent: Agency) -> None:
    """Propose, sign, edit, sign again; refuse; and look on."""
    stays, goes = beds.system("Dutyplan"), cambs.system("Roster")
    overlap = confirm_overlap(beds)
    first = beds.propose(overlap, stays, goes)
    assert first.awaiting == [BEDS, CAMBS]
    assert cambs.sign(first).parsed.status == "proposed"

    answer = beds.read(first)
    edited = beds.call(
        "decisions.update_decision",
        first.id,
        body=beds.models.DecisionPatch(rationale="It is cheaper."),
        if_match=answer.headers["etag"],
    )
    assert edited.status_code == 200, edited.content
    (voided,) = edited.parsed.sign_offs
    assert voided.agency == CAMBS
    assert voided.voided_at is not None
    stale = cambs.sign(first)
    assert stale.status_code == 409
    assert stale.parsed.errors[0].code == "stale"

    waiting = cambs.call("decisions.list_decisions", awaiting_your_signature=True).parsed.items
    assert [each.id for each in waiting] == [first.id]
    briefing = cambs.call("decisions.get_decision_briefing", first.id).parsed
    assert (briefing.can_sign, briefing.content_hash) == (True, edited.parsed.content_hash)
    assert [each.as_proposed.name for each in briefing.systems] == ["Dutyplan", "Roster"]
    assert cambs.sign(edited.parsed).parsed.status == "proposed"
    assert beds.sign(edited.parsed).parsed.status == "agreed"

    again = cambs.propose(overlap, goes, stays)
    silent = beds.sign(again, "refused")
    assert (silent.status_code, silent.parsed.errors[0].pointer) == (422, "/comment")
    assert beds.sign(again, "refused", comment="We have agreed.").parsed.status == "refused"
    assert beds.read(first).parsed.status == "agreed"

    assert kent.call("decisions.list_decisions").parsed.items == []
    assert kent.read(first).status_code == 404
    assert kent.call("decisions.get_decision_briefing", first.id).status_code == 404
    assert kent.sign(edited.parsed).status_code == 404


def confirm_overlap(agency: Agency) -> Any:
    """Look for overlaps, wait for the one there is, and confirm it."""
    assert agency.call("overlaps.create_overlap_run").status_code == 202
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := agency.call("overlaps.list_overlaps").parsed.items):
        assert time.monotonic() < deadline, "nothing was found"
        time.sleep(0.2)
    (overlap,) = found
    etag = agency.call("overlaps.get_overlap", overlap.id).headers["etag"]
    body = agency.models.OverlapPatch(
        status=agency.models.OverlapVerdict.CONFIRMED, reason="They do the same."
    )
    confirmed = agency.call("overlaps.update_overlap", overlap.id, body=body, if_match=etag)
    assert confirmed.status_code == 200, confirmed.content
    return overlap
