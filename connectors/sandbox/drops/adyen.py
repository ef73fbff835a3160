"""Adyen's settlement details report: one per closed batch, which ends with its payout."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.sandbox.drops.placing import placed
from connectors.sandbox.market import Market

_ACCOUNT = "adyen_eu"
_MERCHANT = "TieoutEU"
_HEADING = (
    "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,TimeZone,Type,"
    "Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,"
    "Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),"
    "Payment Method Variant,Batch Number,Reserved4,Reserved5,Reserved6,Reserved7,Reserved8,Reserved9,Reserved10,"
    "Modification Merchant Reference,Booking Date,Booking Date TimeZone"
)
_TO_AMSTERDAM = timedelta(hours=6)
_TYPES = {"payment": "Settled", "refund": "Refunded", "chargeback": "Chargeback", "unknown": "Mystery"}


def drop(market: Market, folder: Path, day: date) -> list[Path]:
    """The report of the batch that was paid out on the day."""
    market.ensure(day)
    payouts = market.records(
        "select * from market.payouts where account = ? and day <= ? order by day desc limit 2", [_ACCOUNT, day]
    )
    if not payouts or payouts[0]["day"] != day:
        return []
    since = payouts[1]["initiated_at"] if len(payouts) > 1 else datetime.min  # noqa: DTZ901 - local time
    flows = market.records(
        "select * from market.flows where account = ? and occurred_at > ? and occurred_at <= ?"
        " order by occurred_at, row_no",
        [_ACCOUNT, since, payouts[0]["initiated_at"]],
    )
    number = int(
        market.rows("select count(*) from market.payouts where account = ? and day <= ?", [_ACCOUNT, day])[0][0]
    )
    opening = flows[0]["balance"] - flows[0]["amount"]
    rows = [_carry(since if len(payouts) > 1 else flows[0]["occurred_at"], number, opening, "from", number - 1)]
    rows += [row for flow in flows if (row := _row(market, flow, payouts[0], number))]
    rows.append(_carry(payouts[0]["initiated_at"], number, -flows[-1]["balance"], "to", number + 1))
    text = "\n".join([_HEADING, *(",".join(row) for row in rows)]) + "\n"
    return [placed(folder / f"settlement_detail_report_batch_{number}.csv", text.encode())]


def _row(market: Market, flow: dict[str, Any], payout: dict[str, Any], number: int) -> list[str] | None:
    kind, amount = flow["kind"], flow["amount"]
    if kind == "payout":
        remark = f"{payout['trace_no']} batch {number} {_MERCHANT}"
        return _cells(flow["occurred_at"], number, "MerchantPayout", net=amount, reference=remark)
    if kind not in _TYPES:
        return None  # the fee stands on its payment's row
    fee = -sum(
        fen
        for (fen,) in market.rows(
            "select amount from market.flows where account = ? and transaction_no = ? and kind in"
            " ('payment_fee', 'fee_return')",
            [_ACCOUNT, flow["transaction_no"]],
        )
    )
    original = market.rows(
        "select original_no from market.payments where account = ? and transaction_no = ?",
        [_ACCOUNT, flow["transaction_no"]],
    )
    psp = original[0][0] if original and original[0][0] else flow["transaction_no"]
    reference = flow["flow_no"] if kind in {"payment", "unknown"} else flow["transaction_no"]
    return _cells(
        flow["occurred_at"], number, _TYPES[kind], net=amount - fee, gross=amount, fee=fee, psp=psp,
        reference=reference, merchant=flow["pay_no"] or "", refund=flow["merchant_refund_no"] or "",
    )  # fmt: skip


def _carry(moment: datetime, number: int, cents: int, way: str, other: int) -> list[str]:
    cells = _cells(moment, number, "Balancetransfer", net=cents, reference="Balancetransfer")
    cells[29] = f"Balancetransfer {way} batch {other}"
    return cells


def _cells(
    moment: datetime,
    number: int,
    kind: str,
    *,
    net: int,
    gross: int | None = None,
    fee: int = 0,
    psp: str = "",
    reference: str = "",
    merchant: str = "",
    refund: str = "",
) -> list[str]:
    # Beijing is seven hours ahead of Central Europe in winter, six in summer; the world plays in summer
    local = f"{moment - _TO_AMSTERDAM:%Y-%m-%d %H:%M:%S}"
    markup, scheme = fee * 6 // 10, fee * 1 // 10
    parts = ["", "", "", ""] if not fee else ["", _point(markup), _point(scheme), _point(fee - markup - scheme)]
    gross_cells = (
        ["EUR", _point(-gross) if gross < 0 else "", _point(gross) if gross > 0 else "", "1"] if gross else [""] * 4
    )
    return [
        "TieoutGroup", _MERCHANT, psp, merchant, "visa" if psp else "", local, "CEST", kind, reference, *gross_cells,
        "EUR", _point(-net) if net < 0 else "", _point(net) if net >= 0 else "", *parts,
        "visastandardcredit" if psp else "",
        str(number), *[""] * 7, refund or ("<auto>" if kind == "Settled" else ""), local, "CEST",
    ]  # fmt: skip


def _point(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
