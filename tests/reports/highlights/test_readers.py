"""Reports are visible to their audience, and hold only records that all readers can see."""

from tests.api_calls import change
from tests.factories import BEDS, CAMBS, HERTS, record, system
from tests.reports.highlights.board import FORMS, REPORTS, bodies
from tests.savings.scene import KENT, SCOPES
from tests.sums import sum_of


def test_draft_is_visible_to_the_lead_and_approved_report_to_its_audience(board) -> None:
    report = board.draft_report(BEDS)
    url = f"{REPORTS}/{report['id']}"
    for path in ("", *(f"/{form}" for form in FORMS), "/changes"):
        assert board.lead.get(url + path).status_code == 200
        assert board.beds.get(url + path).status_code == 404
    assert board.approve_report(report).status_code == 200
    for path in ("", *(f"/{form}" for form in FORMS), "/changes"):
        assert board.beds.get(url + path).status_code == 200
        assert board.kent.get(url + path).status_code == 404
    assert [each["id"] for each in board.beds.get(REPORTS).json["items"]] == [report["id"]]
    assert board.kent.get(REPORTS).json["items"] == []
    assert board.beds.post(f"{url}/refresh").status_code == 403


def test_report_without_audience_is_visible_to_the_lead_only(board) -> None:
    report = board.freeze_report()
    assert board.beds.get(f"{REPORTS}/{report['id']}").status_code == 404


def test_report_omits_and_counts_records_hidden_from_a_reader(board) -> None:
    hidden = system(board.lead, "Secret evidence store", disclosure="owner_only")
    moved = board.move(hidden)
    for path, fields in (
        ("risks", {"title": "Secret risk", "probability": 5, "impact": 5}),
        ("blockers", {"title": "Secret blocker"}),
        ("milestones", {"name": "Secret milestone", "planned_date": "2026-11-20"}),
        ("required-decisions", {"question": "Secret question?"}),
    ):
        board.add(path, migration_id=moved["id"], **fields)
    for each in bodies(board.lead, board.draft_report()).values():
        assert b"%PDF" in each or b"Secret" in each
    shared = board.freeze_report(BEDS)
    for body in bodies(board.beds, shared).values():
        assert b"Secret" not in body
    content = board.document(shared, by=board.beds)["content"]
    assert content["withheld"]["migrations"] == 1
    assert content["progress"]["migrations"] == sum_of(2, withheld=1)
    assert content["risks"]["open"] == 0


def test_create_report_rejects_audience_outside_the_programme(board) -> None:
    body = {
        "programme_id": board.programme["id"],
        "title": "November",
        "period_start": "2026-11-01",
        "period_end": "2026-11-30",
        "board_action": "information",
    }
    for audience, code in (([KENT], "not_a_member"), ([CAMBS], "lead"), (["nobody"], "unknown")):
        answer = board.lead.post(REPORTS, json=body | {"audience": audience})
        assert answer.status_code == 422, answer.text
        error = answer.json["errors"][0]
        assert (error["pointer"], error["code"]) == ("/audience/0", code)
    backwards = board.lead.post(REPORTS, json=body | {"period_end": "2026-10-01"})
    assert backwards.json["errors"][0]["pointer"] == "/period_end"
    assert board.beds.post(REPORTS, json=body).status_code == 403


def test_report_with_costs_requires_costs_and_savings_scopes(board, sign_in) -> None:
    report = board.freeze_report(BEDS)
    assert report["needed_scopes"] == ["costs:read", "savings:read"]
    plain = sign_in(BEDS, "programmes:read")
    assert plain.get(f"{REPORTS}/{report['id']}").status_code == 200
    for path in (*FORMS, "changes"):
        assert plain.get(f"{REPORTS}/{report['id']}/{path}").status_code == 403
    lead = sign_in(CAMBS, "programmes:read programmes:write systems:read")
    without = record(
        lead,
        REPORTS,
        programme_id=board.programme["id"],
        title="Without money",
        period_start="2026-11-01",
        period_end="2026-11-30",
        board_action="information",
    )
    assert without["needed_scopes"] == []
    document = lead.get(f"{REPORTS}/{without['id']}/document").json
    assert document["content"]["costs"] is None
    assert document["content"]["progress"]["total"]["cost"] == sum_of(None, withheld=2)
    assert "costs:read" in SCOPES


def test_report_sums_omit_savings_of_costs_hidden_from_a_reader(board) -> None:
    open_to_all = system(board.lead, "Stores", disclosure="all_agencies")
    board.move(open_to_all)
    change(board.lead, f"/v1/programmes/{board.programme['id']}", target_agency=HERTS)
    board.claim(board.line("100.00", of=open_to_all), "40.00")
    alone = board.document(board.draft_report())["content"]
    assert alone["costs"]["total"]["forecast"] == sum_of("40.00")
    assert alone["progress"]["total"]["cost"] == sum_of("100.00", unknown=2)
    both = board.document(board.draft_report(HERTS))["content"]
    assert both["progress"]["total"]["migrations"] == sum_of(1, withheld=2)
    assert both["progress"]["total"]["cost"] == sum_of(None, withheld=3)
    assert both["costs"]["total"]["forecast"] == sum_of(None, withheld=1)
    assert both["costs"]["total"]["baseline"] == sum_of(None, withheld=1)
    assert both["withheld"]["benefits"]["savings"] == 1
    assert both["withheld"]["costs"] == 1
