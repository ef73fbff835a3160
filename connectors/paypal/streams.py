"""Transactions of a day, page by page, each page made into rows with :data:`connectors.paypal.layout.COLUMNS`.

Raw table ``paypal__transactions`` has those columns, one row per transaction of a page.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.core.bills import write_rows
from connectors.core.days import day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import BadRequest, ConnectorError, NotReadyYet, PagingError, UnexpectedShape
from connectors.core.paging import Page, backward_pages
from connectors.core.protocol import Connection, Delivery, Part, Statement, Stream, Tools, Unpacked, Window
from connectors.core.text import Refused, money
from connectors.core.transport import Reply
from connectors.paypal.activity import Ends, activity_rows, is_activity
from connectors.paypal.client import SEARCH_PATH, ReportingClient, TooManyRecordsError, client_for
from connectors.paypal.layout import COLUMNS, moment, rows_of
from connectors.paypal.records import has_moved, transaction_records

PAGE_SIZE = 500
MAX_PAGES = 20
SHORTEST = timedelta(seconds=1)
LAG = timedelta(hours=3)
DROP_PATTERNS = ("*.json", "*.csv", "*.csv.gz")
ITEMS = "transaction_details"
MARKS = frozenset({ITEMS, "account_number"})


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _query(span: Window, number: int) -> dict[str, str]:
    """Both ends are asked for: whether the last moment belongs to a window is not documented."""
    return {
        "start_date": _stamp(span.start),
        "end_date": _stamp(span.end),
        "page_size": str(PAGE_SIZE),
        "page": str(number),
    }


def _page(client: ReportingClient, span: Window, number: int) -> Page[Reply]:
    reply = client.search(_query(span, number))
    records, total, shown = (reply.content.get(name) for name in (ITEMS, "total_items", "page"))
    if not isinstance(records, list) or not isinstance(total, int):
        raise UnexpectedShape(f"{SEARCH_PATH} answered without {ITEMS} or total_items")
    if shown is not None and shown != number:
        raise PagingError(f"{SEARCH_PATH}: page {number} was asked for, page {shown} came")
    _check_fresh(reply.content, span)
    # a number alone names no record: a hold and its payment, or an update, share it
    keys = tuple(json.dumps(record, sort_keys=True, default=str) for record in records)
    return Page(body=reply, keys=keys, total=total)


def _check_fresh(content: Mapping[str, Any], span: Window) -> None:
    """What the source says about how far its data goes; before the end of the window it is not whole."""
    stated = moment(str(content.get("last_refreshed_datetime") or ""))
    try:
        refreshed = datetime.fromisoformat(stated)
    except ValueError:
        return
    if refreshed.tzinfo is not None and refreshed < span.end:
        raise NotReadyYet(f"{SEARCH_PATH}: the source's transactions go only to {stated}; ask again later")


def _pages(client: ReportingClient, span: Window, first: Page[Reply]) -> Iterator[tuple[int, Page[Reply]]]:
    if first.total > PAGE_SIZE:
        yield from backward_pages(lambda number: _page(client, span, number), first.total, PAGE_SIZE, MAX_PAGES)
        return
    if len(first.keys) != first.total:
        raise PagingError(
            f"{SEARCH_PATH}: the only page holds {len(first.keys)} records, the source counts {first.total}"
        )
    yield 1, first


def _whole(client: ReportingClient, span: Window) -> Iterator[tuple[Window, int, Page[Reply]]]:
    """Every page of a window; one with too many records is asked for in halves."""
    try:
        first = _page(client, span, 1)
    except TooManyRecordsError:
        half = timedelta(seconds=int((span.end - span.start).total_seconds()) // 2)
    else:
        yield from ((span, number, page) for number, page in _pages(client, span, first))
        return
    if half < SHORTEST:
        raise BadRequest(f"{SEARCH_PATH}: a single second holds more records than the source lists")
    yield from _whole(client, Window(span.start, span.start + half))
    yield from _whole(client, Window(span.start + half, span.end))


def _of_day(client: ReportingClient, day: date, span: Window) -> Iterator[Delivery]:
    for place, (part, number, page) in enumerate(_whole(client, span), start=1):
        if page.keys:
            yield Delivery(
                body=page.body.body,
                suffix="json",
                day=day,
                window=part,
                request={"path": SEARCH_PATH, **_query(part, number)},
                name=f"transactions_{day.isoformat()}_{place}.json",
                stated={"rows": str(len(page.keys)), "total": str(page.total)},
            )


def fetch(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The pages of every day of the window, or the answers and exports in a folder."""
    if connection.path is not None:
        yield from delivered_files(connection, tools, DROP_PATTERNS)
        return
    asked = window
    try:
        client = client_for(connection, tools)
        for day in days_of(window, connection.timezone):
            asked = day_window(day, connection.timezone)
            if tools.now() < asked.end + LAG:
                raise NotReadyYet("transactions appear within 3 hours: a day is whole 3 hours after its end; ask then")
            yield from _of_day(client, day, asked)
    except ConnectorError as error:
        raise error.at(source="paypal", stream="transactions", window=asked) from error.__cause__


