"""Bill tables: delimited files with lines before the heading and totals after the rows.

A form states where the rows are; the reader yields every row or refuses the file. What a total means is the
source's business.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from connectors.core.text import Refused, amount, clean, heading, plain

HEADING_SEARCH_LINES = 60


@dataclass(frozen=True, slots=True)
class BillForm:
    """How one kind of bill is laid out.

    ``columns``: heading (as :func:`heading` writes it) → our column. ``required``: columns without which it is
    no such bill. ``comment`` starts the lines around the table. ``mark`` starts every data value. ``footers``:
    first headings of a two-line footer, which must then be there.
    """

    title: str
    columns: Mapping[str, str]
    required: tuple[str, ...]
    comment: str = ""
    mark: str = ""
    footers: frozenset[str] = frozenset()


@dataclass(slots=True)
class BillReader:
    """Reads one bill, line by line. The facts around the table are complete once :meth:`rows` is exhausted."""

    form: BillForm
    name: str
    columns: tuple[str, ...] = ()
    heading_row: int = 0
    row_count: int = 0
    preamble: list[str] = field(default_factory=list)
    trailer: list[str] = field(default_factory=list)
    footer: dict[str, str] = field(default_factory=dict)

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Yield the cells of every row, cleaned; raise Refused rather than lose one."""
        numbered = enumerate((line.rstrip("\r\n") for line in lines), start=1)
        self._find_heading(numbered)
        blank_at, mark, wanted = 0, self.form.mark, len(self.columns)
        for number, line in numbered:
            if mark and line.startswith(mark) and not blank_at:
                cells = line[len(mark) :].split("," + mark)
                self.row_count += 1
                yield cells if len(cells) == wanted else self._cells(line, number)
                continue
            if not line.strip(", \t"):
                blank_at = blank_at or number
                continue
            if self.form.comment and line.startswith(self.form.comment):
                self._read_trailer(line, numbered)
                break
            if self.form.footers and heading(line.split(",", 1)[0]) in self.form.footers:
                self._read_footer(line, numbered)
                break
            if blank_at:
                raise Refused(
                    f"{self.name} has an empty line {blank_at} between its rows; it was edited, fetch it again"
                )
            self.row_count += 1
            yield self._cells(line, number)
        self._check_end()

    def _find_heading(self, numbered: Iterator[tuple[int, str]]) -> None:
        for number, line in numbered:
            names = [heading(cell) for cell in line.split(",")]
            known = {self.form.columns[name] for name in names if name in self.form.columns}
            if known.issuperset(self.form.required):
                while names and not names[-1]:
                    names.pop()
                self.heading_row = number
                self.columns = self._named(names)
                return
            self.preamble.append(line)
            if number >= HEADING_SEARCH_LINES:
                break
        raise Refused(f"{self.name} is no {self.form.title}: no line is its heading; allowed is the bill as downloaded")

    def _named(self, names: Sequence[str]) -> tuple[str, ...]:
        columns = tuple(self.form.columns.get(name, name) for name in names)
        twice = sorted(name for name, count in Counter(columns).items() if count > 1)
        if twice:
            raise Refused(f"{self.name} has column {twice[0] or '(empty)'} twice; each may appear once, fetch it again")
        return columns

    def _cells(self, line: str, number: int) -> list[str]:
        wanted = len(self.columns)
        cells = line.split(",")
        if '"' in line and (len(cells) != wanted or any(cell[:1] == '"' == cell[-1:] for cell in cells)):
            cells = next(csv.reader([line]), [])
        while len(cells) > wanted and not cells[-1].strip():
            cells.pop()
        if len(cells) != wanted:
            raise Refused(
                f"{self.name} line {number} has {len(cells)} cells where the heading has {wanted}; fetch it again"
            )
        return [clean(cell) for cell in cells]

    def _read_trailer(self, line: str, numbered: Iterator[tuple[int, str]]) -> None:
        self.trailer.append(line.rstrip(", \t"))
        for number, after in numbered:
            if after.startswith(self.form.comment):
                self.trailer.append(after.rstrip(", \t"))
            elif after.strip(", \t"):
                raise Refused(f"{self.name} goes on with line {number} after its end; it was edited, fetch it again")

    def _read_footer(self, line: str, numbered: Iterator[tuple[int, str]]) -> None:
        names = [heading(cell) for cell in line.split(",")]
        _, values = next(numbered, (0, ""))
        cells = [clean(cell) for cell in values.split(",")]
        if len(cells) != len(names):
            raise Refused(f"{self.name} is cut off in its footer: {len(names)} totals are named, {len(cells)} given")
        self.footer = dict(zip(names, cells, strict=True))
        for number, after in numbered:
            if after.strip(", \t"):
                raise Refused(f"{self.name} goes on with line {number} after its footer; it was edited, fetch it again")

    def _check_end(self) -> None:
        if self.form.footers and not self.footer:
            raise Refused(f"{self.name} has no footer with totals, so it may be cut off; fetch it again")
        marked = any(line.startswith(self.form.comment) for line in self.preamble) if self.form.comment else False
        if marked and not self.trailer:
            raise Refused(f"{self.name} has no closing lines with totals, so it may be cut off; fetch it again")


