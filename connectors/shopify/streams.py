"""Shopify's orders, balance transactions and payouts: windows by time, cursors, pages kept as they come.

Every raw table has the one column ``record``: one order (or the further lines of one), one balance transaction, one
payout. Each answer is a file of its own, as received.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from connectors.core.answers import RECORD, answers, at, beginning
from connectors.core.days import day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import BadRequest, ConnectorError, PagingError, UnexpectedShape
from connectors.core.protocol import Connection, Delivery, Stream, Tools, Window
from connectors.core.transport import Reply
from connectors.shopify.client import GraphClient, TooCostly, client_for
from connectors.shopify.queries import (
    BALANCE_LISTING,
    FULFILLMENTS,
    LINES_QUERY,
    ORDERS_LISTING,
    PARCELS,
    PAYMENTS,
    PAYOUTS_LISTING,
    REFUND_PAYMENTS,
    REFUNDS,
    Listing,
)
from connectors.shopify.records import balance_records, order_records, payout_contradiction, payout_records

OVERLAP = timedelta(minutes=10)
PAYOUT_OVERLAP = timedelta(days=14)
"""A payout keeps its time of issue while its status goes on, so the last two weeks are asked for again."""
MAX_PAGES = 5_000
START_BYTES = 65_536
DROP_PATTERNS = ("*.json",)
SECOND = timedelta(seconds=1)


def spans(day: date, connection: Connection, overlap: timedelta) -> Window:
    """A local day with the time before it that is asked once more."""
    whole = day_window(day, connection.timezone)
    return Window(whole.start - overlap, whole.end)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _connection_in(data: Mapping[str, Any], listing: Listing) -> Mapping[str, Any]:
    found: Any = data
    for step in listing.way:
        if isinstance(found, dict) and step in found and found[step] is None:
            raise BadRequest(f"{listing.name}: the shop has no Shopify Payments, or the token may not see it")
        found = found.get(step) if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("nodes"), list):
        raise UnexpectedShape(f"{listing.name} answered without {listing.items}")
    return found


def _next_cursor(page: Mapping[str, Any], name: str) -> str | None:
    info = page.get("pageInfo")
    if not isinstance(info, dict) or not isinstance(info.get("hasNextPage"), bool):
        raise UnexpectedShape(f"{name} answered without pageInfo")
    if not info["hasNextPage"]:
        return None
    if not info.get("endCursor"):
        raise PagingError(f"{name} says that there is more, but not where")
    return str(info["endCursor"])


def pages(client: GraphClient, listing: Listing, span: Window) -> Iterator[tuple[Reply, list[dict[str, Any]]]]:
    """(answer, records) of every page; a query that costs too much is asked for fewer records."""
    asked = f"{listing.filter}:>='{_utc(span.start)}' AND {listing.filter}:<'{_utc(span.end)}'"
    size, cursor = listing.page_size, None
    for _ in range(MAX_PAGES):
        variables = {"first": size, "after": cursor, "query": asked}
        try:
            reply = client.ask(listing.name, listing.query, variables)
        except TooCostly:
            if size == 1:
                raise
            size = max(1, size // 2)
            continue
        page = _connection_in(reply.content, listing)
        records = page["nodes"]
        _check_times(records, listing, span)
        yield reply, records
        following = _next_cursor(page, listing.name)
        if following is None:
            return
        if following == cursor:
            raise PagingError(f"{listing.name}: the source repeated its cursor")
        cursor = following
    raise PagingError(f"{listing.name}: more than {MAX_PAGES} pages; choose a shorter window")


def _check_times(records: list[Any], listing: Listing, span: Window) -> None:
    """The source ignores a filter that it does not know, silently: every record must lie in the window."""
    for record in records:
        try:
            moment = datetime.fromisoformat(str(record[listing.moment]))
        except (KeyError, TypeError, ValueError):
            raise UnexpectedShape(f"{listing.name}: a record has no {listing.moment}") from None
        if not span.start - SECOND <= moment < span.end + SECOND:
            raise UnexpectedShape(f"{listing.name}: a record of {moment.isoformat()} is outside the window asked for")


def _check_lists(order: Mapping[str, Any]) -> None:
    """A plain list that is full may be cut, and nothing says so."""
    refunds, sent = order.get("refunds") or (), order.get("fulfillments") or ()
    sizes = {
        "transactions": [(order.get("transactions") or (), PAYMENTS)],
        "refunds": [(refunds, REFUNDS)],
        "transactions of a refund": [
            ((one.get("transactions") or {}).get("nodes") or (), REFUND_PAYMENTS) for one in refunds
        ],
        "fulfillments": [(sent, FULFILLMENTS)],
        "parcels": [(one.get("trackingInfo") or (), PARCELS) for one in sent],
    }
    for name, lists in sizes.items():
        if any(len(found) >= limit for found, limit in lists):
            raise UnexpectedShape(f"orders: order {order.get('id')} has so many {name} that their list may be cut")


def _further_lines(client: GraphClient, orders: list[dict[str, Any]]) -> Iterator[bytes]:
    """The answers that hold the lines an order's page had no room for."""
    for order in orders:
        _check_lists(order)
        number, lines = str(order["id"]).rpartition("/")[2], order.get("lineItems")
        for _ in range(MAX_PAGES):
            if not isinstance(lines, dict):
                raise UnexpectedShape("orders: an order has no lineItems")
            cursor = _next_cursor(lines, "lineItems")
            if cursor is None:
                break
            reply = client.ask("orders", LINES_QUERY, {"after": cursor, "query": f"id:{number}"})
            nodes = _connection_in(reply.content, ORDERS_LISTING)["nodes"]
            if [node.get("id") for node in nodes] != [order["id"]]:
                raise UnexpectedShape("orders: asked for the lines of one order, another one came")
            lines = nodes[0].get("lineItems")
            yield reply.body


