"""Taobao's trades, their details and refunds: windows by modification time, pages walked backwards.

Every raw table has the one column ``record``: one trade of a list page, one trade of a detail answer, one refund.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from connectors.core.answers import RECORD, answers, at, beginning
from connectors.core.days import SHANGHAI, day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError, UnexpectedShape
from connectors.core.paging import Page, backward_pages
from connectors.core.protocol import (
    Connection,
    Delivery,
    Stream,
    Tools,
    Window,
)
from connectors.core.transport import Reply
from connectors.taobao.client import TopClient, client_for
from connectors.taobao.fields import DETAILED, IDS, LISTED, REFUND_TYPES, REFUNDED, TRADE_TYPES
from connectors.taobao.records import detail_records, refund_records, trade_records

PAGE_SIZE = 100
OVERLAP = timedelta(minutes=10)
LONGEST = timedelta(days=1)
SHORTEST = timedelta(minutes=1)
SPLIT_ABOVE = 10_000
MAX_PAGES = 1_000
SECOND = timedelta(seconds=1)
START_BYTES = 4096
DROP_PATTERNS = ("*.json", "*.ndjson")
ENVELOPES = {
    "trades": b"trades_sold_increment_get_response",
    "trade_details": b"trade_fullinfo_get_response",
    "refunds": b"refunds_receive_get_response",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One list API: where its records are, what identifies one, which kinds are asked for."""

    method: str
    items: tuple[str, str]
    key: str
    types: str


TRADE_LIST = Listing("taobao.trades.sold.increment.get", ("trades", "trade"), "tid", TRADE_TYPES)
REFUND_LIST = Listing("taobao.refunds.receive.get", ("refunds", "refund"), "refund_id", REFUND_TYPES)
DETAIL_METHOD = "taobao.trade.fullinfo.get"
TRADE_ITEMS = "$.trades_sold_increment_get_response.trades.trade"
DETAIL_ITEMS = "$.trade_fullinfo_get_response.trade"
REFUND_ITEMS = "$.refunds_receive_get_response.refunds.refund"


def spans(day: date) -> Iterator[Window]:
    """What is asked for a local day: the last minutes before it once more, then the day; never more than the limit."""
    whole = day_window(day, SHANGHAI)
    yield Window(whole.start - OVERLAP, whole.start)
    start = whole.start
    while start < whole.end:
        end = min(start + LONGEST, whole.end)
        yield Window(start, end)
        start = end


