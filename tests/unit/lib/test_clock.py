from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from orchestration.lib import clock

SHANGHAI = ZoneInfo("Asia/Shanghai")
PUBLISHED = datetime(2026, 10, 3, 2, 30, tzinfo=UTC)
EARLIER = PUBLISHED - timedelta(days=1)


def test_a_moment_without_offset_is_local_time():
    assert datetime(2026, 10, 3, 2, 30, tzinfo=UTC) == clock.parse_moment("2026-10-03T10:30:00", SHANGHAI)
    assert datetime(2026, 10, 3, 2, 30, tzinfo=UTC) == clock.parse_moment("2026-10-03T02:30:00Z", SHANGHAI)


def test_a_wrong_moment_says_what_one_looks_like():
    with pytest.raises(clock.ClockError, match="ISO 8601"):
        clock.parse_moment("yesterday", SHANGHAI)


def test_the_asked_time_wins_and_may_repeat_the_published_one():
    assert PUBLISHED == clock.business_now(PUBLISHED, PUBLISHED)


def test_an_earlier_time_needs_a_full_refresh():
    with pytest.raises(clock.ClockError, match="--full-refresh"):
        clock.business_now(EARLIER, PUBLISHED)
    assert EARLIER == clock.business_now(EARLIER, PUBLISHED, full_refresh=True)


def test_the_machine_clock_never_goes_behind_what_is_published():
    ahead = clock.machine_now() + timedelta(days=400)
    assert ahead == clock.business_now(None, ahead)
    assert clock.business_now(None, EARLIER) <= clock.machine_now()
