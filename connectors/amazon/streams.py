"""Amazon's orders, settlement reports and payouts.

Raw tables: ``orders`` and ``payouts`` have the one column ``record``; a settlement report becomes ``settlements``,
``settlement_lines`` and ``refunds`` (see the columns below).
"""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from gzip import BadGzipFile, GzipFile
from io import BytesIO
from pathlib import Path
from typing import Any

from connectors.amazon.client import (
    GET_DOCUMENT,
    GET_REPORTS,
    LIST_PAYOUTS,
    SEARCH_ORDERS,
    Operation,
    SellerClient,
    client_for,
)
from connectors.amazon.records import order_records, payout_records, settlement_records
from connectors.amazon.settlement import Settlement, settlements_in
from connectors.core.answers import RECORD, answers, at
from connectors.core.days import day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError, PagingError, UnexpectedShape
from connectors.core.protocol import Connection, Delivery, Part, Statement, Stream, Tools, Unpacked, Window
from connectors.core.text import DAMAGED, Refused, money, opened

REPORT_TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
OVERLAP = timedelta(minutes=10)
REPORT_OVERLAP = timedelta(days=1)
PAYOUT_OVERLAP = timedelta(days=14)
"""A payout keeps its time of creation while its status goes on, so the last two weeks are asked for again."""
NOT_YET = timedelta(minutes=3)
"""The newest minutes may not be asked for."""
MAX_PAGES = 1_000
MARKETPLACES = ("ATVPDKIKX0DER",)
INCLUDED = "PROCEEDS,PROMOTION,FULFILLMENT,PACKAGES,CANCELLATION"
SETTLEMENT_COLUMNS = (
    *("settlement_no", "period_start", "period_end", "total_amount", "row_count", "settled_at", "currency"),
)
LINE_COLUMNS = (
    *("settlement_no", "line_no", "order_no", "sub_order_no", "transaction_no", "component", "source_component"),
    *("amount", "bill_date", "settled_at", "currency", "source_line"),
)
REFUND_COLUMNS = ("refund_no", "order_no", "amount", "succeeded_at", "currency")
START_BYTES = 65_536
FIRST_MEMBER = re.compile(r'\{\s*"(orders|payouts|pagination|nextToken|createdBefore|lastUpdatedBefore)"')
JSON_MARKS = {"orders": ("orders", "orderItems"), "payouts": ("payouts", "currentStatus")}


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _marketplaces(connection: Connection) -> str:
    return ",".join(connection.options.get("marketplace_ids") or MARKETPLACES)


