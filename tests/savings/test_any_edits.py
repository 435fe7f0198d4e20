"""Any sequence of edits of a saving keeps its rules.

Shares total the claim to the penny, realised amounts stay within the cost of the line, and an
approved baseline keeps every byte.
"""

from collections import defaultdict
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api_calls import answer, change
from tests.contracts.api_contracts import cost, costs_of
from tests.factories import BEDS, CAMBS, HERTS, record, system
from tests.savings.scene import KENT, YEAR, approve, baseline_path, path_of

AGENCIES = [BEDS, CAMBS, HERTS, KENT]
YEARS = [YEAR, "2027-28", "2028-29"]

pennies = st.integers(0, 150_00).map(lambda n: f"{Decimal(n) / 100:.2f}")
claimed = st.dictionaries(st.sampled_from(YEARS), pennies, min_size=1).map(
    lambda amounts: [{"financial_year": y, "amount": a} for y, a in amounts.items()]
)


@st.composite
def shares(draw):
    """Draw shares of some agencies, most of which total 100 per cent."""
    cuts = draw(st.lists(st.integers(1, 9_999), max_size=3, unique=True))
    places = [0, *sorted(cuts), draw(st.sampled_from([10_000, 10_000, 10_000, 9_999]))]
    percents = [Decimal(b - a) / 100 for a, b in pairwise(places)]
    return [
        {"agency": code, "percent": f"{percent:.2f}"}
        for code, percent in zip(AGENCIES, percents, strict=False)
        if percent > 0
    ]


steps = st.one_of(
    st.fixed_dictionaries({}, optional={"years": claimed, "shares": shares()}).map(
        lambda changes: ("change", changes | {"recurring": True})
    ),
    st.just(("validate", None)),
    st.just(("return", None)),
    st.sampled_from(["in_delivery", "realised", "missed", "withdrawn"]).map(
        lambda status: ("change", {"status": status, "status_reason": "The plan changed."})
    ),
    pennies.map(lambda amount: ("realise", amount)),
    pennies.map(lambda amount: ("realise", amount)),
    st.just(("withdraw", None)),
    pennies.map(lambda amount: ("cost", amount)),
    st.just(("refresh", None)),
    st.just(("baseline", None)),
)


class Edits:
    """A saving, and the edits that a test makes."""

    def __init__(self, scene):
        self.scene = scene
        scene.programme = record(scene.lead, "/v1/programmes", title="Another")
        self.system = system(scene.lead, f"Roster for {scene.programme['id']}")
        scene.move(self.system)
        self.cost = cost(scene.lead, self.system, "100.00")
        self.baseline = scene.approve_baseline()
        self.frozen = self.read_baseline()
        (line,) = answer(scene.lead.get(f"{baseline_path(self.baseline)}/lines"))["items"]
        self.saving = scene.claim(line, "100.00")

    def apply(self, action, value):
        scene, path = self.scene, path_of(self.saving)
        match action:
            case "change":
                return scene.change(self.saving, **value)
            case "validate":
                return scene.validate(self.saving)
            case "return":
                return scene.validate(self.saving, verdict="returned", note="Why?")
            case "realise":
                return scene.realise(self.saving, value)
            case "withdraw":
                realisations = answer(scene.lead.get(path))["realisations"]
                last = realisations[-1]["id"] if realisations else self.saving["id"]
                body = {"reason": "By mistake."}
                return scene.lead.post(f"{path}/realisations/{last}/withdrawal", json=body)
            case "cost":
                of = f"{costs_of(self.system)}/{self.cost['id']}"
                return change(scene.lead, of, amount=value)
            case "refresh":
                return scene.lead.post(f"{baseline_path(self.baseline)}/refresh")
            case _:
                return approve(scene.lead, scene.draft())

    def read_baseline(self):
        """Return the fields of the first baseline that never change, and the bytes of its lines."""
        document = answer(self.scene.lead.get(baseline_path(self.baseline)))
        lines = self.scene.lead.get(f"{baseline_path(self.baseline)}/lines?fields=amount,id").data
        return {n: document[n] for n in ("title", "content_hash", "approved_at")}, lines

    def require_rules(self):
        saving = answer(self.scene.lead.get(path_of(self.saving)))
        assert sum(Decimal(each["percent"]) for each in saving["shares"]) == 100
        parts, realised = defaultdict(Decimal), defaultdict(Decimal)
        for part in saving["allocation"]:
            parts[part["financial_year"]] += Decimal(part["amount"])
        assert parts == {y["financial_year"]: Decimal(y["amount"]) for y in saving["years"]}
        assert all(0 < amount <= 100 for amount in parts.values())
        for item in saving["realisations"]:
            if item["withdrawn_at"] is None:
                realised[item["financial_year"]] += Decimal(item["amount"])
        assert all(amount <= 100 for amount in realised.values())
        claimed_years = {y["financial_year"] for y in saving["years"] if y["claimed"]}
        assert realised.keys() <= claimed_years
        assert self.read_baseline() == self.frozen


@settings(max_examples=20)
@given(actions=st.lists(steps, max_size=9), deliver=st.booleans())
def test_any_sequence_of_edits_keeps_savings_consistent(scene, actions, deliver):
    edits = Edits(scene)
    if deliver:
        actions = [("validate", None), ("change", {"status": "in_delivery"}), *actions]
    for action in actions:
        assert edits.apply(*action).status_code in {200, 201, 404, 409, 422}
        edits.require_rules()
    benefits = answer(scene.lead.get(f"/v1/programmes/{scene.programme['id']}/benefits"))
    for name, total in benefits["total"].items():
        if not name.startswith("npv"):
            for rows in (benefits["by_year"], benefits["by_agency"]):
                parts = [Decimal(row[name]["value"] or 0) for row in rows]
                assert sum(parts) == Decimal(total["value"] or 0)
