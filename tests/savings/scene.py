"""A programme with costly systems, and calls that create baselines and savings in one line."""

from typing import Any

from werkzeug.test import TestResponse

from tests.api_calls import Fields, answer, change, read
from tests.contracts.api_contracts import KENT, cost, share
from tests.factories import BEDS, CAMBS, HERTS, record, system
from tests.unsaved import CheckedClient

BASELINES, SAVINGS = "/v1/baselines", "/v1/savings"
YEAR, NEXT, AFTER = "2026-27", "2027-28", "2028-29"
SCOPES = (
    "agencies:read agencies:write systems:read systems:write costs:read audit:read "
    "programmes:read programmes:write savings:read savings:write savings:validate"
)


class Scene:
    """Cambridgeshire leads. Bedfordshire shares all fields of systems with it, and Kent nothing."""

    def __init__(self, sign_in: Any, session: Any) -> None:
        self.sign_in, self.session = sign_in, session
        self.lead = sign_in(CAMBS, SCOPES)
        self.finance = sign_in(CAMBS, SCOPES)
        self.beds = sign_in(BEDS, SCOPES)
        self.herts = sign_in(HERTS, SCOPES)
        self.kent = sign_in(KENT, SCOPES)
        share(self.lead, self.beds, "full", BEDS)
        self.programme = record(self.lead, "/v1/programmes", title="Shared back office")
        self.ours = system(self.lead, "Roster of Cambridgeshire", disclosure="agreement")
        self.theirs = system(self.beds, "Roster of Bedfordshire", disclosure="agreement")
        for moving in (self.ours, self.theirs):
            self.move(moving)

    def move(self, moving: Fields) -> Fields:
        """Add a migration of a system to the programme."""
        body = {"programme_id": self.programme["id"], "system_id": moving["id"]}
        return record(self.lead, "/v1/migrations", **body, strategy="repurchase")

    def draft(self, *years: str, **fields: Any) -> Fields:
        """Create a draft baseline from the current costs."""
        body = {"programme_id": self.programme["id"], "title": "Full business case"}
        body |= {"financial_years": list(years or [YEAR])}
        return record(self.lead, BASELINES, **body | fields)

    def approve_baseline(self, *years: str) -> Fields:
        """Create a baseline and approve it."""
        answered = approve(self.lead, self.draft(*years))
        assert answered.status_code == 200, answered.text
        return answer(answered)

    def line(self, amount: str = "100.00", **fields: Any) -> Fields:
        """Create a cost and an approved baseline, and return its only line. `of` is the system."""
        of = fields.pop("of", self.ours)
        cost(self.beds if of is self.theirs else self.lead, of, amount, **fields)
        (only,) = lines(self.lead, self.approve_baseline())
        return only

    def claim(self, line: Fields, amount: str = "100.00", **fields: Any) -> Fields:
        """Claim a saving against a line in the line's year."""
        answered = self.try_claim(line, amount, **fields)
        assert answered.status_code == 201, answered.text
        return answer(answered)

    def try_claim(self, line: Fields, amount: str = "100.00", **fields: Any) -> TestResponse:
        """Send a claim, and return the response."""
        return self.lead.post(SAVINGS, json=claim_body(line, amount, **fields))

    def validate(self, saving: Fields, **fields: Any) -> TestResponse:
        """Validate a saving as finance."""
        return validate(self.finance, saving, **fields)

    def claim_in_delivery(self, line: Fields, amount: str = "100.00", **fields: Any) -> Fields:
        """Claim a saving and bring it into delivery."""
        saving = self.claim(line, amount, **fields)
        assert self.validate(saving).status_code == 200
        return answer(self.step(saving, "in_delivery"))

    def step(self, saving: Fields, status: str, **fields: Any) -> TestResponse:
        """Move a saving to a status, as the lead."""
        return self.change(saving, status=status, **fields)

    def change(self, saving: Fields, **changes: Any) -> TestResponse:
        """Change a saving, as the lead."""
        return change(self.lead, path_of(saving), **changes)

    def realise(self, saving: Fields, amount: str, **fields: Any) -> TestResponse:
        """Record a realised amount, as the lead."""
        body = {"financial_year": YEAR, "amount": amount, "use_of_saving": "returned"}
        body |= {"evidence": ["Ledger, month 12"]}
        return self.lead.post(f"{path_of(saving)}/realisations", json=body | fields)


def claim_body(line: Fields, amount: str = "100.00", **fields: Any) -> Fields:
    """Return the body of a claim against a line in the line's year."""
    return {
        "baseline_line_id": line["id"],
        "title": "One system instead of two",
        "kind": "cash_releasing",
        "years": [{"financial_year": line["financial_year"], "amount": amount}],
        "evidence": ["Contract variation 7"],
    } | fields


def years(**amounts: str) -> list[Fields]:
    """Return claimed years, such as `years(y2026="1.00")` for 2026-27."""
    return [
        {"financial_year": f"{name[1:]}-{(int(name[1:]) + 1) % 100:02}", "amount": amount}
        for name, amount in amounts.items()
    ]


def shares(**percents: str) -> list[Fields]:
    """Return shares, such as `shares(kent="33.33", beds="66.67")`."""
    codes = {"beds": BEDS, "cambs": CAMBS, "herts": HERTS, "kent": KENT}
    return [{"agency": codes[name], "percent": each} for name, each in percents.items()]


def path_of(saving: Fields) -> str:
    """Return the path of a saving."""
    return f"{SAVINGS}/{saving['id']}"


def baseline_path(baseline: Fields) -> str:
    """Return the path of a baseline."""
    return f"{BASELINES}/{baseline['id']}"


def approve(api: CheckedClient, baseline: Fields, **fields: Any) -> TestResponse:
    """Approve a draft."""
    body = {"approved_by": "A. Director", "content_hash": baseline["content_hash"]}
    return api.post(f"{baseline_path(baseline)}/approval", json=body | fields)


def lines(api: CheckedClient, baseline: Fields, **parameters: Any) -> list[Fields]:
    """Return the lines of a baseline that the client can see."""
    response = api.get(f"{baseline_path(baseline)}/lines", query_string=parameters)
    assert response.status_code == 200, response.text
    items: list[Fields] = answer(response)["items"]
    return items


def validate(api: CheckedClient, saving: Fields, **fields: Any) -> TestResponse:
    """Validate the present claim of a saving."""
    body = {"verdict": "validated", "name": "B. Accountant"}
    body |= {"content_hash": read(api, path_of(saving))["content_hash"]}
    return api.post(f"{path_of(saving)}/validation", json=body | fields)
