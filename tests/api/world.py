"""Agencies and records for requests that succeed, one for every operation.

Records are made through the API itself. An operation with a new kind of id, or one that the
document's own example does not satisfy, fails its tests until it is given a maker or a scene here.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalogue.core import clock
from catalogue.core.jobs.worker import run_waiting
from tests.api.import_records import IMPORT_SCENES
from tests.api.page_sessions import make_session
from tests.api.saving_records import SAVING_MAKERS, SAVING_SCENES
from tests.api.surface import ALL_SCOPES, BY_NAME, MULTIPART, Op
from tests.api.webhook_records import WEBHOOK_MAKERS
from tests.factories import SIGNATORY, agency, signed_in
from tests.unsaved import CheckedClient

OWNER, PARTNER, STRANGER = "bedfordshire-police", "cambridgeshire-police", "kent-police"
CENTRE = "bch-shared-services"

SHARED = frozenset({"agency", "capability", "supplier_id", "product_id", "source", "external_id"})
"""Parts of paths that name what every agency may know of. All others name an agency's records."""


@dataclass(frozen=True)
class Sent:
    """A request, as it is sent."""

    op: Op
    url: str
    json: Any = None
    form: dict[str, Any] | None = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def but(self, **changes: Any) -> "Sent":
        """The same with something changed."""
        return replace(self, **changes)

    def encoded(self) -> bytes:
        """The body. The app's own encoder would refuse what a client may well send."""
        return json.dumps(self.json).encode()

    def by(self, client: CheckedClient, **options: Any) -> TestResponse:
        """Send it; `options` are the test client's own."""
        options = {"headers": self.headers, "query_string": self.query} | options
        if self.op.takes_json and "data" not in options:
            options |= {"data": self.encoded()}
        if self.form is not None and "data" not in options:
            files = {"file": (BytesIO(self.form["file"].encode()), "systems.csv")}
            options |= {"data": self.form | files}
        if self.op.body_type:
            options.setdefault("content_type", self.op.body_type)
        return client.open(self.url, method=self.op.method, **options)


class World:
    """Three agencies. What the first records, the second may know of in part, and the third not."""

    def __init__(self, app: Flask, session: Session, state: dict[str, Any] | None = None) -> None:
        self.app, self.session = app, session
        self.records: dict[str, str] = {}
        self.ready: dict[str, Sent] = {}
        if state:
            # It is already in the database.
            vars(self).update(copied(state))
            return
        self.owner, self.partner, self.stranger = (
            signed_in(app, session, code, ALL_SCOPES) for code in (OWNER, PARTNER, STRANGER)
        )
        agency(session, CENTRE)

    def state(self) -> dict[str, Any]:
        """What it knows of itself, for another on a copy of its database."""
        return copied(vars(self))

    def signed_in(self, code: str | None, scopes: str) -> CheckedClient:
        """Another client."""
        return signed_in(self.app, self.session, code, scopes)

    def record(self, parameter: str) -> str:
        """The id of a record of the owner's, for a parameter of that name."""
        if parameter not in self.records:
            self.records[parameter] = MAKERS[parameter](self)
        return self.records[parameter]

    def make(self, path: str, body: dict[str, Any], *, by: CheckedClient | None = None) -> Any:
        """Create a record; its document."""
        answer = (by or self.owner).post(path, json=body)
        assert answer.status_code in {201, 202}, (path, answer.text)
        return answer.json

    def run_jobs(self) -> None:
        """Run what waits, as the worker would."""
        self.run_in_app(run_waiting)

    def run_in_app(self, step: Callable[[Flask], Any]) -> None:
        """Run a step of the worker, which sees and changes the records of the session."""
        self.session.commit()
        step(self.app)
        self.session.expire_all()

    def url(self, op: Op) -> str:
        """The operation's address, with the owner's records in it."""
        return op.path.format(**{name: self.record(name) for name in op.parameter_names("path")})

    def etag(self, url: str) -> str:
        """The entity tag of what is read there."""
        return self.owner.get(url).headers["ETag"]

    def request(self, op: Op) -> Sent:
        """A request of the owner's that succeeds."""
        scene = SCENES.get(op.name)
        sent = scene(self, op) if scene else self.example(op)
        if op.kernel.if_match:
            sent = sent.but(headers=sent.headers | {"If-Match": self.etag(sent.url)})
        return sent

    def example(self, op: Op, **changes: Any) -> Sent:
        """The document's own example, sent to the owner's records."""
        sent = Sent(op, self.url(op), query=op.query_example)
        if op.body_type == MULTIPART:
            return sent.but(form=op.body_example | changes)
        if op.takes_json:
            return sent.but(json=self.fitted(op.body_example) | changes)
        return sent

    def fitted(self, example: Any) -> Any:
        """An example whose references lead to records that exist."""
        if isinstance(example, list):
            return [self.fitted(each) for each in example]
        if not isinstance(example, dict):
            return example
        fitted = {}
        for name, value in example.items():
            if name in REFERENCES:
                fitted[name] = REFERENCES[name](self)
            elif name in MAKERS and name.endswith("_id") and value is not None:
                fitted[name] = self.record(name)
            else:
                fitted[name] = self.fitted(value)
        return fitted


