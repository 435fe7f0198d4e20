"""The term of a contract: when it can end, and whether there is still time to give notice."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Term:
    """The dates of a contract that its reader can see. A date is None if it is unknown or withheld."""

    end_date: date | None
    """The last agreed day, without extensions."""
    last_notice_date: date | None
    max_extent_date: date | None
    """The last day if every option to extend is used."""
    notice_period_days: int | None

    def runs_beyond(self, day: date) -> bool:
        """Return true if the contract runs after this day, or has no end date."""
        return self.end_date is None or self.end_date > day

    def notice_missed(self, day: date) -> bool:
        """Return true if the contract runs beyond this day, and its notice date has passed."""
        return (
            self.runs_beyond(day)
            and self.last_notice_date is not None
            and self.last_notice_date < day
        )

    def earliest_end(self, day: date) -> date | None:
        """Return the first day on which the contract can end if notice is given on this day.

        - If notice is in time, or no notice period is recorded, the contract ends on its end date.
        - If notice is too late, the contract extends by a year. The extension repeats while notice
          for the new end date is too late too, but never past the maximum extent date.
        - A contract without an end date ends after its notice period. Without a notice period
          either, return None.
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
        """Return true if the contract can extend past its end date.

        Without a maximum extent date, the contract is assumed to extend. Without an end date,
        return false.
        """
        return self.end_date is not None and self._extends(self.end_date)

    def _extends(self, end: date) -> bool:
        return self.max_extent_date is None or end < self.max_extent_date


def a_year_after(day: date) -> date:
    """Return the same day of the next year, or 28 February for a leap day."""
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year + 1, day=28 if leap else day.day)
