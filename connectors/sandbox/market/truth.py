"""The faults planted in the market, in the words of the truth. Deadlines are those of the shipped rules."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from connectors.sandbox.market.cast import ACCOUNT, BANKS, OWN_PREFIX, OWN_SYSTEM_FEN, SHOP
from connectors.sandbox.market.engine import Market
from connectors.sandbox.planted import fault_row
from connectors.sandbox.world.plan import next_bank_day

_GRACE = 2
_SETTLE_DAYS = {"pdd_shop": 1, "wechat_shop": 7, "douyin_shop": 10, "shopify_us": 0, "amazon_us": 14}
_PAYOUT_BANK_DAYS = {"stripe": 2, "paypal": 3, "amazon": 5}
_COD_DAYS = 7
_SYNC_HOURS = 24


def market_faults(market: Market, newest: date) -> Iterator[dict[str, Any]]:
    """Every fault of the market up to a day."""
    market.ensure(newest)
    yield from _order_faults(market)
    yield from _payment_faults(market)
    yield from _treasury_faults(market, newest)


def _order_faults(market: Market) -> Iterator[dict[str, Any]]:
    for row in market.records("select * from market.orders where fault is not null"):
        name, shop = str(row["fault"]), SHOP[row["shop"]]
        about = {
            "store": shop.code,
            "account": row["account"] or shop.accounts[0],
            "order_no": row["order_no"],
            "currency": shop.currency,
        }
        key, due = row["order_no"], row["consideration"] + row["tax"]
        if name == "missing_settlement":
            day, lag = _settles(row)
            yield fault_row(name, "E203", day, key, fen=due, open_from=lag + timedelta(days=_GRACE + 1), **about)
        elif name == "settlement_difference":
            day = _credited_on(market, row)
            yield fault_row(name, "E204", day, key, fen=100 + row["n"] % 400, open_from=1, **about)
        elif name.startswith("own_system"):
            code, fen = ("E108", OWN_SYSTEM_FEN) if name == "own_system_differs" else ("E109", row["buyer_paid"])
            known = f"{OWN_PREFIX}{key}" if name == "own_system_alone" else key
            heard = row["paid_at"] if name == "own_system_differs" else row["ordered_at"]
            wait = (heard + timedelta(hours=_SYNC_HOURS)).date() + timedelta(days=1)
            yield fault_row(
                name, code, row["day"], known, fen=fen, open_from=wait, store=shop.code, order_no=known,
            )  # fmt: skip
        elif name == "paid_not_shipped":
            late = (row["paid_at"] + timedelta(hours=48)).date() + timedelta(days=1)
            yield fault_row(name, "E501", row["day"], key, fen=row["buyer_paid"], open_from=late, **about)
        elif name == "missing_payment":
            is_cod = row["payment_method"] == "cod"
            day = row["delivered_at"].date() if is_cod else row["day"]
            wait = _COD_DAYS + 1 if is_cod else 2
            yield fault_row(name, "E101", day, key, fen=row["buyer_paid"], open_from=wait, **about)
        elif name == "refund_not_paid":
            day = row["refunded_at"].date()
            yield fault_row(
                name, "E110", day, row["refund_no"], fen=row["refund_amount"], open_from=8,
                other_key=row["merchant_refund_no"], **about,
            )  # fmt: skip


def _settles(row: dict[str, Any]) -> tuple[date, date]:
    """The day that starts the wait for the money, and the day the rule lets it take."""
    shop = row["shop"]
    start = {"shopify_us": "paid_at", "amazon_us": "shipped_at"}.get(shop, "confirmed_at")
    day: date = row[start].date()
    return day, next_bank_day(day) if shop == "jd_shop" else day + timedelta(days=_SETTLE_DAYS[shop])


def _credited_on(market: Market, row: dict[str, Any]) -> date:
    """The day whose answer shows the order's money."""
    shop = SHOP[row["shop"]]
    if shop.settles == "period":
        start, length = market.world.config.first_day, 5
        passed = (row["shipped_at"].date() - start).days
        return start + timedelta(days=passed - passed % length + length - 1)
    moment: date = (row["paid_at"] if shop.settles == "balance" else row["confirmed_at"]).date()
    return moment + timedelta(days=shop.lag_days if shop.settles in {"gross", "per_order"} else 0)


def _payment_faults(market: Market) -> Iterator[dict[str, Any]]:
    codes = {
        ("extra_payment", "payment"): ("E102", 2),
        ("amount_difference", "payment"): ("E103", 1),
        ("duplicate_payment", "payment"): ("E105", 1),
        ("refund_without_ticket", "refund"): ("E111", 2),
        ("chargeback", "chargeback"): ("E116", 1),
    }
    for row in market.records(
        "select payments.*, orders.order_no as known_no, buyer_paid,"
        " row_number() over (partition by payments.shop, payments.day, payments.n, type order by happened_at) as place"
        " from market.payments as payments inner join market.orders as orders using (shop, day, n)"
        " where payments.fault is not null"
    ):
        name, day = str(row["fault"]), row["happened_at"].date()
        if name == "duplicate_payment" and row["place"] == 1:
            continue
        code, wait = codes[name, row["type"]]
        is_about_order = name == "amount_difference"
        yield fault_row(
            name, code, day, row["known_no"] if is_about_order else row["transaction_no"],
            fen=abs(row["amount"] - row["buyer_paid"]) if is_about_order else row["amount"],
            open_from=wait,
            store=None if name == "extra_payment" else row["shop"],
            account=row["account"],
            order_no=None if name == "extra_payment" else row["known_no"],
            other_key=row["transaction_no"] if is_about_order else None,
            currency=ACCOUNT[row["account"]].currency,
        )  # fmt: skip


def _treasury_faults(market: Market, newest: date) -> Iterator[dict[str, Any]]:
    for row in market.records("select * from market.payouts where fault is not null and day <= ?", [newest]):
        account, due = ACCOUNT[row["account"]], row["day"]
        for _ in range(_PAYOUT_BANK_DAYS.get(account.platform, 1)):
            due = next_bank_day(due)
        yield fault_row(
            row["fault"], "E402", row["day"], row["payout_no"], fen=row["amount"], open_from=due + timedelta(days=1),
            account=row["account"], currency=account.currency,
        )  # fmt: skip
    codes = {"unknown_bank_credit": "E403", "unknown_bank_debit": "E408"}
    for row in market.records("select * from market.bank_lines where fault is not null and day <= ?", [newest]):
        yield fault_row(
            row["fault"], codes[row["fault"]], row["day"], row["reference"], fen=abs(row["amount"]), open_from=1,
            account=row["bank"], currency=BANKS[row["bank"]],
        )  # fmt: skip
    for row in market.records("select * from market.flows where fault = 'unknown_type' and day <= ?", [newest]):
        yield fault_row(
            "unknown_type", "E005", row["day"], row["flow_no"], fen=abs(row["amount"]), open_from=1,
            account=row["account"], currency=ACCOUNT[row["account"]].currency,
        )  # fmt: skip
