"""Twenty clients claim the same saving at once, each on its own connection."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.api_calls import answer, refusals
from tests.factories import CAMBS
from tests.savings.scene import SAVINGS, SCOPES, claim_body, lines, path_of, years

MANY = 20


def run_at_once(actions):
    """Return the results of all actions, which begin at the same moment."""
    barrier = Barrier(len(actions))

    def begin(action):
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(begin, actions))


def make_tokens(sign_in):
    return [sign_in(CAMBS, SCOPES).environ_base["HTTP_AUTHORIZATION"] for _ in range(MANY)]


def make_post(app, path, token, body):
    """Return a function that posts through a client of its own, outside the test's session."""

    def post():
        return app.test_client(use_cookies=False).post(
            path, json=body, headers={"Authorization": token}
        )

    return post


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("recurring", [False, True])
def test_one_of_twenty_concurrent_claims_succeeds(store, scene, sign_in, session, recurring):
    line = scene.line()
    body = claim_body(line, recurring=recurring)
    if recurring:
        # Each claim lists the years in another order, so that a wrong lock order would deadlock.
        several = years(y2026="1.00", y2027="1.00", y2028="1.00")
        bodies = [body | {"years": several[n % 3 :] + several[: n % 3]} for n in range(MANY)]
    else:
        bodies = [body] * MANY
    app = store.app_with(database_pool_size=MANY)
    callers = make_tokens(sign_in)
    session.rollback()
    answers = run_at_once(
        [make_post(app, SAVINGS, *each) for each in zip(callers, bodies, strict=True)]
    )
    assert Counter(each.status_code for each in answers) == {201: 1, 409: MANY - 1}
    for each in answers:
        if each.status_code == 409:
            assert refusals(each, 409) == {("/years", "claimed")}
    (saving,) = answer(scene.lead.get(SAVINGS))["items"]
    (claimed,) = lines(scene.lead, {"id": line["baseline_id"]})
    assert claimed["claimed_years"] == [year["financial_year"] for year in saving["years"]]


@pytest.mark.only_on("postgresql")
def test_concurrent_realisations_cannot_exceed_the_line(store, scene, sign_in, session):
    saving = scene.claim_in_delivery(scene.line("100.00"))
    body = {"financial_year": "2026-27", "amount": "30.00", "use_of_saving": "returned"}
    body |= {"evidence": ["Ledger"]}
    app = store.app_with(database_pool_size=MANY)
    callers = make_tokens(sign_in)
    session.rollback()
    path = f"{path_of(saving)}/realisations"
    answers = run_at_once([make_post(app, path, token, body) for token in callers])
    assert Counter(each.status_code for each in answers) == {201: 3, 409: MANY - 3}
