"""Douyin's streams: windows by modification time, bills by a double cursor, exports from a folder.

Every raw table has the one column ``record``: an order, a ticket, a settlement row, a movement, an insured parcel.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from connectors.core.answers import RECORD, Place, answers, at, beginning
from connectors.core.days import SHANGHAI, day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError, PagingError, UnexpectedShape
from connectors.core.paging import Page, backward_pages
from connectors.core.protocol import Connection, Delivery, Fetch, Stream, Tools, Unpack, Unpacked, Window
from connectors.core.text import Refused
from connectors.core.transport import Reply
from connectors.douyin.client import BILL_SUCCESS, DoudianClient, client_for
from connectors.douyin.exports import EXPORTS, export_of, unpack_export
from connectors.douyin.records import fund_records, insurance_records, order_records, refund_records, settlement_records

PAGE_SIZE = 100
ITEM_PAGE_SIZE = 1000
OVERLAP = timedelta(minutes=10)
SHORTEST = timedelta(minutes=1)
SPLIT_ABOVE = 10_000
MAX_PAGES = 1_000
SECOND = timedelta(seconds=1)
START_BYTES = 65_536
DROP_PATTERNS = ("*.csv", "*.csv.gz", "*.json")
ITEMS = {
    "orders": "$.data.shop_order_list",
    "refunds": "$.data.items",
    "settlements": "$.data.data",
    "funds": "$.data.data",
}
ANSWER_MARKS = {
    "orders": (b'"shop_order_list"', b'"data"'),
    "refunds": (b'"aftersale_info"', b'"data"'),
    "settlements": (b'"request_no"', b'"settle_amount"'),
    "funds": (b'"account_trade_no"', b'"fund_flow"'),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One list API: its method, where its records are, what identifies one, how a span is asked for."""

    method: str
    items: str
    key: tuple[str, ...]
    start: str
    end: str
    more: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bill:
    """One API with a double cursor."""

    method: str
    key: str
    size: int
    more: Mapping[str, Any]


ORDER_LIST = Listing(
    "order.searchList",
    "shop_order_list",
    ("order_id",),
    "update_time_start",
    "update_time_end",
    {"order_by": "update_time", "order_asc": True},
)
REFUND_LIST = Listing(
    "afterSale.List",
    "items",
    ("aftersale_info", "aftersale_id"),
    "update_start_time",
    "update_end_time",
    {"order_by": ["update_time asc"]},
)
SETTLEMENT_BILL = Bill("order.getSettleBillDetailV3", "request_no", PAGE_SIZE, {"time_type": "0"})
ITEM_BILL = Bill("order.getShopAccountItem", "account_trade_no", ITEM_PAGE_SIZE, {"time_type": 0})


