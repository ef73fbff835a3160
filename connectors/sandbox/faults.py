"""The truth: every planted fault with the code, key and amount a reconciliation has to find.

``amount`` follows the contract's text on exceptions.amount. ``key`` is the source's own number (or account and day, or
the rule, for faults without a record), ``other_key`` the number of the other side where there is one. ``open_from`` is
the first day whose 10:30 run shows the fault as open; before that it waits (timing). ``gone_from`` is the first day
that no longer shows it. ``needs_two_pulls`` marks what only someone sees who pulled before and after.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from connectors.sandbox.apis.wechatpay_bills import RESTATED_FEN, loses_row
from connectors.sandbox.market import Market
from connectors.sandbox.market.truth import market_faults
from connectors.sandbox.planted import fault_row
from connectors.sandbox.world import World
from connectors.sandbox.world import plan as plans
from connectors.sandbox.world.config import ALIPAY, BANK, BATCH_FEN, OUTLET, OWN_SHOP, TMALL, WALLET, WECHAT

READY_HOUR = 10
RULE = "wechatpay_payment_fee"
_WALLETS = {OWN_SHOP: None, TMALL: ALIPAY, OUTLET: WALLET}


def truth(market: Market, now: datetime) -> list[dict[str, Any]]:
    """The faults whose evidence is complete at a moment, by day and key."""
    world = market.world
    newest = (now - timedelta(hours=READY_HOUR)).date() - timedelta(days=1)
    if newest < world.config.first_day:
        return []
    world.ensure_flows(newest)
    found = [
        *_order_faults(world),
        *_payment_faults(world),
        *_refund_faults(world),
        *_fee_faults(world),
        *_settlement_faults(world),
        *_treasury_faults(world, newest),
        *_bill_faults(world, newest),
        *(market_faults(market, newest) if world.config.has_market else ()),
    ]
    seen = [
        fault
        for fault in found
        if fault["day"] <= newest and (fault["gone_from"] is None or now.date() < fault["gone_from"])
    ]
    for fault in seen:
        fault["status"] = "open" if now.date() >= fault["open_from"] else "timing"
    seen.sort(key=lambda fault: (fault["day"], fault["code"], fault["key"]))
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in fault.items()}
        for fault in seen
    ]


def _order_faults(world: World) -> Iterator[dict[str, Any]]:
    names = "('missing_payment', 'cross_day', 'cross_month', 'paid_not_shipped')"
    for row in world.records(f"select * from orders where fault in {names}"):
        name, day = str(row["fault"]), row["day"]
        about = {"store": OWN_SHOP, "order_no": row["order_no"]}
        if name == "missing_payment":
            yield fault_row(name, "E101", day, row["order_no"], fen=row["buyer_paid"], open_from=2, **about)
        elif name == "paid_not_shipped":
            late = (row["paid_at"] + timedelta(hours=48)).date() + timedelta(days=1)
            yield fault_row(name, "E501", day, row["order_no"], fen=row["buyer_paid"], open_from=late, **about)
        else:
            yield fault_row(name, "E106", day, row["order_no"], fen=row["buyer_paid"], open_from=2, **about)
            if (day + timedelta(days=1)).day == 1:
                yield fault_row(name, "E107", day, row["order_no"], fen=row["buyer_paid"], open_from=2, **about)


def _payment_faults(world: World) -> Iterator[dict[str, Any]]:
    names = "('extra_payment', 'amount_difference', 'status_difference', 'duplicate_payment', 'restated_bill')"
    for row in world.records(
        "select payments.*, order_no, buyer_paid,"
        f" row_number() over (partition by day, n order by succeeded_at) as place"
        f" from payments inner join orders using (day, n) where payments.fault in {names}"
    ):
        name, day, number = str(row["fault"]), row["day"], row["transaction_no"]
        account = f"{row['channel']}_main"
        about = {"store": OWN_SHOP, "account": account, "order_no": row["order_no"]}
        if name == "extra_payment":
            yield fault_row(name, "E102", day, number, fen=row["amount"], open_from=2, store=None, account=account)
        elif name == "amount_difference":
            difference = abs(row["amount"] - row["buyer_paid"])
            yield fault_row(name, "E103", day, row["order_no"], fen=difference, open_from=1, other_key=number, **about)
        elif name == "status_difference":
            yield fault_row(
                name, "E104", day, row["order_no"], fen=row["amount"], open_from=1, other_key=number, **about
            )
        elif name == "duplicate_payment" and row["place"] > 1:
            yield fault_row(name, "E105", day, number, fen=row["amount"], open_from=1, **about)
        elif name == "restated_bill":
            corrected = day + timedelta(days=3)
            yield fault_row(
                name, "E004", day, number, fen=RESTATED_FEN, open_from=corrected, needs_two_pulls=True, **about
            )
            yield fault_row(
                name,
                "E103",
                day,
                row["order_no"],
                fen=RESTATED_FEN,
                open_from=1,
                other_key=number,
                gone_from=corrected,
                **about,
            )


def _refund_faults(world: World) -> Iterator[dict[str, Any]]:
    for row in world.records("select * from tickets where fault = 'refund_not_paid'"):
        yield fault_row(
            "refund_not_paid",
            "E110",
            row["succeeded_at"].date(),
            row["refund_no"],
            fen=row["amount"],
            open_from=8,
            store=OWN_SHOP,
            order_no=row["order_no"],
            other_key=row["merchant_refund_no"],
        )
    codes = {
        ("refund_without_ticket", 1): ("E111", 2),
        ("duplicate_refund", 2): ("E112", 1),
        ("over_refund", 2): ("E113", 1),
        ("refund_amount_difference", 1): ("E114", 1),
    }
    for row in world.records(
        "select refund_payments.*, orders.order_no, buyer_paid, first_refund, second_refund, tickets.refund_no,"
        " tickets.amount as asked from refund_payments inner join orders using (day, n)"
        " left join tickets using (day, n, merchant_refund_no) where refund_payments.fault is not null"
    ):
        name = str(row["fault"])
        if (name, row["sequence"]) not in codes:
            continue
        code, wait = codes[name, row["sequence"]]
        fen = {
            "over_refund": row["first_refund"] + (row["second_refund"] or 0) - row["buyer_paid"],
            "refund_amount_difference": abs((row["asked"] or 0) - row["amount"]),
        }.get(name, row["amount"])
        yield fault_row(
            name,
            code,
            row["refunded_at"].date(),
            row["transaction_no"],
            fen=fen,
            open_from=wait,
            store=OWN_SHOP,
            account=f"{row['channel']}_main",
            order_no=row["order_no"],
            other_key=row["refund_no"] or row["merchant_refund_no"],
        )


def _fee_faults(world: World) -> Iterator[dict[str, Any]]:
    rows = world.records(
        "select payments.*, order_no, abs(half_up(amount * 6, 1000) - fee) as difference"
        " from payments inner join orders using (day, n) where payments.fault = 'fee_rate_change' order by succeeded_at"
    )
    if not rows:
        return
    first, total = rows[0]["day"], sum(int(row["difference"]) for row in rows)
    yield fault_row("fee_rate_change", "E208", first, RULE, fen=total, open_from=1, account=WECHAT)
    for row in rows:
        yield fault_row(
            "fee_rate_change",
            "E201",
            row["day"],
            row["transaction_no"],
            fen=int(row["difference"]),
            open_from=1,
            store=OWN_SHOP,
            account=WECHAT,
            order_no=row["order_no"],
            parent=RULE,
        )


def _settlement_faults(world: World) -> Iterator[dict[str, Any]]:
    names = "('missing_settlement', 'settlement_difference', 'subsidy_not_clawed')"
    for row in world.records(f"select * from orders where fault in {names}"):
        name, store = str(row["fault"]), str(row["store"])
        confirmed = row["confirmed_at"].date()
        about = {"store": store, "account": _WALLETS[store], "order_no": row["order_no"]}
        if name == "missing_settlement":
            wait = 3 if store == TMALL else 4
            yield fault_row(name, "E203", confirmed, row["order_no"], fen=row["consideration"], open_from=wait, **about)
        elif name == "settlement_difference":
            settled = confirmed + timedelta(days=1)
            yield fault_row(name, "E204", settled, row["order_no"], fen=100 + row["n"] % 400, open_from=1, **about)
        else:
            refunded = row["first_refunded_at"].date()
            yield fault_row(name, "E206", refunded, row["order_no"], fen=row["clawback"], open_from=3, **about)


def _treasury_faults(world: World, newest: date) -> Iterator[dict[str, Any]]:
    codes = {"payout_overdue": "E402", "equal_payouts": "E404"}
    for row in world.records("select * from payouts where fault is not null and day <= ?", [newest]):
        if row["fault"] in codes:
            yield fault_row(
                row["fault"],
                codes[row["fault"]],
                row["day"],
                row["payout_no"],
                fen=row["amount"],
                open_from=row["arrives_on"] + timedelta(days=1),
                account=row["account"],
            )
    codes = {"unknown_bank_credit": "E403", "unknown_bank_debit": "E408"}
    for row in world.records("select * from bank_lines where fault is not null and day <= ?", [newest]):
        if row["fault"] in codes:
            code = codes[row["fault"]]
            yield fault_row(
                row["fault"], code, row["day"], row["reference"], fen=abs(row["amount"]), open_from=1, account=BANK
            )
    for row in world.records("select * from flows where fault = 'batch_difference' and day <= ?", [newest]):
        yield fault_row(
            "batch_difference", "E305", row["day"], row["business_no"], fen=BATCH_FEN, open_from=1, store=OUTLET,
            account=WALLET,
        )  # fmt: skip
    for row in world.records("select * from flows where fault = 'unknown_type' and day <= ?", [newest]):
        yield fault_row(
            "unknown_type", "E005", row["day"], row["flow_no"], fen=abs(row["amount"]), open_from=1, account=ALIPAY
        )


def _bill_faults(world: World, newest: date) -> Iterator[dict[str, Any]]:
    day = world.config.first_day
    while day <= newest:
        if plans.is_bill_missing(world.config, day):
            yield fault_row("missing_bill", "E001", day, f"{ALIPAY} {day}", fen=0, open_from=2, account=ALIPAY)
        if loses_row(world, day):
            yield fault_row("missing_bill_row", "E002", day, f"{WECHAT} {day}", fen=0, open_from=1, account=WECHAT)
        day += timedelta(days=1)
