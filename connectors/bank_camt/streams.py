"""camt statements: found in a folder, refused when they contradict themselves, made loadable.

Intraday reports and notifications are loaded for a bank that sends nothing else, or beside its statements, where the
bank names each entry: the name keeps an entry that comes again from counting twice.
"""

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any

from connectors.bank_camt.book import DETAIL_COLUMNS, ENTRY_COLUMNS, read_book
from connectors.bank_camt.client import fetch
from connectors.core.canonical import Unusable, collected, positive
from connectors.core.protocol import (
    Canonical,
    Connection,
    Part,
    Stream,
    Unpacked,
)
from connectors.core.text import DAMAGED, Refused, opened

OTHER_KINDS = {
    "052": "a camt.052 intraday report, whose bookings may still change",
    "054": "a camt.054 notification, whose bookings come again in the statement",
}
START_BYTES = 4096


def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Entries and details as csv parts; refused when opening + movements is not closing."""
    del suffix
    name = name or path.name
    entries, details = workdir / f"{path.name}.entries.csv", workdir / f"{path.name}.details.csv"
    try:
        book = read_book(path, name, entries, details)
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    refused = None
    other = next((OTHER_KINDS[kind] for kind in sorted(book.kinds) if kind in OTHER_KINDS), None)
    if other and not connection.options.get("load_notices"):
        refused = (
            f"{name} is {other}; allowed is camt.053 (end-of-day statement); where the bank sends none, set"
            " load_notices = true in the connection's options"
        )
    elif other and book.unnamed:
        refused = (
            f"{name} is {other}, and {book.unnamed} of its entries carry no reference of their own (AcctSvcrRef): they"
            " would count twice; ask the bank for it, or for camt.053"
        )
    elif book.deviations:
        refused = f"{name} contradicts itself: {'; '.join(book.deviations)}; fetch it again"
    parts = (
        Part(table="entries", kind="csv", path=entries, columns=ENTRY_COLUMNS, first_row=1),
        Part(table="details", kind="csv", path=details, columns=DETAIL_COLUMNS, first_row=1),
    )
    return Unpacked(
        parts=() if refused else parts,
        # what stands at noon is no closing balance
        statements=() if other and not refused else tuple(book.statements),
        refused=refused,
        notes=tuple(book.notes),
    )


def canonical(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Entries as ``bank_lines``."""
    del connection
    return collected(
        unpacked,
        {"entries": lambda row: {"bank_lines": [_bank_line(row)]}},
        {"bank_lines": ()},
        lambda _, row: {"statement": int(row["statement_index"]) if unpacked.statements else None},
    )


def _bank_line(row: Mapping[str, str]) -> dict[str, Any]:
    amount = positive(row["amount"])
    if amount is None:
        raise Unusable("amount", f"{row['amount']} is no amount in whole minor units")
    names = ("line_no", "booked_at", "value_date", "direction", "counterparty_name", "counterparty_account", "remark",
             "bank_reference", "account", "currency")  # fmt: skip
    return {column: row[column] or None for column in names} | {"amount": amount, "balance": None}


def recognises(path: Path) -> bool:
    """Whether the file is a camt document of any kind."""
    try:
        with opened(path) as stream:
            start = stream.read(START_BYTES)
    except (OSError, *DAMAGED):
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
