"""A scene for tests of highlight reports, set up through the API."""

from typing import Any

from tests.api_calls import Fields, change
from tests.factories import BEDS, CAMBS, record, system
from tests.savings.scene import Scene

REPORTS = "/v1/highlight-reports"
FORMS = ("document", "document.html", "document.pdf")


class Board(Scene):
    """Cambridgeshire leads the programme, and Bedfordshire also receives reports."""

    def add(self, path: str, **fields: Any) -> Fields:
        """Create a record of the programme."""
        return record(self.lead, f"/v1/{path}", programme_id=self.programme["id"], **fields)

    def draft_report(self, *readers: str, **fields: Any) -> Fields:
        """Draft a report on November for the lead and these agencies."""
        body: dict[str, Any] = {
            "title": "Highlight report for November 2026",
            "period_start": "2026-11-01",
            "period_end": "2026-11-30",
            "board_action": "decision",
            "audience": list(readers),
        }
        return record(self.lead, REPORTS, programme_id=self.programme["id"], **body | fields)

    def approve_report(self, report: Fields, **fields: Any) -> Any:
        """Approve the current version of a report."""
        now = self.lead.get(f"{REPORTS}/{report['id']}").json
        approval = {"approved_by": "Programme director", "content_hash": now["content_hash"]}
        return self.lead.post(f"{REPORTS}/{report['id']}/approval", json=approval | fields)

    def freeze_report(self, *readers: str, **fields: Any) -> Fields:
        """Draft and approve a report."""
        response = self.approve_report(self.draft_report(*readers, **fields))
        assert response.status_code == 200, response.text
        return response.json

    def edit(self, report: Fields, **changes: Any) -> Any:
        """Update a report."""
        return change(self.lead, f"{REPORTS}/{report['id']}", **changes)

    def document(self, report: Fields, *, by: Any = None) -> Any:
        """Return the JSON document of a report."""
        response = (by or self.lead).get(f"{REPORTS}/{report['id']}/document")
        assert response.status_code == 200, response.text
        return response.json

    def fill(self) -> None:
        """Create a record of every kind that a report lists."""
        change(
            self.lead,
            f"/v1/programmes/{self.programme['id']}",
            rag="amber",
            rag_narrative="Test data came late.",
            path_to_green="Load twice in January.",
        )
        wave = self.add("waves", name="Wave <1>", position=1)
        moved = record(
            self.lead,
            "/v1/migrations",
            programme_id=self.programme["id"],
            system_id=system(self.lead, "Payroll & <b>pensions</b>")["id"],
            strategy="repurchase",
            wave_id=wave["id"],
            planned_date="2026-11-10",
            forecast_date="2026-12-15",
        )
        change(self.lead, f"/v1/migrations/{moved['id']}", stage="assessed")
        self.add("milestones", name="Data loaded", planned_date="2026-11-20", owner="Data lead")
        self.add("milestones", name="Go live", planned_date="2026-12-20")
        self.add("risks", title="Supplier leaves", probability=4, impact=5, raised_on="2026-11-03")
        self.add("blockers", title="No test data", migration_id=moved["id"], raised_on="2026-11-05")
        self.add("required-decisions", question="May wave 2 begin?", needed_by="2026-12-10")
        self.moved = moved


def bodies(api: Any, report: Fields) -> dict[str, bytes]:
    """Return the bytes of a report in all forms."""
    bodies_by_form = {}
    for form in FORMS:
        response = api.get(f"{REPORTS}/{report['id']}/{form}")
        assert response.status_code == 200, response.text
        bodies_by_form[form] = response.data
    return bodies_by_form


__all__ = ["BEDS", "CAMBS", "FORMS", "REPORTS", "Board", "bodies"]
