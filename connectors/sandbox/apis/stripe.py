"""The lists of the market's Stripe account in Europe: balance transactions and payouts, newest first.

Amounts are whole cents, times are epoch seconds. A page ends by ``has_more``; the next one starts after the last id.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_ACCOUNT = "stripe_eu"
_MOST = 100
_USUAL = 10
_KINDS = {"payment": "charge", "refund": "refund", "chargeback": "dispute", "payout": "payout", "unknown": "mystery"}
_IDS = {"charge": "ch_", "refund": "re_", "dispute": "dp_", "payout": ""}


class Refusal(Exception):  # noqa: N818 - Stripe's answer, not a failure of ours
    """A refusal in Stripe's own shape."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.response = _error(status, "invalid_request_error", message, code)


def handle(request: Request, scene: Scene) -> Response:
    """Answer one request."""
    scene.market.ensure(scene.now.date())
    try:
        _check(request, scene)
        if request.path == "/stripe/v1/balance_transactions":
            return _page(request, _transactions(request, scene))
        if request.path == "/stripe/v1/payouts":
            return _page(request, _payouts(scene))
    except Refusal as refusal:
        return refusal.response
    return Refusal(404, f"Unrecognized request URL ({request.method}: {request.path}).").response


def limited(scene: Scene) -> Response:
    """Too many requests; Stripe names no time to wait."""
    del scene
    return _error(429, "invalid_request_error", "Request rate limit exceeded.", "rate_limit")


def late(scene: Scene) -> Response:
    """Stripe knows no bill that is not ready: it is only briefly away."""
    del scene
    return _error(503, "api_error", "The service is temporarily unavailable.", None)


def _error(status: int, kind: str, message: str, code: str | None) -> Response:
    error = {"type": kind, "message": message} | ({"code": code} if code else {})
    return json_response({"error": error}, status, {"Request-Id": "req_sandbox"})


def _check(request: Request, scene: Scene) -> None:
    scheme, _, key = request.header("Authorization").partition(" ")
    if scheme != "Bearer" or key != scene.keys["STRIPE_SECRET_KEY"]:
        raise Refusal(401, "Invalid API Key provided: sk_test_****")
    if not re.fullmatch(r"20\d\d-\d\d-\d\d(\.[a-z]+)?", request.header("Stripe-Version")):
        raise Refusal(400, "Invalid Stripe API version.")
    if request.method != "GET":
        raise Refusal(405, "Only GET is served here.")


def _transactions(request: Request, scene: Scene) -> list[dict[str, Any]]:
    expands = request.query.get("expand[]") == "data.source"
    rows = scene.market.records(
        "with fees as (select transaction_no, -sum(amount)::bigint as fee from market.flows where account = ?"
        " and kind in ('payment_fee', 'fee_return') group by all)"
        " select flows.*, coalesce(fees.fee, 0) as fee, payments.original_no from market.flows as flows"
        " left join fees on flows.transaction_no = fees.transaction_no and flows.kind <> 'payout'"
        " left join market.payments as payments on payments.account = flows.account"
        " and payments.transaction_no = flows.transaction_no"
        " where flows.account = ? and kind not in ('payment_fee', 'fee_return') and occurred_at <= ?"
        " order by occurred_at desc, row_no desc",
        [_ACCOUNT, _ACCOUNT, scene.now],
    )
    return [_transaction(row, expands) for row in rows]


def _transaction(row: Mapping[str, Any], expands: bool) -> dict[str, Any]:
    kind = _KINDS[row["kind"]]
    source = _source(row, kind)
    created = _epoch(row["occurred_at"])
    return {
        "id": f"txn_{row['flow_no']}",
        "object": "balance_transaction",
        "amount": row["amount"],
        "available_on": created + 2 * 86_400,
        "created": created,
        "currency": "eur",
        "description": row["memo"],
        "exchange_rate": None,
        "fee": row["fee"],
        "fee_details": [{"amount": row["fee"], "currency": "eur", "type": "stripe_fee"}] if row["fee"] else [],
        "net": row["amount"] - row["fee"],
        "reporting_category": kind,
        "source": source if expands or source is None else source["id"],
        "status": "available",
        "type": "adjustment" if kind in {"dispute", "mystery"} else kind,
    }


def _source(row: Mapping[str, Any], kind: str) -> dict[str, Any] | None:
    if kind == "mystery":
        return None
    number = row["payout_no"] if kind == "payout" else row["transaction_no"]
    source: dict[str, Any] = {
        "id": f"{_IDS[kind]}{number}",
        "object": kind,
        "amount": abs(row["amount"]),
        "currency": "eur",
        "metadata": {},
        "status": "succeeded" if kind in {"charge", "refund"} else "needs_response" if kind == "dispute" else "paid",
    }
    if kind != "payout":
        source["payment_intent"] = row["pay_no"]
    if kind in {"refund", "dispute"}:
        source["charge"] = f"ch_{row['original_no']}" if row["original_no"] else None
    if kind == "refund":
        source["metadata"] = {"merchant_refund_no": row["merchant_refund_no"]}
    return source


def _payouts(scene: Scene) -> list[dict[str, Any]]:
    rows = scene.market.records(
        "select * from market.payouts where account = ? and initiated_at <= ? order by initiated_at desc",
        [_ACCOUNT, scene.now],
    )
    return [_payout(row, scene.now.date()) for row in rows]


def _payout(row: Mapping[str, Any], today: date) -> dict[str, Any]:
    is_there = row["arrives_on"] <= today
    midnight = datetime(row["arrives_on"].year, row["arrives_on"].month, row["arrives_on"].day, tzinfo=UTC)
    return {
        "id": row["payout_no"],
        "object": "payout",
        "amount": row["amount"],
        "arrival_date": int(midnight.timestamp()),
        "automatic": True,
        "balance_transaction": f"txn_{row['payout_no']}",
        "created": _epoch(row["initiated_at"]),
        "currency": "eur",
        "failure_code": None,
        "metadata": {},
        "method": "standard",
        "status": "paid" if is_there else "in_transit",
        "trace_id": {"status": "supported" if is_there else "pending", "value": row["trace_no"] if is_there else None},
        "type": "bank_account",
    }


def _page(request: Request, rows: list[dict[str, Any]]) -> Response:
    query = request.query
    limit = query.get("limit", str(_USUAL))
    if not limit.isdigit() or not 1 <= int(limit) <= _MOST:
        raise Refusal(400, f"Invalid limit: must be between 1 and {_MOST}.", "parameter_invalid_integer")
    for name, keeps in (("created[gte]", "__ge__"), ("created[lt]", "__lt__")):
        if name in query:
            if not query[name].isdigit():
                raise Refusal(400, f"Invalid integer: {query[name]}", "parameter_invalid_integer")
            rows = [row for row in rows if getattr(row["created"], keeps)(int(query[name]))]
    if "starting_after" in query:
        ids = [row["id"] for row in rows]
        if query["starting_after"] not in ids:
            raise Refusal(400, f"No such object: '{query['starting_after']}'", "resource_missing")
        rows = rows[ids.index(query["starting_after"]) + 1 :]
    shown = rows[: int(limit)]
    url = request.path.removeprefix("/stripe")
    return json_response({"object": "list", "data": shown, "has_more": len(rows) > len(shown), "url": url})


def _epoch(local: datetime) -> int:
    return int((local - timedelta(hours=8)).replace(tzinfo=UTC).timestamp())


API = Api(handle, limited, late)
