"""No page for people depends on records that the person's agency cannot see."""

import pytest

from catalogue.web.pages import Page
from tests.noninterference.pair import Pair
from tests.noninterference.parameters import UNKNOWN, Parameters
from tests.noninterference.visits import PAGES, visit_all

pytestmark = pytest.mark.default_store("sqlite")

NOT_FOUND = 404


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_page_is_alike_in_both_worlds_and_hides_records(
    page: Page, reading: Pair, parameters: Parameters, thorough: bool
) -> None:
    visits = list(visit_all(reading, page, parameters, thorough=thorough))
    assert any(answer.ok for answer, _ in visits), (
        f"{page.rule} never succeeded. Add a record that the actor can see to the scenario."
    )
    unknown = [answer.data for answer, fill in visits if UNKNOWN in fill.values()]
    for answer, fill in visits:
        if any(parameters.is_hidden("id", identity) for identity in fill.values()):
            assert answer.status_code == NOT_FOUND, fill
            assert answer.data in unknown, fill
