"""The days on which the bank may book what a payout sends, found by stepping through the calendar day by day.

A rule counts every day, or the days on which the bank of the account is open. A closed day belongs to the open day
before it: it uses up no day of a rule. What is booked before the payout counts as a day before it at least.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from orchestration.proof.rows import Rows

PASSES: Final = ("P4", "P5", "P6")
DAY: Final = timedelta(days=1)
SATURDAY: Final = 5
NEEDS: Final = {
    "int_ledger__accounts": ("account", "calendar"),
    "int_ledger__bank_calendar": ("calendar", "day", "is_open"),
    "int_ledger__match_rules": (
        *("rule_id", "level", "pass", "window_before", "window_after", "day_kind", "valid_from", "valid_to"),
    ),
}
RULES: Final = """
    select pass, window_before, window_after, day_kind, valid_from, valid_to
    from ledger.int_ledger__match_rules
    where level = 'payout_bank'
    order by coalesce(valid_from, date '1900-01-01') desc, rule_id
"""

Span = tuple[date, date]
"""The first and the last day."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How many days before and after the start of a payout, of which kind, and from when to when it is in force."""

    before: int = 0
    after: int = 15
    is_working: bool = False
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force for a payout of this day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of one pass; of its rules, the first that is in force counts."""

    rules: Sequence[Rule]
    calendars: Mapping[str, str | None]
    exceptions: Mapping[tuple[str, date], bool]
    known: dict[tuple[str | None, date], Span] = field(default_factory=dict)

    def span(self, bank: str, day: date) -> Span:
        """Between which days a credit of this bank account may be booked for a payout of this day."""
        calendar = self.calendars.get(bank)
        if (calendar, day) not in self.known:
            rule = next((rule for rule in self.rules if rule.holds_on(day)), Rule())
            self.known[calendar, day] = self._span(rule, calendar if rule.is_working else None, day)
        return self.known[calendar, day]

    def _span(self, rule: Rule, calendar: str | None, day: date) -> Span:
        if calendar is None:
            return day - rule.before * DAY, day + rule.after * DAY
        first = self._back(calendar, day, rule.before) if rule.before else day
        last, opened = day, 0
        while True:
            opened += self._is_open(calendar, last + DAY)
            if opened > rule.after:
                return first, last
            last += DAY

    def _back(self, calendar: str, day: date, count: int) -> date:
        """So many open days back, from the open day to which a day belongs."""
        while not self._is_open(calendar, day):
            day -= DAY
        for _ in range(count):
            day -= DAY
            while not self._is_open(calendar, day):
                day -= DAY
        return day

    def _is_open(self, calendar: str, day: date) -> bool:
        return self.exceptions.get((calendar, day), day.weekday() < SATURDAY)


def windows(rows: Rows) -> Mapping[str, Windows]:
    """By pass."""
    calendars = dict(rows.read("select account, calendar from ledger.int_ledger__accounts"))
    listed = rows.read("select calendar, day, is_open from ledger.int_ledger__bank_calendar")
    exceptions = {(calendar, day): is_open for calendar, day, is_open in listed}
    rules: dict[str, list[Rule]] = {name: [] for name in PASSES}
    for name, before, after, day_kind, valid_from, valid_to in rows.read(RULES):
        if name in rules:
            days = (0 if before is None else before, 15 if after is None else after)
            rules[name].append(Rule(*days, day_kind == "working", valid_from, valid_to))
    return {name: Windows(found, calendars, exceptions) for name, found in rules.items()}
