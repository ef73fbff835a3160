from datetime import date, datetime
from pathlib import Path

import pytest

from orchestration.lib.due import first_open_day, newest_due_day
from orchestration.settings import load

SETTINGS = load(Path(__file__).parents[3] / "tieout.sandbox.toml")
START = SETTINGS.start_date


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("as_of", "newest"),
    [
        ("2026-10-03T10:30:00", date(2026, 10, 2)),
        ("2026-10-03T09:59:59", date(2026, 10, 1)),
        ("2026-10-03T00:00:00", date(2026, 10, 1)),
    ],
)
def test_a_day_is_due_when_the_last_daily_bill_of_it_can_exist(as_of, newest):
    assert newest == newest_due_day(SETTINGS, at(as_of))


def test_the_first_open_day_is_the_first_that_any_daily_stream_lacks():
    whole = frozenset({START, date(2026, 9, 27)})
    complete = {("alipay_main", "trades"): whole, ("wechat_main", "trades"): frozenset({START})}
    assert date(2026, 9, 27) == first_open_day(SETTINGS, complete, date(2026, 9, 28))


def test_a_connection_that_promises_nothing_keeps_no_day_open():
    complete = {("shop_export", "orders"): frozenset()}
    assert date(2026, 9, 28) == first_open_day(SETTINGS, complete, date(2026, 9, 28))


def test_when_all_days_are_complete_the_newest_is_done_again():
    days = frozenset({START, date(2026, 9, 27)})
    assert date(2026, 9, 27) == first_open_day(SETTINGS, {("alipay_main", "trades"): days}, date(2026, 9, 27))
