"""camt.053 statements: found in a folder, proven by their own balances, made loadable.

Raw table ``bank_camt__entries`` has :data:`ENTRY_COLUMNS`, one row per booked entry (a batch is one entry);
``bank_camt__details`` has :data:`DETAIL_COLUMNS`, one row per transaction that explains part of an entry.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.bank_camt.reader import NO_REFERENCE, Balance, Begin, Detail, End, Entry, Head, Kind, events
from connectors.core.bills import deviation
from connectors.core.canonical import csv_rows, positive
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError
from connectors.core.protocol import (
    Canonical,
    Connection,
    Delivery,
    Part,
    Reject,
    Statement,
    Stream,
    Tools,
    Unpacked,
    Window,
)
from connectors.core.text import Refused, money, opened, plain

ENTRY_COLUMNS = (
    "statement_index",
    "statement_no",
    "account",
    "currency",
    "account_currency",
    "line_no",
    "booked_at",
    "value_date",
    "direction",
    "amount",
    "balance",
    "counterparty_name",
    "counterparty_account",
    "remark",
    "bank_reference",
    "account_servicer_reference",
    "entry_reference",
    "end_to_end_id",
    "bank_code",
    "reversal",
    "batch_count",
    "detail_count",
)
DETAIL_COLUMNS = (
    "statement_index",
    "line_no",
    "detail_no",
    "direction",
    "amount",
    "currency",
    "end_to_end_id",
    "tx_id",
    "instruction_id",
    "mandate_id",
    "uetr",
    "servicer_reference",
    "counterparty_name",
    "counterparty_account",
    "remark",
    "creditor_reference",
    "return_reason",
)
PATTERNS = ("*.xml", "*.xml.gz")
OTHER_KINDS = {
    "052": "a camt.052 intraday report, whose bookings may still change",
    "054": "a camt.054 notification, whose bookings come again in the statement",
}
BOOKED = ("BOOK", "")
START_BYTES = 4096


@dataclass(slots=True)
class _Book:
    """One file's statements while they are read."""

    name: str
    entries: Any
    details: Any
    kinds: set[Kind] = field(default_factory=set)
    statements: list[Statement] = field(default_factory=list)
    deviations: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    line_nos: dict[str, int] = field(default_factory=dict)
    sums: dict[str, Decimal] = field(default_factory=dict)
    booked: int = 0
    pending: int = 0
    position: int = 0
    currencies: set[str] = field(default_factory=set)

    def begin(self, kind: Kind) -> None:
        self.kinds.add(kind)
        self.sums = {"in": Decimal(), "out": Decimal()}
        self.booked = self.pending = self.position = 0
        self.currencies = set()

    def take(self, entry: Entry, head: Head) -> None:
        """Count one entry, and write it when it is booked."""
        self.position += 1
        if entry.status not in BOOKED:
            self.pending += 1
            return
        self.booked += 1
        direction = "out" if entry.is_debit else "in"
        self.sums[direction] += _exact(entry.amount, self.name)
        self.currencies.add(entry.currency or head.currency)
        line_no = self._line_no(entry, head)
        name, account = _counterparty(entry)
        reference = _reference(entry)
        self.entries.writerow(
            [
                len(self.statements),
                head.number,
                head.account,
                entry.currency or head.currency,
                head.currency,
                line_no,
                entry.booked_at or entry.value_date or _day(head),
                entry.value_date,
                direction,
                entry.amount,
                "",
                name,
                account,
                _remark(entry),
                reference,
                entry.servicer_reference,
                entry.entry_reference,
                _end_to_end(entry),
                entry.bank_code,
                "true" if entry.is_reversal else "false",
                entry.batch_count,
                len(entry.details),
            ]
        )
        self._write_details(entry, line_no, direction)

    def _write_details(self, entry: Entry, line_no: str, direction: str) -> None:
        total = Decimal()
        for number, detail in enumerate(entry.details, start=1):
            own = direction if detail.is_debit is None else ("out" if detail.is_debit else "in")
            name, account = _party(detail, entry)
            if detail.amount:
                total += _exact(detail.amount, self.name) * (1 if own == direction else -1)
            self.details.writerow(
                [
                    len(self.statements),
                    line_no,
                    number,
                    own,
                    detail.amount,
                    detail.currency,
                    *(detail.references[column] for column in DETAIL_COLUMNS[6:12]),
                    name,
                    account,
                    detail.remark,
                    detail.creditor_reference,
                    detail.return_reason,
                ]
            )
        if total and total != _exact(entry.amount, self.name):
            self.notes.append(f"entry {line_no}: its details add up to {plain(total)}, the entry counts {entry.amount}")

    def _line_no(self, entry: Entry, head: Head) -> str:
        """The bank's own reference, else statement and position; a repeated one is numbered."""
        reference = entry.servicer_reference
        base = reference if reference.upper() not in NO_REFERENCE else f"{head.number}#{self.position}"
        self.line_nos[base] = self.line_nos.get(base, 0) + 1
        return base if self.line_nos[base] == 1 else f"{base}#{self.line_nos[base]}"

    def end(self, head: Head, kind: Kind) -> None:
        """Prove the statement by its balances, and describe it."""
        opening, closing = _chosen(head, ("OPBD", "PRCD")), _chosen(head, ("CLBD",))
        label = f"statement {head.number or len(self.statements) + 1}"
        if self.pending:
            self.notes.append(f"{label}: {self.pending} entries are not booked yet and are no bank lines")
        currency = head.currency or next((b.currency for b in (closing, opening) if b and b.currency), "")
        ends = {balance.currency for balance in (opening, closing) if balance and balance.currency}
        foreign = sorted(self.currencies - ends) if ends else []
        if len(ends) > 1:
            self.deviations.append(f"{label}: its balances are in {' and '.join(sorted(ends))}, not in one currency")
        if foreign:
            self.notes.append(f"{label}: entries in {', '.join(foreign)} are not in its currency: no sum check")
        elif kind == "053":
            self._check(head, label, opening, closing)
        self.statements.append(
            Statement(
                account=head.account or None,
                currency=currency or None,
                statement_no=head.number or None,
                day=_day(head) or None,
                opening_balance=_signed(opening, self.name),
                closing_balance=_signed(closing, self.name),
                row_count=self.booked,
                in_sum=money(self.sums["in"]),
                out_sum=money(self.sums["out"]),
                stated_row_count=_count(head),
                stated_in_sum=head.stated_in,
                stated_out_sum=head.stated_out,
            )
        )

    def _check(self, head: Head, label: str, opening: Balance | None, closing: Balance | None) -> None:
        if opening is None or closing is None:
            missing = "opening" if opening is None else "closing"
            self.notes.append(f"{label} states no {missing} balance, so its sum cannot be checked")
        else:
            reached = _value(opening, self.name) + self.sums["in"] - self.sums["out"]
            stated = _value(closing, self.name)
            if reached != stated:
                self.deviations.append(
                    f"{label}: opening {plain(_value(opening, self.name))} + movements "
                    f"{plain(self.sums['in'] - self.sums['out'])} = {plain(reached)}, closing is stated as "
                    f"{plain(stated)} (deviation {plain(reached - stated)})"
                )
        if self.pending:
            return
        sums = (("incoming sum", head.stated_in, "in"), ("outgoing sum", head.stated_out, "out"))
        found = [deviation(f"{label}: the number of entries", _count(head), self.booked)]
        for what, text, side in sums:
            total = None if text is None else _exact(text.removeprefix("-"), self.name)
            found.append(deviation(f"{label}: the {what}", total, self.sums[side]))
        self.deviations.extend(filter(None, found))