@dataclass(slots=True)
class BalanceChain:
    """Opening and closing balance of rows that state their balance, whatever order they come in.

    Every balance after one movement is the balance before the next; what is left over are the two ends.
    """

    _left: Counter[Decimal] = field(default_factory=Counter)
    _first: tuple[Decimal, Decimal] | None = None
    _last: tuple[Decimal, Decimal] | None = None

    def add(self, change: Decimal, balance: Decimal) -> None:
        """Take one row."""
        before = balance - change
        self._first = self._first or (before, balance)
        self._last = (before, balance)
        self._count(before, 1)
        self._count(balance, -1)

    def _count(self, balance: Decimal, step: int) -> None:
        self._left[balance] += step
        if not self._left[balance]:
            del self._left[balance]

    def ends(self) -> tuple[str, str] | None:
        """(opening, closing), or None when the rows do not form one chain."""
        if self._first is None or self._last is None:
            return None
        if not self._left:
            newest_first = self._first[1] == self._last[0]
            end = self._first[1] if newest_first and self._first[0] != self._last[1] else self._first[0]
            return plain(end), plain(end)
        opening = [balance for balance, count in self._left.items() if count > 0]
        closing = [balance for balance, count in self._left.items() if count < 0]
        if len(opening) == len(closing) == 1 and self._left[opening[0]] == 1:
            return plain(opening[0]), plain(closing[0])
        return None


def write_rows(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """The rows as UTF-8 CSV, quoted where needed; the first row is the heading."""
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)


def amount_in(row: Mapping[str, str], column: str, name: str, line: int, *, empty: str = "0") -> Decimal:
    """A row's amount; an unreadable one refuses the bill, since its totals could not be proven."""
    text = row.get(column) or empty
    value = amount(text)
    if value is None:
        raise Refused(f"{name} line {line}: {column} is no plain amount; fetch the bill again")
    return value


def deviation(what: str, stated: Decimal | int | None, found: Decimal | int) -> str:
    """How a stated total differs from what the rows give; empty when it does not, or when nothing is stated."""
    if stated is None or stated == found:
        return ""
    return f"{what} is stated as {stated}, the rows give {found} (deviation {found - stated})"


def contradiction(name: str, deviations: Iterable[str]) -> str | None:
    """The reason to refuse a bill that disagrees with itself; None when it agrees."""
    found = "; ".join(filter(None, deviations))
    return f"{name} contradicts itself: {found}; fetch it again" if found else None


def as_mapping(columns: Sequence[str]) -> Callable[[Sequence[str]], dict[str, str]]:
    """A function from a row's cells to a mapping by column."""
    return lambda cells: dict(zip(columns, cells, strict=True))
