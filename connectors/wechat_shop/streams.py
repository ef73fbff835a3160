"""The shop's orders, after-sales and movements: listed by number, then asked for one by one.

Raw tables ``orders`` and ``refunds`` have the one column ``record``; ``funds`` has the columns of the ledger file.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from connectors.core.answers import RECORD, answers, at, beginning
from connectors.core.days import SHANGHAI, day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError, NotReadyYet
from connectors.core.protocol import Connection, Delivery, Stream, Tools, Window
from connectors.wechat_shop.client import ShopClient, client_for
from connectors.wechat_shop.funds import BUNDLE, is_funds, unpack_funds
from connectors.wechat_shop.layout import FUND_COLUMNS
from connectors.wechat_shop.records import flow_records, order_records, refund_records

PAGE_SIZE = 100
FUND_PAGE_SIZE = 50
OVERLAP = timedelta(minutes=10)
FUNDS_READY_HOUR = 16
START_BYTES = 4096
ANSWER_PATTERNS = ("*.json", "*.ndjson")
FUND_PATTERNS = ("*.csv", "*.csv.gz", *ANSWER_PATTERNS)
REFUND_MARK = '"after_sale_order"'
ORDER_MARKS = ('"order"', '"order_detail"')
ORDER_ITEMS = "$.order"
REFUND_ITEMS = "$.after_sale_order"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: how it is listed, and how one is asked for by its number."""

    stream: str
    listed: str
    items: str
    detail: str
    key: str


ORDER = Kind("orders", "/channels/ec/order/list/get", "order_id_list", "/channels/ec/order/get", "order_id")
AFTERSALE = Kind(
    "refunds",
    "/channels/ec/aftersale/getaftersalelist",
    "after_sale_order_id_list",
    "/channels/ec/aftersale/getaftersaleorder",
    "after_sale_order_id",
)
FLOW = Kind(
    "funds", "/channels/ec/funds/getfundsflowlist", "flow_ids", "/channels/ec/funds/getfundsflowdetail", "flow_id"
)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _asked(kind: Kind, day: date) -> list[tuple[Window, dict[str, Any]]]:
    """What is asked for a local day.

    Whether an end belongs to its window is not documented: what lies on it may come twice, and never not at all.
    Movements are asked for by the day alone, for they do not change.
    """
    whole = day_window(day, SHANGHAI)
    before = Window(whole.start - OVERLAP, whole.start)
    if kind is ORDER:
        window = Window(before.start, whole.end)
        times = {"start_time": _seconds(window.start), "end_time": _seconds(window.end)}
        return [(window, {"update_time_range": times, "page_size": PAGE_SIZE})]
    if kind is AFTERSALE:
        return [
            (span, {"begin_update_time": _seconds(span.start), "end_update_time": _seconds(span.end)})
            for span in (before, whole)
        ]
    times = {"start_time": _seconds(whole.start), "end_time": _seconds(whole.end)}
    return [(whole, {**times, "page": 1, "page_size": FUND_PAGE_SIZE})]


def _of_day(client: ShopClient, kind: Kind, day: date) -> Iterator[Delivery]:
    """One bundle per list page: the full answer about each record, one per line, each record once a day."""
    seen: set[str] = set()
    number = 0
    for window, body in _asked(kind, day):
        for asked, numbers in client.pages(kind.listed, body, kind.items):
            number += 1
            fresh = [one for one in dict.fromkeys(numbers) if one not in seen]
            seen.update(fresh)
            if not fresh:
                continue
            lines = [_one_line(client.call(kind.detail, {kind.key: one}).body) for one in fresh]
            yield Delivery(
                body=b"\n".join([*lines, b""]),
                suffix=BUNDLE,
                day=day,
                window=window,
                request={"path": kind.detail, "listed_by": kind.listed, "asked": _shown(asked)},
                name=f"{kind.stream}_{day.isoformat()}_p{number}.{BUNDLE}",
                stated={"rows": str(len(lines))},
            )


