"""PayPal's token and transaction search for the market's account: what moved the balance, its fee on the same record.

A transaction shows two hours after it happened. Both ends of a window belong to it. Records come in no promised order.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_ROOT = "/paypal"
_ACCOUNT = "paypal_eu"
_NUMBER = "TIEOUTEUR2026"
_TOKEN_SECONDS = 32400
_SCOPE = "https://uri.paypal.com/services/reporting/search/read https://uri.paypal.com/services/applications/webhooks"
_LAG = timedelta(hours=2)
_LONGEST = timedelta(days=31)
_MOST = 10_000
_MOST_OF_A_PAGE = 500
_CODES = {"payment": "T0006", "refund": "T1107", "chargeback": "T1201", "payout": "T0400", "unknown": "T9799"}


def handle(request: Request, scene: Scene) -> Response:
    """Answer one call."""
    scene.market.ensure(scene.now.date())
    path = request.path.removeprefix(_ROOT)
    if path == "/v1/oauth2/token":
        return _token(request, scene)
    if path != "/v1/reporting/transactions" or request.method != "GET":
        return _error(404, "RESOURCE_NOT_FOUND", "The specified resource does not exist.")
    ends, _, stamp = request.header("Authorization").removeprefix("Bearer A21AA").partition(".")
    is_ours = ends.isdecimal() and hmac.compare_digest(_stamp(scene, ends).encode(), stamp.encode())
    if not is_ours or int(ends) < scene.clock.timestamp():
        return json_response(
            {"error": "invalid_token", "error_description": "Token signature verification failed"}, 401
        )
    return _search(request.query, scene)


def limited(scene: Scene) -> Response:
    """Too many requests."""
    del scene
    message = "Too many requests. Blocked due to rate limiting."
    return _error(429, "RATE_LIMIT_REACHED", message, headers={"Retry-After": "1"})


def late(scene: Scene) -> Response:
    """The transactions of that time are not there yet."""
    del scene
    return _error(400, "INVALID_REQUEST", "Data for the given start date is not available.")


def failed(scene: Scene) -> Response:
    """An error of the source's own."""
    del scene
    return _error(500, "INTERNAL_SERVER_ERROR", "An internal server error occurred.")