def _tokens(
    client: SellerClient, operation: Operation, query: Mapping[str, str], parameter: str, *, alone: bool = False
) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Every page; ``alone``: with a token no other parameter may be sent."""
    asked, token = dict(query), ""
    for _ in range(MAX_PAGES):
        body, document = client.ask(operation, asked)
        yield body, document
        inner = document.get("pagination")
        following = str((inner if isinstance(inner, dict) else document).get("nextToken") or "")
        if not following:
            return
        if following == token:
            raise PagingError(f"{operation.name}: the source repeated its token")
        token = following
        asked = {parameter: token} if alone else dict(query) | {parameter: token}
    raise PagingError(f"{operation.name}: more than {MAX_PAGES} pages; choose a shorter window")


def _list(document: Mapping[str, Any], name: str, operation: Operation) -> list[dict[str, Any]]:
    found = document.get(name)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise UnexpectedShape(f"{operation.name} answered without its list {name}")
    return found


def _pages(
    client: SellerClient,
    operation: Operation,
    query: Mapping[str, str],
    asked: tuple[date, Window],
    *,
    items: str,
    parameter: str,
) -> Iterator[Delivery]:
    day, span = asked
    for number, (body, document) in enumerate(_tokens(client, operation, query, parameter), 1):
        records = _list(document, items, operation)
        if records:
            yield Delivery(
                body=body,
                suffix="json",
                day=day,
                window=span,
                request={"operation": operation.name, **query, "page": str(number)},
                name=f"{items}_{day.isoformat()}_p{number}.json",
                stated={"rows": str(len(records))},
            )


def _orders(client: SellerClient, connection: Connection, day: date, span: Window) -> Iterator[Delivery]:
    query = {
        "lastUpdatedAfter": _utc(span.start - OVERLAP),
        "lastUpdatedBefore": _utc(span.end),
        "marketplaceIds": _marketplaces(connection),
        "includedData": INCLUDED,
        "maxResultsPerPage": "100",
    }
    return _pages(client, SEARCH_ORDERS, query, (day, span), items="orders", parameter="paginationToken")


def _payouts(client: SellerClient, connection: Connection, day: date, span: Window) -> Iterator[Delivery]:
    query = {
        "createdAfter": _utc(span.start - PAYOUT_OVERLAP),
        "createdBefore": _utc(span.end),
        "marketplaceIds": _marketplaces(connection),
    }
    return _pages(client, LIST_PAYOUTS, query, (day, span), items="payouts", parameter="nextToken")


def _settlements(client: SellerClient, connection: Connection, day: date, span: Window) -> Iterator[Delivery]:
    """The settlement reports made in the window: they cannot be requested, only found."""
    del connection
    query = {
        "reportTypes": REPORT_TYPE,
        "processingStatuses": "DONE",
        "createdSince": _utc(span.start - REPORT_OVERLAP),
        "createdUntil": _utc(span.end),
        "pageSize": "100",
    }
    seen: set[str] = set()
    for _, document in _tokens(client, GET_REPORTS, query, "nextToken", alone=True):
        for report in _list(document, "reports", GET_REPORTS):
            number = str(report.get("reportDocumentId") or "")
            if not number or number in seen:
                continue
            seen.add(number)
            yield _report(client, day, span, str(report.get("reportId") or number), number)


def _report(client: SellerClient, day: date, span: Window, report: str, number: str) -> Delivery:
    """One report as it came; every try asks for a fresh address, because one lives five minutes."""

    def once() -> tuple[bytes, str, str]:
        _, facts = client.ask(GET_DOCUMENT, {}, f"/{number}")
        answer = client.document(str(facts.get("url") or ""))
        packing = str(facts.get("compressionAlgorithm") or "")
        if packing not in {"", "GZIP"}:
            raise UnexpectedShape(f"the report is packed by {packing}; known is GZIP")
        _, _, charset = answer.headers.get("content-type", "").lower().partition("charset=")
        return answer.body, packing, charset.strip('"; ')

    body, packing, charset = client.transport.retrying(once)
    suffix = "tsv.gz" if packing else "tsv"
    return Delivery(
        body=body,
        suffix=suffix,
        day=day,
        window=span,
        request={"operation": GET_DOCUMENT.name, "report": report, "document": number, "charset": charset},
        name=f"settlement_{report}.{charset or 'iso-8859-1'}.{suffix}",
    )


BRINGS = {"orders": _orders, "settlements": _settlements, "payouts": _payouts}


def _fetch(connection: Connection, window: Window, tools: Tools, stream: str) -> Iterator[Delivery]:
    if connection.path is not None:
        patterns = ("*.json", "*.txt", "*.tsv", "*.csv", "*.tsv.gz", "*.txt.gz")
        for delivery in delivered_files(connection, tools, patterns):
            # what is none of them is taken in too, once, so that it is refused by name and not passed over
            if (stream_of(connection.path / delivery.request["file"]) or "settlements") == stream:
                yield delivery
        return
    asked = window
    try:
        client = client_for(connection, tools)
        for day in days_of(window, connection.timezone):
            whole = day_window(day, connection.timezone)
            asked = Window(whole.start, min(whole.end, tools.now() - NOT_YET))
            if asked.start < asked.end:
                yield from BRINGS[stream](client, connection, day, asked)
    except ConnectorError as error:
        raise error.at(source="amazon", stream=stream, window=asked) from error.__cause__


def fetch_orders(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Orders changed in the window, with their items, proceeds and parcels."""
    return _fetch(connection, window, tools, "orders")


