"""Effects of deleting or merging a system on baselines and savings, which cannot change."""

from collections.abc import Iterator

import sqlalchemy as sa

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import FieldError
from catalogue.core.references import Reference, fixed, in_use, reference_to
from catalogue.savings.baselines.models import Baseline, BaselineLine
from catalogue.savings.claims.models import Saving, SavingYear
from catalogue.systems.models import System


@reference_to(System)
class BaselinesOfSystem(Reference):
    """Baselines with costs of a system. The system's owner can see their programmes."""

    columns = ("baseline_line.system_id",)

    def find_uses(self, context: Context, record: System) -> Iterator[FieldError]:
        for baseline in _baselines(context, record):
            yield in_use(f"{_named_baseline(context, baseline)} holds costs of the system.")

    def find_fixed(
        self, context: Context, duplicate: System, survivor: System
    ) -> Iterator[FieldError]:
        for baseline in _baselines(context, duplicate):
            yield fixed(
                f"{_named_baseline(context, baseline)} holds costs of the duplicate, and its lines "
                "cannot change."
            )


def _baselines(context: Context, system: System) -> list[Baseline]:
    has_line = sa.exists().where(
        BaselineLine.baseline_id == Baseline.id, BaselineLine.system_id == system.id
    )
    statement = sa.select(Baseline).where(has_line).order_by(Baseline.id)
    return list(context.session.scalars(statement))


def _named_baseline(context: Context, baseline: Baseline) -> str:
    if not context.actor.has(Scope.SAVINGS_READ):
        return "A baseline, which your token cannot read,"
    return f"The baseline “{baseline.title}” (/v1/baselines/{baseline.id})"


@reference_to(System)
class SavingsOfSystem(Reference):
    """Savings that claim to reduce costs of a system."""

    columns = ("saving_year.system_id",)

    def find_uses(self, context: Context, record: System) -> Iterator[FieldError]:
        for saving in _savings(context, record):
            yield in_use(f"{_named_saving(context, saving)} is claimed on the system.")

    def find_fixed(
        self, context: Context, duplicate: System, survivor: System
    ) -> Iterator[FieldError]:
        for saving in _savings(context, duplicate):
            yield fixed(
                f"{_named_saving(context, saving)} is claimed on the duplicate, and a claim cannot "
                "move to another system."
            )


def _savings(context: Context, system: System) -> list[Saving]:
    claimed = sa.exists().where(
        SavingYear.saving_id == Saving.id, SavingYear.system_id == system.id
    )
    return list(context.session.scalars(sa.select(Saving).where(claimed).order_by(Saving.id)))


def _named_saving(context: Context, saving: Saving) -> str:
    if not context.actor.has(Scope.SAVINGS_READ):
        return "A saving, which your token cannot read,"
    return f"The saving “{saving.title}” (/v1/savings/{saving.id})"