@dataclass(frozen=True, slots=True)
class Lister:
    """Walks one list API over spans of time, backwards, because a changed record moves to the end."""

    client: DoudianClient
    listing: Listing

    def pages(self, span: Window) -> Iterator[tuple[Mapping[str, Any], Page[Reply]]]:
        """(request, page) for every page of the span; a crowded span is halved before the depth limit hides rows."""
        total = self._page(span, 1, size=1).total
        if total > SPLIT_ABOVE:
            if span.end - span.start <= SHORTEST:
                raise PagingError(f"{total} records within one minute are more than {self.listing.method} can page")
            middle = span.start + timedelta(seconds=(span.end - span.start) // SECOND // 2)
            yield from self.pages(Window(span.start, middle))
            yield from self.pages(Window(middle, span.end))
            return
        for number, page in backward_pages(lambda number: self._page(span, number), total, PAGE_SIZE, MAX_PAGES):
            yield self._request(span, number), page

    def _request(self, span: Window, number: int, size: int = PAGE_SIZE) -> dict[str, Any]:
        return {
            # pages count from 0; both ends of a span are taken as inclusive
            self.listing.start: int(span.start.timestamp()),
            self.listing.end: int((span.end - SECOND).timestamp()),
            "page": number - 1,
            "size": size,
            **self.listing.more,
        }

    def _page(self, span: Window, number: int, *, size: int = PAGE_SIZE) -> Page[Reply]:
        method = self.listing.method
        reply = self.client.call(method, self._request(span, number, size))
        found = reply.content.get(self.listing.items) or []
        total = reply.content.get("total")
        if not isinstance(found, list) or not str(total).isdecimal():
            raise UnexpectedShape(f"{method} answered without its list {self.listing.items} or without total")
        try:
            keys = tuple(_key_of(record, self.listing.key) for record in found)
        except (KeyError, TypeError):
            raise UnexpectedShape(f"{method} answered with a record that has no {self.listing.key[-1]}") from None
        return Page(body=reply, keys=keys, total=int(str(total)))


def _key_of(record: Any, steps: tuple[str, ...]) -> str:
    for step in steps:
        record = record[step]
    return str(record)


def spans(day: date) -> tuple[Window, Window]:
    """What is asked for a local day: the last minutes before it once more, then the day."""
    whole = day_window(day, SHANGHAI)
    return Window(whole.start - OVERLAP, whole.start), whole


def _listed(listing: Listing, stream: str) -> Callable[[DoudianClient, date], Iterator[Delivery]]:
    def of_day(client: DoudianClient, day: date) -> Iterator[Delivery]:
        for span in spans(day):
            for request, page in Lister(client, listing).pages(span):
                if page.keys:
                    yield _delivery(
                        stream, listing.method, request, day=day, window=span, body=page.body.body, rows=len(page.keys)
                    )

    return of_day


def _billed(bill: Bill, stream: str) -> Callable[[DoudianClient, date], Iterator[Delivery]]:
    def of_day(client: DoudianClient, day: date) -> Iterator[Delivery]:
        window = day_window(day, SHANGHAI)
        asked: dict[str, Any] = {
            "size": bill.size,
            "start_time": _local(window.start),
            "end_time": _local(window.end - SECOND),
            **bill.more,
        }
        seen = {("", asked["start_time"])}
        for _ in range(MAX_PAGES):
            reply = client.bill(bill.method, asked)
            found = reply.content.get("data") or []
            if not isinstance(found, list) or str(reply.content.get("is_end")) not in {"0", "1"}:
                raise UnexpectedShape(f"{bill.method} answered without its list data or without is_end")
            if any(not isinstance(row, dict) or not row.get(bill.key) for row in found):
                raise UnexpectedShape(f"{bill.method} answered with a row that has no {bill.key}")
            if len(found) > bill.size:
                raise PagingError(f"{bill.method} answered with {len(found)} rows, asked were at most {bill.size}")
            if found:
                yield _delivery(stream, bill.method, asked, day=day, window=window, body=reply.body, rows=len(found))
            if str(reply.content["is_end"]) == "1":
                return
            following = (
                str(reply.content.get("next_start_index") or ""),
                str(reply.content.get("next_start_time") or ""),
            )
            if not all(following) or following in seen:
                raise PagingError(f"{bill.method} repeated its cursor or gave none, so it would never end")
            seen.add(following)
            asked = asked | {"start_index": following[0], "start_time": following[1]}
        raise PagingError(f"{bill.method} has more than {MAX_PAGES} pages for one day")

    return of_day


def _local(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _delivery(
    stream: str, method: str, request: Mapping[str, Any], *, day: date, window: Window, body: bytes, rows: int
) -> Delivery:
    mark = request.get("start_index") or f"{request.get('page', 0)}_{window.start.strftime('%d%H%M')}"
    return Delivery(
        body=body,
        suffix="json",
        day=day,
        window=window,
        request={"method": method, **{name: str(value) for name, value in request.items()}},
        name=f"{stream}_{day.isoformat()}_{mark}.json",
        stated={"rows": str(rows)},
    )


def _fetcher(stream: str, of_day: Callable[[DoudianClient, date], Iterator[Delivery]] | None) -> Fetch:
    def fetch(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
        if connection.path is not None:
            for delivery in delivered_files(connection, tools, DROP_PATTERNS):
                # what is none of them is taken in too, once, so that it is refused by name and not passed over
                if (stream_of(connection.path / delivery.request["file"]) or "settlements") == stream:
                    yield delivery
            return
        if of_day is None:
            return
        asked = window
        try:
            client = client_for(connection, tools)
            for day in days_of(window, SHANGHAI):
                asked = day_window(day, SHANGHAI)
                yield from of_day(client, day)
        except ConnectorError as error:
            raise error.at(source="douyin", stream=stream, window=asked) from error.__cause__

    return fetch


def _unpacker(stream: str) -> Unpack:
    from_answer = answers(stream, _records_of(stream)) if stream in ITEMS else None

    def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
        if from_answer and (stream not in EXPORTS or beginning(path, 16).startswith((b"{", b"["))):
            return from_answer(path, suffix, workdir, connection, name)
        return unpack_export(path, workdir, name or path.name, stream)

    return unpack


def _records_of(stream: str) -> Place:
    def place(document: Any) -> str:
        inner = document.get("data") if isinstance(document, dict) else None
        if stream in {"settlements", "funds"} and isinstance(inner, dict) and str(inner.get("code")) != BILL_SUCCESS:
            raise Refused(f"carries code {inner.get('code')}, allowed: {BILL_SUCCESS}")
        return at(ITEMS[stream])(document)

    return place


def stream_of(path: Path) -> str | None:
    """Which stream a file is of, None for any other file."""
    start = beginning(path, START_BYTES)
    if start.startswith(b"{"):
        return next((name for name, marks in ANSWER_MARKS.items() if all(mark in start for mark in marks)), None)
    return export_of(path)


def recognises(path: Path) -> bool:
    """Whether the file is an answer of one of the APIs or one of the exports."""
    return stream_of(path) is not None


def _reads(stream: str) -> Callable[[Path], bool]:
    return lambda path: stream_of(path) == stream


ORDERS = Stream(
    name="orders",
    day_kind="window",
    tables={"orders": RECORD},
    fetch=_fetcher("orders", _listed(ORDER_LIST, "orders")),
    unpack=_unpacker("orders"),
    canonical=order_records,
    ready_at=time(0, 10),
    reads=_reads("orders"),
)
REFUNDS = Stream(
    name="refunds",
    day_kind="window",
    tables={"refunds": RECORD},
    fetch=_fetcher("refunds", _listed(REFUND_LIST, "refunds")),
    unpack=_unpacker("refunds"),
    canonical=refund_records,
    ready_at=time(0, 10),
    reads=_reads("refunds"),
)
SETTLEMENTS = Stream(
    name="settlements",
    day_kind="bill",
    tables={"settlements": RECORD},
    fetch=_fetcher("settlements", _billed(SETTLEMENT_BILL, "settlements")),
    unpack=_unpacker("settlements"),
    canonical=settlement_records,
    ready_at=time(9, 0),
    recheck_days=3,
    reads=_reads("settlements"),
)
FUNDS = Stream(
    name="funds",
    day_kind="bill",
    tables={"funds": RECORD},
    fetch=_fetcher("funds", _billed(ITEM_BILL, "funds")),
    unpack=_unpacker("funds"),
    canonical=fund_records,
    ready_at=time(9, 0),
    recheck_days=3,
    reads=_reads("funds"),
)
INSURANCE = Stream(
    name="insurance",
    day_kind="drop",
    tables={"insurance": RECORD},
    fetch=_fetcher("insurance", None),
    unpack=_unpacker("insurance"),
    canonical=insurance_records,
    reads=_reads("insurance"),
)