def fetch_settlements(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Settlement reports made in the window."""
    return _fetch(connection, window, tools, "settlements")


def fetch_payouts(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Payouts made in the window and the two weeks before it, with the status they have by now."""
    return _fetch(connection, window, tools, "payouts")


def _text_of(path: Path, name: str) -> str:
    """The report's text: UTF-8 where every byte is, else the character set its source stated, else Latin-1."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    try:
        body = path.read_bytes()
        body = GzipFile(fileobj=BytesIO(body)).read() if packed else body
    except (BadGzipFile, *DAMAGED):
        raise Refused(f"{name} is cut off or damaged inside its compression; fetch it again") from None
    if b"\x00" in body:
        raise Refused(f"{name} is no text; fetch it again")
    stated = next((part for part in name.lower().split(".") if _is_charset(part)), "iso-8859-1")
    for charset in ("utf-8-sig", stated):
        try:
            return body.decode(charset)
        except UnicodeDecodeError:
            continue
    raise Refused(f"{name} is neither UTF-8 nor {stated}; fetch it again")


def _is_charset(part: str) -> bool:
    try:
        return ("-" in part or "_" in part) and codecs.lookup(part).name != ""
    except LookupError:
        return False


def _written(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _facts(item: Settlement) -> dict[str, str]:
    return {
        "settlement_no": item.number,
        "period_start": item.start,
        "period_end": item.end,
        "total_amount": money(item.total),
        "row_count": str(len(item.lines)),
        "settled_at": item.end,
        "currency": item.currency,
    }


def _statement(item: Settlement) -> Statement:
    amounts = [Decimal(line["amount"]) for line in item.lines]
    return Statement(
        account=None,
        currency=item.currency,
        statement_no=item.number,
        day=item.end[:10],
        opening_balance=None,
        closing_balance=None,
        row_count=len(item.lines),
        in_sum=money(sum((value for value in amounts if value > 0), Decimal())),
        out_sum=money(-sum((value for value in amounts if value < 0), Decimal())),
        stated_row_count=None,
        stated_in_sum=None,
        stated_out_sum=None,
    )


def unpack_settlements(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """A settlement report → its settlements, their lines, and the refunds that the lines tell of."""
    del suffix
    name, form = name or path.name, connection.options.get("date_format")
    try:
        found = settlements_in(_text_of(path, name).split("\n"), name, form)
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    tables = {
        "settlements": (SETTLEMENT_COLUMNS, [_facts(item) for item in found]),
        "settlement_lines": (LINE_COLUMNS, [line for item in found for line in item.lines]),
        "refunds": (REFUND_COLUMNS, [ticket for item in found for ticket in item.returned.values()]),
    }
    parts = []
    for table, (columns, rows) in tables.items():
        out = workdir / f"{path.name}.{table}.csv"
        _written(out, columns, rows)
        parts.append(Part(table=table, kind="csv", path=out, columns=columns, first_row=2))
    return Unpacked(parts=tuple(parts), statements=tuple(_statement(item) for item in found))


def stream_of(path: Path) -> str | None:
    """Which of the three a file is, told by its headings or its first members."""
    try:
        with opened(path) as stream:
            start = stream.read(START_BYTES).decode("latin-1").removeprefix("\xef\xbb\xbf")
    except (OSError, *DAMAGED):
        return None
    if {"settlement-id", "total-amount"} <= set(start.split("\n", 1)[0].strip().lower().replace('"', "").split("\t")):
        return "settlements"
    if not FIRST_MEMBER.match(start.lstrip()):
        return None
    return next((name for name, marks in JSON_MARKS.items() if all(f'"{mark}"' in start for mark in marks)), None)


def recognises(path: Path) -> bool:
    """Whether the file is a settlement report or a page of orders or payouts."""
    return stream_of(path) is not None


ORDERS = Stream(
    name="orders",
    day_kind="window",
    tables={"orders": RECORD},
    fetch=fetch_orders,
    unpack=answers("orders", at("$.orders")),
    canonical=order_records,
    ready_at=time(0, 10),
    reads=lambda path: stream_of(path) == "orders",
)
SETTLEMENTS = Stream(
    name="settlements",
    day_kind="window",
    tables={"settlements": SETTLEMENT_COLUMNS, "settlement_lines": LINE_COLUMNS, "refunds": REFUND_COLUMNS},
    fetch=fetch_settlements,
    unpack=unpack_settlements,
    canonical=settlement_records,
    ready_at=time(0, 10),
    reads=lambda path: stream_of(path) == "settlements",
)
PAYOUTS = Stream(
    name="payouts",
    day_kind="window",
    tables={"payouts": RECORD},
    fetch=fetch_payouts,
    unpack=answers("payouts", at("$.payouts")),
    canonical=payout_records,
    ready_at=time(0, 10),
    reads=lambda path: stream_of(path) == "payouts",
)
