"""Random lives of orders for a merchant in spreadsheets: events that may be delivered in any slices and any order."""

import random
from collections.abc import Callable, Sequence
from functools import partial

from tests.merchant import Merchant

Event = Callable[[Merchant], None]
WALLET, SHOP, CORNER, MARKET = "till", "own", "corner", "market"


def opened(merchant: Merchant) -> Merchant:
    """Two own shops, of which one's wallet pays out to the bank, and one of a platform that settles into another."""
    merchant.account("bank", "bank", "bank", "1000.00")
    merchant.account(WALLET, "wechatpay", "channel")
    merchant.account("box", "alipay", "channel")
    merchant.account("purse", "alipay", "channel")
    merchant.store(SHOP, "own_site", WALLET)
    merchant.store(CORNER, "own_site", "box")
    merchant.store(MARKET, "taobao", "purse")
    return merchant


def known_before() -> Sequence[Event]:
    """One of everything, so that what follows changes no scope."""
    moment, sent = "2026-04-01 08:00:00", {"tracked_at": "2026-04-01 09:00:00", "carrier": "sf"}
    return [
        partial(Merchant.order, store=SHOP, order_no="A", paid_at=moment, goods="10.00"),
        partial(Merchant.pay, account=WALLET, order_no="A", transaction_no="TA", moment=moment, amount="10.00"),
        partial(Merchant.order, store=CORNER, order_no="C", paid_at=moment, goods="10.00"),
        partial(Merchant.pay, account="box", order_no="C", transaction_no="TC", moment=moment, amount="10.00"),
        partial(Merchant.order, store=MARKET, order_no="M", paid_at=moment, goods="10.00", confirmed_at=moment),
        partial(
            Merchant.settle, store=MARKET, account="purse", settlement_no="S", moment=moment,
            lines=[("M", "goods", "10.00"), ("M", "tech_fee", "-0.06")],
        ),
        partial(Merchant.add, stream="shipments", store=SHOP, waybill_no="W", order_no="A", **sent),
        partial(Merchant.add, stream="returns", store=SHOP, return_no="Z", order_no="A", received_at=moment),
        *(partial(Merchant.payout, account=one, moment=moment, amount="9.94", number=f"O{one}") for one in (WALLET, "purse")),
        partial(Merchant.bank, day="2026-04-02", direction="in", amount="9.94", bank_reference="Otill"),
    ]  # fmt: skip


def lives(seed: int, orders: int = 12) -> Sequence[Event]:
    """What happens to so many orders, each thing an event of its own; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    found: list[Event] = []
    for number in range(orders):
        found += own_order(chance, f"A{number}", number) if number % 2 else market_order(chance, f"M{number}", number)
    found += batches(chance)
    return found


def own_order(chance: random.Random, no: str, number: int) -> list[Event]:
    paid = f"2026-04-{1 + number % 5:02} 1{chance.randrange(10)}:00:00"
    store, wallet = (SHOP, WALLET) if number % 4 == 1 else (CORNER, "box")
    amount = f"{chance.choice((20, 20, 35, 50))}.{number % 10}0"
    moved = chance.choice((amount, amount, amount, "19.99"))
    order = partial(Merchant.order, store=store, order_no=no, paid_at=paid, goods=amount)
    pay = partial(Merchant.pay, account=wallet, order_no=no, moment=paid, amount=moved)
    events: list[Event] = [partial(order, merchant_pay_no=f"P{no}")]
    events += [partial(pay, transaction_no=f"T{no}{copy}") for copy in range(chance.choice((0, 1, 1, 1, 2)))]
    if chance.random() < 0.4:
        events.append(partial(order, merchant_pay_no=f"P{no}", status="shipped"))
    if chance.random() < 0.3:
        events.append(partial(pay, transaction_no=f"T{no}0", order_no=f"{no}x"))
    if chance.random() < 0.5:
        ticket = {"merchant_refund_no": f"R{no}"} if chance.random() < 0.8 else {}
        day = f"2026-04-{6 + number % 3:02} 12:00:00"
        events.append(
            partial(Merchant.ticket, store=store, order_no=no, refund_no=f"K{no}", moment=day, amount="5.00", **ticket)
        )
        events.append(
            partial(
                Merchant.refund, account=wallet, original=f"T{no}0", transaction_no=f"B{no}", moment=day,
                amount=chance.choice(("5.00", "6.00")), fee="0.03", number=f"R{no}",
            )
        )  # fmt: skip
    if store == SHOP and chance.random() < 0.6:
        sent = {"tracked_at": f"2026-04-{6 + number % 3:02} 09:00:00", "carrier": chance.choice(("sf", "yto"))}
        scans = {"picked_up_at": "2026-04-09 10:00:00"} if chance.random() < 0.6 else {}
        if scans and chance.random() < 0.5:
            scans["delivered_at"] = "2026-04-10 10:00:00"
        events.append(
            partial(Merchant.add, stream="shipments", store=SHOP, waybill_no=f"W{no}", order_no=no, **sent, **scans)
        )
    if store == SHOP and chance.random() < 0.3:
        events.append(
            partial(
                Merchant.add,
                stream="returns",
                store=store,
                return_no=f"Z{no}",
                order_no=no,
                received_at="2026-04-11 08:00:00",
            )
        )
    return events


def market_order(chance: random.Random, no: str, number: int) -> list[Event]:
    paid = f"2026-04-{1 + number % 5:02} 09:00:00"
    confirmed = f"2026-04-{5 + number % 4:02} 09:00:00"
    order = partial(Merchant.order, store=MARKET, order_no=no, paid_at=paid, goods="40.00")
    events: list[Event] = [partial(order, status="paid")]
    if chance.random() < 0.8:
        events.append(partial(order, status="completed", confirmed_at=confirmed))
    if chance.random() < 0.3:
        events.append(
            partial(Merchant.ticket, store=MARKET, order_no=no, refund_no=f"K{no}", moment=confirmed, amount="10.00")
        )
    return events


def batches(chance: random.Random) -> list[Event]:
    """Settlements of the platform, payouts of both wallets, and what the bank shows of them."""
    events: list[Event] = []
    for number in range(3):
        lines = [
            (f"M{order}", component, amount)
            for order in range(0, 12, 2)
            if chance.random() < 0.5
            for component, amount in (("goods", chance.choice(("40.00", "40.00", "30.00"))), ("tech_fee", "-0.24"))
        ]
        moment = f"2026-04-{8 + number:02} 20:00:00"
        if lines:
            events.append(
                partial(
                    Merchant.settle,
                    store=MARKET,
                    account="purse",
                    settlement_no=f"S{number}",
                    moment=moment,
                    lines=lines,
                )
            )
        out = f"{chance.choice((30, 45, 60))}.00"
        wallet = chance.choice((WALLET, "purse"))
        events.append(partial(Merchant.payout, account=wallet, moment=moment, amount=out, number=f"O{number}"))
        if chance.random() < 0.7:
            events.append(
                partial(
                    Merchant.bank, day=f"2026-04-{9 + number:02} 10:00:00", direction="in", amount=out,
                    bank_reference=chance.choice((f"O{number}", "")), remark="withdrawal",
                )
            )  # fmt: skip
    return events
