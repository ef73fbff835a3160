"""WooCommerce's orders and refunds: windows by modification in UTC, pages walked backwards.

Every raw table has the one column ``record``: one order, one refund.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from connectors.core.answers import RECORD, Place, answers, at, document_of
from connectors.core.days import day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError, UnexpectedShape
from connectors.core.paging import Page, backward_pages
from connectors.core.protocol import Connection, Delivery, Stream, Tools, Window
from connectors.woocommerce.client import Listing, SiteClient, client_for
from connectors.woocommerce.records import order_records, refund_records

PAGE_SIZE = 100
OVERLAP = timedelta(minutes=10)
MAX_PAGES = 1_000
DROP_PATTERNS = ("*.json",)
ORDER_MARKS = {"id", "status", "date_created_gmt", "line_items", "total", "order_key"}
REFUND_MARKS = {"id", "amount", "date_created_gmt", "refunded_by", "line_items"}


def _gmt(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _query(span: Window, number: int, size: int = PAGE_SIZE) -> dict[str, str]:
    return {
        "modified_after": _gmt(span.start),
        "modified_before": _gmt(span.end),
        "dates_are_gmt": "true",
        "status": "any",
        "orderby": "id",
        "order": "asc",
        "per_page": str(size),
        "page": str(number),
    }


def _pages(client: SiteClient, path: str, span: Window | None) -> Iterator[tuple[int, Listing]]:
    """Every page of a list, from the last to the first: one that leaves the list meanwhile hides no other."""

    def page(number: int, size: int = PAGE_SIZE) -> Page[Listing]:
        query = _query(span, number, size) if span else {"per_page": str(size), "page": str(number)}
        found = client.listing(path, query)
        try:
            keys = tuple(str(record["id"]) for record in found.records)
        except KeyError:
            raise UnexpectedShape(f"{path} answered with a record that has no id") from None
        return Page(body=found, keys=keys, total=found.total)

    total = page(1, 1).total
    for number, found in backward_pages(page, total, PAGE_SIZE, MAX_PAGES):
        yield number, found.body


def _orders(client: SiteClient, day: date, span: Window) -> Iterator[Delivery]:
    for number, page in _pages(client, "/orders", span):
        if page.records:
            yield Delivery(
                body=page.body,
                suffix="json",
                day=day,
                window=span,
                request={"path": "/orders", **_query(span, number)},
                name=f"orders_{day.isoformat()}_p{number}.json",
                stated={"rows": str(len(page.records)), "total": str(page.total)},
            )


def _refunds(client: SiteClient, day: date, span: Window) -> Iterator[Delivery]:
    """The refunds of every changed order that has some: a refund changes its order."""
    seen: set[str] = set()
    for _, page in _pages(client, "/orders", span):
        for order in page.records:
            number = str(order["id"])
            if not order.get("refunds") or number in seen:
                continue
            seen.add(number)
            path = f"/orders/{number}/refunds"
            for place, found in _pages(client, path, None):
                if found.records:
                    yield Delivery(
                        body=found.body,
                        suffix="json",
                        day=day,
                        window=span,
                        request={"path": path, "page": str(place)},
                        name=f"refunds_{day.isoformat()}_{number}_p{place}.json",
                        stated={"rows": str(len(found.records)), "total": str(found.total)},
                    )


def _fetch(connection: Connection, window: Window, tools: Tools, stream: str) -> Iterator[Delivery]:
    if connection.path is not None:
        for delivery in delivered_files(connection, tools, DROP_PATTERNS):
            # what is neither is taken in too, once, so that it is refused by name and not passed over
            if (stream_of(connection.path / delivery.request["file"]) or "orders") == stream:
                yield delivery
        return
    asked = window
    try:
        client = client_for(connection, tools)
        for day in days_of(window, connection.timezone):
            whole = day_window(day, connection.timezone)
            asked = Window(whole.start - OVERLAP, whole.end)
            yield from (_orders if stream == "orders" else _refunds)(client, day, asked)
    except ConnectorError as error:
        raise error.at(source="woocommerce", stream=stream, window=asked) from error.__cause__


def fetch_orders(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The list pages of orders modified in the window."""
    return _fetch(connection, window, tools, "orders")


def fetch_refunds(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The refunds of orders modified in the window."""
    return _fetch(connection, window, tools, "refunds")


def _marked(table: str, marks: set[str]) -> Place:
    """A page, or one record by itself, whose records have all of these members."""

    def wrong(record: Mapping[str, Any]) -> str:
        missing = sorted(marks - record.keys())
        return f"is no answer with {table} of WooCommerce: a record has no {missing[0]}" if missing else ""

    return at("", list, dict, wrong=wrong)


def stream_of(path: Path) -> str | None:
    """Which of the two lists a file is; a single record counts as a page of one."""
    try:
        document = document_of(path) if path.suffix.lower() == ".json" else None
    except (OSError, ValueError, RecursionError):
        return None
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict):
        return None
    if first.keys() >= ORDER_MARKS:
        return "orders"
    return "refunds" if first.keys() >= REFUND_MARKS else None


def recognises(path: Path) -> bool:
    """Whether the file is an answer of one of the two lists."""
    return stream_of(path) is not None


ORDERS = Stream(
    name="orders",
    day_kind="window",
    tables={"orders": RECORD},
    fetch=fetch_orders,
    unpack=answers("orders", _marked("orders", ORDER_MARKS)),
    canonical=order_records,
    ready_at=time(0, 10),
    reads=lambda path: stream_of(path) == "orders",
)
REFUNDS = Stream(
    name="refunds",
    day_kind="window",
    tables={"refunds": RECORD},
    fetch=fetch_refunds,
    unpack=answers("refunds", _marked("refunds", REFUND_MARKS)),
    canonical=refund_records,
    ready_at=time(0, 10),
    reads=lambda path: stream_of(path) == "refunds",
)