def _fetch(
    connection: Connection, window: Window, tools: Tools, listing: Listing, overlap: timedelta
) -> Iterator[Delivery]:
    if connection.path is not None:
        for delivery in delivered_files(connection, tools, DROP_PATTERNS):
            # what answers none of the three is taken in too, once, so that it is refused by name and not passed over
            if (stream_of(connection.path / delivery.request["file"]) or "orders") == listing.name:
                yield delivery
        return
    asked = window
    try:
        client = client_for(connection, tools)
        for day in days_of(window, connection.timezone):
            asked = spans(day, connection, overlap)
            for number, (reply, records) in enumerate(pages(client, listing, asked), 1):
                if not records:
                    continue
                answers = [reply.body]
                if listing is ORDERS_LISTING:
                    answers.extend(_further_lines(client, records))
                for part, body in enumerate(answers):
                    yield Delivery(
                        body=body,
                        suffix="json",
                        day=day,
                        window=asked,
                        request={
                            "query": listing.name if part == 0 else "lines",
                            "from": _utc(asked.start),
                            "to": _utc(asked.end),
                            "page": str(number),
                        },
                        name=f"{listing.name}_{day.isoformat()}_p{number}{f'_lines{part}' if part else ''}.json",
                        stated={"rows": str(len(records))} if part == 0 else {},
                    )
    except ConnectorError as error:
        raise error.at(source="shopify", stream=listing.name, window=asked) from error.__cause__


def fetch_orders(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Orders changed in the window, with their lines, payments, refunds and parcels."""
    return _fetch(connection, window, tools, ORDERS_LISTING, OVERLAP)


def fetch_balance(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Movements of the Shopify Payments balance in the window."""
    return _fetch(connection, window, tools, BALANCE_LISTING, OVERLAP)


def fetch_payouts(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Payouts issued in the window and the two weeks before it, with the status they have by now."""
    return _fetch(connection, window, tools, PAYOUTS_LISTING, PAYOUT_OVERLAP)


def stream_of(path: Path) -> str | None:
    """Which of the three answers a file holds; Shopify's global ids tell it from other GraphQL sources."""
    start = beginning(path, START_BYTES)
    if b'"data"' not in start or b"gid://shopify/" not in start:
        return None
    marks = {"payouts": b'"payouts"', "balance_transactions": b'"balanceTransactions"', "orders": b'"orders"'}
    return next((name for name, mark in marks.items() if mark in start), None)


def recognises(path: Path) -> bool:
    """Whether the file is an answer of one of the three queries."""
    return stream_of(path) is not None


ORDERS = Stream(
    name="orders",
    day_kind="window",
    tables={"orders": RECORD},
    fetch=fetch_orders,
    unpack=answers("orders", at(ORDERS_LISTING.items)),
    canonical=order_records,
    ready_at=time(0, 10),
    reads=lambda path: stream_of(path) == "orders",
)
BALANCE = Stream(
    name="balance_transactions",
    day_kind="window",
    tables={"balance_transactions": RECORD},
    fetch=fetch_balance,
    unpack=answers("balance_transactions", at(BALANCE_LISTING.items)),
    canonical=balance_records,
    ready_at=time(0, 10),
    reads=lambda path: stream_of(path) == "balance_transactions",
)
PAYOUTS = Stream(
    name="payouts",
    day_kind="window",
    tables={"payouts": RECORD},
    fetch=fetch_payouts,
    unpack=answers("payouts", at(PAYOUTS_LISTING.items), note=payout_contradiction),
    canonical=payout_records,
    ready_at=time(0, 10),
    reads=lambda path: stream_of(path) == "payouts",
)
