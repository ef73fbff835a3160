"""OFX statements: found in a folder, counted against the raw text, made loadable.

There is no opening balance, so a file cannot prove its own sum; the ledger balance is the statement's closing balance.
"""

import re
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path

from connectors.bank_ofx.client import fetch
from connectors.bank_ofx.reader import Movement, Statement, statements
from connectors.core.banklines import COLUMNS, TABLE, Head, Line, bank_lines, line_book, refused
from connectors.core.protocol import Connection, Stream, Unpacked
from connectors.core.text import DAMAGED, Refused, opened, western, whole_file

START_BYTES = 4096
AMOUNT = re.compile(r"[+-]?[0-9]{1,16}([.,][0-9]*)?|[+-]?[.,][0-9]+")
DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Lines as one csv part; a row without a day or a readable amount stays a row, and goes to quarantine."""
    del suffix, connection
    name, out = name or path.name, workdir / f"{path.name}.lines.csv"
    try:
        with line_book(out, name) as book:
            for statement in statements(western(whole_file(path, name)), name):
                book.add(_head(statement), list(_lines(statement)))
        return book.unpacked(out)
    except Refused as refusal:
        return refused(str(refusal))


def _head(statement: Statement) -> Head:
    values = statement.values
    account = values.get("BANKACCTFROM.ACCTID") or values.get("CCACCTFROM.ACCTID") or ""
    return Head(
        account=account,
        currency=values.get("CURDEF", ""),
        day=_day(values.get("LEDGERBAL.DTASOF", "")) or _day(values.get("DTEND", "")),
        closing=_amount(values.get("LEDGERBAL.BALAMT", "")),
    )


def _lines(statement: Statement) -> Iterator[Line]:
    for movement in statement.movements:
        text = movement.get("TRNAMT")
        corrected, action = movement.get("CORRECTFITID"), movement.get("CORRECTACTION").upper()
        yield Line(
            amount=_amount(text),
            raw_amount=text,
            # a deletion is nobody's to carry out but a person's
            refusal=f"the bank asks to delete line {corrected}; decide by hand" if action == "DELETE" else "",
            booked_at=_day(movement.get("DTPOSTED")),
            value_date=_day(movement.get("DTAVAIL")),
            counterparty_name=movement.get("NAME", "PAYEE.NAME"),
            counterparty_account=movement.get("BANKACCTTO.ACCTID", "CCACCTTO.ACCTID"),
            remark=movement.get("MEMO"),
            bank_reference=_reference(movement),
            # a replacement is the next version of the line it replaces
            line_no=corrected if action == "REPLACE" else movement.get("FITID"),
        )


def _reference(movement: Movement) -> str:
    return movement.get("REFNUM", "CHECKNUM", "FITID")


def _amount(text: str) -> Decimal | None:
    """An exact amount with point or comma and without grouping; None for anything else."""
    return Decimal(text.replace(",", ".")) if AMOUNT.fullmatch(text) else None


def _day(text: str) -> str:
    """The date as written; whatever zone stands behind it moves no day."""
    found = DAY.match(text)
    if not found:
        return ""
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return ""


def recognises(path: Path) -> bool:
    """Whether the file holds OFX elements."""
    try:
        with opened(path) as stream:
            start = stream.read(START_BYTES).upper()
    except (OSError, *DAMAGED):
        return False
    return b"<OFX>" in start or b"OFXHEADER" in start


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