def _shown(asked: Mapping[str, Any]) -> str:
    return json.dumps(dict(asked), sort_keys=True)


def _one_line(answer: bytes) -> bytes:
    """An answer on one line: a line break in JSON is white space, inside a text it is always escaped."""
    return answer.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b" ").replace(b"\n", b" ").strip()


def _fetch(connection: Connection, window: Window, tools: Tools, kind: Kind) -> Iterator[Delivery]:
    asked = window
    try:
        client = client_for(connection, tools)
        for day in days_of(window, SHANGHAI):
            asked = day_window(day, SHANGHAI)
            if kind is FLOW:
                _check_ready(connection, tools, day)
            yield from _of_day(client, kind, day)
    except ConnectorError as error:
        raise error.at(source="wechat_shop", stream=kind.stream, window=asked) from error.__cause__


def _check_ready(connection: Connection, tools: Tools, day: date) -> None:
    """Before its hour the source shortens the window silently, so that a day looks empty."""
    hour = int(connection.options.get("funds_ready_hour", FUNDS_READY_HOUR))
    ready = day_window(day, SHANGHAI).end + timedelta(hours=hour)
    if tools.now() < ready:
        raise NotReadyYet(f"the movements of a day are there from {hour}:00 of the next; ask again after that")


def fetch_orders(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The full record of every order changed in the window."""
    if connection.path is None:
        yield from _fetch(connection, window, tools, ORDER)
        return
    for delivery in delivered_files(connection, tools, ANSWER_PATTERNS):
        path = connection.path / delivery.request["file"]
        # what is no answer known here is taken in too, once, so that it is refused by name and not passed over
        if not is_funds(path) and not _is_answer(path, (REFUND_MARK,)):
            yield delivery


def fetch_refunds(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The full record of every after-sale changed in the window."""
    if connection.path is None:
        yield from _fetch(connection, window, tools, AFTERSALE)
        return
    for delivery in delivered_files(connection, tools, ANSWER_PATTERNS):
        if _is_answer(connection.path / delivery.request["file"], (REFUND_MARK,)):
            yield delivery


def fetch_funds(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Every movement booked in the window, or the ledger files of a folder."""
    if connection.path is None:
        yield from _fetch(connection, window, tools, FLOW)
        return
    for delivery in delivered_files(connection, tools, FUND_PATTERNS):
        if delivery.suffix.startswith("csv") or is_funds(connection.path / delivery.request["file"]):
            yield delivery


def _is_answer(path: Path, marks: tuple[str, ...]) -> bool:
    start = beginning(path, START_BYTES)
    return start.startswith(b"{") and b'"errcode"' in start and all(mark.encode() in start for mark in marks)


def recognises(path: Path) -> bool:
    """Whether the file is an answer about orders or after-sales, or about movements, or a ledger."""
    return any(stream.reads is not None and stream.reads(path) for stream in (ORDERS, REFUNDS, FUNDS))


ORDERS = Stream(
    name="orders",
    day_kind="window",
    tables={"orders": RECORD},
    fetch=fetch_orders,
    unpack=answers("orders", at(ORDER_ITEMS, dict)),
    canonical=order_records,
    ready_at=time(0, 10),
    reads=lambda path: _is_answer(path, ORDER_MARKS),
)
REFUNDS = Stream(
    name="refunds",
    day_kind="window",
    tables={"refunds": RECORD},
    fetch=fetch_refunds,
    unpack=answers("refunds", at(REFUND_ITEMS, dict)),
    canonical=refund_records,
    ready_at=time(0, 10),
    reads=lambda path: _is_answer(path, (REFUND_MARK,)),
)
FUNDS = Stream(
    name="funds",
    day_kind="bill",
    tables={"funds": FUND_COLUMNS},
    fetch=fetch_funds,
    unpack=unpack_funds,
    canonical=flow_records,
    ready_at=time(10, 0),
    recheck_days=3,
    reads=is_funds,
)
