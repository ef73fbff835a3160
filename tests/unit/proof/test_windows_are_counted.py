"""The window of a payout in the days that its rule counts: over a weekend, over a holiday, and after a closed day."""

from collections.abc import Mapping
from datetime import date

import duckdb
import pytest
from small_warehouse import Shop

from orchestration.proof.windows import Rule, Windows

# Friday 25 September; the 1st to the 3rd of October are closed, and so is Monday the 5th; Sunday the 4th is open
EXCEPTIONS: Mapping[tuple[str, date], bool] = {
    ("C", date(2026, 10, 1)): False,
    ("C", date(2026, 10, 2)): False,
    ("C", date(2026, 10, 4)): True,
    ("C", date(2026, 10, 5)): False,
}


@pytest.mark.parametrize(
    ("before", "after", "start", "first", "last"),
    [
        (0, 1, "2026-09-25", "2026-09-25", "2026-09-28"),
        (1, 0, "2026-09-25", "2026-09-24", "2026-09-27"),
        (0, 1, "2026-09-27", "2026-09-27", "2026-09-28"),
        (1, 0, "2026-09-27", "2026-09-24", "2026-09-27"),
        (0, 1, "2026-09-30", "2026-09-30", "2026-10-05"),
        (2, 3, "2026-10-04", "2026-09-29", "2026-10-08"),
    ],
)
def test_working_days_pass_over_weekends_and_holidays(
    before: int, after: int, start: str, first: str, last: str
) -> None:
    windows = Windows([Rule(before, after, is_working=True)], {"bank": "C"}, EXCEPTIONS)
    expected = (date.fromisoformat(first), date.fromisoformat(last))
    assert expected == windows.span("bank", date.fromisoformat(start))


@pytest.mark.parametrize(
    ("bank", "is_working"), [("bank", False), ("unknown", True)], ids=["calendar days", "a bank without a calendar"]
)
def test_calendar_days_take_no_notice_of_them(bank: str, is_working: bool) -> None:
    windows = Windows([Rule(1, 3, is_working)], {"bank": "C"}, EXCEPTIONS)
    assert (date(2026, 9, 29), date(2026, 10, 3)) == windows.span(bank, date(2026, 9, 30))


def test_the_rule_of_the_day_on_which_the_payout_started_counts() -> None:
    rules = [Rule(0, 1, valid_from=date(2026, 9, 21)), Rule(0, 3, valid_to=date(2026, 9, 10))]
    windows = Windows(rules, {}, {})
    days = [windows.span("bank", date(2026, 9, day))[1].day for day in (21, 10, 15)]
    assert [22, 13, 30] == days


def test_a_credit_after_a_weekend_and_a_holiday_is_in_a_window_of_working_days_only() -> None:
    with duckdb.connect() as connection:
        shop = Shop(connection)
        # Wednesday 30 September, booked on Tuesday 6 October: the second open day
        shop.payout("eve", "0.70", 29)
        shop.line("after", "0.70", 35)
        shop.open("payout", "eve")
        shop.open("bank_line", "after")
        shop.do("insert into ledger.int_ledger__bank_calendar values ('CN', '2026-10-01', false)")
        shop.do("insert into ledger.int_ledger__bank_calendar values ('CN', '2026-10-02', false)")
        shop.do("update ledger.int_ledger__match_rules set window_after = 2")
        assert [] == shop.links()
        shop.do("update ledger.int_ledger__match_rules set day_kind = 'working'")
        assert ["passes"] == shop.links()
        shop.do("update ledger.int_ledger__match_rules set window_after = 1")
        assert [] == shop.links()
