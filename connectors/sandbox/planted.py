"""How a planted fault is written down."""

from datetime import date, timedelta
from typing import Any


def yuan(fen: int) -> str:
    """Minor units of a currency with two of them, as text."""
    return f"{fen // 100}.{fen % 100:02d}"


def half_up(numerator: int, denominator: int) -> int:
    """A quotient of whole numbers that are not negative, rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def fault_row(
    name: str,
    code: str,
    day: date,
    key: str,
    *,
    fen: int,
    open_from: date | int,
    store: str | None = None,
    account: str | None = None,
    order_no: str | None = None,
    other_key: str | None = None,
    parent: str | None = None,
    gone_from: date | None = None,
    needs_two_pulls: bool = False,
    currency: str = "CNY",
) -> dict[str, Any]:
    """One planted fault in the words of ``GET /_sandbox/truth``; ``open_from`` as a day or in days after ``day``."""
    return {
        "fault": name,
        "code": code,
        "store": store,
        "account": account,
        "day": day,
        "key": key,
        "other_key": other_key,
        "order_no": order_no,
        "amount": yuan(fen),
        "currency": currency,
        "open_from": day + timedelta(days=open_from) if isinstance(open_from, int) else open_from,
        "gone_from": gone_from,
        "needs_two_pulls": needs_two_pulls,
        "parent": parent,
    }
