"""Mutations of rules for programmes and savings."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from catalogue.contracts import operations as contracts
from catalogue.contracts.resources import CONTRACT_PROFILES, CONTRACTS, COSTS
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import Profile
from catalogue.programmes import migrations
from catalogue.programmes.dependencies import operations as order
from catalogue.programmes.dependencies.resources import MIGRATION_DEPENDENCIES
from catalogue.programmes.gates.resources import CHECKS, STAGE_ENTRIES, WAIVERS
from catalogue.programmes.impact import operations as impact
from catalogue.programmes.impact import views as impact_views
from catalogue.programmes.impact.resources import MIGRATION_NOTICES
from catalogue.programmes.resources import MIGRATIONS
from catalogue.savings.baselines.resources import BASELINE_LINES
from catalogue.savings.benefits import operations as benefits
from catalogue.savings.claims.resources import SAVINGS
from catalogue.systems.interfaces.resources import INTERFACES
from catalogue.systems.uses.resources import USES
from tests.noninterference import attempts_programmes as attempts
from tests.noninterference.broken_rules import changed
from tests.noninterference.mutations import both, breaks, breaks_writing, loose, patched

# ---- Records of a migration, read by its id


def _of_any_migration(resource: Resource) -> Any:
    """Drop both row rules, because a hidden migration is refused before its records are read."""
    return both(changed(resource, visible=sa.true()), changed(MIGRATIONS, visible=sa.true()))


@breaks("checks of hidden migrations are visible", "list_migration_checks")
def _checks() -> Any:
    return _of_any_migration(CHECKS)


@breaks("waivers of hidden migrations are visible", "list_migration_waivers")
def _waivers() -> Any:
    return _of_any_migration(WAIVERS)


@breaks("stages of hidden migrations are visible", "list_migration_stages")
def _stages() -> Any:
    return _of_any_migration(STAGE_ENTRIES)


# ---- Order


@breaks("the order includes hidden migrations", "get_programme_order")
def _order() -> Any:
    return both(
        patched(order, "MIGRATIONS", loose(MIGRATIONS)),
        patched(order, "MIGRATION_DEPENDENCIES", loose(MIGRATION_DEPENDENCIES)),
    )


@breaks("interfaces with hidden ends are visible", "list_migration_interfaces")
def _interfaces() -> Any:
    return patched(order, "INTERFACES", loose(INTERFACES))


@breaks_writing(
    "a cycle through hidden migrations is refused",
    attempts.close_a_cycle_that_leads_through_hidden_migrations,
)
def _cycle() -> Any:
    return _order()


# ---- People


@breaks("people include hidden uses", "get_migration_people")
def _uses() -> Any:
    return patched(impact, "USES", loose(USES))


@breaks("people use withheld fields", "get_migration_people")
def _users() -> Any:
    def seen(*_a: Any, **_k: Any) -> Any:
        return sa.true()

    return both(patched(impact, "seen", seen), patched(impact, "USES", loose(USES)))


@breaks("the calendar includes hidden records", "get_programme_calendar")
def _calendar() -> Any:
    return both(
        patched(impact_views, "MIGRATION_NOTICES", loose(MIGRATION_NOTICES)),
        patched(impact_views, "MIGRATIONS", loose(MIGRATIONS)),
    )


@breaks("the calendar shows notice dates of hidden contracts", "get_programme_calendar")
def _notice_dates() -> Any:
    # The calendar filters by a field of the standard profile, so loosen both rules.
    whole = sa.literal_column(str(Profile.FULL.value), sa.Integer())
    open_to_all = replace(CONTRACT_PROFILES, level=whole, seen=lambda **_: sa.true())
    return patched(impact, "CONTRACTS", replace(loose(CONTRACTS), profiles=open_to_all))


# ---- Moving


@breaks_writing(
    "a hidden use lets an agency leave",
    attempts.let_agencies_leave_without_a_visible_use,
)
def _leaving() -> Any:
    return patched(migrations, "USES", loose(USES))


# ---- Money


@breaks("benefits include hidden lines", "get_programme_benefits")
def _lines() -> Any:
    return patched(benefits, "BASELINE_LINES", loose(BASELINE_LINES))


@breaks("benefits include hidden savings", "get_programme_benefits")
def _savings() -> Any:
    return patched(benefits, "SAVINGS", loose(SAVINGS))


@breaks("benefits include hidden costs", "get_programme_benefits")
def _costs() -> Any:
    return patched(contracts, "COSTS", loose(COSTS))
