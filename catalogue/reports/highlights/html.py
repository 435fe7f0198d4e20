"""A report as a web page: one file, without scripts and without anything from elsewhere."""

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Any

from catalogue.reports.highlights.blocks import (
    Block,
    Chart,
    Facts,
    Heading,
    Paragraph,
    Rating,
    Table,
)
from catalogue.reports.highlights.charts import bars
from catalogue.reports.highlights.paper import blocks_of

MEDIA = "text/html"

STYLE = """
:root{color-scheme:light}
body{margin:0;background:#fff;color:#1b1f24;font:1.0625rem/1.55 system-ui,sans-serif}
main{max-width:56rem;margin:0 auto;padding:1.5rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 1rem}
h2{font-size:1.4rem;margin:2.25rem 0 .75rem;padding-top:.75rem;border-top:2px solid #1d4f91}
h3{font-size:1.125rem;margin:1.5rem 0 .5rem}
p{max-width:42rem;white-space:pre-line;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem;margin:0}
dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #c4ccd6;
white-space:pre-line}
thead th{border-bottom:2px solid #1b1f24}
tbody th{font-weight:500}
.figure{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
figure{margin:1rem 0}figcaption{font-weight:600}svg{width:100%;height:auto}
.rag{display:inline-block;padding:.15rem .7rem;border:2px solid #1b1f24;border-radius:.25rem;
font-weight:600;color:#1b1f24;background:#fff}
.green{background:#b7e4c3}.amber{background:#ffdf91}.red{background:#ffc9c4}
.draft{padding:.5rem 1rem;border:2px dashed #1b1f24;font-weight:600}
@media print{main{max-width:none;padding:0}.scroll{overflow:visible}
tr,figure{break-inside:avoid}h2,h3{break-after:avoid}}
"""

_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()

POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""What a browser may do with it (Content-Security-Policy): show it, and nothing else. It stands for
every page made with this style; the page carries it as well, for who keeps the file."""


def html_of(document: dict[str, Any]) -> bytes:
    """The page."""
    policy = POLICY.replace("; frame-ancestors 'none'", "")
    title = escape(document["title"])
    draft = "" if document["status"] == "approved" else '<p class="draft">Draft, not approved</p>'
    body = "\n".join(_block(block, place) for place, block in enumerate(blocks_of(document)))
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} – highlight report</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1>\n{draft}\n{body}\n</main>\n</body>\n</html>\n"
    ).encode()


def _block(block: Block, place: int) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case Rating(label, rag, words):
            return (
                f'<p>{escape(label)}: <strong class="rag {rag or ""}">{escape(words)}</strong></p>'
            )
        case Facts(facts):
            told = "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in facts)
            return f"<dl>{told}</dl>"
        case Table():
            return _table(block, f"b{place}")
        case Chart():
            return _chart(block, f"b{place}")


def _table(table: Table, key: str) -> str:
    def cell(tag: str, column: int, text: str, scope: str = "") -> str:
        kind = ' class="figure"' if column in table.figures else ""
        return f"<{tag}{scope}{kind}>{escape(text)}</{tag}>"

    head = "".join(cell("th", c, n, ' scope="col"') for c, n in enumerate(table.columns))
    rows = "".join(
        "<tr>"
        + cell("th", 0, row[0], ' scope="row"')
        + "".join(cell("td", c, text) for c, text in enumerate(row[1:], 1))
        + "</tr>"
        for row in table.rows
    )
    # Whoever has no mouse must be able to scroll it, too.
    return (
        f'<div class="scroll" role="region" aria-labelledby="{key}" tabindex="0"><table>'
        f'<caption id="{key}">{escape(table.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _chart(chart: Chart, key: str) -> str:
    figures = Table(
        f"{chart.title}: the figures",
        ("What", "Figure"),
        [(bar.name, bar.figure) for bar in chart.bars],
        frozenset({1}),
    )
    drawn = bars(chart.title, chart.description, chart.bars, key=key)
    return f"<figure><figcaption>{escape(chart.title)}</figcaption>{drawn}</figure>" + _table(
        figures, f"{key}-figures"
    )
