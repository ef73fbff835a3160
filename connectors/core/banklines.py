"""Bank lines as files bring them: rows written one by one, each statement proven by its own balances and totals.

What a file looks like is the source's business; here is what every bank statement has in common.
"""

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.core.bills import contradiction, deviation
from connectors.core.canonical import Unusable, collected, positive
from connectors.core.protocol import Canonical, Connection, Part, Statement, Unpacked
from connectors.core.text import money, plain

COLUMNS = (
    "statement_index",
    "account",
    "currency",
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
)
TABLE = "lines"
_NO_REFERENCE = frozenset({"", "N", "NONREF", "NOTPROVIDED", "NREF"})


def is_reference(text: str) -> bool:
    """Whether a reference says anything."""
    return text.strip().upper() not in _NO_REFERENCE


@dataclass(frozen=True, slots=True)
class Line:
    """One booked line. ``amount`` is signed, credits positive; days are ISO dates.

    None for an amount nobody can read: ``raw_amount`` then goes to quarantine. ``refusal``: why the line may not be
    taken although it can be read.
    """

    amount: Decimal | None
    booked_at: str
    value_date: str = ""
    balance: Decimal | None = None
    counterparty_name: str = ""
    counterparty_account: str = ""
    remark: str = ""
    bank_reference: str = ""
    line_no: str = ""
    raw_amount: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What a statement says about itself; None or empty where it is silent. Sums and balances are exact."""

    account: str = ""
    currency: str = ""
    number: str = ""
    day: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    count: int | None = None
    in_sum: Decimal | None = None
    out_sum: Decimal | None = None


@dataclass(slots=True)
class LineBook:
    """Collects a file's statements while its lines are written."""

    name: str
    writer: Any
    statements: list[Statement] = field(default_factory=list)
    deviations: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _taken: dict[str, int] = field(default_factory=dict)

    def add(self, head: Head, lines: list[Line], *, is_final: bool = True) -> None:
        """Write a statement's lines and prove it; one that is not final keeps its lines to itself and has no day."""
        index = len(self.statements)
        sums = {"in": Decimal(), "out": Decimal()}
        for position, line in enumerate(lines, 1):
            if line.amount is not None:
                sums["in" if line.amount > 0 else "out"] += abs(line.amount)
            if is_final:
                self._write(index, head, line, position)
        self._prove(head, len(lines), sums)
        self.statements.append(
            Statement(
                account=head.account or None,
                currency=head.currency or None,
                statement_no=head.number or None,
                day=(head.day or None) if is_final else None,
                opening_balance=_text(head.opening),
                closing_balance=_text(head.closing),
                row_count=len(lines),
                in_sum=money(sums["in"]),
                out_sum=money(sums["out"]),
                stated_row_count=head.count,
                stated_in_sum=None if head.in_sum is None else money(head.in_sum),
                stated_out_sum=None if head.out_sum is None else money(head.out_sum),
            )
        )

    def _write(self, index: int, head: Head, line: Line, position: int) -> None:
        base = line.line_no or "/".join(filter(None, (head.day, head.number, str(position))))
        key = f"{head.account}|{base}"
        self._taken[key] = self._taken.get(key, 0) + 1
        self.writer.writerow(
            [
                index,
                _one_line(head.account),
                _one_line(head.currency),
                _one_line(base if self._taken[key] == 1 else f"{base}#{self._taken[key]}"),
                line.booked_at,
                line.value_date,
                line.refusal or ("in" if line.amount is not None and line.amount > 0 else "out"),
                _one_line(line.raw_amount) if line.amount is None else plain(abs(line.amount)),
                "" if line.balance is None else plain(line.balance),
                *map(_one_line, (line.counterparty_name, line.counterparty_account, line.remark, line.bank_reference)),
            ]
        )

    def _prove(self, head: Head, count: int, sums: Mapping[str, Decimal]) -> None:
        label = f"statement {head.number or len(self.statements) + 1}"
        moved = sums["in"] - sums["out"]
        if head.opening is None or head.closing is None:
            missing = "opening" if head.opening is None else "closing"
            self.notes.append(f"{label} states no {missing} balance, so its sum cannot be checked")
        elif head.opening + moved != head.closing:
            reached = head.opening + moved
            self.deviations.append(
                f"{label}: opening {plain(head.opening)} + movements {plain(moved)} = {plain(reached)}, closing is "
                f"stated as {plain(head.closing)} (deviation {plain(reached - head.closing)})"
            )
        found = (
            deviation(f"{label}: the number of lines", head.count, count),
            deviation(f"{label}: the incoming sum", head.in_sum, sums["in"]),
            deviation(f"{label}: the outgoing sum", head.out_sum, sums["out"]),
        )
        self.deviations.extend(filter(None, found))

    def unpacked(self, path: Path) -> Unpacked:
        """The file as loadable parts, or refused whole where it contradicts itself."""
        refused = contradiction(self.name, self.deviations)
        part = Part(table=TABLE, kind="csv", path=path, columns=COLUMNS, first_row=1)
        return Unpacked(
            parts=() if refused else (part,),
            statements=tuple(self.statements),
            refused=refused,
            notes=tuple(dict.fromkeys(self.notes)),
        )


@contextmanager
def line_book(path: Path, name: str) -> Iterator[LineBook]:
    """A book that writes its lines to ``path``."""
    with path.open("w", encoding="utf-8", newline="") as out:
        book = LineBook(name, csv.writer(out, lineterminator="\n"))
        book.writer.writerow(COLUMNS)
        yield book


def bank_lines(unpacked: Unpacked, connection: Connection) -> Canonical:
    """The lines as ``bank_lines`` of the contract; what has more places than its currency goes to quarantine."""
    del connection
    return collected(unpacked, lambda row: {"bank_lines": [_bank_line(row)]}, {"bank_lines": ()})


def _bank_line(row: Mapping[str, str]) -> dict[str, Any]:
    amount = positive(row["amount"])
    if row["direction"] not in {"in", "out"}:
        # a side that a reader could not tell has the reason in its place
        raise Unusable("direction", row["direction"])
    if not row["booked_at"]:
        raise Unusable("booked_at")
    if amount is None:
        raise Unusable("amount", f"{row['amount'] or '(empty)'} is no amount in whole minor units")
    return {column: row[column] or None for column in COLUMNS[1:]} | {
        "amount": amount,
        "statement": int(row["statement_index"]),
    }


def refused(reason: str, statements: tuple[Statement, ...] = ()) -> Unpacked:
    """A file that is not taken, with what it says about itself."""
    return replace(Unpacked(), refused=reason, statements=statements)


def _one_line(text: str) -> str:
    """A text without line ends and other marks that would end a row."""
    return " ".join(text.replace("\x00", " ").split())


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
