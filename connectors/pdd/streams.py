"""Pinduoduo's orders, refunds and money files: half-hour windows, pages walked backwards, one file a day.

Raw tables ``orders`` and ``refunds`` have the one column ``record``; ``bills`` has the columns of the file.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from connectors.core.answers import BUNDLE, RECORD, answers, at, beginning
from connectors.core.days import SHANGHAI, day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError, UnexpectedShape
from connectors.core.paging import Page, backward_pages
from connectors.core.protocol import Connection, Delivery, Stream, Tools, Window
from connectors.core.transport import Reply
from connectors.pdd.bills import is_bill, unpack_bills
from connectors.pdd.client import BILL_ADDRESS, ORDER_DETAIL, ORDER_LIST, REFUND_LIST, PddClient, client_for
from connectors.pdd.layout import BILL_COLUMNS
from connectors.pdd.records import flow_records, order_records, refund_records

PAGE_SIZE = 100
OVERLAP = timedelta(minutes=10)
LONGEST = timedelta(minutes=30)
MAX_PAGES = 1_000
START_BYTES = 4096
ANSWER_PATTERNS = ("*.json", "*.ndjson")
BILL_PATTERNS = ("*.csv", "*.csv.gz", "*.zip")
ORDER_MARKS = ("order_info_get_response", "order_list_get_response")
REFUND_MARK = "refund_increment_get_response"
DETAIL_ITEMS = "$.order_info_get_response.order_info"
AFFILIATE_FIELD = "promotion_rate"
LIST_ITEMS = "$.order_list_get_response.order_list"
REFUND_ITEMS = "$.refund_increment_get_response.refund_list"


@dataclass(frozen=True, slots=True)
class Listing:
    """One list API: where its records are, what identifies one, what it must be told to hold nothing back."""

    method: str
    items: str
    key: str
    everything: Mapping[str, str]


ORDERS_CHANGED = Listing(
    ORDER_LIST, "order_sn_list", "order_sn", {"is_lucky_flag": "0", "order_status": "5", "refund_status": "5"}
)
REFUNDS_CHANGED = Listing(REFUND_LIST, "refund_list", "id", {"after_sales_status": "1", "after_sales_type": "1"})


def spans(day: date) -> Iterator[Window]:
    """What is asked for a local day: the last minutes before it once more, then its half hours."""
    whole = day_window(day, SHANGHAI)
    yield Window(whole.start - OVERLAP, whole.start)
    start = whole.start
    while start < whole.end:
        yield Window(start, min(start + LONGEST, whole.end))
        start += LONGEST


@dataclass(frozen=True, slots=True)
class Lister:
    """Walks one list API over spans of time."""

    client: PddClient
    listing: Listing

    def pages(self, span: Window) -> Iterator[tuple[Mapping[str, str], Page[Reply]]]:
        """(request, page) for every page of the span; a first page that holds everything is not asked for twice."""
        first = self._page(span, 1)

        def get(number: int) -> Page[Reply]:
            return first if first.total <= PAGE_SIZE else self._page(span, number)

        for number, page in backward_pages(get, first.total, PAGE_SIZE, MAX_PAGES):
            yield self._request(span, number), page

    def _request(self, span: Window, number: int) -> dict[str, str]:
        # Whether the end itself counts is not documented: it is asked for on both sides, and a record may come twice.
        return {
            "type": self.listing.method,
            "start_updated_at": str(int(span.start.timestamp())),
            "end_updated_at": str(int(span.end.timestamp())),
            "page": str(number),
            "page_size": str(PAGE_SIZE),
            **self.listing.everything,
        }

    def _page(self, span: Window, number: int) -> Page[Reply]:
        asked = self._request(span, number)
        method = asked.pop("type")
        reply = self.client.call(method, asked)
        found = reply.content.get(self.listing.items)
        total = reply.content.get("total_count")
        if found is None and str(total) == "0":
            found = []
        if not isinstance(found, list) or not str(total).isdecimal():
            raise UnexpectedShape(f"{method} answered without its list {self.listing.items} or without total_count")
        try:
            keys = tuple(str(record[self.listing.key]) for record in found)
        except (KeyError, TypeError):
            raise UnexpectedShape(f"{method} answered with a record that has no {self.listing.key}") from None
        return Page(body=reply, keys=keys, total=int(str(total)))


def _asked(
    connection: Connection,
    window: Window,
    tools: Tools,
    stream: str,
    of_day: Callable[[PddClient, date], Iterator[Delivery]],
) -> Iterator[Delivery]:
    """What the API holds for every day of the window; an error says which day it was."""
    asked = window
    try:
        client = client_for(connection, tools)
        for day in days_of(window, SHANGHAI):
            asked = day_window(day, SHANGHAI)
            yield from of_day(client, day)
    except ConnectorError as error:
        raise error.at(source="pdd", stream=stream, window=asked) from error.__cause__


def _orders_of(client: PddClient, day: date) -> Iterator[Delivery]:
    """One bundle per list page: the full answer about each order, one per line, each order once a day."""
    seen: set[str] = set()
    for span in spans(day):
        for request, page in Lister(client, ORDERS_CHANGED).pages(span):
            fresh = [number for number in dict.fromkeys(page.keys) if number not in seen]
            seen.update(fresh)
            if not fresh:
                continue
            lines = [_one_line(client.call(ORDER_DETAIL, {"order_sn": number}).body) for number in fresh]
            yield Delivery(
                body=b"\n".join([*lines, b""]),
                suffix=BUNDLE,
                day=day,
                window=span,
                request={**request, "type": ORDER_DETAIL, "listed_by": ORDER_LIST},
                name=f"orders_{day.isoformat()}_{span.start.astimezone(SHANGHAI):%H%M}_p{request['page']}.ndjson",
                stated={"rows": str(len(lines))},
            )


def _one_line(answer: bytes) -> bytes:
    """An answer on one line: a line break in JSON is white space, inside a text it is always escaped."""
    return answer.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b" ").replace(b"\n", b" ").strip()


def _refunds_of(client: PddClient, day: date) -> Iterator[Delivery]:
    for span in spans(day):
        for request, page in Lister(client, REFUNDS_CHANGED).pages(span):
            if not page.keys:
                continue
            yield Delivery(
                body=page.body.body,
                suffix="json",
                day=day,
                window=span,
                request=request,
                name=f"refunds_{day.isoformat()}_{span.start.astimezone(SHANGHAI):%H%M}_p{request['page']}.json",
                stated={"rows": str(len(page.keys)), "total_count": str(page.total)},
            )


def _bill_of(client: PddClient, day: date) -> Iterator[Delivery]:
    body = client.bill(day.isoformat())
    suffix = "zip" if body[:2] == b"PK" else "csv.gz" if body[:2] == b"\x1f\x8b" else "csv"
    yield Delivery(
        body=body,
        suffix=suffix,
        day=day,
        window=day_window(day, SHANGHAI),
        request={"type": BILL_ADDRESS, "bill_date": day.isoformat()},
        name=f"bill_{day.isoformat()}.{suffix}",
    )


def fetch_orders(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The full record of every order changed in the window."""
    if connection.path is None:
        yield from _asked(connection, window, tools, "orders", _orders_of)
        return
    for delivery in delivered_files(connection, tools, ANSWER_PATTERNS):
        # what is no answer known here is taken in too, once, so that it is refused by name and not passed over
        if not _starts_with(connection.path / delivery.request["file"], (REFUND_MARK,)):
            yield delivery


