"""One row per transaction, whatever brought it: the columns, and how an answer's record becomes them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.core.protocol import Connection
from connectors.core.text import Refused, amount

COLUMNS = (
    *("transaction_no", "code", "initiated_at", "updated_at", "currency", "gross", "fee", "status", "pay_no"),
    *("refund_no", "reference_no", "reference_type", "bank_reference", "subject"),
)
NUMBER_FIELDS = ("invoice_id", "custom_field", "transaction_id")
PAY_FIELD = "invoice_id"
REFUND_FIELD = "custom_field"
"""Which field carries the shop's own number is set by the plug-in: options, and these where nothing is said."""


def number_fields(connection: Connection) -> tuple[str, str]:
    """The fields with the shop's number of a payment and of a refund."""
    found = []
    for option, usual in (("pay_no_field", PAY_FIELD), ("refund_no_field", REFUND_FIELD)):
        field = str(connection.options.get(option, usual))
        if field not in NUMBER_FIELDS:
            raise Refused(
                f"option {option} of connection {connection.name} is {field!r}; allowed are {', '.join(NUMBER_FIELDS)}"
            )
        found.append(field)
    return found[0], found[1]


def rows_of(document: Mapping[str, Any], name: str, connection: Connection) -> Iterator[dict[str, str]]:
    """Every record of an answer as a row; one that cannot be read refuses the answer, for its money counts."""
    pay_field, refund_field = number_fields(connection)
    for place, detail in enumerate(document["transaction_details"], start=1):
        info = detail.get("transaction_info") if isinstance(detail, dict) else None
        if not isinstance(info, dict):
            raise Refused(f"{name} record {place} has no transaction_info; fetch it again")
        row = {
            "transaction_no": _text(info, "transaction_id"),
            "code": _text(info, "transaction_event_code"),
            "initiated_at": moment(_text(info, "transaction_initiation_date")),
            "updated_at": moment(_text(info, "transaction_updated_date")),
            "currency": _of(info, "transaction_amount", "currency_code"),
            "gross": _of(info, "transaction_amount", "value"),
            "fee": _of(info, "fee_amount", "value") or "0",
            "status": _text(info, "transaction_status"),
            "pay_no": _text(info, pay_field),
            "refund_no": _text(info, refund_field) or _text(info, "transaction_id"),
            "reference_no": _text(info, "paypal_reference_id"),
            "reference_type": _text(info, "paypal_reference_id_type"),
            "bank_reference": _text(info, "bank_reference_id"),
            "subject": _text(info, "transaction_subject"),
        }
        for column in ("transaction_no", "code", "initiated_at", "currency", "gross"):
            if not row[column]:
                raise Refused(f"{name} record {place} has no {column}; fetch it again")
        for column in ("gross", "fee"):
            if amount(row[column]) is None:
                raise Refused(
                    f"{name} record {place}: {column} is {row[column][:30]!r}, no plain amount; fetch it again"
                )
        if _of(info, "fee_amount", "currency_code") not in {"", row["currency"]}:
            raise Refused(f"{name} record {place}: the fee is in another currency than the amount; report it to PayPal")
        yield row


def _text(record: Mapping[str, Any], field: str) -> str:
    value = record.get(field)
    return "" if value is None or isinstance(value, dict | list) else " ".join(str(value).split())


def _of(info: Mapping[str, Any], field: str, part: str) -> str:
    value = info.get(field)
    return _text(value, part) if isinstance(value, dict) else ""


def moment(text: str) -> str:
    """RFC 3339 in UTC, whatever the account's zone; what is no time stays as it came and goes to quarantine later."""
    try:
        found = datetime.fromisoformat(text.upper())
        return found.astimezone(UTC).isoformat() if found.tzinfo else text
    except (ValueError, OverflowError):
        return text
