"""Orders and payments: an open order and an open payment that share a number with each other alone were passed over.

Never more than numbers count here: an order and a payment do not belong together for being of equal amount.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from orchestration.proof.finding import Finding
from orchestration.proof.rows import Rows

PASSED_OVER: Final = "no better-ranked free candidate was passed over"
NEEDS: Final = {
    "orders": ("record_key", "entity", "currency", "order_no", "merchant_pay_no", "match_status"),
    "payments": ("record_key", "entity", "currency", "order_no", "merchant_pay_no", "match_status", "type", "status"),
    "open_items": ("level", "record_type", "record_key"),
}
ORDERS: Final = """
    select record_key, entity, currency, order_no, merchant_pay_no from marts.orders
    where hash(record_key) % {slices} = {number}
"""
PAYMENTS: Final = """
    select record_key, entity, currency, order_no, merchant_pay_no from marts.payments
    where hash(record_key) % {slices} = {number} and type in ('payment', 'reversal') and status = 'succeeded'
"""
WAITING: Final = " and match_status in ('open', 'timing')"
OPEN: Final = """
    select record_type, record_key from marts.open_items
    where hash(record_key) % {slices} = {number} and level = 'order_payment'
"""

Record = tuple[str, str]
"""Kind and key."""
Number = tuple[str, str, str, str]
"""Whose number of an order or of a payment it is: entity, currency, which of the two, the number."""
Named = Mapping[Record, frozenset[Number]]


def passed_over_numbers(rows: Rows) -> Iterator[Finding]:
    """Open pairs that were passed over. The whole history is read only where there is a suspicion."""
    if not all(rows.has("marts", table, *columns) for table, columns in NEEDS.items()):
        return
    waiting = set(rows.read_sliced(OPEN, "open_items"))
    if len({kind for kind, _ in waiting}) < len(("order", "payment")):
        return
    payments = _only(_payments(rows.read_sliced(PAYMENTS + WAITING, "payments")), waiting)
    orders = _only(_orders(rows.read_sliced(ORDERS + WAITING, "orders")), waiting)
    suspected = set(_single_pairs(orders, payments))
    if not suspected:
        return
    numbers = {number for order, payment in suspected for number in orders[order] | payments[payment]}
    every_order = {record: own for record, own in _orders(rows.read_sliced(ORDERS, "orders")) if own & numbers}
    every_payment = {record: own for record, own in _payments(rows.read_sliced(PAYMENTS, "payments")) if own & numbers}
    for (_, order), (_, payment) in sorted(suspected & set(_single_pairs(every_order, every_payment))):
        detail = f"order {order} and payment {payment} are open and share a number with each other alone"
        yield Finding("passes", PASSED_OVER, detail)


def _orders(found: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Record, frozenset[Number]]]:
    for key, entity, currency, order_no, pay_no in found:
        numbers = (("order", order_no), ("payment", pay_no))
        yield ("order", key), frozenset((entity, currency, which, number) for which, number in numbers if number)


def _payments(found: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Record, frozenset[Number]]]:
    """A merchant may pay under its order number, so a payment's own number may be that of an order."""
    for key, entity, currency, order_no, pay_no in found:
        numbers = (("order", order_no), ("payment", pay_no), ("order", pay_no))
        yield ("payment", key), frozenset((entity, currency, which, number) for which, number in numbers if number)


def _only(found: Iterable[tuple[Record, frozenset[Number]]], wanted: set[Record]) -> Named:
    return {record: numbers for record, numbers in found if record in wanted}


def _single_pairs(orders: Named, payments: Named) -> Iterator[tuple[Record, Record]]:
    """Pairs whose numbers nobody else carries."""
    holders: dict[Number, set[Record]] = defaultdict(set)
    for named in (orders, payments):
        for record, numbers in named.items():
            for number in numbers:
                holders[number].add(record)
    for payment, numbers in payments.items():
        met = {record for number in numbers for record in holders[number]}
        others = met - {payment}
        if len(others) == 1:
            (other,) = others
            if other in orders and {record for number in orders[other] for record in holders[number]} == met:
                yield other, payment