def copied(state: dict[str, Any]) -> dict[str, Any]:
    """Its dicts are copied; clients, which do not change, are shared."""
    shared = {name: said for name, said in state.items() if name not in {"app", "session"}}
    return {n: dict(said) if isinstance(said, dict) else said for n, said in shared.items()}


REFERENCES: dict[str, Callable[["World"], Any]] = {
    "governed_by": lambda _: CENTRE,
    "predecessors": lambda _: [CENTRE],
    "target_agency": lambda _: CENTRE,
    "parties": lambda _: [PARTNER],
    "grantee": lambda _: PARTNER,
    "parent": lambda world: world.record("parent"),
    "capabilities": lambda world: [world.record("capability")],
    "systems": lambda world: [world.record("system_id")],
}
"""References by code, and what they may lead to."""


def _import(world: World) -> str:
    sent = world.request(BY_NAME["create_import"])
    return str(sent.by(world.owner).json["id"])  # type: ignore[index]


def make_system(world: World, **fields: Any) -> str:
    body = {"name": "Roster", "lifecycle": "live", "disclosure": "owner_only"} | fields
    return str(world.make("/v1/systems", body)["id"])


def _partner_system(world: World) -> str:
    body = {"name": "Roster", "lifecycle": "live", "disclosure": "all_agencies"}
    body |= {"product_id": world.record("product_id")}
    return str(world.make("/v1/systems", body, by=world.partner)["id"])


def _overlap(world: World) -> str:
    # The owner keeps its system to itself, so a stranger sees one of two, which is no overlap.
    own = make_system(world, name="Duties", product_id=world.record("product_id"))
    world.records |= {"own_member_id": own, "partner_member_id": _partner_system(world)}
    world.record("job_id")
    world.run_jobs()
    return _overlap_of(world, world.record("product_id"))


def _overlap_of(world: World, product: str) -> str:
    listed = world.owner.get(f"/v1/overlaps?product_id={product}")
    (found,) = listed.json["items"]  # type: ignore[index]
    return str(found["id"])


def _decision_body(world: World) -> dict[str, Any]:
    overlap = f"/v1/overlaps/{world.record('overlap_id')}"
    confirmed = world.owner.patch(
        overlap,
        json={"status": "confirmed", "reason": "The same product."},
        headers={"If-Match": world.etag(overlap)},
    )
    assert confirmed.status_code == 200, confirmed.text
    own, partners = world.record("own_member_id"), world.record("partner_member_id")
    stays = {"system_id": own, "disposition": "invest", "strategy": "retain"}
    goes = {"system_id": partners, "disposition": "migrate", "strategy": "repurchase"}
    members = [stays | {"successor_id": None}, goes | {"successor_id": own}]
    return {"overlap_id": world.record("overlap_id"), "members": members}


