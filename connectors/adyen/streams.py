"""The settlement details report: read by header names, each batch proven to close at zero.

Raw table ``adyen__batches`` has :data:`COLUMNS`, one row per row of the report.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.adyen.client import fetch
from connectors.core.bills import contradiction, write_rows
from connectors.core.canonical import csv_rows, positive, signed
from connectors.core.protocol import Canonical, Connection, Part, Reject, Statement, Stream, Unpacked
from connectors.core.text import DAMAGED, Refused, amount, encoding_of, money, opened, plain, text_lines

HEADINGS = {
    "Merchant Account": "merchant_account",
    "Psp Reference": "psp_reference",
    "Merchant Reference": "merchant_reference",
    "Payment Method": "payment_method",
    "Creation Date": "created_at",
    "TimeZone": "created_zone",
    "Type": "type",
    "Modification Reference": "modification_reference",
    "Gross Currency": "gross_currency",
    "Gross Debit (GC)": "gross_debit",
    "Gross Credit (GC)": "gross_credit",
    "Exchange Rate": "exchange_rate",
    "Net Currency": "net_currency",
    "Net Debit (NC)": "net_debit",
    "Net Credit (NC)": "net_credit",
    "Commission (NC)": "commission",
    "Markup (NC)": "markup",
    "Scheme Fees (NC)": "scheme_fees",
    "Interchange (NC)": "interchange",
    "Modification Merchant Reference": "modification_merchant_reference",
    "Batch Number": "batch_number",
}
OPTIONAL = {"Booking Date": "booked_at", "Booking Date TimeZone": "booked_zone"}
MADE = ("nth",)
COLUMNS = (*HEADINGS.values(), *OPTIONAL.values(), *MADE)
FEES = ("commission", "markup", "scheme_fees", "interchange")
PAYMENT_TYPES = {
    "Settled": "payment",
    "Refunded": "refund",
    "Chargeback": "chargeback",
    "SecondChargeback": "chargeback",
}
START_BYTES = 2048
LARGEST_CELL = 100_000


@dataclass(slots=True)
class _Batch:
    """One batch and currency while it is read."""

    account: str
    count: int = 0
    credit: Decimal = field(default_factory=Decimal)
    debit: Decimal = field(default_factory=Decimal)


def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Rows as one csv part; refused when a batch does not close at zero, or a row's fees do not make its net."""
    del suffix, connection
    name, out = name or path.name, workdir / f"{path.name}.batches.csv"
    batches: dict[tuple[str, str], _Batch] = {}
    found: list[str] = []
    try:
        write_rows(out, [COLUMNS, *(list(row.values()) for row in _checked(path, name, batches, found))])
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    for (number, currency), batch in batches.items():
        if batch.credit != batch.debit:
            found.append(
                f"batch {number} in {currency} closes at {plain(batch.credit - batch.debit)}, with payout and carry "
                "it must be 0"
            )
    refused = contradiction(name, found)
    part = Part(table="batches", kind="csv", path=out, columns=COLUMNS, first_row=2)
    return Unpacked(
        parts=() if refused else (part,),
        statements=tuple(_statement(key, batch) for key, batch in batches.items()),
        refused=refused,
    )


def _statement(key: tuple[str, str], batch: _Batch) -> Statement:
    return Statement(
        account=batch.account or None,
        currency=key[1] or None,
        statement_no=key[0] or None,
        day=None,
        opening_balance=None,
        closing_balance=None,
        row_count=batch.count,
        in_sum=money(batch.credit),
        out_sum=money(batch.debit),
        stated_row_count=None,
        stated_in_sum=None,
        stated_out_sum=None,
    )


def _checked(
    path: Path, name: str, batches: dict[tuple[str, str], _Batch], found: list[str]
) -> Iterator[dict[str, str]]:
    """Every row by our column names, numbered in its batch and type; what does not agree goes to ``found``."""
    counts: dict[tuple[str, str], int] = {}
    for line, row in _rows(path, name):
        values = {column: _exact(row, column, name, line) for column in ("net_debit", "net_credit", *FEES)}
        batch = batches.setdefault((row["batch_number"], row["net_currency"]), _Batch(row["merchant_account"]))
        batch.count += 1
        batch.credit += values["net_credit"]
        batch.debit += values["net_debit"]
        if row["type"] == "Settled" and row["gross_currency"] == row["net_currency"]:
            net = _exact(row, "gross_credit", name, line) - sum((values[fee] for fee in FEES), Decimal())
            if net != values["net_credit"]:
                found.append(f"line {line}: gross less fees is {plain(net)}, net is stated as {row['net_credit']}")
        kind = (row["batch_number"], row["type"])
        counts[kind] = counts.get(kind, 0) + 1
        yield row | {"nth": str(counts[kind])}


