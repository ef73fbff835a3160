"""The daily file of the till's payments, in the layout of 利楚扫呗: no heading, 28 values, whole fen."""

from datetime import date
from pathlib import Path
from typing import Any

from connectors.sandbox.drops.placing import placed
from connectors.sandbox.market import Market

_ACCOUNT = "shouqianba_main"


def drop(market: Market, folder: Path, day: date) -> list[Path]:
    """Every payment and refund of the day; no file where there was none."""
    market.ensure(day)
    rows = market.records(
        "select * from market.payments where account = ? and happened_at::date = ?"
        " order by happened_at, transaction_no",
        [_ACCOUNT, day],
    )
    if not rows:
        return []
    body = "".join(",".join(_values(row)) + "\n" for row in rows).encode()
    return [placed(folder / f"lcsw_{day:%Y%m%d}.csv", body)]


def _values(row: dict[str, Any]) -> list[str]:
    is_refund = row["type"] == "refund"
    at, fee = f"{row['happened_at']:%Y%m%d%H%M%S}", abs(row["fee"])
    paid, back = (0, row["amount"]) if is_refund else (row["amount"], 0)
    left = fee - back if is_refund else paid - fee
    return [
        "852100210000005", "10280001", at, at if is_refund else "", str(paid), str(fee), str(back), str(left), "010",
        "1", "5" if is_refund else "1", row["transaction_no"], row["original_no"] or "",
        (row["merchant_refund_no"] if is_refund else row["pay_no"]) or "",
        f"42000{row['transaction_no'][2:]}", at[:8], "", "", "", "0", str(paid), str(paid), "0", "", "", "",
        "示例门店", "1",
    ]  # fmt: skip
