"""Whether and when to ask again: pure functions of attempt, status and headers. Nothing here sleeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

TOO_MANY_REQUESTS = 429
REQUEST_TIMEOUT = 408
SERVER_ERROR = 500
RETRIED_CLIENT_STATUSES = frozenset({REQUEST_TIMEOUT, 425, TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient we are. A Retry-After above its cap ends the attempts: the day is asked for again later."""

    attempts: int = 5
    base_seconds: float = 0.5
    cap_seconds: float = 20.0
    retry_after_cap_seconds: float = 120.0


def is_transient(status: int | None) -> bool:
    """Whether the same question may be answered differently later; None means no answer came."""
    return status is None or status >= SERVER_ERROR or status in RETRIED_CLIENT_STATUSES


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """The Retry-After header as seconds, from either of its two forms; None when absent or unreadable."""
    value = next((text.strip() for name, text in headers.items() if name.lower() == "retry-after"), "")
    if value.isdecimal() and value.isascii():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - now).total_seconds())


def seconds_before_retry(
    policy: RetryPolicy, attempt: int, *, retry_after: float | None = None, jitter: float = 0.5
) -> float | None:
    """How long to wait after failed attempt number ``attempt`` (from 1); None means give up.

    ``jitter`` in 0..1 spreads clients that failed together; a wait the source asked for is never cut short.
    """
    if attempt >= policy.attempts:
        return None
    backoff: float = min(policy.cap_seconds, policy.base_seconds * 2 ** (attempt - 1)) * (0.5 + jitter)
    if retry_after is None:
        return backoff
    return None if retry_after > policy.retry_after_cap_seconds else max(retry_after, backoff)
