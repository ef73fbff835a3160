"""The faults planted in the market, in the words of the truth. Deadlines are those of the shipped rules."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from connectors.sandbox.market.cast import (
    ACCOUNT,
    BANKS,
    OWN_PREFIX,
    OWN_SYSTEM_FEN,
    PREMIUM_FEN,
    PREMIUM_TOO_HIGH_FEN,
    SHOP,
    SHORT_FEN,
)
from connectors.sandbox.market.engine import Market
from connectors.sandbox.market.plan import is_file_repeated
from connectors.sandbox.planted import fault_row, half_up
from connectors.sandbox.world.plan import next_bank_day

_GRACE = 2
_SETTLE_DAYS = {"pdd_shop": 1, "wechat_shop": 7, "douyin_shop": 10, "shopify_us": 0, "amazon_us": 14}
_PAYOUT_BANK_DAYS = {"stripe": 2, "paypal": 3, "amazon": 5}
_COD_DAYS = 7
_SYNC_HOURS = 24
_PICK_UP_DAYS, _SILENT_DAYS = 2, 7
_RETURN_HOURS, _RETURN_DAYS = 72, 15


def market_faults(market: Market, newest: date) -> Iterator[dict[str, Any]]:
    """Every fault of the market up to a day."""
    market.ensure(newest)
    yield from _order_faults(market)
    yield from _settlement_faults(market)
    yield from _parcel_faults(market)
    yield from _payment_faults(market)
    yield from _treasury_faults(market, newest)
    yield from _movement_faults(market, newest)


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


def _settlement_faults(market: Market) -> Iterator[dict[str, Any]]:
    """What is wrong about the charges of an order, and papers that ask for it twice."""
    names = "('fee_not_returned', 'insurance_difference', 'commission_difference', 'duplicate_invoice')"
    for row in market.records(f"select * from market.orders where fault in {names}"):
        name, shop, key = str(row["fault"]), SHOP[row["shop"]], row["order_no"]
        about = {"store": shop.code, "account": shop.accounts[0], "order_no": key}
        if name == "fee_not_returned":
            fen = half_up(row["refund_amount"] * shop.commission_rate, 100_000)
            day = row["refunded_at"].date()
            yield fault_row(name, "E202", day, key, fen=fen, open_from=_GRACE + 1, **about)
        elif name == "insurance_difference":
            fen = PREMIUM_TOO_HIGH_FEN - PREMIUM_FEN
            yield fault_row(name, "E210", _credited_on(market, row), key, fen=fen, open_from=1, **about)
        elif name == "commission_difference":
            day, fen = _credited_on(market, row), 100 + row["n"] % 400
            yield fault_row(name, "E207", day, key, fen=fen, open_from=1, other_key=f"DR{key}", **about)
        else:
            net = row["goods"] * 55 // 100
            yield fault_row(
                name, "E609", row["day"], f"INV{key}2", fen=net + half_up(net * 13, 100), open_from=1,
                other_key=f"INV{key}1",
            )  # fmt: skip


def _parcel_faults(market: Market) -> Iterator[dict[str, Any]]:
    """What is wrong about the goods on their way, there or back."""
    names = "('shipped_not_paid', 'never_picked_up', 'lost_parcel', 'return_not_refunded', 'refund_not_returned')"
    for row in market.records(f"select * from market.orders where fault in {names}"):
        name, sent = str(row["fault"]), row["shipped_at"].date()
        about = {"store": row["shop"], "order_no": row["order_no"], "currency": row["currency"]}
        paid, asked = row["buyer_paid"], row["refund_amount"]
        if name == "shipped_not_paid":
            yield fault_row(name, "E502", sent, row["order_no"], fen=paid, open_from=1, **about)
        elif name == "never_picked_up":
            yield fault_row(name, "E503", sent, row["waybill_no"], fen=paid, open_from=_PICK_UP_DAYS, **about)
        elif name == "lost_parcel":
            yield fault_row(name, "E509", sent, row["waybill_no"], fen=paid, open_from=_SILENT_DAYS + 1, **about)
        elif name == "return_not_refunded":
            back = row["applied_at"] + timedelta(days=1)
            late = (back + timedelta(hours=_RETURN_HOURS)).date() + timedelta(days=1)
            number = f"RT{row['order_no']}"
            yield fault_row(name, "E505", back.date(), number, fen=asked, open_from=late, **about)
        else:
            day = row["refunded_at"].date()
            yield fault_row(name, "E506", day, row["refund_no"], fen=asked, open_from=_RETURN_DAYS + 1, **about)


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
        ("refund_returned", "refund"): ("E115", 1),
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
    for row in market.records("select * from market.payouts where fault <> 'payout_overdue' and day <= ?", [newest]):
        code, fen = ("E405", SHORT_FEN) if row["fault"] == "payout_short" else ("E406", row["amount"])
        yield fault_row(
            row["fault"], code, row["day"], row["payout_no"], fen=fen, open_from=row["arrives_on"] + timedelta(days=1),
            account=row["account"], currency=ACCOUNT[row["account"]].currency,
        )  # fmt: skip
    for row in market.records("select * from market.payouts where fault = 'payout_overdue' and day <= ?", [newest]):
        account, due = ACCOUNT[row["account"]], row["day"]
        for _ in range(_PAYOUT_BANK_DAYS.get(account.platform, 1)):
            due = next_bank_day(due)
        yield fault_row(
            row["fault"], "E402", row["day"], row["payout_no"], fen=row["amount"], open_from=due + timedelta(days=1),
            account=row["account"], currency=account.currency,
        )  # fmt: skip
    codes = {"unknown_bank_credit": "E403", "unknown_bank_debit": "E408"}
    for row in market.records("select * from market.bank_lines where fault like 'unknown%' and day <= ?", [newest]):
        yield fault_row(
            row["fault"], codes[row["fault"]], row["day"], row["reference"], fen=abs(row["amount"]), open_from=1,
            account=row["bank"], currency=BANKS[row["bank"]],
        )  # fmt: skip
    for row in market.records("select * from market.flows where fault = 'unknown_type' and day <= ?", [newest]):
        yield fault_row(
            "unknown_type", "E005", row["day"], row["flow_no"], fen=abs(row["amount"]), open_from=1,
            account=row["account"], currency=ACCOUNT[row["account"]].currency,
        )  # fmt: skip


def _movement_faults(market: Market, newest: date) -> Iterator[dict[str, Any]]:
    """Movements that are a fault by themselves or in what a ledger leaves out, and a file that comes twice."""
    codes = {
        "unexpected_settlement": ("E205", 2),
        "deposit_move": ("E212", 1),
        "charge_without_order": ("E006", 1),
        "penalty": ("E209", 1),
        "small_payment": ("E211", 1),
        "balance_break": ("E301", 1),
        "balance_jump": ("E302", 1),
    }
    names = ", ".join(f"'{name}'" for name in codes)
    for row in market.records(f"select * from market.flows where fault in ({names}) and day <= ?", [newest]):
        code, wait = codes[row["fault"]]
        key = f"{row['account']} {row['day']}" if row["kind"] == "hidden" else row["order_no"] or row["flow_no"]
        yield fault_row(
            row["fault"], code, row["day"], key, fen=abs(row["amount"]), open_from=wait, account=row["account"],
            order_no=row["order_no"],
        )  # fmt: skip
    day = market.world.config.first_day
    while day <= newest:
        if is_file_repeated(market.world.config, day):
            yield fault_row("duplicate_file", "E003", day, "market_files", fen=0, open_from=1)
        day += timedelta(days=1)