def _created(name: str) -> Callable[[World], str]:
    """Makes a record by the operation that creates it."""

    def make(world: World) -> str:
        sent = world.request(BY_NAME[name])
        return str(world.make(sent.url, sent.json)["id"])

    return make


def another_migration(world: World, name: str) -> str:
    """A further migration of the owner's programme."""
    body = {"programme_id": world.record("programme_id"), "strategy": "rehost"}
    moved = body | {"system_id": make_system(world, name=name)}
    return str(world.make("/v1/migrations", moved)["id"])


MAKERS: dict[str, Callable[[World], str]] = {
    "agency": lambda _: OWNER,
    "capability": lambda world: world.make(
        "/v1/capabilities", {"code": "X01", "name": "Rostering", "tier": "enabling"}
    )["code"],
    "parent": lambda world: world.make(
        "/v1/capabilities", {"code": "X", "name": "People", "tier": "enabling"}
    )["code"],
    "supplier_id": lambda world: world.make("/v1/suppliers", {"name": "Acme"})["id"],
    "product_id": lambda world: world.make(
        "/v1/products", {"name": "Acme Roster", "supplier_id": world.record("supplier_id")}
    )["id"],
    "identity_provider_id": _created("create_identity_provider"),
    "session_id": lambda world: make_session(world, 0),
    "custom_field_id": _created("create_custom_field"),
    "webhook_id": _created("create_webhook"),
    "system_id": make_system,
    "duplicate_id": lambda world: make_system(world, name="Roster again"),
    "target_system_id": lambda world: make_system(world, name="Shared roster"),
    "agreement_id": _created("create_agreement"),
    "access_grant_id": _created("create_access_grant"),
    "source": lambda _: "cmdb",
    "external_id": lambda _: "CI0001",
    "job_id": lambda world: world.make("/v1/overlaps/runs", {})["id"],
    "import_id": _import,
    "import_mapping_id": _created("create_import_mapping"),
    "overlap_id": _overlap,
    "overlap_grouping_id": _created("create_overlap_grouping"),
    "decision_id": _created("create_decision"),
    "programme_id": _created("create_programme"),
    "wave_id": _created("create_wave"),
    "migration_id": _created("create_migration"),
    "check_id": _created("create_migration_check"),
    "waiver_id": _created("waive_migration_gate"),
    "milestone_id": _created("create_milestone"),
    "risk_id": _created("create_risk"),
    "blocker_id": _created("create_blocker"),
    "required_decision_id": _created("create_required_decision"),
    "migration_notice_id": _created("create_migration_notice"),
    "migration_dependency_id": _created("create_migration_dependency"),
    "depends_on_id": lambda world: another_migration(world, "Payroll"),
    "from_system_id": lambda world: make_system(world, name="Command and control"),
    "to_system_id": lambda world: make_system(world, name="Mobilising"),
    "use_id": _created("create_system_use"),
    "interface_id": _created("create_interface"),
    "attestation_id": _created("attest_system"),
    "contract_id": _created("create_contract"),
    "cost_line_id": _created("create_system_cost"),
    **SAVING_MAKERS,
    **WEBHOOK_MAKERS,
    "pipeline_entry_id": _created("create_pipeline_entry"),
    "highlight_report_id": _created("create_highlight_report"),
}
"""For each parameter of a path: what makes a record of the owner's, undisclosed, and names it."""


def _draft(world: World, op: Op) -> Sent:
    return world.example(op, **_decision_body(world))


def _redraft(world: World, op: Op) -> Sent:
    sent = world.example(op)
    members = world.owner.get(sent.url).json["members"]  # type: ignore[index]
    written = ("system_id", "disposition", "strategy", "successor_id")
    return sent.but(json=sent.json | {"members": [{n: m[n] for n in written} for m in members]})


def _sign(world: World, op: Op) -> Sent:
    decision = f"/v1/decisions/{world.record('decision_id')}"
    proposed = world.owner.post(f"{decision}/proposal").json
    return world.example(op, content_hash=proposed["content_hash"])  # type: ignore[index]


