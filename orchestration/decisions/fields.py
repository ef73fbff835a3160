"""What can be corrected of a record, and how a value is written: decisions to correct, link, map or split."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import duckdb

from connectors.files.templates import TEMPLATES, Column
from orchestration.decisions.event import DecisionError
from orchestration.warehouse.connect import name as quoted

STREAMS: Final[Mapping[str, str]] = {
    **{kind: f"{kind}s" for kind in ("order", "refund", "payment", "fund_flow", "settlement", "settlement_line")},
    **{kind: f"{kind}s" for kind in ("payout", "bank_line", "shipment", "return", "invoice")},
}
"""The stream of each type of record that is published under its own name."""
FIXED: Final[Mapping[str, frozenset[str]]] = {
    "orders": frozenset({"order_no"}),
    "refunds": frozenset({"refund_no", "line_no"}),
    "payments": frozenset({"transaction_no", "type"}),
    "fund_flows": frozenset({"flow_no"}),
    "settlements": frozenset({"settlement_no"}),
    "settlement_lines": frozenset({"settlement_no", "line_no"}),
    "payouts": frozenset({"payout_no"}),
    "bank_lines": frozenset({"line_no"}),
    "shipments": frozenset({"waybill_no", "order_no"}),
    "returns": frozenset({"return_no"}),
    "invoices": frozenset({"invoice_no", "issued_on"}),
}
"""What a record is known by and the day on which it counts. With other ones it would be another record."""
PERSONAL: Final = frozenset({"buyer_id", "address", "payer_account", "counterparty_account"})
LINKED: Final[Mapping[str, str]] = {
    "payments": "order_no",
    "fund_flows": "order_no",
    "settlement_lines": "order_no",
    "payouts": "bank_reference",
    "bank_lines": "bank_reference",
    "refunds": "merchant_refund_no",
    "settlements": "wallet_flow_no",
    "orders": "merchant_pay_no",
    "returns": "refund_no",
    "invoices": "order_no",
}
"""The number by which a record finds the other side."""
MAPPED: Final[Mapping[str, str]] = {
    "fund_flows": "category",
    "settlement_lines": "component",
    "orders": "status",
    "payouts": "status",
    "payments": "status",
    "refunds": "status",
    "invoices": "kind",
}
"""The word that our books know a record by, where the source's own word means nothing to them."""
SPLIT: Final = frozenset({"payments", "fund_flows", "settlement_lines", "payouts", "bank_lines"})
FLOW_CATEGORIES: Final = ("payment", "settlement", "payout", "payout_returned", "deposit", "small_payment")
LARGEST: Final = Decimal(10) ** 16
LONGEST: Final = 200
PAIR: Final = re.compile(r"\s*([a-z][a-z0-9_]*)\s*=\s*(\S.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Subject:
    """The record that an exception is about, as it is published."""

    exception_id: str
    stream: str
    record_key: str
    currency: str
    row: Mapping[str, Any]

    def text(self, field: str) -> str | None:
        """What the record says in a field, as a decision writes it."""
        value = self.row[field]
        return None if value is None else str(value)


def subject_of(connection: duckdb.DuckDBPyConnection, found: Mapping[str, Any]) -> Subject:
    """The published record of an exception; raises DecisionError where it is about none."""
    stream = STREAMS.get(str(found["record_type"]))
    if stream is None:
        raise DecisionError(f"{found['exception_id']} is about no single record, so no field of it can be corrected")
    sql = f"from marts.{quoted(stream)} where record_key = ?"
    cursor = connection.execute(sql, [found["record_key"]])
    names = [column[0] for column in cursor.description or ()]
    rows = cursor.fetchall()
    if len(rows) != 1:
        raise DecisionError(f"{found['exception_id']}: its record {found['record_key']} is not among the {stream}")
    return Subject(
        found["exception_id"], stream, found["record_key"], found["currency"], dict(zip(names, rows[0], strict=True))
    )


def correction(subject: Subject, action: str, key: str | None, amount: Decimal | None) -> dict[str, Any]:
    """What the decision says of the record: field, old and new value, and the money it moves."""
    if action == "split":
        return _split(subject, key, amount)
    field, value = _said(subject, action, key or "")
    columns = correctable(subject.stream)
    if field not in columns or field not in subject.row:
        allowed = ", ".join(name for name in columns if name in subject.row)
        raise DecisionError(f"{field} of {subject.stream} cannot be corrected; what can: {allowed}")
    old, new = subject.text(field), written(columns[field], value)
    if action in {"link", "map"} and old is not None:
        raise DecisionError(f"{subject.exception_id}: {field} is {old} already; correct it if that is wrong")
    if field == "category" and old is not None:
        raise DecisionError(f"{field} of a flow that has one follows from the rule table flow_categories: change that")
    if old == new:
        raise DecisionError(f"{subject.exception_id}: {field} is {old} already")
    said: dict[str, Any] = {"field": field, "old_value": old, "new_value": new}
    if columns[field].kind in {"amount", "signed_amount"}:
        moved = abs(Decimal(new) - Decimal(old or "0"))
        said |= {"amount": str(moved), "currency": subject.currency}
    return said


def correctable(stream: str) -> Mapping[str, Column]:
    """The fields of a stream that can be corrected: neither its key, nor a person, nor a moment."""
    return {
        column.name: column
        for column in TEMPLATES[stream]
        if column.name not in FIXED[stream] | PERSONAL and column.kind != "time" and not _is_flag(column)
    }


def written(column: Column, value: str) -> str:
    """A value as the ledger writes it; raises DecisionError for one that the field does not hold."""
    components = next(one.values for one in TEMPLATES["settlement_lines"] if one.name == "component")
    allowed = (*FLOW_CATEGORIES, *components) if column.name == "category" else column.values
    if allowed:
        if value not in allowed:
            raise DecisionError(f"{column.name} is not {value!r}; allowed are {', '.join(allowed)}")
        return value
    if column.kind == "day":
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise DecisionError(f"{column.name} is not {value!r}; write a day such as 2026-10-01") from None
    if column.kind == "text":
        if len(value) > LONGEST or re.search(r"[\x00-\x1f]", value):
            raise DecisionError(f"{column.name} is one line of at most {LONGEST} letters")
        return value
    digits = 2 if column.kind in {"amount", "signed_amount"} else 6
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise DecisionError(f"{column.name} is not {value!r}; write a plain decimal such as 12.30") from None
    is_signed = column.kind == "signed_amount"
    if (
        not number.is_finite()
        or number != round(number, digits)
        or abs(number) >= LARGEST
        or (number < 0 and not is_signed)
    ):
        raise DecisionError(
            f"{column.name} is not {value!r}; write a plain decimal of at most {digits} digits behind the point"
        )
    return str(round(number, digits))


def _said(subject: Subject, action: str, key: str) -> tuple[str, str]:
    """Field and value; a bare value belongs to the field that the action is about."""
    pair = PAIR.fullmatch(key)
    if pair and (action == "correct" or pair[1] in correctable(subject.stream)):
        return pair[1], pair[2]
    default = {"link": LINKED, "map": MAPPED}.get(action, {}).get(subject.stream)
    if action == "correct" or default is None:
        raise DecisionError(f"{action} needs --key FIELD=VALUE, such as remark=corrected")
    if not key.strip():
        raise DecisionError(f"{action} needs --key: the value that {default} of the record lacks")
    return default, key.strip()


def _split(subject: Subject, key: str | None, amount: Decimal | None) -> dict[str, Any]:
    if subject.stream not in SPLIT:
        raise DecisionError(f"{subject.stream} are not split; what can be: {', '.join(sorted(SPLIT))}")
    whole = Decimal(subject.row["amount"])
    if amount is None or not 0 < amount < abs(whole):
        raise DecisionError(
            f"{subject.exception_id}: --amount is a part of {abs(whole)} {subject.currency}, and not all of it"
        )
    left = whole - amount if whole > 0 else whole + amount
    return {
        "field": "amount",
        "old_value": str(whole),
        "new_value": str(left),
        "part_ref": key,
        "amount": str(amount),
        "currency": subject.currency,
    }


def _is_flag(column: Column) -> bool:
    return "true" in column.values
