"""Documents of reports have the right content and are accessible."""

import re
import subprocess
import sys
from hashlib import sha256

import orjson

from tests.reports.highlights.board import BEDS, FORMS, REPORTS, bodies
from tests.sums import sum_of
from tests.toolchain import RUNNER, javascript

CHECKER = RUNNER.with_name("accessibility.js")


def test_report_document_answers_the_boards_questions(board) -> None:
    board.fill()
    report = board.draft_report(BEDS, purpose="Decide on wave 2.", lessons="Ask sooner.")
    document = board.document(report)
    content = document["content"]
    assert document["status"] == "draft"
    assert content["confidence"]["rag"] == "amber"
    assert content["progress"]["attention"]["late"] == sum_of(1)
    assert content["progress"]["attention"]["blocked"] == sum_of(1)
    assert [each["name"] for each in content["schedule"]["milestones"]] == [
        "Data loaded",
        "Go live",
    ]
    assert content["risks"]["red"] == 1
    assert content["decisions"][0]["question"] == "May wave 2 begin?"
    assert [e["name"] for e in content["next_period"]["milestones"]] == ["Go live"]
    assert content["costs"]["financial_year"] == "2026-27"
    page = board.lead.get(f"{REPORTS}/{report['id']}/document.html").text
    for words in ("Decide on wave 2.", "Ask sooner.", "Amber", "May wave 2 begin?", "Draft"):
        assert words in page
    assert "Wave &lt;1&gt;" in page
    assert "<b>pensions" not in page


def test_approved_report_keeps_all_forms_with_digests(board) -> None:
    board.fill()
    report = board.freeze_report(BEDS)
    for form, body in bodies(board.beds, report).items():
        name = form.partition(".")[2] or "json"
        assert sha256(body).hexdigest() == report[f"{name}_sha256"]
    page = board.beds.get(f"{REPORTS}/{report['id']}/document.html")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "<script" not in page.text


def test_pdf_is_tagged_for_screen_readers(board) -> None:
    board.fill()
    pdf = bodies(board.lead, board.freeze_report(BEDS))["document.pdf"]
    assert pdf.startswith(b"%PDF-")
    for document in (b"/MarkInfo", b"/StructTreeRoot", b"pdfuaid", b"/Lang"):
        assert document in pdf


def test_html_report_has_no_accessibility_violations(board, tmp_path) -> None:
    board.fill()
    first = board.freeze_report(BEDS)
    board.add("risks", title="Winter", probability=2, impact=2)
    for report in (first, board.draft_report(BEDS)):
        page = tmp_path / "report.html"
        page.write_bytes(bodies(board.lead, report)["document.html"])
        # The first call installs the tools.
        subprocess.run(javascript("tsc", "--version"), check=True, capture_output=True)
        checked = subprocess.run(
            javascript("node", CHECKER, page),
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr
        found = orjson.loads(checked.stdout)
        assert found["violations"] == []
        assert found["passes"] > 10


def test_html_report_colours_have_enough_contrast(board) -> None:
    page = bodies(board.lead, board.draft_report())["document.html"].decode()
    ink = "#1b1f24"
    for colour in re.findall(r"background:(#[0-9a-f]{6})", page):
        assert _contrast(ink, colour) >= 7


def _contrast(first: str, second: str) -> float:
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_unchanged_document_returns_304(board) -> None:
    report = board.freeze_report()
    for form in FORMS:
        url = f"{REPORTS}/{report['id']}/{form}"
        etag = board.lead.get(url).headers["ETag"]
        assert board.lead.get(url, headers={"If-None-Match": etag}).status_code == 304


def test_characters_missing_from_the_fonts_do_not_stop_the_pdf(board) -> None:
    board.fill()
    odd = "Roster \u4e2d \u2705 \uf0b7 works \u2013 caf\u00e9"
    report = board.approve_report(board.draft_report(BEDS, lessons=odd))
    assert report.status_code == 200, report.text
    path = f"{REPORTS}/{report.json['id']}"
    assert odd in board.lead.get(f"{path}/document.html").text
    assert board.lead.get(f"{path}/document.pdf").data.startswith(b"%PDF-")


def test_server_does_not_import_the_typesetter() -> None:
    """A forked process would lack the threads of the typesetter."""
    program = "import sys, catalogue.app; raise SystemExit('typst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
