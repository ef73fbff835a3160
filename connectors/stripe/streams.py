"""Stripe's two lists: balance transactions with their source expanded, and payouts, which change for days.

Every raw table has the one column ``record``: one balance transaction, one payout.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.core.answers import RECORD, Place, answers, at
from connectors.core.canonical import Made, Unusable, collected
from connectors.core.currencies import from_minor
from connectors.core.days import day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError
from connectors.core.protocol import Canonical, Connection, Delivery, Part, Stream, Tools, Unpacked, Window
from connectors.core.text import DAMAGED, money, opened
from connectors.stripe.client import client_for

PAGE_SIZE = "100"
OVERLAP = timedelta(minutes=10)
PAYOUT_DAYS = 12
"""A payout may fail five business days after it was paid; its trace id may come ten days after it arrived."""
ITEMS = "$.data"
START_BYTES = 65_536
OBJECTS = {"balance_transactions": "balance_transaction", "payouts": "payout"}
PAYMENT_TYPES = {"charge": "payment", "refund": "refund", "dispute": "chargeback"}
PAYOUT_STATES = {
    "paid": "paid",
    "in_transit": "in_transit",
    "pending": "in_transit",
    "failed": "failed",
    "canceled": "failed",
}


def _fetch(connection: Connection, window: Window, tools: Tools, stream: str) -> Iterator[Delivery]:
    if connection.path is not None:
        for delivery in delivered_files(connection, tools, ("*.json",)):
            # what is neither is taken in too, once, so that it is refused by name and not passed over
            if (_kind_of(connection.path / delivery.request["file"]) or "balance_transactions") == stream:
                yield delivery
        return
    asked = window
    try:
        client = client_for(connection, tools)
        for day in days_of(window, connection.timezone):
            whole = day_window(day, connection.timezone)
            asked = Window(whole.start - OVERLAP, whole.end)
            query = {
                "created[gte]": str(int(asked.start.timestamp())),
                "created[lt]": str(int(asked.end.timestamp())),
                "limit": PAGE_SIZE,
            } | ({"expand[]": "data.source"} if stream == "balance_transactions" else {})
            for number, (request, answer, count) in enumerate(client.pages(f"/v1/{stream}", query), 1):
                if count:
                    yield Delivery(
                        body=answer.body,
                        suffix="json",
                        day=day,
                        window=asked,
                        request={"path": f"/v1/{stream}", **request},
                        name=f"{stream}_{day.isoformat()}_p{number}.json",
                        stated={"rows": str(count)},
                    )
    except ConnectorError as error:
        raise error.at(source="stripe", stream=stream, window=asked) from error.__cause__


def fetch_balance(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The balance transactions created in the window."""
    return _fetch(connection, window, tools, "balance_transactions")


def fetch_payouts(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The payouts created in the window, as they stand now."""
    return _fetch(connection, window, tools, "payouts")


def _listed(stream: str) -> Place:
    wanted = OBJECTS[stream]

    def wrong(record: Mapping[str, Any]) -> str:
        return "" if record.get("object") == wanted else f"is no list of {wanted} objects as the API answers it"

    return at(ITEMS, wrong=wrong)


def canonical_balance(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Charges, refunds and disputes as ``payments``; every movement, fees apart, as ``fund_flows``."""
    del connection
    return collected(unpacked, _of_transaction, {"payments": (), "fund_flows": ()}, _belonging)


def canonical_payouts(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Payouts as ``payouts``."""
    del connection
    return collected(unpacked, lambda record: {"payouts": [_payout(record)]}, {"payouts": ()}, _belonging)


def _belonging(_: Part, record: Mapping[str, Any]) -> dict[str, Any]:
    return {"currency": _currency(record)}


def _currency(record: Mapping[str, Any]) -> str:
    return str(record.get("currency", "")).upper()


def _minor(record: Mapping[str, Any], *names: str) -> list[Decimal]:
    try:
        return [from_minor(int(record[name]), _currency(record)) for name in names]
    except (KeyError, TypeError, ValueError) as error:
        raise Unusable("amount", f"{' or '.join(names)} is no whole number of minor units") from error


def _of_transaction(record: Mapping[str, Any]) -> Made:
    amount, fee = _minor(record, "amount", "fee")
    source = record.get("source")
    source = source if isinstance(source, dict) else {"id": source}
    category = str(record.get("reporting_category") or record.get("type"))
    flows = [
        {
            "flow_no": number,
            "occurred_at": record.get("created"),
            "direction": "in" if moved > 0 else "out",
            "amount": money(abs(moved)),
            "business_type": kind,
            "business_ref": source.get("id"),
        }
        for number, moved, kind in (
            (record.get("id"), amount, category),
            (f"{record.get('id')}/fee", -fee, f"{category} fee"),
        )
        if moved or (kind == category and not fee)
    ]
    if category not in PAYMENT_TYPES:
        return {"fund_flows": flows}
    payment = {
        "transaction_no": source.get("id"),
        "type": PAYMENT_TYPES[category],
        "status": "succeeded",
        "amount": money(abs(amount)),
        "fee": money(fee),
        "merchant_pay_no": source.get("payment_intent"),
        "original_transaction_no": source.get("charge"),
        "occurred_at": record.get("created"),
    }
    return {"payments": [payment], "fund_flows": flows}


def _payout(record: Mapping[str, Any]) -> dict[str, Any]:
    [amount], trace = _minor(record, "amount"), record.get("trace_id")
    return {
        "payout_no": record.get("id"),
        "amount": money(amount),
        "initiated_at": record.get("created"),
        "expected_on": record.get("arrival_date"),
        "bank_reference": trace.get("value") if isinstance(trace, dict) else None,
        "status": PAYOUT_STATES.get(str(record.get("status"))),
    }


def _kind_of(path: Path) -> str | None:
    """Which list a page is of, by its own word for its objects."""
    try:
        with opened(path) as stream:
            start = stream.read(START_BYTES).replace(b" ", b"")
    except (OSError, *DAMAGED):
        return None
    if b'"object":"list"' not in start and b'"/v1/' not in start:
        return None
    places = {kind: start.find(f'"object":"{word}"'.encode()) for kind, word in OBJECTS.items()}
    found = {kind: place for kind, place in places.items() if place >= 0}
    return min(found, key=lambda kind: found[kind]) if found else None


def recognises(path: Path) -> bool:
    """Whether the file is a page of one of our two lists."""
    return _kind_of(path) is not None


BALANCE = Stream(
    name="balance_transactions",
    day_kind="window",
    tables={"balance_transactions": RECORD},
    fetch=fetch_balance,
    unpack=answers("balance_transactions", _listed("balance_transactions")),
    canonical=canonical_balance,
    reads=lambda path: _kind_of(path) == "balance_transactions",
)
PAYOUTS = Stream(
    name="payouts",
    day_kind="window",
    tables={"payouts": RECORD},
    fetch=fetch_payouts,
    unpack=answers("payouts", _listed("payouts")),
    canonical=canonical_payouts,
    recheck_days=PAYOUT_DAYS,
    reads=lambda path: _kind_of(path) == "payouts",
)