def _one_system(world: World, op: Op) -> Sent:
    identity = world.record("system_id")
    (item,) = world.fitted(op.body_example)["items"]
    named = {"id" if "id" in item else "system_id": identity}
    return world.example(op, items=[item | named | {"etag": world.etag(f"/v1/systems/{identity}")}])


def _adopt(world: World, op: Op) -> Sent:
    decision = f"/v1/decisions/{world.record('decision_id')}"
    proposed = world.owner.post(f"{decision}/proposal").json
    said = SIGNATORY | {"verdict": "agreed", "content_hash": proposed["content_hash"]}  # type: ignore[index]
    for client in (world.owner, world.partner):
        world.make(f"{decision}/sign-offs", said, by=client)
    return world.example(op)


def _accept(world: World, op: Op) -> Sent:
    agreement = f"/v1/agreements/{world.record('agreement_id')}"
    read = world.owner.get(agreement).json
    return world.example(op, content_hash=read["content_hash"])  # type: ignore[index]


def _split(world: World, op: Op) -> Sent:
    # Of an overlap of its own: one that is being decided on is not split.
    named = {"name": "Second product", "supplier_id": world.record("supplier_id")}
    product = str(world.make("/v1/products", named)["id"])
    own = make_system(world, name="Second duties", product_id=product)
    shown = {"name": "Second roster", "lifecycle": "live", "disclosure": "all_agencies"}
    world.make("/v1/systems", shown | {"product_id": product}, by=world.partner)
    world.make("/v1/overlaps/runs", {})
    world.run_jobs()
    origin = _overlap_of(world, product)
    return world.example(op, action="split", overlap_ids=[origin], system_ids=[own], kind=None)


def _until_next_year(world: World, op: Op) -> Sent:
    expiry = clock.now().replace(microsecond=0) + timedelta(days=365)
    return world.example(op, expires_at=expiry.isoformat())


def _published(world: World, op: Op) -> Sent:
    entry = f"/v1/pipeline-entries/{world.record('pipeline_entry_id')}"
    answer = world.owner.post(f"{entry}/publication")
    assert answer.status_code == 200, answer.text
    return world.example(op)


def _rejected(world: World, op: Op) -> Sent:
    form = {"file": (BytesIO(b"name,users\nDuties,5\nFleet,many\n"), "systems.csv")}
    answer = world.owner.post("/v1/imports", data=form, content_type=MULTIPART)
    world.run_jobs()
    world.records["import_id"] = str(answer.json["id"])  # type: ignore[index]
    return world.example(op)


def _report(world: World, op: Op) -> Sent:
    report = world.owner.get(f"/v1/highlight-reports/{world.record('highlight_report_id')}").json
    return world.example(op, content_hash=report["content_hash"])  # type: ignore[index]


def _merge_supplier(world: World, op: Op) -> Sent:
    duplicate = world.make("/v1/suppliers", {"name": "Acme again"})["id"]
    return world.example(op, duplicate_id=duplicate)


def _merge_product(world: World, op: Op) -> Sent:
    named = {"name": "Acme Roster again", "supplier_id": world.record("supplier_id")}
    return world.example(op, duplicate_id=world.make("/v1/products", named)["id"])


SCENES: dict[str, Callable[[World, Op], Sent]] = {
    "approve_highlight_report": _report,
    "withdraw_pipeline_entry": _published,
    "get_pipeline_releases": _published,
    "get_rejected_rows": _rejected,
    **SAVING_SCENES,
    **IMPORT_SCENES,
    "merge_supplier": _merge_supplier,
    "merge_product": _merge_product,
    "create_agency": lambda world, op: world.example(op, code="kent-fire"),
    **dict.fromkeys(("update_systems", "attest_systems"), _one_system),
    "create_overlap_grouping": _split,
    "create_decision": _draft,
    "update_decision": _redraft,
    "create_sign_off": _sign,
    "adopt_decisions": _adopt,
    "accept_agreement": _accept,
    "create_access_grant": _until_next_year,
    "update_access_grant": _until_next_year,
}
"""Operations that need more than the example: what is set up for them, and what is sent."""
