"""Rows of a spreadsheet create and update systems, or are rejected with a reason."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.models import Agency
from catalogue.core.actor import Actor
from catalogue.core.errors import Forbidden, Unprocessable
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.data_exchange.kinds.systems import SYSTEMS
from catalogue.data_exchange.operations import import_table, plan_table
from catalogue.data_exchange.report import Change, ImportReport
from catalogue.data_exchange.spreadsheets.tables import read_table
from catalogue.suppliers.operations import create_product, create_supplier
from catalogue.systems.models import System
from catalogue.systems.vocabulary import Hosting, Lifecycle, PersonalData
from tests.contexts import acting
from tests.data_exchange.conftest import sheet
from tests.data_exchange.spreadsheets import EXCERPTS, REAL_FILES, with_real_files

Load = Callable[..., ImportReport]
Systems = Callable[[], dict[str, System]]

FULL = sheet(
    ["Asset ID", "System Name", "Aliases", "Vendor", "Status", "Hosting", "Users", "Go live",
     "Capability", "Tags", "Personal data", "RTO"],
    ["CI1", "Rota", "DMS; Duties", "Acme", "Live", "SaaS", "1,250", "01/04/2019", "E04; Finance",
     "hr", "Yes", "2 days"],
    ["CI2", "Fleet", "", "", "Sunsetting", "Server", "", "", "", "", "", ""],
)  # fmt: skip


def counts(report: ImportReport) -> dict[str, int]:
    return {name: count for name, count in report.counts().items() if count}


def codes(report: ImportReport) -> list[tuple[int | None, str | None, str]]:
    return [(p.row, p.column, p.code) for p in report.problems]


def revisions(found: dict[str, System]) -> dict[str, int]:
    return {name: system.revision for name, system in found.items()}


def test_import_creates_systems_with_every_field(load: Load, systems: Systems) -> None:
    report = load(FULL, source="cmdb")
    assert counts(report) == {"rows": 2, "created": 2}
    assert report.written
    rota, fleet = systems()["Rota"], systems()["Fleet"]
    assert (rota.lifecycle, rota.hosting) == (Lifecycle.LIVE, Hosting.SAAS)
    assert (rota.user_count, rota.rto_hours, rota.live_from) == (1250, 48, date(2019, 4, 1))
    assert (rota.aliases, rota.tags, rota.supplier_name) == (["DMS", "Duties"], ["hr"], "Acme")
    assert rota.personal_data is PersonalData.PERSONAL
    assert len(rota.capability_links) == 2
    assert [(x.source, x.external_id) for x in rota.external_id_links] == [("cmdb", "CI1")]
    assert fleet.lifecycle is Lifecycle.SUNSETTING
    assert [(t.name, t.row) for t in report.created_records] == [("Rota", 2), ("Fleet", 3)]


def test_repeated_import_changes_nothing(load: Load, systems: Systems) -> None:
    load(FULL)
    before = revisions(systems())
    report = load(FULL)
    assert counts(report) == {"rows": 2, "unchanged": 2, "existing": 2}
    assert revisions(systems()) == before


def test_later_file_updates_systems_and_lists_missing_ones(load: Load, systems: Systems) -> None:
    load(sheet(["Ref", "Name", "Users"], ["1", "Rota", 5], ["2", "Fleet", 6], ["5", "Till", 7]))
    later = sheet(["Ref", "Name", "Users"], ["1", "Rota", 9], ["2", "Fleet", 6], ["4", "New", 1])
    report = load(later)
    assert counts(report) == {
        "rows": 3, "created": 1, "updated": 1, "unchanged": 1, "existing": 3, "not_seen": 1,
    }  # fmt: skip
    assert [t.name for t in report.not_seen_records] == ["Till"]
    assert [(t.name, t.changes) for t in report.updated_records] == [
        ("Rota", (Change("user_count", "5", "9"),))
    ]
    assert set(systems()) == {"Rota", "Fleet", "Till", "New"}


def test_renamed_system_is_matched_by_external_id(load: Load, systems: Systems) -> None:
    load(sheet(["Ref", "Name"], ["1", "Rota"], ["2", "Fleet"]))
    before = systems()["Rota"].id
    report = load(sheet(["Ref", "Name"], ["1", "Rota planner"], ["2", "Fleet"]))
    assert counts(report) == {"rows": 2, "updated": 1, "unchanged": 1, "existing": 2}
    assert systems()["Rota planner"].id == before


def test_system_is_matched_by_name_and_given_the_external_id(load: Load, systems: Systems) -> None:
    load(sheet(["Name"], ["Café  Rota"]))
    report = load(sheet(["Ref", "Name"], ["7", "CAFE ROTA"]), source="cmdb")
    assert counts(report) == {"rows": 1, "updated": 1, "existing": 1}
    (rota,) = systems().values()
    assert rota.name == "CAFE ROTA"
    assert [x.external_id for x in rota.external_id_links] == ["7"]
    assert report.updated_records[0].changes == (
        Change("name", "Café  Rota", "CAFE ROTA"),
        Change("external_ids", None, "cmdb: 7"),
    )


def test_row_is_rejected_when_name_and_external_id_contradict(load: Load) -> None:
    load(sheet(["Ref", "Name"], ["1", "Rota"], ["2", "Fleet"]))
    report = load(sheet(["Ref", "Name"], ["1", "Fleet"], ["3", "Rota"]), mode="partial")
    assert codes(report) == [(2, "Name", "name_of_another_record"), (3, "Name", "name_taken")]
    assert counts(report)["rejected"] == 2
    assert counts(report)["existing"] == 2


def test_duplicate_rows_are_rejected(load: Load, systems: Systems) -> None:
    report = load(
        sheet(["Ref", "Name"], ["1", "Rota"], ["1", "Other"], ["2", "ROTA"], ["", "Fleet"]),
        mode="partial",
    )
    assert codes(report) == [(3, "Ref", "repeated_id"), (4, "Name", "repeated_name")]
    assert report.problems[0].detail.startswith(
        "Rows 2 and 3 have the same id “1” and different names: “Rota” and “Other”."
    )
    assert report.problems[1].detail.startswith(
        "Rows 2 and 4 have the same name and different ids: “1” and “2”."
    )
    assert set(systems()) == {"Rota", "Fleet"}


def test_two_rows_matching_one_system_update_it_and_create_another(load: Load) -> None:
    load(sheet(["Ref", "Name"], ["1", "Rota"]))
    report = load(sheet(["Ref", "Name"], ["1", "Rota old"], ["", "Rota"]), mode="partial")
    assert counts(report) == {"rows": 2, "created": 1, "updated": 1, "existing": 1}


def test_bad_row_stops_an_atomic_import(load: Load, systems: Systems) -> None:
    load(sheet(["Name", "Users"], ["Rota", 5]))
    bad = sheet(["Name", "Users"], ["Rota", 6], ["Fleet", "many"], ["Till", 7])
    report = load(bad)
    assert not report.written
    assert counts(report) == {
        "rows": 3, "rejected": 1, "held_back": 2, "existing": 1,
    }  # fmt: skip
    assert codes(report) == [(3, "Users", "not_a_number")]
    assert (set(systems()), systems()["Rota"].user_count) == ({"Rota"}, 5)
    assert (report.created_records, report.updated_records) == ([], [])


def test_partial_import_leaves_out_optional_values_with_notice(
    load: Load, systems: Systems
) -> None:
    load(sheet(["Name", "Users", "Hosting"], ["Rota", 5, "SaaS"]))
    report = load(
        sheet(
            ["Name", "Users", "Hosting", "Legal hold", "Status"],
            ["Rota", "many", "Other", "no", "Live"],
            ["Till", 7, "Other", "", "Live"],
            ["Fleet", 8, "SaaS", "perhaps", "Live"],
            ["Stores", 9, "SaaS", "", "Sleeping"],
        ),
        mode="partial",
    )
    assert report.written
    assert counts(report) == {
        "rows": 4, "created": 1, "unchanged": 1, "rejected": 2, "existing": 1,
    }  # fmt: skip
    assert (set(systems()), systems()["Rota"].user_count) == ({"Rota", "Till"}, 5)
    assert systems()["Rota"].hosting is Hosting.SAAS
    assert systems()["Till"].hosting is None
    assert [(n.row, n.column, n.code) for n in report.notices] == [
        (2, "Hosting", "unknown_value"),
        (2, "Users", "not_a_number"),
        (3, "Hosting", "unknown_value"),
    ]
    # A hold that is not known, or a lifecycle, would get a default that the file does not state.
    assert codes(report) == [(4, "Legal hold", "not_yes_or_no"), (5, "Status", "unknown_value")]


def test_dry_run_reports_changes_and_writes_nothing(load: Load, systems: Systems) -> None:
    report = load(FULL, dry_run=True)
    assert (counts(report), report.written) == ({"rows": 2, "created": 2}, False)
    assert not systems()


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        pytest.param("Name", "x" * 201, "too_long", id="name-too-long"),
        pytest.param("Description", "x" * 10_001, "too_long", id="description-too-long"),
        pytest.param("RTO", "9000", "out_of_range", id="rto-out-of-range"),
        pytest.param("technical_fit", "5", "out_of_range", id="technical-fit-out-of-range"),
        pytest.param("legacy_risk", "31", "out_of_range", id="legacy-risk-out-of-range"),
        pytest.param("users", "-1", "out_of_range", id="negative-users"),
        pytest.param("users", "99999999999", "out_of_range", id="too-many-users"),
        pytest.param("Go live", "01/02/1850", "out_of_range", id="go-live-before-1900"),
        pytest.param("Tags", "x" * 51, "too_long", id="tag-too-long"),
        pytest.param("Ref", "x" * 201, "too_long", id="external-id-too-long"),
        pytest.param("Aliases", ";".join(map(str, range(60))), "too_many", id="too-many-aliases"),
    ],
)
def test_import_rejects_values_that_the_api_rejects(
    load: Load, systems: Systems, column: str, value: str, code: str
) -> None:
    headings = ["Name", column] if column != "Name" else ["Name"]
    report = load(
        sheet(headings, ["Rota", value][-len(headings) :]),
        columns={"tags": "Tags"} if column == "Tags" else {},
    )
    assert (2, column, code) in codes(report)
    assert not systems()


def test_import_keeps_values_for_empty_cells_and_adds_to_lists(
    load: Load, systems: Systems
) -> None:
    load(sheet(["Name", "Users", "Tags", "Aliases", "Capability"], ["Rota", 5, "a", "A", "E04"]))
    load(sheet(["Name", "Users", "Tags", "Aliases", "Capability"], ["Rota", "-", "b", "B", "E01"]))
    rota = systems()["Rota"]
    assert (rota.user_count, rota.tags, rota.aliases) == (5, ["a", "b"], ["A", "B"])
    assert len(rota.capability_links) == 1


def test_import_keeps_product_chosen_by_hand(
    load: Load, systems: Systems, session: Session
) -> None:
    data = sheet(["Name", "Product", "Vendor"], ["Rota", "DMS", "Acme"])
    load(data)
    supplier = create_supplier(acting(session), {"name": "Acme Ltd"})
    session.flush()
    fields = {"name": "Acme Duty", "supplier_id": supplier.id}
    product = create_product(acting(session), fields)
    session.flush()
    systems()["Rota"].product_id = product.id
    session.commit()
    assert counts(load(data)) == {"rows": 1, "unchanged": 1, "existing": 1}
    assert systems()["Rota"].product_id == product.id


def test_import_skips_over_lifecycle_steps_but_refuses_forbidden_ones(
    load: Load, systems: Systems
) -> None:
    load(sheet(["Name", "Status"], ["a", "Proposed"], ["b", "Live"], ["c", "Live"], ["d", "Live"]))
    report = load(
        sheet(
            ["Name", "Status", "Users"],
            ["a", "Live", 1], ["b", "Denied", 2], ["c", "Archived", 3], ["d", "Sleeping", 4],
        ),
        mode="partial",
    )  # fmt: skip
    found = systems()
    assert [found[n].lifecycle.value for n in "abcd"] == [
        "live", "live", "read_only_archive", "live",
    ]  # fmt: skip
    assert [found[n].user_count for n in "abcd"] == [1, 2, 3, None]
    assert counts(report) == {"rows": 4, "updated": 3, "rejected": 1, "existing": 4}
    assert [(n.row, n.column, n.value, n.code) for n in report.notices] == [
        (3, "Status", "Denied", "transition")
    ]


def test_retention_hold_stops_import_from_decommissioning(load: Load, systems: Systems) -> None:
    load(sheet(["Name", "Status", "Legal hold"], ["a", "Archived", "yes"]))
    report = load(sheet(["Name", "Status"], ["a", "Retired"]))
    assert systems()["a"].lifecycle is Lifecycle.READ_ONLY_ARCHIVE
    assert "hold" in report.notices[0].detail


def test_decommissioned_systems_are_not_reported_missing(load: Load) -> None:
    load(sheet(["Name", "Status"], ["a", "Retired"], ["b", "Live"]))
    report = load(sheet(["Name", "Status"], ["c", "Live"]))
    assert [t.name for t in report.not_seen_records] == ["b"]
    assert report.existing == 1


def test_only_systems_of_the_same_source_are_reported_missing(load: Load) -> None:
    load(sheet(["Name"], ["By hand"]))
    load(sheet(["Ref", "Name"], ["1", "Rota"], ["2", "Fleet"]), source="cmdb")
    load(sheet(["Ref", "Name"], ["1", "Ledger"]), source="finance")
    report = load(sheet(["Ref", "Name"], ["1", "Rota"]), source="cmdb")
    assert [t.name for t in report.not_seen_records] == ["Fleet"]


def test_import_does_not_change_another_agencys_systems(
    load: Load, systems: Systems, make_agency: Callable[..., Agency]
) -> None:
    load(sheet(["Ref", "Name", "Users"], ["1", "Rota", 5]))
    other = make_agency("hertfordshire-police")
    report = load(sheet(["Ref", "Name", "Users"], ["1", "Rota", 9]), agency=other)
    assert counts(report) == {"rows": 1, "created": 1}
    assert systems()["Rota"].user_count == 5


def test_import_is_forbidden_for_another_agency(
    session: Session, agency: Agency, make_agency: Any
) -> None:
    stranger = Actor("c", make_agency("kent-police").id, "kent-police", frozenset())
    table = read_table(b"Name\nRota\n")
    plan = plan_table(session, table, kind=SYSTEMS)
    with pytest.raises(Forbidden):
        import_table(acting(session, stranger), plan, agency=agency, mode=BulkMode.ATOMIC)
    with pytest.raises(Unprocessable):
        import_table(acting(session), plan, agency=agency, mode=BulkMode.ATOMIC, source="a b")


def test_import_reports_progress(load: Load) -> None:
    calls: list[tuple[int, int]] = []
    rows = [[f"s{i}"] for i in range(1100)]
    load(sheet(["Name"], *rows), progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1000, 1100), (1100, 1100)]


def test_counts_add_up_for_two_editions_of_a_real_list(load: Load, session: Session) -> None:
    first = load((EXCERPTS / "software-list-2016.csv").read_bytes())
    assert counts(first) == {"rows": 32, "created": 32}
    second = load((EXCERPTS / "software-list-2017.csv").read_bytes())
    assert second.rows == second.created + second.updated + second.unchanged + second.rejected
    assert (second.created, second.not_seen, second.existing) == (9, 7, 32)
    assert second.updated + second.unchanged == 25
    assert session.scalar(sa.select(sa.func.count()).select_from(System)) == 41
    again = load((EXCERPTS / "software-list-2017.csv").read_bytes())
    assert counts(again) == {"rows": 34, "unchanged": 34, "existing": 41, "not_seen": 7}


@with_real_files
def test_counts_add_up_for_whole_real_lists(load: Load) -> None:
    editions = [REAL_FILES / f"gsa-it-standards-{day}.csv" for day in ("2016-08-17", "2017-06-07")]
    first, second = (load(path.read_bytes()) for path in editions)
    assert counts(first) == {"rows": 1221, "created": 1221}
    assert (second.rows, second.created, second.rejected) == (1360, 593, 0)
    assert second.updated + second.unchanged == 767
    assert (second.existing, second.not_seen) == (1221, 454)
