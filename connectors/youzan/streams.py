"""The ledger, read by its headings and proven by its balances; each row a movement, some of them payments too.

Raw tables ``flows`` and ``payments`` have the one column ``record``; a payment carries the fee that its ledger shows.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.core.answers import RECORD
from connectors.core.bills import BalanceChain
from connectors.core.canonical import collected, local_time
from connectors.core.days import SHANGHAI
from connectors.core.protocol import Canonical, Connection, Part, Statement, Stream, Unpacked
from connectors.core.sheets import check_columns, has_heading, row_of, sheet_rows, whole_cents
from connectors.core.text import Refused, money
from connectors.youzan.client import fetch
from connectors.youzan.layout import (
    EMPTY_MARKS,
    FEE_WORDS,
    MONEY,
    PAYMENT_WORDS,
    REFUND_WORDS,
    TOTAL_WORDS,
    columns_of,
)

HEADING_WITHIN = 20
PAYOUT_WORDS = frozenset({"提现", "提现退回", "提现失败"})
TIMES = ("ordered_at", "booked_at")
LEDGER_STREAMS = {"fund_flows": ("flow_no", "occurred_at"), "payments": ("transaction_no", "occurred_at")}


@dataclass(slots=True)
class _Sums:
    """One account of the ledger."""

    rows: int = 0
    received: Decimal = Decimal()
    spent: Decimal = Decimal()
    chain: BalanceChain = field(default_factory=BalanceChain)
    days: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Reading:
    """One ledger while it is read."""

    name: str
    first_row: int = 0
    accounts: dict[str, _Sums] = field(default_factory=dict)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    fees: defaultdict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    payments: list[dict[str, str]] = field(default_factory=list)

    def take(self, row: dict[str, str], number: int) -> dict[str, str]:
        """A row with its amounts in one form and a number of its own."""
        values = {column: _exact(row[column], column, self.name, number) for column in MONEY}
        received, spent = values["received"] or Decimal(), abs(values["spent"] or Decimal())
        if received and spent:
            raise Refused(
                f"{self.name} line {number}: money came in and went out at once; allowed is one, export it again"
            )
        if received < 0:
            raise Refused(f"{self.name} line {number}: {received} came in, which no minus may have; export it again")
        balance = values["balance"]
        if balance is None:
            raise Refused(f"{self.name} line {number}: the balance is empty, so nothing is proven; export it again")
        row |= {"received": money(received), "spent": money(spent), "balance": money(balance)}
        row["ref"] = _number(row, is_refund=_is_refund(row["kind"], received, spent))
        row["flow_no"] = self._own_number(row)
        sums = self.accounts.setdefault(row.get("account_name", ""), _Sums())
        sums.rows += 1
        sums.received += received
        sums.spent += spent
        sums.days.add(row["booked_at"][:10])
        sums.chain.add(received - spent, balance)
        self._judge(row, received, spent)
        return row

    def _own_number(self, row: Mapping[str, str]) -> str:
        """The ledger numbers no row: its numbers, kind and moment name it, whatever file it comes in.

        Equals of one second lie in one file, in which their place tells them apart.
        """
        numbers = dict.fromkeys(row[name] for name in ("serial_no", "business_no") if row[name])
        if not numbers:
            return ""
        moment, name = re.sub(r"\D", "", row["booked_at"]), "-".join((row["kind"], *numbers))
        self.seen[moment, name] += 1
        place = self.seen[moment, name]
        return f"{moment}-{name}" if place == 1 else f"{moment}-{place}-{name}"

    def _judge(self, row: Mapping[str, str], received: Decimal, spent: Decimal) -> None:
        kind = row["kind"]
        if kind in FEE_WORDS:
            half = "payment" if spent else "refund"
            self.fees[half, row["ref"]] += spent - received
        elif (kind in PAYMENT_WORDS and received) or (kind in REFUND_WORDS and spent):
            half = "payment" if received else "refund"
            order_no = row["business_no"] if received else row.get("related_no", "")
            self.payments.append(
                {
                    "transaction_no": row["ref"],
                    "type": half,
                    "kind": kind,
                    "amount": money(received or spent),
                    "order_no": order_no,
                    "refund_no": "" if received else row["business_no"],
                    "booked_at": row["booked_at"],
                    "account_name": row.get("account_name", ""),
                }
            )

    def with_fees(self) -> Iterator[dict[str, str]]:
        """The payments, each with the fees of its number; the first of several with one number has them."""
        left = dict(self.fees)
        for payment in self.payments:
            fee = left.pop((payment["type"], payment["transaction_no"]), None)
            yield payment | {"fee": "" if fee is None else money(fee)}


def _is_refund(kind: str, received: Decimal, spent: Decimal) -> bool:
    return bool((kind in REFUND_WORDS and spent) or (kind in FEE_WORDS and received))


def _number(row: Mapping[str, str], *, is_refund: bool) -> str:
    """The payment's number, or the refund's: several refunds may name the number of the payment that they return."""
    first, second = ("business_no", "serial_no") if is_refund else ("serial_no", "business_no")
    return row[first] or row[second]


def _exact(text: str, column: str, name: str, number: int) -> Decimal | None:
    return None if not text or text in EMPTY_MARKS else whole_cents(text, column, name, number)


def _rows(path: Path, reading: _Reading) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, row) of the ledger, from the first sheet that is one."""
    sheet_now, columns, before, name = "", None, 0, reading.name
    for sheet, number, cells in sheet_rows(path, name):
        if sheet != sheet_now:
            if columns is not None:
                return
            sheet_now, before = sheet, 0
        if columns is None:
            columns, before = columns_of(cells), before + 1
            if columns is not None:
                check_columns(columns, name)
                reading.first_row = number + 1
            elif before >= HEADING_WITHIN and not sheet:
                break
            continue
        yield number, _row(cells, columns, name, number)
    if columns is None:
        raise Refused(f"{name} is no Youzan ledger: no line is its heading; allowed is the export as it came")


