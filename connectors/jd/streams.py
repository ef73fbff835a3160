"""JD's streams: orders and refund applications by windows of time, settlements and the wallet from a folder.

Every raw table has the one column ``record``: an order, an application, a settlement row, a settlement, a movement.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from connectors.core.answers import RECORD, answers, at, beginning
from connectors.core.days import SHANGHAI, day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import BadRequest, ConnectorError, PagingError, UnexpectedShape
from connectors.core.paging import Page, backward_pages
from connectors.core.protocol import Connection, Delivery, Fetch, Stream, Tools, Unpacked, Window
from connectors.core.transport import Reply
from connectors.jd.bills import TABLES, is_bills, unpack_bills
from connectors.jd.client import JosClient, client_for
from connectors.jd.records import bill_records, order_records, refund_records

PAGE_SIZE = 50
MAX_PAGES = 50
SPLIT_ABOVE = PAGE_SIZE * MAX_PAGES
OVERLAP = timedelta(minutes=10)
SHORTEST = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
START_BYTES = 65_536
BY_CHANGE = 0
ORDER_METHODS = ("jingdong.pop.order.search", "jingdong.pop.order.enSearch")
REFUND_METHOD = "jingdong.pop.afs.soa.refundapply.queryPageList"
STATES = (
    "WAIT_SELLER_STOCK_OUT,WAIT_SELLER_DELIVERY,WAIT_GOODS_RECEIVE_CONFIRM,FINISHED_L,TRADE_CANCELED,LOCKED,PAUSE,"
    "POP_ORDER_PAUSE"
)
FIELDS = (
    "orderId,parentOrderId,directParentOrderId,orderType,payType,orderTotalPrice,orderSellerPrice,orderPayment,"
    "freightPrice,sellerDiscount,balanceUsed,orderState,orderStateRemark,orderStartTime,orderEndTime,paymentConfirmTime,"
    "outBoundDate,modified,itemInfoList,couponDetailList,waybill,logisticsId,returnOrder,storeOrder,open_id_buyer"
)
DROP_PATTERNS = ("*.json", "*.csv", "*.csv.gz", "*.xlsx")
ORDER_MARKS = (b'"orderId"', b'"orderState"', b'"itemInfoList"')
REFUND_MARK = b'"jingdong_pop_afs_soa_refundapply_queryPageList_responce"'


@dataclass(frozen=True, slots=True)
class Listing:
    """One list API: where its result, verdict, records and count are, and how a page of a span is asked for."""

    method: str
    result: str
    verdict: str
    items: str
    total: str
    key: str
    start: str
    end: str
    page: str
    size: str
    more: Mapping[str, Any]

    def request(self, span: Window, number: int, size: int) -> dict[str, Any]:
        """Both ends of a span are taken as inclusive."""
        return {
            self.start: _local(span.start),
            self.end: _local(span.end - SECOND),
            self.page: number,
            self.size: size,
            **self.more,
        }


@dataclass(frozen=True, slots=True)
class Lister:
    """Walks one list API over spans of time, backwards, because a changed record moves to the end."""

    client: JosClient
    listing: Listing

    def pages(self, span: Window) -> Iterator[tuple[Mapping[str, Any], Window, Page[Reply]]]:
        """(request, span, page) for every page; a crowded span is halved before the depth limit hides records."""
        total = self._page(span, 1, size=1).total
        if total > SPLIT_ABOVE:
            if span.end - span.start <= SHORTEST:
                raise PagingError(f"{total} records within one minute are more than {self.listing.method} can page")
            middle = span.start + timedelta(seconds=(span.end - span.start) // SECOND // 2)
            yield from self.pages(Window(span.start, middle))
            yield from self.pages(Window(middle, span.end))
            return
        for number, page in backward_pages(lambda number: self._page(span, number), total, PAGE_SIZE, MAX_PAGES):
            yield self.listing.request(span, number, PAGE_SIZE), span, page

    def _page(self, span: Window, number: int, *, size: int = PAGE_SIZE) -> Page[Reply]:
        listing = self.listing
        reply = self.client.call(listing.method, listing.request(span, number, size), listing.result, listing.verdict)
        found, total = reply.content.get(listing.items) or [], str(reply.content.get(listing.total))
        if not isinstance(found, list) or not total.isdecimal():
            raise UnexpectedShape(
                f"{listing.method} answered without its list {listing.items} or without {listing.total}"
            )
        try:
            keys = tuple(str((record.get("refundApplyVo") or record)[listing.key]) for record in found)
        except (KeyError, TypeError, AttributeError):
            raise UnexpectedShape(f"{listing.method} answered with a record that has no {listing.key}") from None
        return Page(body=reply, keys=keys, total=int(total))


def _local(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def order_listings(connection: Connection) -> tuple[Listing, ...]:
    """Orders by the time of their change; which method and which kind of time can be set."""
    method = str(connection.options.get("order_method", ORDER_METHODS[0]))
    if method not in ORDER_METHODS:
        raise BadRequest(
            f"connection {connection.name}: order_method is {method!r}, allowed: {', '.join(ORDER_METHODS)}"
        )
    kind = str(connection.options.get("date_type", BY_CHANGE))
    if kind not in {"0", "1"}:
        raise BadRequest(f"connection {connection.name}: date_type is {kind!r}, allowed: 0, 1")
    return (
        Listing(
            method=method, result="searchorderinfo_result", verdict="apiResult", items="orderInfoList",
            total="orderTotal", key="orderId", start="start_date", end="end_date", page="page", size="page_size",
            more={
                "order_state": STATES,
                "optional_fields": FIELDS,
                "sortType": 0,
                "dateType": int(kind),
            },
        ),
    )  # fmt: skip


def refund_listings(connection: Connection) -> tuple[Listing, ...]:
    """Applications by the time they were made, and again by the time they were decided."""
    del connection
    return tuple(
        Listing(
            method=REFUND_METHOD, result="queryResult", verdict="", items="result", total="totalCount", key="id",
            start=f"{what}TimeStart", end=f"{what}TimeEnd", page="pageIndex", size="pageSize", more={},
        )
        for what in ("apply", "check")
    )  # fmt: skip


def _of_day(client: JosClient, listings: tuple[Listing, ...], stream: str, day: date) -> Iterator[Delivery]:
    whole = day_window(day, SHANGHAI)
    for listing in listings:
        for span in (Window(whole.start - OVERLAP, whole.start), whole):
            for request, asked, page in Lister(client, listing).pages(span):
                if not page.keys:
                    continue
                mark = f"{listing.start}_{asked.start.astimezone(SHANGHAI).strftime('%d%H%M')}_{request[listing.page]}"
                yield Delivery(
                    body=page.body.body,
                    suffix="json",
                    day=day,
                    window=asked,
                    request={"method": listing.method, **{name: str(value) for name, value in request.items()}},
                    name=f"{stream}_{day.isoformat()}_{mark}.json",
                    stated={"rows": str(len(page.keys))},
                )


def _fetcher(stream: str, listings: Callable[[Connection], tuple[Listing, ...]]) -> Fetch:
    def fetch(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
        if connection.path is not None:
            yield from _dropped(connection, tools, stream)
            return
        asked = window
        try:
            client, wanted = client_for(connection, tools), listings(connection)
            for day in days_of(window, SHANGHAI):
                asked = day_window(day, SHANGHAI)
                yield from _of_day(client, wanted, stream, day)
        except ConnectorError as error:
            raise error.at(source="jd", stream=stream, window=asked) from error.__cause__

    return fetch


def fetch_bills(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The exports of a folder; no interface tells settlements or the wallet, so without a folder nothing arrives."""
    del window
    if connection.path is not None:
        yield from _dropped(connection, tools, "bills")


