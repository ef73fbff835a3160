"""Movements of one account, a day at a time: every page of a day in one bundle, proven and turned into bank lines.

A bundle holds a page a line, each as the bank signed it. A day is whole or missing: pages apart could be archived
without the ones behind them.
"""

import json
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path

from connectors.cmb_direct.client import ACCEPTED, MOVEMENTS, Page, checked, client_for
from connectors.cmb_direct.records import Movement, movement, sums_of, text_of
from connectors.core.answers import BUNDLE, beginning
from connectors.core.banklines import COLUMNS, TABLE, Head, LineBook, bank_lines, line_book, refused
from connectors.core.bills import BalanceChain
from connectors.core.days import SHANGHAI, day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError, Unavailable
from connectors.core.protocol import Connection, Delivery, Stream, Tools, Unpacked, Window
from connectors.core.text import Refused

DROP_PATTERNS = ("*.json", "*.ndjson")
HISTORY_MONTHS = 13
MONTHS_A_YEAR = 12
MARKS = (b'"response"', b'"resultcode"', b'"funcode"')
FUNCTIONS = (MOVEMENTS, "NTQADINF")
"""What the bank calls the answers that we know for its own: movements, and balances of the moment."""
START_BYTES = 1 << 20


def fetch_lines(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """The window's days, each as one bundle of all its pages; or the saved answers of a folder."""
    if connection.path is not None:
        yield from delivered_files(connection, tools, DROP_PATTERNS, window=window)
        return
    asked = window
    try:
        client = client_for(connection, tools)
        for day in days_of(window, SHANGHAI):
            asked = day_window(day, SHANGHAI)
            _check_history(day, connection, tools)
            pages = list(client.pages(day))
            yield Delivery(
                body=b"".join(_one_line(page.text) for page in pages),
                suffix=BUNDLE,
                day=day,
                window=asked,
                request={"funcode": MOVEMENTS, "day": day.isoformat()},
                name=f"lines_{day.isoformat()}.{BUNDLE}",
                stated={"rows": str(sum(len(page.rows) for page in pages))},
            )
    except ConnectorError as error:
        raise error.at(source="cmb_direct", stream="lines", window=asked) from error.__cause__


def _check_history(day: date, connection: Connection, tools: Tools) -> None:
    """What the bank no longer holds is told without asking; it is no refusal, so that newer days are asked for."""
    months = int(connection.options.get("history_months", HISTORY_MONTHS))
    today = tools.now().astimezone(SHANGHAI).date()
    year, month = divmod(today.year * MONTHS_A_YEAR + today.month - 1 - months, MONTHS_A_YEAR)
    if (day.year, day.month, day.day) < (year, month + 1, today.day):
        raise Unavailable(
            f"the bank keeps movements for {months} months, {day.isoformat()} is older; have the bank open more and "
            "set options.history_months, or bring that day as a file"
        )


def _one_line(text: str) -> bytes:
    """A page on one line: a line break in JSON is white space, inside a text it is always escaped."""
    return text.replace("\r", " ").replace("\n", " ").strip().encode() + b"\n"


def unpack_lines(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Lines as one csv part; refused when a page contradicts its own sums or the running balance breaks."""
    name, out = name or path.name, workdir / f"{path.name}.lines.csv"
    try:
        pages = _pages(path, name, is_bundle=suffix == BUNDLE)
        with line_book(out, name) as book:
            _write(book, pages, connection, is_bundle=suffix == BUNDLE)
        return book.unpacked(out)
    except Refused as refusal:
        return refused(str(refusal))


def _pages(path: Path, name: str, *, is_bundle: bool) -> list[Page]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        pages = [_page(part, name) for part in (text.split("\n") if is_bundle else [text]) if part.strip()]
    except (ValueError, ArithmeticError, RecursionError):
        raise Refused(f"{name} is no JSON in UTF-8; allowed are the bank's answers, decrypted") from None
    if not pages:
        raise Refused(f"{name} is empty; ask again")
    if is_bundle and [page.control["ctnFlag"] for page in pages] != ["Y"] * (len(pages) - 1) + ["N"]:
        raise Refused(f"{name} is no whole day: its pages do not go on up to one that is the last; ask again")
    return pages


def _page(text: str, name: str) -> Page:
    message = json.loads(text, parse_float=Decimal)
    response = message.get("response") if isinstance(message, dict) else None
    head, body = (response.get(part) if isinstance(response, dict) else None for part in ("head", "body"))
    if not isinstance(head, dict) or not isinstance(body, dict):
        raise Refused(f"{name} is no answer of the bank: it has no response with head and body")
    if head.get("funcode") != MOVEMENTS:
        raise Refused(
            f"{name} answers {str(head.get('funcode'))[:20]}, allowed is {MOVEMENTS}: a balance of the moment belongs "
            "to no day, so save the movements instead"
        )
    if head.get("resultcode") != ACCEPTED:
        raise Refused(f"{name} tells no movements but the result {str(head.get('resultcode'))[:20]}; ask again")
    try:
        return Page(text, checked(body))
    except ConnectorError as error:
        raise Refused(f"{name}: {error}") from None


def _write(book: LineBook, pages: list[Page], connection: Connection, *, is_bundle: bool) -> None:
    """One statement per page and currency, with the page's sums and the ends of its running balance."""
    whole: list[Movement] = []
    for place, page in enumerate(pages, 1):
        movements = [movement(row, connection) for row in page.rows]
        number = str(place) if is_bundle else _break_point(page)
        whole += movements
        _add(book, page, movements, number, connection.currency)
        if not is_bundle and page.control["ctnFlag"] == "Y":
            book.notes.append("the bank goes on after this page; its next pages are files of their own")
    for currency, booked_on in sorted({(item.currency, item.booked_on) for item in whole}):
        chosen = [item for item in whole if (item.currency, item.booked_on) == (currency, booked_on)]
        if _is_balanced(chosen) and _ends(chosen) is None:
            book.deviations.append(
                f"{currency}: the running balance does not follow from the amounts, in no order of rows; if this "
                "account's never does, set options.running_balance = false"
            )


def _break_point(page: Page) -> str:
    """Where a page of its own ended: tells the pages of a day apart."""
    last = page.cursor[-1] if page.cursor else {}
    return "/".join(filter(None, (text_of(last, "transDate"), text_of(last, "expectNextSequence"))))


def _add(book: LineBook, page: Page, movements: list[Movement], number: str, currency: str) -> None:
    sums = sums_of(page.control, book.name)
    currencies = list(dict.fromkeys(item.currency for item in movements)) or [currency]
    is_plain = len(currencies) == 1 and all(item.lies_on_its_side for item in movements)
    if not is_plain:
        # the book adds by where money went; reversals and currencies are added by the bank as they come
        book.deviations += sums.deviations(f"page {number or len(book.statements) + 1}", movements)
    for shown in currencies:
        chosen = [item for item in movements if item.currency == shown]
        lines = [item.line for item in chosen]
        ends = _ends(chosen) if _is_balanced(chosen) else None
        days = {line.booked_at[:10] for line in lines}
        book.add(
            Head(
                currency=shown,
                number=number,
                day=days.pop() if len(days) == 1 else "",
                opening=ends[0] if ends else None,
                closing=ends[1] if ends else None,
                count=sums.count if is_plain else None,
                in_sum=sums.credit_sum if is_plain else None,
                out_sum=-sums.debit_sum if is_plain and sums.debit_sum is not None else None,
            ),
            lines,
        )


def _is_balanced(movements: list[Movement]) -> bool:
    """Whether all are of one account and all say what they led to."""
    return (
        bool(movements)
        and len({item.booked_on for item in movements}) == 1
        and all(item.line.balance is not None and item.line.amount is not None for item in movements)
    )


def _ends(movements: list[Movement]) -> tuple[Decimal, Decimal] | None:
    """Opening and closing balance of movements whose balances form one chain."""
    chain = BalanceChain()
    for item in movements:
        chain.add(item.line.amount or Decimal(), item.line.balance or Decimal())
    ends = chain.ends()
    return (Decimal(ends[0]), Decimal(ends[1])) if ends else None


def recognises(path: Path) -> bool:
    """Whether the file starts as an answer of the bank: movements, or a balance, which is then refused by name."""
    start = beginning(path, START_BYTES)
    if not start.startswith(b"{") or not all(mark in start for mark in MARKS):
        return False
    return any(f'"{name}"'.encode() in start for name in FUNCTIONS)


LINES = Stream(
    name="lines",
    day_kind="bill",
    tables={TABLE: COLUMNS},
    fetch=fetch_lines,
    unpack=unpack_lines,
    canonical=bank_lines,
    ready_at=time(1, 10),
    recheck_days=2,
    reads=recognises,
)