def _local(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Lister:
    """Walks one list API over spans of time."""

    client: TopClient
    listing: Listing
    fields: str

    def pages(self, span: Window) -> Iterator[tuple[Mapping[str, str], Page[Reply]]]:
        """(request, page) for every page of the span; a crowded span is halved, so that pages stay shallow."""
        total = self._page(span, 1, fields=self.listing.key, size=1).total
        if total > SPLIT_ABOVE and span.end - span.start > SHORTEST:
            middle = span.start + timedelta(seconds=(span.end - span.start) // SECOND // 2)
            yield from self.pages(Window(span.start, middle))
            yield from self.pages(Window(middle, span.end))
            return
        for number, page in backward_pages(lambda number: self._page(span, number), total, PAGE_SIZE, MAX_PAGES):
            yield self._request(span, number), page

    def _request(self, span: Window, number: int) -> dict[str, str]:
        return {
            "method": self.listing.method,
            # Both ends are inclusive at the source, and its clock has no fractions.
            "start_modified": _local(span.start),
            "end_modified": _local(span.end - SECOND),
            "page_no": str(number),
            "page_size": str(PAGE_SIZE),
        }

    def _page(self, span: Window, number: int, *, fields: str = "", size: int = PAGE_SIZE) -> Page[Reply]:
        asked = self._request(span, number) | {"page_size": str(size), "fields": fields or self.fields}
        method = asked.pop("method")
        reply = self.client.call(method, asked | {"type": self.listing.types, "use_has_next": "false"})
        outer, inner = self.listing.items
        found = (reply.content.get(outer) or {}).get(inner) or []
        total = reply.content.get("total_results")
        if not isinstance(found, list) or not str(total).isdecimal():
            raise UnexpectedShape(f"{method} answered without its list {outer}.{inner} or without total_results")
        try:
            keys = tuple(str(record[self.listing.key]) for record in found)
        except (KeyError, TypeError):
            raise UnexpectedShape(f"{method} answered with a record that has no {self.listing.key}") from None
        return Page(body=reply, keys=keys, total=int(str(total)))


def _deliver(
    connection: Connection,
    window: Window,
    tools: Tools,
    stream: str,
    of_day: Callable[[TopClient, date], Iterator[Delivery]],
) -> Iterator[Delivery]:
    if connection.path is not None:
        for delivery in delivered_files(connection, tools, DROP_PATTERNS):
            path = connection.path / delivery.request["file"]
            # what answers none of the three is taken in too, once, so that it is refused by name and not passed over
            if (_stream_of(path) or "trades") == stream:
                yield delivery
        return
    asked = window
    try:
        client = client_for(connection, tools)
        for day in days_of(window, SHANGHAI):
            asked = day_window(day, SHANGHAI)
            yield from of_day(client, day)
    except ConnectorError as error:
        raise error.at(source="taobao", stream=stream, window=asked) from error.__cause__


def _pages(listing: Listing, fields: str, stream: str) -> Callable[[TopClient, date], Iterator[Delivery]]:
    def of_day(client: TopClient, day: date) -> Iterator[Delivery]:
        for span in spans(day):
            for request, page in Lister(client, listing, fields).pages(span):
                if not page.keys:
                    continue
                yield Delivery(
                    body=page.body.body,
                    suffix="json",
                    day=day,
                    window=span,
                    request=request,
                    name=f"{stream}_{request['start_modified'].replace(' ', '_')}_p{request['page_no']}.json",
                    stated={"rows": str(len(page.keys)), "total_results": str(page.total)},
                )

    return of_day


def _details(client: TopClient, day: date) -> Iterator[Delivery]:
    """One bundle per list page: the raw answers of its trades, one per line."""
    seen: set[str] = set()
    for span in spans(day):
        for request, page in Lister(client, TRADE_LIST, IDS).pages(span):
            fresh = [tid for tid in dict.fromkeys(page.keys) if tid not in seen]
            seen.update(fresh)
            if not fresh:
                continue
            lines = [one_line(client.call(DETAIL_METHOD, {"tid": tid, "fields": DETAILED}).body) for tid in fresh]
            yield Delivery(
                body=b"\n".join([*lines, b""]),
                suffix="ndjson",
                day=day,
                window=span,
                request={**request, "method": DETAIL_METHOD, "listed_by": TRADE_LIST.method},
                name=f"trade_details_{request['start_modified'].replace(' ', '_')}_p{request['page_no']}.ndjson",
                stated={"rows": str(len(lines))},
            )


def one_line(answer: bytes) -> bytes:
    """An answer on one line: a line break in JSON is white space, inside a text it is always escaped."""
    return answer.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b" ").replace(b"\n", b" ").strip()


def fetch_trades(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The list pages of trades modified in the window."""
    return _deliver(connection, window, tools, "trades", _pages(TRADE_LIST, LISTED, "trades"))


def fetch_details(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The full record of every trade modified in the window."""
    return _deliver(connection, window, tools, "trade_details", _details)


def fetch_refunds(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The list pages of refunds modified in the window."""
    return _deliver(connection, window, tools, "refunds", _pages(REFUND_LIST, REFUNDED, "refunds"))


def _stream_of(path: Path) -> str | None:
    start = beginning(path, START_BYTES)
    return next((name for name, mark in ENVELOPES.items() if mark in start), None)


def recognises(path: Path) -> bool:
    """Whether the file is an answer of one of the three APIs."""
    return _stream_of(path) is not None


TRADES = Stream(
    name="trades",
    day_kind="window",
    tables={"trades": RECORD},
    fetch=fetch_trades,
    unpack=answers("trades", at(TRADE_ITEMS)),
    canonical=trade_records,
    ready_at=time(0, 10),
    reads=lambda path: _stream_of(path) == "trades",
)
DETAILS = Stream(
    name="trade_details",
    day_kind="window",
    tables={"trade_details": RECORD},
    fetch=fetch_details,
    unpack=answers("trade_details", at(DETAIL_ITEMS, dict), is_bundle=True),
    canonical=detail_records,
    ready_at=time(0, 10),
    reads=lambda path: _stream_of(path) == "trade_details",
)
REFUNDS = Stream(
    name="refunds",
    day_kind="window",
    tables={"refunds": RECORD},
    fetch=fetch_refunds,
    unpack=answers("refunds", at(REFUND_ITEMS)),
    canonical=refund_records,
    ready_at=time(0, 10),
    reads=lambda path: _stream_of(path) == "refunds",
)