def _dropped(connection: Connection, tools: Tools, stream: str) -> Iterator[Delivery]:
    for delivery in delivered_files(connection, tools, DROP_PATTERNS):
        path = (connection.path or Path()) / delivery.request["file"]
        # what is none of them is taken in too, once, so that it is refused by name and not passed over
        if (_answer_of(path) or "bills") == stream:
            yield delivery


def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """An export of settlement rows, of the wallet, or a workbook of both."""
    del connection
    return unpack_bills(path, suffix, workdir, name or path.name)


def _orders_at(document: Any) -> str:
    """An answer of either order list; an order by itself is one record."""
    if isinstance(document, dict) and "orderId" in document and isinstance(document.get("itemInfoList"), list):
        return "$"
    envelopes = [method.replace(".", "_") + "_responce" for method in ORDER_METHODS]
    known = [envelope for envelope in envelopes if isinstance(document, dict) and envelope in document]
    return at(f"$.{(known or envelopes)[0]}.searchorderinfo_result.orderInfoList")(document)


def _answer_of(path: Path) -> str | None:
    """Which API a file is an answer of; None for any other file."""
    start = beginning(path, START_BYTES)
    if not start.startswith(b"{"):
        return None
    if REFUND_MARK in start:
        return "refunds"
    is_list = any(f'"{method.replace(".", "_")}_responce"'.encode() in start for method in ORDER_METHODS)
    return "orders" if is_list or all(mark in start for mark in ORDER_MARKS) else None


def recognises(path: Path) -> bool:
    """Whether the file is an answer of one of the APIs, or one of JD's exports."""
    return _answer_of(path) is not None or is_bills(path)


ORDERS = Stream(
    name="orders",
    day_kind="window",
    tables={"orders": RECORD},
    fetch=_fetcher("orders", order_listings),
    unpack=answers("orders", _orders_at),
    canonical=order_records,
    ready_at=time(0, 10),
    reads=lambda path: _answer_of(path) == "orders",
)
REFUNDS = Stream(
    name="refunds",
    day_kind="window",
    tables={"refunds": RECORD},
    fetch=_fetcher("refunds", refund_listings),
    unpack=answers("refunds", at(f"$.{REFUND_METHOD.replace('.', '_')}_responce.queryResult.result")),
    canonical=refund_records,
    ready_at=time(0, 10),
    reads=lambda path: _answer_of(path) == "refunds",
)
BILLS = Stream(
    name="bills",
    day_kind="drop",
    tables=dict.fromkeys(TABLES, RECORD),
    fetch=fetch_bills,
    unpack=unpack,
    canonical=bill_records,
    reads=is_bills,
)