def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """A page or an activity export as rows; refused when it is neither, cannot be read, or contradicts itself."""
    del suffix
    name = name or path.name
    account: str | None = None
    stated: int | None = None
    ends: Ends = {}
    first_row = 1
    try:
        if is_activity(path):
            rows, ends = activity_rows(path, name, connection)
            first_row = 2
        else:
            document = _answer(path, name)
            rows = list(rows_of(document, name, connection))
            stated = _stated_count(document, name, len(rows))
            account = str(document.get("account_number") or "") or None
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    out = workdir / f"{path.name}.transactions.csv"
    write_rows(out, [COLUMNS, *([row[column] for column in COLUMNS] for row in rows)])
    currencies: list[str | None] = list(dict.fromkeys(row["currency"] for row in rows))
    if len(currencies) > 1:
        stated = None
    return Unpacked(
        parts=(Part(table="transactions", kind="csv", path=out, columns=COLUMNS, first_row=first_row),),
        statements=tuple(_statement(account, currency, rows, stated, ends) for currency in currencies or [None]),
    )


def _stated_count(document: Mapping[str, Any], name: str, found: int) -> int | None:
    """How many transactions the only page counts; one of several pages counts them all, which proves nothing of it."""
    total = document.get("total_items")
    if not isinstance(total, int) or document.get("total_pages") not in {0, 1}:
        return None
    if total != found:
        raise Refused(f"{name} contradicts itself: it counts {total} transactions and holds {found}; fetch it again")
    return total


def _answer(path: Path, name: str) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Refused(f"{name} is no JSON in UTF-8; fetch it again") from None
    if not isinstance(document, dict) or not isinstance(document.get(ITEMS), list):
        raise Refused(f"{name} is no answer of PayPal's transaction search: it has no {ITEMS}; fetch it again")
    return document


def _statement(
    account: str | None, currency: str | None, rows: list[dict[str, str]], stated: int | None, ends: Ends
) -> Statement:
    """Counts and sums of one currency, fees counted as the movements they are."""
    own = [row for row in rows if row["currency"] == currency]
    values = [Decimal(row[column]) for row in own if has_moved(row) for column in ("gross", "fee")]
    opening, closing = ends.get(currency or "", (None, None))
    return Statement(
        account=account,
        currency=currency,
        statement_no=None,
        day=None,
        opening_balance=None if opening is None else money(opening),
        closing_balance=None if closing is None else money(closing),
        row_count=len(own),
        in_sum=money(sum((value for value in values if value > 0), Decimal())),
        out_sum=money(-sum((value for value in values if value < 0), Decimal())),
        stated_row_count=stated,
        stated_in_sum=None,
        stated_out_sum=None,
    )


def recognises(path: Path) -> bool:
    """Whether the file is an answer of the transaction search, or an activity export in English."""
    if path.suffix.lower() != ".json":
        return is_activity(path)
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.keys() >= MARKS


TRANSACTIONS = Stream(
    name="transactions",
    day_kind="bill",
    tables={"transactions": COLUMNS},
    fetch=fetch,
    unpack=unpack,
    canonical=transaction_records,
    ready_at=time(3, 10),
    recheck_days=7,
    reads=recognises,
)
