"""MT940 statements: found in a folder, refused when they contradict themselves, made loadable."""

import re
from collections.abc import Iterator
from datetime import time
from decimal import Decimal
from pathlib import Path

from connectors.bank_mt940.client import fetch
from connectors.bank_mt940.reader import (
    BALANCE,
    MOVEMENT,
    TOTAL,
    Field,
    Message,
    day_of,
    entry_day,
    exact,
    messages,
)
from connectors.bank_mt940.remarks import remark_of
from connectors.core.banklines import COLUMNS, TABLE, Head, Line, LineBook, bank_lines, is_reference, line_book, refused
from connectors.core.protocol import Connection, Stream, Unpacked
from connectors.core.text import DAMAGED, Refused, opened, western, whole_file

START_BYTES = 4096
MARKS = (b":20:", b":25:", b":28")
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")


def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Lines as one csv part; refused when opening + movements is not closing, or stated totals are not met."""
    del suffix
    name, out = name or path.name, workdir / f"{path.name}.lines.csv"
    try:
        with line_book(out, name) as book:
            before: Page | None = None
            for message in messages(_text(path, name, connection), name):
                before = _take(book, message, before)
        return book.unpacked(out)
    except Refused as refusal:
        return refused(str(refusal))


Page = tuple[str, str, Decimal | None]
"""Account, kind and value of the balance a page closed with."""


def _text(path: Path, name: str, connection: Connection) -> str:
    """The text; the standard allows no letters beyond ASCII, banks write them all the same and never say how."""
    body = whole_file(path, name)
    if b"\x00" in body:
        raise Refused(f"{name} holds NUL bytes; it is no text of a bank, fetch it again")
    asked = connection.options.get("encoding")
    return western(body, (str(asked),)) if asked else western(body)


def _take(book: LineBook, message: Message, before: Page | None) -> Page:
    opening, closing = message.first("60F", "60M"), message.first("62F", "62M")
    is_interim = opening is None and closing is None
    start, end = _balance(opening, book.name), _balance(closing, book.name)
    currency = start.currency or end.currency or _total_currency(message)
    totals = _totals(message, book.name)
    head = Head(
        account=_one_line(message, "25", "25P"),
        currency=currency,
        number=_one_line(message, "28C", "28").strip("/ ") or _one_line(message, "20"),
        day=end.day or start.day or _report_day(message, book.name),
        opening=start.amount,
        closing=end.amount,
        count=sum(count for count, _ in totals.values()) if totals else None,
        in_sum=totals["90C"][1] if "90C" in totals else None,
        out_sum=totals["90D"][1] if "90D" in totals else None,
    )
    lines = list(_lines(book, message, head))
    if is_interim:
        book.notes.append(
            "an interim report (MT942): its entries come again in the statement and are no bank lines until then"
        )
    book.add(head, lines, is_final=not is_interim)
    label = f"statement {head.number or len(book.statements)}"
    if start.currency and end.currency and start.currency != end.currency:
        book.deviations.append(f"{label}: opens in {start.currency} and closes in {end.currency}")
    if (
        before
        and opening
        and opening.tag == "60M"
        and before[:2] == (head.account, "62M")
        and before[2] != head.opening
    ):
        book.deviations.append(f"{label}: opens with {head.opening}, the page before closed with {before[2]}")
    return head.account, closing.tag if closing else "", head.closing


class _Balance:
    """A balance line taken apart; empty where there is none."""

    def __init__(self, day: str = "", currency: str = "", amount: Decimal | None = None) -> None:
        self.day, self.currency, self.amount = day, currency, amount


def _balance(found: Field | None, name: str) -> _Balance:
    if found is None:
        return _Balance()
    text = "".join(found.lines).replace(" ", "")
    parts = BALANCE.fullmatch(text)
    if parts is None:
        raise Refused(
            f"{name} line {found.number}: {text[:40]!r} is no balance such as C261008CNY1234,56; fetch it again"
        )
    amount = exact(parts["amount"], name, found.number)
    return _Balance(
        day_of(parts["day"], name, found.number).isoformat(),
        parts["currency"],
        -amount if parts["mark"] == "D" else amount,
    )


def _totals(message: Message, name: str) -> dict[str, tuple[int, Decimal]]:
    """Counts and sums of tags 90C and 90D."""
    found: dict[str, tuple[int, Decimal]] = {}
    for tag in ("90C", "90D"):
        stated = message.first(tag)
        parts = TOTAL.fullmatch("".join(stated.lines).strip()) if stated else None
        if stated and parts:
            found[tag] = (int(parts["count"]), exact(parts["amount"], name, stated.number))
    return found


def _total_currency(message: Message) -> str:
    limit, total = message.first("34F"), message.first("90C", "90D")
    if limit:
        return limit.lines[0].strip()[:3]
    parts = TOTAL.fullmatch(total.lines[0].strip()) if total else None
    return parts["currency"] if parts else ""


def _report_day(message: Message, name: str) -> str:
    found = message.first("13D", "13")
    return day_of(found.lines[0].strip()[:6], name, found.number).isoformat() if found else ""


def _one_line(message: Message, *tags: str) -> str:
    found = message.first(*tags)
    return "".join(line.strip() for line in found.lines) if found else ""


def _lines(book: LineBook, message: Message, head: Head) -> Iterator[Line]:
    """Every booked movement with the text that follows it."""
    pending = 0
    fields = message.fields
    for place, found in enumerate(fields):
        if found.tag != "61":
            continue
        text = fields[place + 1] if place + 1 < len(fields) and fields[place + 1].tag in {"86", "NS"} else None
        parts = MOVEMENT.fullmatch(found.lines[0].rstrip())
        if parts is None:
            raise Refused(
                f"{book.name} line {found.number}: {found.lines[0][:40]!r} is no movement such as "
                "2610081008C12,34NTRFNONREF; fetch it again"
            )
        if parts["mark"] in {"EC", "ED"}:
            pending += 1
            continue
        yield _line(parts, found, text, book)
    if pending:
        book.notes.append(f"statement {head.number}: {pending} expected entries are no bank lines yet")


def _line(parts: re.Match[str], found: Field, text: Field | None, book: LineBook) -> Line:
    name, number = book.name, found.number
    value = day_of(parts["value"], name, number)
    entry = (parts["entry"] or "").strip()
    amount = exact(parts["amount"], name, number)
    # a reversed credit takes money, a reversed debit gives it back
    is_debit = parts["mark"] in {"D", "RC"}
    owner, _, bank = parts["rest"].partition("//")
    remark = remark_of(text.lines if text else ())
    more = [line.strip() for line in found.lines[1:]]
    account = remark.account or next((line for line in more if IBAN.fullmatch(line)), "")
    owner = owner.strip()
    references = (remark.reference, "" if owner.upper() in {"EREF", "KREF+", "EREF+"} else owner, bank.strip())
    return Line(
        amount=-amount if is_debit else amount,
        booked_at=(entry_day(entry, value, name, number) if entry else value).isoformat(),
        value_date=value.isoformat(),
        counterparty_name=remark.name,
        counterparty_account=account,
        remark=remark.text or " ".join(more),
        bank_reference=next((text for text in references if is_reference(text)), ""),
    )


def recognises(path: Path) -> bool:
    """Whether the file starts like an MT940 or MT942 message."""
    try:
        with opened(path) as stream:
            start = stream.read(START_BYTES)
    except (OSError, *DAMAGED):
        return False
    return all(mark in start for mark in MARKS) and re.search(rb"(?m)^:20:", start) is not None


LINES = Stream(
    name="lines",
    day_kind="drop",
    tables={TABLE: COLUMNS},
    fetch=fetch,
    unpack=unpack,
    canonical=bank_lines,
    ready_at=time(8, 0),
    reads=recognises,
)