def fetch_refunds(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The list pages of refunds changed in the window."""
    if connection.path is None:
        yield from _asked(connection, window, tools, "refunds", _refunds_of)
        return
    for delivery in delivered_files(connection, tools, ANSWER_PATTERNS):
        if _starts_with(connection.path / delivery.request["file"], (REFUND_MARK,)):
            yield delivery


def fetch_bills(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """One money file per day. The day in an exported file's name is the day of the export, so no name is left out."""
    if connection.path is None:
        yield from _asked(connection, window, tools, "bills", _bill_of)
        return
    yield from delivered_files(connection, tools, BILL_PATTERNS)


def _affiliate(record: Mapping[str, Any]) -> str:
    if AFFILIATE_FIELD not in record:
        return ""
    return "is an answer of the affiliate API (多多进宝), in fen; allowed are the shop's own orders"


def _orders_at(document: Any) -> str:
    """A detail answer, of which a bundle has one a line, or one page of the order list."""
    is_page = isinstance(document, dict) and ORDER_MARKS[1] in document
    place = at(LIST_ITEMS, wrong=_affiliate) if is_page else at(DETAIL_ITEMS, dict, wrong=_affiliate)
    return place(document)


def _starts_with(path: Path, marks: tuple[str, ...]) -> bool:
    start = beginning(path, START_BYTES)
    return start.startswith(b"{") and any(mark.encode() in start for mark in marks)


def recognises(path: Path) -> bool:
    """Whether the file is an answer about orders or refunds, or a money file."""
    return any(stream.reads is not None and stream.reads(path) for stream in (ORDERS, REFUNDS, BILLS))


ORDERS = Stream(
    name="orders",
    day_kind="window",
    tables={"orders": RECORD},
    fetch=fetch_orders,
    unpack=answers("orders", _orders_at),
    canonical=order_records,
    ready_at=time(0, 10),
    reads=lambda path: _starts_with(path, ORDER_MARKS),
)
REFUNDS = Stream(
    name="refunds",
    day_kind="window",
    tables={"refunds": RECORD},
    fetch=fetch_refunds,
    unpack=answers("refunds", at(REFUND_ITEMS, wrong=_affiliate)),
    canonical=refund_records,
    ready_at=time(0, 10),
    reads=lambda path: _starts_with(path, (REFUND_MARK,)),
)
BILLS = Stream(
    name="bills",
    day_kind="bill",
    tables={"bills": BILL_COLUMNS},
    fetch=fetch_bills,
    unpack=unpack_bills,
    canonical=flow_records,
    ready_at=time(10, 0),
    recheck_days=3,
    reads=is_bill,
)
