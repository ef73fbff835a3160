"""Whether and when to ask again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.retry import RetryPolicy, is_transient, retry_after_seconds, seconds_before_retry

NOW = datetime(2026, 10, 9, 4, 0, tzinfo=UTC)
POLICY = RetryPolicy(attempts=4, base_seconds=1, cap_seconds=3, retry_after_cap_seconds=60)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"Retry-After": "Fri, 09 Oct 2026 04:00:30 GMT"}, 30.0),
        ({"Retry-After": "Fri, 09 Oct 2026 03:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "²"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(headers, expected):
    assert expected == retry_after_seconds(headers, NOW)


@pytest.mark.parametrize(("attempt", "expected"), [(1, 1.0), (2, 2.0), (3, 3.0), (4, None), (5, None)])
def test_waiting_doubles_up_to_its_cap_and_then_ends(attempt, expected):
    assert expected == seconds_before_retry(POLICY, attempt, jitter=0.5)


def test_a_wait_the_source_asked_for_is_never_cut_short():
    assert 20.0 == seconds_before_retry(POLICY, 1, retry_after=20, jitter=0)


def test_a_wait_too_long_for_a_run_ends_the_attempts():
    assert seconds_before_retry(POLICY, 1, retry_after=61) is None


@given(attempt=st.integers(1, 10), jitter=st.floats(0, 1))
def test_no_wait_is_longer_than_the_cap_allows(attempt, jitter):
    wait = seconds_before_retry(POLICY, attempt, jitter=jitter)
    assert wait is None or 0 < wait <= POLICY.cap_seconds * 1.5


@pytest.mark.parametrize(
    ("status", "expected"),
    [(None, True), (500, True), (503, True), (429, True), (408, True), (401, False), (404, False), (200, False)],
)
def test_only_what_can_pass_is_transient(status, expected):
    assert expected is is_transient(status)
