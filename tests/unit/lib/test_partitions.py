from datetime import date
from zoneinfo import ZoneInfo

import dagster as dg

from orchestration.lib.partitions import business_days, each_day, fresh_by_noon, range_tags

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_days_end_with_yesterday_unless_somebody_asks_for_later_ones():
    today = date(2026, 10, 3)
    with dg.instance_for_test() as instance:
        plain = business_days(date(2020, 1, 1), SHANGHAI, today)
        wide = business_days(date(2020, 1, 1), SHANGHAI, today, date(2026, 10, 5))
        assert 0 == plain.end_offset
        assert 3 == wide.end_offset
        assert "2020-01-01" == plain.get_partition_keys(dynamic_partitions_store=instance)[0]


def test_an_asked_day_in_the_past_widens_nothing():
    assert 0 == business_days(date(2020, 1, 1), SHANGHAI, date(2026, 10, 3), date(2026, 10, 2)).end_offset


def test_a_range_covers_both_ends():
    assert [date(2026, 2, 28), date(2026, 3, 1)] == list(each_day(date(2026, 2, 28), date(2026, 3, 1)))
    assert {"2026-02-28", "2026-03-01"} == set(range_tags(date(2026, 2, 28), date(2026, 3, 1)).values())


def test_what_is_made_daily_is_expected_by_noon_of_the_zone():
    policy = fresh_by_noon(SHANGHAI)
    assert ("0 12 * * *", "Asia/Shanghai") == (policy.deadline_cron, policy.timezone)