def _count(head: Head) -> int | None:
    text = head.stated_count or ""
    return int(text) if text.isdecimal() else None


def _exact(text: str, name: str) -> Decimal:
    """An ISO 20022 amount: unsigned decimal, any number of places."""
    digits = text.replace(".", "", 1)
    if not (digits.isdecimal() and digits.isascii()):
        raise Refused(f"{name} holds an amount that is no plain decimal; fetch it again")
    return Decimal(text)


def _value(balance: Balance, name: str) -> Decimal:
    value = _exact(balance.amount, name)
    return -value if balance.is_debit else value


def _signed(balance: Balance | None, name: str) -> str | None:
    return None if balance is None else plain(_value(balance, name))


def _chosen(head: Head, codes: tuple[str, ...]) -> Balance | None:
    return next((balance for code in codes for balance in head.balances if balance.code == code), None)


def _day(head: Head) -> str:
    """The day the statement is about."""
    closing, opening = _chosen(head, ("CLBD",)), _chosen(head, ("OPBD",))
    days = (closing.day if closing else "", head.until[:10], opening.day if opening else "", head.created_at[:10])
    return next(filter(None, days), "")


def _party(detail: Detail, entry: Entry) -> tuple[str, str]:
    """The other side: who paid when money came in, who was paid when it went out; a reversal turns the roles."""
    came_in = not entry.is_debit
    return detail.parties["Dbtr" if came_in != entry.is_reversal else "Cdtr"]