def _row(cells: Sequence[str], columns: Sequence[str], name: str, number: int) -> dict[str, str]:
    row = row_of(cells, columns, name, number)
    return row | {column: row[column].replace("/", "-") for column in TIMES if column in row}


def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Every row a movement; payments and refunds once more, with their fees. One broken row refuses them all."""
    del suffix, connection
    reading = _Reading(name or path.name)
    flows, payments = workdir / f"{path.name}.flows.ndjson", workdir / f"{path.name}.payments.ndjson"
    try:
        with flows.open("w", encoding="utf-8") as out:
            for number, row in _rows(path, reading):
                if row["kind"] not in TOTAL_WORDS:
                    out.write(json.dumps(reading.take(row, number), ensure_ascii=False) + "\n")
        _check(reading)
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    with payments.open("w", encoding="utf-8") as out:
        for payment in reading.with_fees():
            out.write(json.dumps(payment, ensure_ascii=False) + "\n")
    parts = (
        Part("flows", "json", flows, RECORD, first_row=reading.first_row, items="$", lines=True),
        Part("payments", "json", payments, RECORD, first_row=reading.first_row, items="$", lines=True),
    )
    return Unpacked(parts=parts, statements=_statements(reading))


def _check(reading: _Reading) -> None:
    for account, sums in reading.accounts.items():
        if sums.chain.ends() is None:
            raise Refused(
                f"{reading.name} contradicts itself: the balances of account {account or '(none)'} form no chain, so "
                "that rows are missing or were changed; export the whole period again"
            )


def _statements(reading: _Reading) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            account=account or None,
            currency="CNY",
            statement_no=None,
            day=next(iter(sums.days)) or None if len(sums.days) == 1 else None,
            opening_balance=(sums.chain.ends() or (None, None))[0],
            closing_balance=(sums.chain.ends() or (None, None))[1],
            row_count=sums.rows,
            in_sum=money(sums.received),
            out_sum=money(sums.spent),
            stated_row_count=None,
            stated_in_sum=None,
            stated_out_sum=None,
        )
        for account, sums in (reading.accounts or {"": _Sums()}).items()
    )


def ledger_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Movements as ``fund_flows``, and what buyers paid and got back as ``payments``."""
    places = {statement.account: place for place, statement in enumerate(unpacked.statements)}

    def belonging(_: Part, record: Mapping[str, Any]) -> dict[str, Any]:
        account = record.get("account_name") or None
        return {"statement": places.get(account), "account": account or connection.account, "currency": "CNY"}

    readers = {
        "flows": lambda record: {"fund_flows": [_flow(record)]},
        "payments": lambda record: {"payments": [_payment(record)]},
    }
    return collected(unpacked, readers, LEDGER_STREAMS, belonging, seen_only=True)


def _payment(record: Mapping[str, Any]) -> dict[str, Any]:
    at = local_time(record["booked_at"], SHANGHAI)
    return {
        "transaction_no": record["transaction_no"],
        "type": record["type"],
        "status": "succeeded",
        "amount": record["amount"],
        "fee": record["fee"] or None,
        "order_no": record["order_no"] or None,
        "merchant_refund_no": record["refund_no"] or None,
        "occurred_at": at,
        "succeeded_at": at,
    }


def _flow(record: Mapping[str, Any]) -> dict[str, Any]:
    is_out = bool(Decimal(record["spent"]))
    return {
        "flow_no": record["flow_no"],
        "occurred_at": local_time(record["booked_at"], SHANGHAI),
        "direction": "out" if is_out else "in",
        "amount": record["spent"] if is_out else record["received"],
        "balance": record["balance"],
        "business_type": record["kind"],
        "order_no": _order_of(record),
        "business_ref": record["ref"] or None,
        "payout_no": record["business_no"] or None if record["kind"] in PAYOUT_WORDS else None,
        "remark": record.get("remark") or record.get("title") or None,
    }


def _order_of(record: Mapping[str, Any]) -> str | None:
    kind = record["kind"]
    if kind in PAYMENT_WORDS:
        return record["business_no"] or None
    return record.get("related_no") or None if kind in REFUND_WORDS | FEE_WORDS else None


def recognises(path: Path) -> bool:
    """Whether one of the first lines is the ledger's heading."""
    return has_heading(path, HEADING_WITHIN, lambda cells: columns_of(cells) is not None)


LEDGER = Stream(
    name="ledger",
    day_kind="drop",
    tables={"flows": RECORD, "payments": RECORD},
    fetch=fetch,
    unpack=unpack,
    canonical=ledger_records,
    reads=recognises,
)
