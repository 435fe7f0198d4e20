"""The terms of a contract: when each ends, and the last day to give notice for each.

This module holds the rule. `term_columns` writes the same rule in SQL, for lists, filters and sorts.
"""

from calendar import monthrange
from dataclasses import dataclass, fields
from datetime import date, timedelta

from catalogue.contracts.vocabulary import USUAL_RENEWAL, Renewal, TermStatus

_A_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later or earlier month, or that month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def renew(end: date, months: int) -> date:
    """Return the end of the term that follows a term's end after a number of months.

    A term that ends with a month is followed by a term that ends with a month: 28 February 2027
    leads to 29 February 2028.
    """
    if (end + _A_DAY).day == 1:
        return add_months(end + _A_DAY, months) - _A_DAY
    return add_months(end, months)


@dataclass(frozen=True, kw_only=True)
class Term:
    """The dates of a contract that its reader can see. Each is None if it is unknown or withheld."""

    end_date: date | None = None
    """The last agreed day of the first term."""
    max_extent_date: date | None = None
    """The last day if every option to extend is used."""
    renewal: Renewal | None = None
    renewal_period_months: int | None = None
    notice_period_days: int | None = None
    notice_period_months: int | None = None
    """Either the days or the months are None."""
    notice_given_on: date | None = None

    @property
    def ends_on(self) -> date | None:
        """The day on which the contract ends because of the notice that was given.

        Notice that comes too late for a term ends the next term.
        """
        given = self.notice_given_on
        if given is None:
            return None
        end = self.end_date
        if end is None:
            return self._end_without_term(given)
        return self._first_end(end, given) if self._runs_on else end

    @property
    def first_notice_date(self) -> date | None:
        """The last day for notice in the first term, or None if no notice is needed or known."""
        if self.notice_given_on is not None or self.renewal is Renewal.NONE:
            return None
        return None if self.end_date is None else self._notice_before(self.end_date)

    def end_of_term(self, day: date) -> date | None:
        """Return the last day of the term on this day, or the contract's last day if it has ended.

        A contract without a recorded renewal stays in its first term, unless its maximum extent is
        later: it is then assumed to run on.
        """
        if self.notice_given_on is not None:
            return self.ends_on
        end = self.end_date
        if end is None or end >= day or not self._renews_itself:
            return end
        return self._find_end(end, day)

    def last_notice_date(self, day: date) -> date | None:
        """Return the last day for notice in the term on this day. The last day may have passed."""
        end = self.end_of_term(day)
        if end is None or self.first_notice_date is None:
            return None
        return self._notice_before(end)

    def next_notice_date(self, day: date) -> date | None:
        """Return the first last day for notice that has not passed, in this term or a later one."""
        last, first = self.last_notice_date(day), self.end_date
        if last is None or first is None or last >= day:
            return last
        following = self._notice_before(self._first_end(first, day)) if self._runs_on else None
        return following if following is not None and following >= day else None

    def status(self, day: date) -> TermStatus:
        """Return the state of the term on this day."""
        end, last = self.end_of_term(day), self.last_notice_date(day)
        if self.notice_given_on is not None:
            ended = end is not None and end < day
            return TermStatus.ENDED if ended else TermStatus.NOTICE_GIVEN
        if end is None:
            return TermStatus.RUNNING
        if end < day:
            extent = self.max_extent_date
            ended = self.renewal is Renewal.NONE or (extent is not None and extent < day)
            return TermStatus.ENDED if ended else TermStatus.PAST_END
        if last is not None and last >= day:
            return TermStatus.NOTICE_DUE
        if not self.can_be_extended(day):
            return TermStatus.ENDING
        return TermStatus.RUNNING if last is None else TermStatus.OVERDUE

    def runs_beyond(self, day: date) -> bool:
        """Return true if the contract runs after this day, or if no end is known."""
        end = self.earliest_end(day)
        return end is None or end > day

    def notice_missed(self, day: date) -> bool:
        """Return true if the contract runs beyond this day, and its notice date has passed."""
        last = self.last_notice_date(day)
        return last is not None and last < day and self.runs_beyond(day)

    def earliest_end(self, day: date) -> date | None:
        """Return the first day on which the contract can end if notice is given on this day.

        - If notice was given, the contract ends on the day that follows from that notice.
        - If notice is in time, or no notice period is recorded, the contract ends with its term.
        - If notice is too late and the contract renews itself, it ends with a later term. Without a
          recorded renewal, it is assumed to renew itself. It never passes its maximum extent.
        - A contract without an end date ends after its notice period. Without a notice period
          either, return None.
        """
        if self.notice_given_on is not None:
            return self.ends_on
        end = self.end_date
        if end is None:
            return self._end_without_term(day)
        if not self._runs_on:
            return end
        return self._first_end(end, day) if self._has_notice else self.end_of_term(day)

    def can_be_extended(self, day: date) -> bool:
        """Return true if the contract can run on after the term on this day, without notice.

        A contract without a recorded renewal is assumed to renew itself. Return false for a contract
        without an end date.
        """
        end = self.end_of_term(day)
        if self.notice_given_on is not None or end is None or not self._runs_on:
            return False
        return self.max_extent_date is None or end < self.max_extent_date

    @property
    def months_of_renewal(self) -> int:
        """The months of a further term: a year if none is recorded."""
        return self.renewal_period_months or USUAL_RENEWAL

    @property
    def _has_notice(self) -> bool:
        return self.notice_period_days is not None or self.notice_period_months is not None

    @property
    def _runs_on(self) -> bool:
        """True if the contract renews itself unless notice is given, as recorded or assumed."""
        return self.renewal in (None, Renewal.AUTOMATIC)

    @property
    def _renews_itself(self) -> bool:
        """True if the contract certainly has a further term after its first."""
        if self.renewal is None and self.end_date is not None:
            return self.max_extent_date is not None and self.max_extent_date > self.end_date
        return self.renewal is Renewal.AUTOMATIC

    def _notice_before(self, end: date) -> date | None:
        if self.notice_period_months is not None:
            return add_months(end, -self.notice_period_months)
        if self.notice_period_days is not None:
            return end - timedelta(days=self.notice_period_days)
        return None

    def _end_without_term(self, given: date) -> date | None:
        if self.notice_period_months is not None:
            return add_months(given, self.notice_period_months)
        if self.notice_period_days is not None:
            return given + timedelta(days=self.notice_period_days)
        return None

    def _first_end(self, first: date, given: date) -> date:
        """Return the end of the first term for which notice on this day is in time."""
        notice = timedelta(days=self.notice_period_days or 0)
        return self._find_end(first, given + notice, self.notice_period_months or 0)

    def _find_end(self, first: date, day: date, months: int = 0) -> date:
        """Return the first end of a term that, less a number of months, is not before this day.

        `first` is the end of the first term.
        """
        period = self.months_of_renewal
        gap = _count_months(day) + months - _count_months(first)
        number = max(0, -(-gap // period))
        end = renew(first, number * period)
        if add_months(end, -months) < day:
            end = renew(first, (number + 1) * period)
        return end if self.max_extent_date is None else min(end, self.max_extent_date)


TERM_FIELDS = tuple(field.name for field in fields(Term))
"""The recorded fields of a contract on which its terms depend."""


def _count_months(day: date) -> int:
    return day.year * 12 + day.month
