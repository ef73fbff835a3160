"""Statements while they are read: entries and details laid out as rows, each statement proven by its balances.

Raw table ``bank_camt__entries`` has :data:`ENTRY_COLUMNS`, one row per booked entry (a batch is one entry);
``bank_camt__details`` has :data:`DETAIL_COLUMNS`, one row per transaction that explains part of an entry.
"""

import csv
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.bank_camt.reader import NO_REFERENCE, Balance, Begin, Detail, End, Entry, Head, Kind, events
from connectors.core.bills import deviation
from connectors.core.protocol import Statement
from connectors.core.text import Refused, money, plain

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
BOOKED = ("BOOK", "")


@dataclass(slots=True)
class Book:
    """One file's statements while they are read."""

    name: str
    entries: Any
    details: Any
    kinds: set[Kind] = field(default_factory=set)
    statements: list[Statement] = field(default_factory=list)
    deviations: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    line_nos: dict[str, int] = field(default_factory=dict)
    unnamed: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    booked: int = 0
    pending: int = 0
    position: int = 0
    currencies: set[str] = field(default_factory=set)

    def begin(self, kind: Kind) -> None:
        """Start counting afresh for a statement."""
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
        self.unnamed += base != reference or self.line_nos[base] > 1
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


def read_book(path: Path, name: str, entries: Path, details: Path) -> Book:
    """Read a file once, writing its rows as they come."""
    with (
        entries.open("w", encoding="utf-8", newline="") as first,
        details.open("w", encoding="utf-8", newline="") as second,
    ):
        book = Book(name, csv.writer(first, lineterminator="\n"), csv.writer(second, lineterminator="\n"))
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
