"""Reporting to a board over HTTP, for the tests of it to set up."""

from typing import Any

from tests.api_calls import Fields, change
from tests.factories import BEDS, CAMBS, record, system
from tests.savings.scene import Scene

REPORTS = "/v1/highlight-reports"
FORMS = ("document", "document.html", "document.pdf")


class Board(Scene):
    """Cambridgeshire leads, and reports to Bedfordshire as well."""

    def add(self, path: str, **fields: Any) -> Fields:
        """Something of the programme."""
        return record(self.lead, f"/v1/{path}", programme_id=self.programme["id"], **fields)

    def draft_report(self, *readers: str, **fields: Any) -> Fields:
        """A report on November for the lead, and these agencies."""
        body: dict[str, Any] = {
            "title": "Highlight report for November 2026",
            "period_start": "2026-11-01",
            "period_end": "2026-11-30",
            "board_action": "decision",
            "audience": list(readers),
        }
        return record(self.lead, REPORTS, programme_id=self.programme["id"], **body | fields)

    def approve_report(self, report: Fields, **fields: Any) -> Any:
        """Approve the report as it is now."""
        now = self.lead.get(f"{REPORTS}/{report['id']}").json
        said = {"approved_by": "Programme director", "content_hash": now["content_hash"]}
        return self.lead.post(f"{REPORTS}/{report['id']}/approval", json=said | fields)

    def freeze_report(self, *readers: str, **fields: Any) -> Fields:
        """A report that is approved."""
        answered = self.approve_report(self.draft_report(*readers, **fields))
        assert answered.status_code == 200, answered.text
        return answered.json

    def edit(self, report: Fields, **changes: Any) -> Any:
        """Change a report."""
        return change(self.lead, f"{REPORTS}/{report['id']}", **changes)

    def document(self, report: Fields, *, by: Any = None) -> Any:
        """The JSON document of a report."""
        answered = (by or self.lead).get(f"{REPORTS}/{report['id']}/document")
        assert answered.status_code == 200, answered.text
        return answered.json

    def fill(self) -> None:
        """Make something of every kind that a report lists."""
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
    """The bytes of a report in all forms."""
    found = {}
    for form in FORMS:
        answered = api.get(f"{REPORTS}/{report['id']}/{form}")
        assert answered.status_code == 200, answered.text
        found[form] = answered.data
    return found


__all__ = ["BEDS", "CAMBS", "FORMS", "REPORTS", "Board", "bodies"]