def _exact(row: Mapping[str, str], column: str, name: str, line: int) -> Decimal:
    text = row[column] or "0"
    value = amount(text)
    if value is None:
        raise Refused(f"{name} line {line}: {column} is {text[:30]!r}, no plain amount; fetch it again")
    return value


def _rows(path: Path, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    csv.field_size_limit(LARGEST_CELL)
    encoding = encoding_of(lambda: opened(path), name)
    try:
        with text_lines(lambda: opened(path), encoding) as lines:
            reader = csv.reader(line.replace("\x00", "") for line in lines)
            heading = [cell.strip() for cell in next(reader, [])]
            missing = [title for title in HEADINGS if title not in heading]
            if missing:
                raise Refused(f"{name} is no settlement details report: it lacks {', '.join(missing[:3])}")
            places = {
                column: heading.index(title) for title, column in (HEADINGS | OPTIONAL).items() if title in heading
            }
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) < len(HEADINGS):
                    raise Refused(f"{name} line {reader.line_num} has {len(cells)} cells, too few; fetch it again")
                row = dict.fromkeys(COLUMNS[: -len(MADE)], "")
                row |= {c: " ".join(cells[p].split()) for c, p in places.items() if p < len(cells)}
                yield reader.line_num, row
    except csv.Error as error:
        raise Refused(f"{name} cannot be cut into cells ({error}); fetch it again") from error
    except DAMAGED as error:
        raise Refused(f"{name} is cut off or damaged inside its compression; fetch it again") from error


def canonical(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Payments with their fees, and every net movement as ``fund_flows``; carries between batches are no movement."""
    del connection
    index = {(s.statement_no or "", s.currency or ""): place for place, s in enumerate(unpacked.statements)}
    payments: list[dict[str, Any]] = []
    flows: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for part in unpacked.parts:
        for line, row in csv_rows(part):
            place = index.get((row["batch_number"], row["net_currency"]), 0)
            common = {"statement": place, "account": row["merchant_account"] or None}
            flow = _flow(row)
            if flow["amount"] is None:
                rejects.append(Reject(line, "net_credit", "no amount in whole minor units"))
            elif row["type"] != "Balancetransfer":
                flows.append(flow | common)
            if row["type"] in PAYMENT_TYPES:
                payments.append(_payment(row) | common)
    return Canonical(streams={"payments": payments, "fund_flows": flows}, quarantine=tuple(rejects))


def _flow(row: Mapping[str, str]) -> dict[str, Any]:
    is_in = bool(row["net_credit"])
    return {
        # a row without a payment has no number of its own
        "flow_no": row["modification_reference"]
        if row["psp_reference"]
        else f"{row['batch_number']}/{row['type']}/{row['nth']}",
        "occurred_at": row["booked_at"] or row["created_at"],
        "direction": "in" if is_in else "out",
        "amount": positive(row["net_credit"] if is_in else row["net_debit"]),
        "currency": row["net_currency"] or None,
        "business_type": row["type"],
        "business_ref": row["psp_reference"] or None,
        "merchant_pay_no": row["merchant_reference"] or None,
    }


def _payment(row: Mapping[str, str]) -> dict[str, Any]:
    is_payment = row["type"] == "Settled"
    fee = sum((Decimal(row[column] or "0") for column in FEES), Decimal())
    return {
        "transaction_no": row["psp_reference"] if is_payment else row["modification_reference"],
        "type": PAYMENT_TYPES[row["type"]],
        "status": "succeeded",
        "amount": positive(row["gross_credit"] or row["gross_debit"]),
        "currency": row["gross_currency"] or None,
        "fee": signed(money(fee)),
        "merchant_pay_no": row["merchant_reference"] or None,
        "original_transaction_no": None if is_payment else row["psp_reference"],
        "occurred_at": row["booked_at"] or row["created_at"],
        "settlement_no": row["batch_number"] or None,
    }


def recognises(path: Path) -> bool:
    """Whether the first line is the report's heading."""
    try:
        with opened(path) as stream:
            start = stream.read(START_BYTES)
    except (OSError, *DAMAGED):
        return False
    return b"Psp Reference" in start and b"Net Credit (NC)" in start and b"Batch Number" in start


BATCHES = Stream(
    name="batches",
    day_kind="drop",
    tables={"batches": COLUMNS},
    fetch=fetch,
    unpack=unpack,
    canonical=canonical,
    ready_at=time(8, 0),
    reads=recognises,
)
