"""When a contract can end, and until when that has to be said. Days are those of the calendar."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Term:
    """How long a contract runs, as far as somebody may know it; None is what is not known."""

    end_date: date | None
    """The last day that is agreed."""
    last_notice_date: date | None
    max_extent_date: date | None
    """The last day, if every option to extend is taken."""
    notice_period_days: int | None

    def runs_beyond(self, day: date) -> bool:
        """Whether it still binds somebody after this day. One without an end goes on."""
        return self.end_date is None or self.end_date > day

    def notice_missed(self, day: date) -> bool:
        """Whether it runs on, and notice for its end would come too late on this day."""
        return (
            self.runs_beyond(day)
            and self.last_notice_date is not None
            and self.last_notice_date < day
        )

    def earliest_end(self, day: date) -> date | None:
        """The first day on which it can be over, if whoever has to gives notice on this day.

        Where notice can still be given, or none is recorded as needed, that is its end. Else it
        goes on by a year, as often as notice for the new end is too late as well, though never
        past its greatest extent. One without an end is over when its notice has run out; how long
        that is has to be known, else nothing is (None).
        """
        if self.end_date is None:
            if self.notice_period_days is None:
                return None
            return day + timedelta(days=self.notice_period_days)
        if self.last_notice_date is None:
            return self.end_date
        notice = self.end_date - self.last_notice_date
        end = self.end_date
        while end - notice < day and self._extends(end):
            end = a_year_after(end)
            if self.max_extent_date is not None:
                end = min(end, self.max_extent_date)
        return end

    def can_be_extended(self) -> bool:
        """Whether it would go on past its end. Where nobody says how far, it is taken to."""
        return self.end_date is not None and self._extends(self.end_date)

    def _extends(self, end: date) -> bool:
        return self.max_extent_date is None or end < self.max_extent_date


def a_year_after(day: date) -> date:
    """The same day of the next year; of a leap day, the last of February."""
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year + 1, day=28 if leap else day.day)
