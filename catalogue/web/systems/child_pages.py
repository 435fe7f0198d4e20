"""The agencies that use a system, and what the system costs."""

from typing import Any

from catalogue.contracts.schemas import CostLineCreate, CostLinePatch
from catalogue.systems.uses.schemas import SystemUseCreate, SystemUsePatch
from catalogue.web.agency_names import agency_choices, read_agency_names
from catalogue.web.child_records import ChildRecords, Operations, Words
from catalogue.web.forms import Form, Option
from catalogue.web.pages import Pages, Visit
from catalogue.web.wording import cell, value_label

uses = Pages("system-uses")
costs = Pages("system-costs")


def _offer_agencies(visit: Visit, form: Form, _parent: Any, _record: Any) -> None:
    choices = agency_choices(visit, read_agency_names(visit))
    form.offer("agency", [Option(code, name) for code, name in choices])


USES = ChildRecords(
    group=uses,
    rule="/systems/<uuid:system_id>/uses",
    parameter="use_id",
    operations=Operations(
        list="list_system_uses",
        get="get_system_use",
        create="create_system_use",
        update="update_system_use",
        delete="delete_system_use",
    ),
    create=SystemUseCreate,
    update=SystemUsePatch,
    words=Words(
        heading="Agencies that use the system",
        a_record="a use",
        removal=(
            "Remove only a use that was recorded by mistake. If the agency has stopped using the "
            "system, change the use and record its last day instead."
        ),
    ),
    columns=("agency_name", "user_count", "since", "until"),
    name=lambda use: f"the use by {use['agency_name']}",
    fields=("agency", "user_count", "since", "until"),
    prepare=_offer_agencies,
    calls=("list_agencies",),
)
COSTS = ChildRecords(
    group=costs,
    rule="/systems/<uuid:system_id>/costs",
    parameter="cost_line_id",
    operations=Operations(
        list="list_system_costs",
        get="get_system_cost",
        create="create_system_cost",
        update="update_system_cost",
        delete="delete_system_cost",
    ),
    create=CostLineCreate,
    update=CostLinePatch,
    words=Words(
        heading="Costs",
        a_record="a cost line",
        removal="Totals and reports from now on leave this amount out. The history keeps it.",
    ),
    columns=("financial_year", "category", "description", "amount", "note"),
    name=lambda line: (
        f"{value_label(line['category'])} in {line['financial_year']}, {cell(line, 'amount')}"
    ),
    fields=("financial_year", "category", "description", "amount", "note"),
)
for each in (USES, COSTS):
    each.register()
    each.register_adding()
