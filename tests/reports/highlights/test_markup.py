"""Web pages and charts keep every text as text."""

from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from jinja2 import UndefinedError

from catalogue.reports.highlights import html
from catalogue.reports.highlights.blocks import (
    Block,
    Chart,
    Facts,
    Heading,
    Paragraph,
    Rating,
    Table,
)
from catalogue.reports.highlights.charts import Bar, bars
from catalogue.reports.highlights.markup import filled_in

ODD = """<b onclick='x'>&amp;"' {{ title }} {% raw %}</style></title></svg>"""
HOSTILE: dict[str, Block] = {
    "heading": Heading(ODD, 3),
    "paragraph": Paragraph(ODD),
    "rating": Rating(ODD, "red", ODD),
    "facts": Facts([(ODD, ODD)]),
    "table": Table(ODD, (ODD, "Figure"), [(ODD, ODD)], frozenset({1})),
    "chart": Chart(ODD, ODD, [Bar(ODD, 1, ODD)]),
}
# The number of elements with exactly this text. A chart shows the text as legend, title,
# description and figure. Its table shows the text as name and figure. The name at a bar is cut.
TEXTS = {"heading": 1, "paragraph": 1, "rating": 2, "facts": 2, "table": 4, "chart": 4}


class Reader(HTMLParser):
    """A parser that collects the elements of a page and their texts."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data


def page(monkeypatch: pytest.MonkeyPatch, title: str, blocks: list[Block]) -> Reader:
    monkeypatch.setattr(html, "blocks_of", lambda _: blocks)
    reader = Reader()
    reader.feed(html.html_of({"title": title, "status": "approved"}).decode())
    reader.close()
    return reader


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_stays_text(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    read = page(monkeypatch, "Title", [HOSTILE[kind]])
    assert [text.removesuffix(": ") for text in read.texts].count(ODD) == TEXTS[kind]
    assert "b" not in read.elements
    assert "onclick" not in dict(read.attributes)


def test_hostile_title_stays_text(monkeypatch: pytest.MonkeyPatch) -> None:
    read = page(monkeypatch, ODD, [])
    assert f"{ODD} – highlight report" in read.texts
    assert ODD in read.texts
    assert "b" not in read.elements


def test_page_has_one_outline_and_tables_have_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    read = page(monkeypatch, "Title", [Heading("One"), HOSTILE["table"], Heading("Two", 3)])
    headings = [each for each in read.elements if each in {"h1", "h2", "h3"}]
    assert headings == ["h1", "h2", "h3"]
    assert [v for n, v in read.attributes if n == "scope"] == ["col", "col", "row"]
    assert ("lang", "en-GB") in read.attributes
    regions = [v for n, v in read.attributes if n == "aria-labelledby"]
    assert regions == [v for n, v in read.attributes if n == "id"]


def test_chart_is_well_formed_and_describes_its_content() -> None:
    root = ET.fromstring(
        bars(ODD, ODD, [Bar(ODD, 1, "1 of 4", whole=4), Bar("b", 0, "0")], key="k")
    )
    name = "{http://www.w3.org/2000/svg}"
    assert [each.text for each in root if each.tag in {f"{name}title", f"{name}desc"}] == [ODD, ODD]
    assert root.get("aria-labelledby") == "k-title k-description"
    # Each bar has a frame, and its filled part unless that is empty.
    widths = [each.get("width") for each in root if each.tag == f"{name}rect"]
    assert widths == ["299", "75.0", "299"]


def test_missing_value_of_a_template_raises_an_error() -> None:
    with pytest.raises(UndefinedError):
        filled_in("chart.svg", title="Title")
