"""Baselines and savings that refer to a system, and so block its deletion or merger."""

from collections.abc import Iterator

import sqlalchemy as sa

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import FieldError
from catalogue.core.references import Reference, describe_record, fixed, in_use, reference_to
from catalogue.savings.baselines.models import Baseline, BaselineLine
from catalogue.savings.baselines.resources import BASELINES
from catalogue.savings.claims.models import Saving, SavingYear
from catalogue.savings.claims.resources import SAVINGS
from catalogue.systems.models import System


@reference_to(System)
class BaselinesOfSystem(Reference):
    """Baselines with costs of a system. The system's owner can see their programmes."""

    columns = ("baseline_line.system_id",)

    def find_uses(self, context: Context, record: System) -> Iterator[FieldError]:
        for baseline in _baselines(context, record):
            named = describe_record(context, baseline, BASELINES, Scope.SAVINGS_READ)
            yield in_use(
                f"{named} holds costs of the system. Delete the baseline if it is a draft, or "
                "keep the system."
            )

    def find_fixed(
        self, context: Context, duplicate: System, survivor: System
    ) -> Iterator[FieldError]:
        for baseline in _baselines(context, duplicate):
            named = describe_record(context, baseline, BASELINES, Scope.SAVINGS_READ)
            yield fixed(
                f"{named} holds costs of the duplicate, and its lines cannot change. "
                "Delete the baseline if it is a draft, or keep both systems."
            )


def _baselines(context: Context, system: System) -> list[Baseline]:
    has_line = sa.exists().where(
        BaselineLine.baseline_id == Baseline.id, BaselineLine.system_id == system.id
    )
    statement = sa.select(Baseline).where(has_line).order_by(Baseline.id)
    return list(context.session.scalars(statement))


@reference_to(System)
class SavingsOfSystem(Reference):
    """Savings that claim to reduce costs of a system."""

    columns = ("saving_year.system_id",)

    def find_uses(self, context: Context, record: System) -> Iterator[FieldError]:
        for saving in _savings(context, record):
            named = describe_record(context, saving, SAVINGS, Scope.SAVINGS_READ)
            yield in_use(f"{named} is claimed on the system. Keep the system.")

    def find_fixed(
        self, context: Context, duplicate: System, survivor: System
    ) -> Iterator[FieldError]:
        for saving in _savings(context, duplicate):
            named = describe_record(context, saving, SAVINGS, Scope.SAVINGS_READ)
            yield fixed(
                f"{named} is claimed on the duplicate, and a claim cannot move to another system. "
                "Keep both systems."
            )


def _savings(context: Context, system: System) -> list[Saving]:
    claimed = sa.exists().where(
        SavingYear.saving_id == Saving.id, SavingYear.system_id == system.id
    )
    return list(context.session.scalars(sa.select(Saving).where(claimed).order_by(Saving.id)))
