"""No page for people depends on records that the person's agency cannot see."""

import dataclasses

import pytest

from catalogue.web.pages import Page
from tests.noninterference.mutations_pages import PAGE_MUTATIONS, PageMutation
from tests.noninterference.pair import Leak, Pair
from tests.noninterference.parameters import UNKNOWN, Parameters, Uncovered
from tests.noninterference.visits import PAGES, addresses, visit_all, visit_unknown

pytestmark = pytest.mark.default_store("sqlite")

NOT_FOUND = 404


class Shown(AssertionError):
    """A page that shows to a person whether a hidden record exists."""


def require_alike(page: Page, pair: Pair, parameters: Parameters, *, thorough: bool) -> None:
    """Raise Leak if a page depends on hidden records, and Shown if it shows that one exists.

    The page of a hidden record is the same error as that of an id that does not exist.
    """
    visits = list(visit_all(pair, page, parameters, thorough=thorough))
    assert any(answer.ok for answer, _ in visits), (
        f"{page.rule} never succeeded. Add a record that the actor can see to the scenario."
    )
    unknown = [answer.data for answer, fill in visits if UNKNOWN in fill.values()]
    for answer, fill in visits:
        # Everybody sees every agency.
        ids = [text for name, text in fill.items() if name != "agency"]
        hidden = [identity for identity in ids if parameters.is_hidden("id", identity)]
        is_unknown = answer.status_code == NOT_FOUND and answer.data in unknown
        if not hidden or is_unknown:
            continue
        same = visit_unknown(pair, page, fill, hidden)
        if answer.ok or same is None or same.data != answer.data:
            raise Shown(f"{page.rule} {fill}: {answer.text}")


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_page_is_alike_in_both_worlds_and_hides_records(
    page: Page, reading: Pair, parameters: Parameters, thorough: bool
) -> None:
    require_alike(page, reading, parameters, thorough=thorough)


def test_page_without_known_ids_is_uncovered(parameters: Parameters) -> None:
    for rule in ("/systems/<uuid:other_id>", "/systems/<unknown>", "/other/edit/<section>"):
        page = dataclasses.replace(PAGES["/systems/<uuid:system_id>"], rule=rule)
        with pytest.raises(Uncovered):
            list(addresses(page, parameters, thorough=False))


@pytest.mark.parametrize("mutation", PAGE_MUTATIONS, ids=str)
def test_visits_detect_broken_rule_of_pages(
    mutation: PageMutation, reading: Pair, parameters: Parameters
) -> None:
    page = PAGES[mutation.address]
    with reading.forgetful(), mutation.broken(), pytest.raises((Leak, Shown)):
        require_alike(page, reading, parameters, thorough=False)