def _error(status: int, name: str, message: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    debug_id = hashlib.sha256(f"{name}{message}".encode()).hexdigest()[:13]
    return json_response({"name": name, "message": message, "debug_id": debug_id, **more}, status, headers)


def _stamp(scene: Scene, text: str) -> str:
    return hmac.new(scene.keys["_paypal_signing"].encode(), text.encode(), hashlib.sha256).hexdigest()


def _token(request: Request, scene: Scene) -> Response:
    pair = f"{scene.keys['PAYPAL_CLIENT_ID']}:{scene.keys['PAYPAL_CLIENT_SECRET']}".encode()
    wanted = b"Basic " + base64.b64encode(pair)
    if not hmac.compare_digest(request.header("Authorization").encode(), wanted):
        return json_response({"error": "invalid_client", "error_description": "Client Authentication failed"}, 401)
    if request.method != "POST" or request.parameters.get("grant_type") != "client_credentials":
        return json_response({"error": "unsupported_grant_type", "error_description": "Grant Type is NULL"}, 400)
    ends = str(int(scene.clock.timestamp()) + _TOKEN_SECONDS)
    return json_response({
        "scope": _SCOPE,
        "access_token": f"A21AA{ends}.{_stamp(scene, ends)}",
        "token_type": "Bearer",
        "app_id": "APP-80W284485P519543T",
        "expires_in": _TOKEN_SECONDS,
        "nonce": f"{scene.clock:%Y-%m-%dT%H:%M:%SZ}",
    })  # fmt: skip


def _search(query: Mapping[str, str], scene: Scene) -> Response:
    start, end = (_moment(query.get(name, ""), scene) for name in ("start_date", "end_date"))
    page, size = query.get("page", "1"), query.get("page_size", "100")
    if start is None or end is None or end < start or end - start > _LONGEST:
        message = "Invalid request - see details."
        return _error(400, "INVALID_REQUEST", message, details=[{"issue": "Date range is greater than 31 days"}])
    if not page.isdecimal() or int(page) < 1 or not size.isdecimal() or not 1 <= int(size) <= _MOST_OF_A_PAGE:
        return _error(400, "INVALID_REQUEST", "Invalid request - see details.", details=[{"issue": "page_size"}])
    refreshed = scene.now - _LAG
    if start > refreshed:
        return late(scene)
    found = _records(scene, start, min(end, refreshed))
    if len(found) > _MOST:
        message = "Result set size is greater than the maximum limit. Change the filter criteria and try again."
        return _error(400, "RESULTSET_TOO_LARGE", message, maximum_items=_MOST)
    first = (int(page) - 1) * int(size)
    return json_response({
        "transaction_details": found[first : first + int(size)],
        "account_number": _NUMBER,
        "start_date": _time(start),
        "end_date": _time(end),
        "last_refreshed_datetime": _time(refreshed),
        "page": int(page),
        "total_items": len(found),
        "total_pages": -(-len(found) // int(size)),
    })  # fmt: skip


def _moment(text: str, scene: Scene) -> datetime | None:
    """A moment on the world's clock; seconds and an offset are required."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None or text.count(":") < len("::"):
        return None
    return moment.astimezone(scene.world.config.timezone).replace(tzinfo=None)


def _time(local: datetime) -> str:
    return f"{local - timedelta(hours=8):%Y-%m-%dT%H:%M:%S}+0000"


def _records(scene: Scene, start: datetime, end: datetime) -> list[dict[str, Any]]:
    flows = scene.market.records(
        "select flows.*, payments.original_no, payouts.trace_no,"
        " (select coalesce(sum(fees.amount), 0)::bigint from market.flows as fees where fees.account = flows.account"
        " and fees.transaction_no = flows.transaction_no and fees.kind in ('payment_fee', 'fee_return')) as fee"
        " from market.flows left join market.payments on payments.account = flows.account"
        " and payments.transaction_no = flows.transaction_no"
        " left join market.payouts on payouts.account = flows.account and payouts.payout_no = flows.payout_no"
        " where flows.account = ? and flows.kind not in ('payment_fee', 'fee_return')"
        " and flows.occurred_at between ? and ? order by flows.occurred_at, flows.row_no",
        [_ACCOUNT, start, end],
    )
    return [_record(flow) for flow in flows]


def _record(flow: Mapping[str, Any]) -> dict[str, Any]:
    kind = flow["kind"]
    info: dict[str, Any] = {
        "paypal_account_id": "" if kind == "payout" else "BUYER" + hashlib.sha256(
            str(flow["order_no"]).encode()).hexdigest()[:8].upper(),
        "transaction_id": flow["payout_no"] if kind == "payout" else flow["transaction_no"],
        "transaction_event_code": _CODES[kind],
        "transaction_initiation_date": _time(flow["occurred_at"]),
        "transaction_updated_date": _time(flow["occurred_at"]),
        "transaction_amount": _money(flow["amount"]),
        "transaction_status": "S",
        "transaction_subject": flow["memo"] or "",
        "protection_eligibility": "01" if kind == "payment" else "02",
    }  # fmt: skip
    if flow["fee"]:
        info["fee_amount"] = _money(flow["fee"])
    if flow["original_no"]:
        info |= {"paypal_reference_id": flow["original_no"], "paypal_reference_id_type": "TXN"}
    if flow["pay_no"]:
        info["invoice_id"] = flow["pay_no"]
    if flow["merchant_refund_no"]:
        info["custom_field"] = flow["merchant_refund_no"]
    if flow["trace_no"]:
        info["bank_reference_id"] = flow["trace_no"]
    return {"transaction_info": {name: value for name, value in info.items() if value}}


def _money(cents: int) -> dict[str, str]:
    sign, units = "-" if cents < 0 else "", abs(cents)
    return {"currency_code": "EUR", "value": f"{sign}{units // 100}.{units % 100:02d}"}


API = Api(handle, limited, late, failed)