def _counterparty(entry: Entry) -> tuple[str, str]:
    """The one other side of an entry; none when its details name several."""
    parties = list(dict.fromkeys(_party(detail, entry) for detail in entry.details))
    return parties[0] if len(parties) == 1 else ("", "")


def _end_to_end(entry: Entry) -> str:
    found = [detail.references["end_to_end_id"] for detail in entry.details]
    return found[0] if len(found) == 1 and found[0].upper() not in NO_REFERENCE else ""


def _reference(entry: Entry) -> str:
    """End-to-end id of a single transaction, else the batch's, else the bank's, else the entry's own."""
    found = (_end_to_end(entry), entry.batch_reference, entry.servicer_reference, entry.entry_reference)
    return next((text for text in found if text.upper() not in NO_REFERENCE), "")


def _remark(entry: Entry) -> str:
    single = entry.details[0] if len(entry.details) == 1 else None
    texts = [single.remark, single.creditor_reference] if single else [entry.batch_reference]
    return " ".join(dict.fromkeys(filter(None, [*texts, entry.information])))


def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Entries and details as csv parts; refused when opening + movements is not closing."""
    del suffix, connection
    name = name or path.name
    entries, details = workdir / f"{path.name}.entries.csv", workdir / f"{path.name}.details.csv"
    try:
        book = _write(path, name, entries, details)
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    refused = None
    other = next((OTHER_KINDS[kind] for kind in sorted(book.kinds) if kind in OTHER_KINDS), None)
    if other:
        refused = f"{name} is {other}; allowed is camt.053 (end-of-day statement)"
    elif book.deviations:
        refused = f"{name} contradicts itself: {'; '.join(book.deviations)}; fetch it again"
    parts = (
        Part(table="entries", kind="csv", path=entries, columns=ENTRY_COLUMNS, first_row=1),
        Part(table="details", kind="csv", path=details, columns=DETAIL_COLUMNS, first_row=1),
    )
    return Unpacked(
        parts=() if refused else parts, statements=tuple(book.statements), refused=refused, notes=tuple(book.notes)
    )


def _write(path: Path, name: str, entries: Path, details: Path) -> _Book:
    with (
        entries.open("w", encoding="utf-8", newline="") as first,
        details.open("w", encoding="utf-8", newline="") as second,
    ):
        book = _Book(name, csv.writer(first, lineterminator="\n"), csv.writer(second, lineterminator="\n"))
        book.entries.writerow(ENTRY_COLUMNS)
        book.details.writerow(DETAIL_COLUMNS)
        current: Begin | None = None
        for event in events(path, name):
            if isinstance(event, Begin):
                current = event
                book.begin(event.kind)
            elif isinstance(event, Entry) and current is not None:
                book.take(event, current.head)
            elif isinstance(event, End) and current is not None:
                book.end(event.head, current.kind)
        if not book.statements:
            raise Refused(f"{name} holds no statement; fetch it again")
    return book


def fetch(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Every statement file in the connection's folder, as of now."""
    asked = connection.options.get("files", {}).get("entries", PATTERNS)
    try:
        yield from delivered_files(connection, tools, (asked,) if isinstance(asked, str) else tuple(asked))
    except ConnectorError as error:
        raise error.at(source="bank_camt", stream="entries", window=window) from error.__cause__


def canonical(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Entries as ``bank_lines``."""
    del connection
    records: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for part in (part for part in unpacked.parts if part.table == "entries"):
        for position, row in csv_rows(part):
            amount = positive(row["amount"])
            if amount is None:
                rejects.append(Reject(position, "amount", f"{row['amount']} is no amount in whole minor units"))
                continue
            names = ("line_no", "booked_at", "value_date", "direction", "counterparty_name", "counterparty_account",
                     "remark", "bank_reference")  # fmt: skip
            records.append(
                {column: row[column] or None for column in names}
                | {
                    "amount": amount,
                    "balance": None,
                    "statement": int(row["statement_index"]),
                    "account": row["account"] or None,
                    "currency": row["currency"] or None,
                }
            )
    return Canonical(streams={"bank_lines": records}, quarantine=tuple(rejects))


def recognises(path: Path) -> bool:
    """Whether the file is a camt document of any kind."""
    try:
        with opened(path) as stream:
            start = stream.read(START_BYTES)
    except (OSError, EOFError):
        return False
    return b"BkToCstmr" in start.replace(b"\x00", b"")


ENTRIES = Stream(
    name="entries",
    day_kind="drop",
    tables={"entries": ENTRY_COLUMNS, "details": DETAIL_COLUMNS},
    fetch=fetch,
    unpack=unpack,
    canonical=canonical,
    ready_at=time(8, 0),
    reads=recognises,
)
