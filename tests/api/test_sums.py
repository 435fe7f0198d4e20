"""Every sum in the API document has the type that states its unknown and withheld parts."""

import re
from collections.abc import Iterator
from typing import Any

from tests.api.surface import DOCUMENT

SCHEMAS = DOCUMENT["components"]["schemas"]
SUMS = ("MoneySum", "NumberSum")

PLAIN = {
    "A record holds the value. Null is explained, or named in `withheld`.": """
        BaselineLine.amount BriefingSystem.annual_cost Contract.annual_value Contract.total_value
        Contract.exit_cost ContractNotice.cost_of_missing_notice CostLine.amount
        NoticeDate.annual_value NoticeDate.exit_cost PipelineEntry.estimated_value
        PublishedEntry.estimated_value RetirementBlocker.exit_cost RetirementBlocker.user_count
        Saving.cost_to_achieve SavingAllocation.amount SavingRealisation.amount
        SavingShareAnswer.percent SavingYear.amount System.user_count SystemUse.user_count
        AgencyUsers.users System.functional_fit System.technical_fit System.rto_hours
        System.rpo_hours System.legacy_risk System.completeness Risk.probability Risk.impact
        Risk.score Risk.previous_score Wave.capacity UnattestedSystem.completeness
        Contract.renewal_period_months Contract.notice_period_months
        IdentityProvider.max_lifetime_seconds WebhookDelivery.attempts
        WebhookDelivery.response_status
    """,
    "The fields beside it count what this field leaves out.": """
        AgencyAttestations.in_use AgencyAttestations.confirmed AgencyAttestations.due
        AgencyAttestations.never_confirmed AgencyAttestations.average_completeness
    """,
    "The field counts what is left out.": """
        AgencyAttestations.withheld Decision.withheld_members DecisionBriefing.withheld_members
        MoneySum.unknown MoneySum.withheld MoneySum.value NumberSum.unknown NumberSum.withheld
        NumberSum.value WithheldBenefits.lines WithheldBenefits.savings WithheldBenefits.systems
    """,
    "A reader must not learn that hidden records exist, so only visible ones count.": """
        Attention.overdue_milestones DisclosedSystems.count Attention.open_red_risks Attention.open_decisions
        Overlap.member_count OverlapOptions.further_options NoticeDate.retiring Page.total
        Problem.obstacle_count
        SystemGroup.count WaitingList.count
    """,
    "A score compares records that the reader can see.": """
        Overlap.score OverlapMember.score OverlapPair.score SimilarSystem.score
    """,
    "The field counts what one request or file of the agency itself did.": """
        BulkResult.succeeded BulkResult.failed Import.rows Import.created Import.updated
        Import.unchanged Import.rejected Import.held_back Import.existing Import.not_seen
        Import.problem_count Import.notice_count Import.unknown_word_count Import.progress_done
        Import.progress_total ImportSummary.rows ImportSummary.created ImportSummary.updated
        ImportSummary.unchanged ImportSummary.rejected ImportSummary.held_back
        ImportSummary.existing ImportSummary.not_seen ImportSummary.progress_done
        ImportSummary.progress_total Job.progress_done Job.progress_total UnknownWord.count
    """,
}
"""The numbers and amounts of responses that are no sums with missing parts, each with the reason."""

PLACES = {
    "attempt",
    "days_late",
    "days_left",
    "days_since",
    "expires_in",
    "heading_row",
    "index",
    "notice_period_days",
    "ordinal",
    "position",
    "rank",
    "revision",
    "row",
    "status",
    "step",
    "until",
    "working_days_to_sign",
}
"""Names of places, days, revisions and codes, which add up nothing."""


def refer(value: Any) -> Iterator[str]:
    """Yield the names of the schemas to which a part of the document refers."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "$ref":
                yield each.rpartition("/")[2]
            else:
                yield from refer(each)
    elif isinstance(value, list):
        for each in value:
            yield from refer(each)


def response_schemas() -> set[str]:
    """Return the names of the schemas of all responses."""
    shared = DOCUMENT["components"].get("responses", {})
    found: set[str] = set()
    names = [
        name
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        for name in refer(operation.get("responses"))
    ]
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += refer(SCHEMAS.get(name) or shared.get(name))
    return found & set(SCHEMAS)


def is_number_or_amount(field: dict[str, Any]) -> bool:
    types = field.get("type")
    types = types if isinstance(types, list) else [types]
    if "integer" in types or "number" in types:
        return True
    is_money = re.fullmatch(r"-?\d+\.\d\d", str(field.get("example", ""))) or re.search(
        r"in pounds|in `currency`|amount payable", field.get("description", "")
    )
    return "string" in types and bool(is_money)


def test_every_sum_of_a_response_has_the_type_that_states_what_it_leaves_out() -> None:
    found = {
        f"{re.sub('(Record|ListItem)$', '', schema)}.{name}"
        for schema in response_schemas()
        for name, field in SCHEMAS[schema].get("properties", {}).items()
        if name not in PLACES and is_number_or_amount(field)
    }
    explained = {name for names in PLAIN.values() for name in names.split()}
    assert found - explained == set(), "Use money_sum or number_sum, or add the reason above."
    assert explained - found == set(), "Remove the entries that no response has any more."


def test_both_kinds_of_sums_have_the_same_three_fields() -> None:
    for name in SUMS:
        assert set(SCHEMAS[name]["required"]) == {"value", "unknown", "withheld"}
    sums = {name for schema in response_schemas() for name in refer(SCHEMAS[schema])} & set(SUMS)
    assert sums == set(SUMS)
