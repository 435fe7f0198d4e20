"""Checks that every page must pass: accessibility, reflow, focus and valid HTML."""

import json
import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from playwright.sync_api import Page

from tests.toolchain import installed_file

# A picture can be the background of text, and axe then cannot compute the contrast.
UNDECIDABLE = {"color-contrast"}
# Safari needs the roles of tables that become cards. The checker finds them redundant.
_ROLE_OF_CARDS = re.compile(r"“role” attribute must not be used on a “t\w+” element")
_TOO_WIDE = """() => {
  const main = document.querySelector("main");
  const page = document.documentElement.clientWidth;
  const content = main ? main.getBoundingClientRect().right : page;
  const edge = (element) => (main && main.contains(element) ? content : page);
  const scrolls = (element) => {
    for (let above = element.parentElement; above; above = above.parentElement) {
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(above).overflowX)) return true;
    }
    return false;
  };
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.getBoundingClientRect().right > edge(element) + 1)
    .filter((element) => !scrolls(element))
    .filter((element) => getComputedStyle(element).clipPath === "none")
    .map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
}"""


@cache
def _axe() -> str:
    return installed_file("axe-core/axe.min.js").read_text()


def find_barriers(page: Page) -> list[str]:
    """Return the findings of axe, also those that it leaves for a person to decide."""
    # Not as an element, which the policy of the pages refuses.
    page.evaluate(_axe())
    found: dict[str, list[dict[str, Any]]] = page.evaluate(
        "axe.run(document, {resultTypes: ['violations', 'incomplete']})"
    )
    undecided = [each for each in found["incomplete"] if each["id"] not in UNDECIDABLE]
    return [
        f"{each['id']} ({each['help']}): {node['html'][:200]}"
        for each in found["violations"] + undecided
        for node in each["nodes"]
    ]


def find_too_wide(page: Page) -> list[str]:
    """Return what is wider than the content or the page, except in a box that scrolls."""
    found: list[str] = page.evaluate(_TOO_WIDE)
    wider = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return found or (["the page itself"] if wider else [])


def find_mistakes(page: Page) -> list[str]:
    """Return what is wrong with the headings, the title and the ids of a page."""
    wrong: list[str] = []
    headings = [text.strip() for text in page.locator("h1").all_inner_texts()]
    if len(headings) != 1:
        return [f"{len(headings)} headings of the first level: {headings}"]
    title = page.title().removeprefix("Error: ")
    if not title.startswith(headings[0]):
        wrong.append(f"the title {title!r} does not begin with the heading {headings[0]!r}")
    if page.locator(".govuk-error-summary").count() and not page.title().startswith("Error: "):
        wrong.append("the title of a page with errors does not begin with 'Error: '")
    ids = Counter(page.evaluate("[...document.querySelectorAll('[id]')].map(({id}) => id)"))
    wrong += [f"the id {name!r} is used {times} times" for name, times in ids.items() if times > 1]
    return wrong


def find_errors(html: str) -> list[str]:
    """Return the parse errors of a page as it was sent, and its inline styles and scripts."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    document: Element = parser.parse(html)
    wrong = [f"{position}: {code} {values}" for position, code, values in parser.errors]
    for element in document.iter():
        wrong += [
            f"<{element.tag} {name}> does not work under the policy of the pages"
            for name in element.attrib
            if name == "style" or name.startswith("on")
        ]
        if element.tag == "form" and "novalidate" not in element.attrib:
            wrong.append(f"the form to {element.get('action')!r} lacks novalidate")
    return wrong


def find_invalid(files: list[Path], java: str) -> list[str]:
    """Return the errors that the Nu HTML Checker finds in files."""
    ran = subprocess.run(
        [java, "-jar", installed_file("vnu-jar/build/dist/vnu.jar"), "--format", "json", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    messages: list[dict[str, Any]] = json.loads(ran.stderr)["messages"]
    return [
        f"{Path(each['url']).name}: {each['message']} {each.get('extract', '')!r}"
        for each in messages
        if each["type"] == "error" and not _ROLE_OF_CARDS.search(each["message"])
    ]


def unreached_by_tab(page: Page, limit: int = 400) -> list[str]:
    """Press Tab through the page, and return what is never focused or shows no focus."""
    page.evaluate(
        """() => {
          const all = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
          window.expected = [...document.querySelectorAll(all)]
            .filter((each) => !each.disabled && each.checkVisibility());
          window.reached = new Set();
          window.unseen = [];
        }"""
    )
    for _ in range(limit):
        page.keyboard.press("Tab")
        ended = page.evaluate(
            """() => {
              const now = document.activeElement;
              if (now === document.body || window.reached.has(now)) return true;
              window.reached.add(now);
              const style = getComputedStyle(now);
              const box = now.getBoundingClientRect();
              const marked = style.outlineStyle !== "none" || style.boxShadow !== "none" ||
                // The ring of a radio or a box to tick is drawn beside the transparent control.
                ["radio", "checkbox"].includes(now.type);
              if (!marked || !box.width || box.bottom < 0 || box.top > innerHeight) {
                window.unseen.push(now.outerHTML.slice(0, 200));
              }
              return false;
            }"""
        )
        if ended:
            break
    missed: list[str] = page.evaluate(
        """() => window.expected.filter((each) => !window.reached.has(each))
          // One radio of a group is in the order of Tab. The arrow keys reach the others.
          .filter((each) => each.type !== "radio")
          .map((each) => `not reached: ${each.outerHTML.slice(0, 200)}`)
          .concat(window.unseen.map((each) => `not visible: ${each}`))"""
    )
    return missed
