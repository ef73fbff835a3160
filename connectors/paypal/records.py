"""Transactions in the names of the contract, for ``tieout inspect``: payments, and every movement with its fee."""

from collections.abc import Mapping
from typing import Any

from connectors.core.canonical import Made, Unusable, collected, positive, signed
from connectors.core.protocol import Canonical, Connection, Part, Unpacked
from connectors.core.text import amount, money

STATUSES = {"S": "succeeded", "V": "succeeded", "F": "succeeded", "P": "processing", "D": "failed"}
PAID_GROUP = "T00"
WITHDRAWAL_GROUP = "T04"
TAKEN_BACK = {"T1107": "refund", "T1106": "chargeback", "T1201": "chargeback"}


def kind_of(row: Mapping[str, str]) -> str | None:
    """What a transaction is for a channel; the same code can be either way, so the sign decides with it."""
    is_out = row["gross"].startswith("-")
    if row["code"].startswith(PAID_GROUP):
        return None if is_out else "payment"
    return TAKEN_BACK.get(row["code"]) if is_out else None


def has_moved(row: Mapping[str, str]) -> bool:
    """Whether a transaction moved the balance: a withdrawal has at once, though it is pending until the bank has it."""
    return row["status"] != "D" and (row["status"] != "P" or row["code"].startswith(WITHDRAWAL_GROUP))


def transaction_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """``payments`` and ``fund_flows``; a row whose money is no whole minor unit is rejected."""
    del connection
    places = {statement.currency: place for place, statement in enumerate(unpacked.statements)}

    def belonging(_: Part, row: Mapping[str, str]) -> dict[str, Any]:
        place = places.get(row["currency"], 0)
        return {"statement": place, "account": unpacked.statements[place].account, "currency": row["currency"]}

    return collected(unpacked, _of_transaction, {"payments": (), "fund_flows": ()}, belonging)


def _of_transaction(row: Mapping[str, str]) -> Made:
    for name in ("gross", "fee"):
        if signed(row[name]) is None:
            raise Unusable(name, "no amount in whole minor units")
    kind = kind_of(row)
    return {
        "payments": [_payment(row, kind)] if kind else [],
        "fund_flows": _flows(row) if has_moved(row) else [],
    }


def _payment(row: Mapping[str, str], kind: str) -> dict[str, Any]:
    status = STATUSES.get(row["status"])
    charged = amount(row["fee"])
    # a payment may refer to an order or an authorisation of its own
    original = (row["reference_no"] or None) if kind != "payment" and row["reference_type"] in {"TXN", ""} else None
    return {
        "transaction_no": row["transaction_no"],
        "type": kind,
        "status": status or row["status"],
        "amount": positive(row["gross"]),
        "fee": None if charged is None else signed(money(-charged)),
        "merchant_pay_no": row["pay_no"] or None,
        "merchant_refund_no": row["refund_no"] if kind == "refund" else None,
        "original_transaction_no": original,
        "occurred_at": row["initiated_at"],
        "succeeded_at": row["initiated_at"] if status == "succeeded" else None,
    }


def _flows(row: Mapping[str, str]) -> list[dict[str, Any]]:
    digits = "".join(sign for sign in row["initiated_at"][:19] if sign.isdigit())
    number = "-".join((row["transaction_no"], row["code"], row["currency"], digits))
    is_sent = row["code"].startswith(PAID_GROUP) and row["gross"].startswith("-")
    moves = [(number, row["code"] + (" sent" if is_sent else ""), row["gross"])]
    if amount(row["fee"]):
        fee = (f"{number}-fee", f"{row['code']} fee", row["fee"])
        moves = [*moves, fee] if amount(row["gross"]) else [fee]
    return [
        {
            "flow_no": flow_no,
            "occurred_at": row["initiated_at"],
            "direction": "out" if text.startswith("-") else "in",
            "amount": positive(text),
            "business_type": business_type,
            "merchant_pay_no": row["pay_no"] or None,
            "business_ref": row["transaction_no"],
            "payout_no": (row["bank_reference"] or row["transaction_no"])
            if row["code"].startswith(WITHDRAWAL_GROUP) and business_type == row["code"]
            else None,
            "remark": row["subject"] or None,
        }
        for flow_no, business_type, text in moves
    ]
