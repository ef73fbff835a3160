"""The Selling Partner API of the market's Amazon shop: tokens, orders, settlement reports, payouts.

A report's document is packed by GZIP and lies behind an address that is signed and lives five minutes. A settlement
closes at the end of its period; its report exists half an hour later.
"""

import base64
import gzip
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from connectors.sandbox.apis import amazon_rows
from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_ROOT = "/amazon"
_TOKEN_SECONDS = 3600
_LINK_SECONDS = 300
_MOST_ORDERS = 100
_TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
_DOCUMENT = re.compile(r"/reports/2021-06-30/documents/([A-Za-z0-9._-]+)")


class Refusal(Exception):  # noqa: N818 - the platform's answer, not a failure of ours
    """A refusal in the platform's own shape."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.response = _errors(status, code, message)


def _errors(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return json_response({"errors": [{"code": code, "message": message, "details": ""}]}, status, headers)


def handle(request: Request, scene: Scene) -> Response:
    """Answer one call."""
    scene.market.ensure(scene.now.date())
    path = request.path.removeprefix(_ROOT)
    if path == "/auth/o2/token":
        return _token(request, scene)
    if path.startswith("/download/"):
        return _download(request, scene, path.removeprefix("/download/"))
    try:
        _check(request, scene)
        if request.method == "GET" and path in _CALLS:
            return json_response(_CALLS[path](request.query, scene))
        found = _DOCUMENT.fullmatch(path)
        if found:
            return json_response(_document(request, scene, found[1]))
    except Refusal as refusal:
        return refusal.response
    return _errors(404, "NotFound", "The resource was not found.")


def limited(scene: Scene) -> Response:
    """The bucket of the operation is empty."""
    del scene
    headers = {"x-amzn-RateLimit-Limit": "0.0056"}
    return _errors(429, "QuotaExceeded", "You exceeded your quota for the requested resource.", headers)


def late(scene: Scene) -> Response:
    """The service is not there for the moment."""
    del scene
    return _errors(503, "ServiceUnavailable", "Service is temporarily unavailable. Please try again.")


def _stamp(scene: Scene, text: str) -> str:
    secret = scene.keys["_amazon_signing"].encode()
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def _token(request: Request, scene: Scene) -> Response:
    given = request.parameters
    if request.method != "POST" or given.get("grant_type") != "refresh_token":
        return json_response({"error": "unsupported_grant_type", "error_description": "unknown grant"}, 400)
    if given.get("refresh_token") != scene.keys["AMAZON_REFRESH_TOKEN"]:
        return json_response({"error": "invalid_grant", "error_description": "The request has an invalid grant"}, 400)
    pair = (given.get("client_id"), given.get("client_secret"))
    if pair != (scene.keys["AMAZON_CLIENT_ID"], scene.keys["AMAZON_CLIENT_SECRET"]):
        return json_response({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
    ends = str(int(scene.clock.timestamp()) + _TOKEN_SECONDS)
    token = f"Atza|{ends}.{_stamp(scene, ends)}"
    return json_response({
        "access_token": token,
        "refresh_token": scene.keys["AMAZON_REFRESH_TOKEN"],
        "token_type": "bearer",
        "expires_in": _TOKEN_SECONDS,
    })  # fmt: skip


def _check(request: Request, scene: Scene) -> None:
    ends, _, stamp = request.header("x-amz-access-token").removeprefix("Atza|").partition(".")
    if not ends.isdecimal() or not hmac.compare_digest(_stamp(scene, ends), stamp):
        raise Refusal(403, "Unauthorized", "Access to requested resource is denied.")
    if int(ends) < scene.clock.timestamp():
        raise Refusal(403, "Unauthorized", "The access token you provided has expired.")


def _moment(query: Mapping[str, str], name: str, scene: Scene) -> datetime | None:
    """A moment on the world's clock."""
    text = query.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, "InvalidInput", f"Invalid Input: {name}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(scene.world.config.timezone).replace(tzinfo=None)


def _place(query: Mapping[str, str], name: str) -> int:
    text = query.get(name)
    if not text:
        return 0
    try:
        return int(base64.b64decode(text, validate=True).decode().removeprefix("from:"))
    except ValueError:
        raise Refusal(400, "InvalidInput", f"Invalid Input: {name}") from None


def _paged(rows: list[Any], query: Mapping[str, str], name: str, size: int) -> tuple[list[Any], str | None]:
    start = _place(query, name)
    more = start + size < len(rows)
    return rows[start : start + size], base64.b64encode(f"from:{start + size}".encode()).decode() if more else None


def _search_orders(query: Mapping[str, str], scene: Scene) -> dict[str, Any]:
    size = query.get("maxResultsPerPage", "100")
    if not size.isdecimal() or not 1 <= int(size) <= _MOST_ORDERS:
        raise Refusal(400, "InvalidInput", "Invalid Input: maxResultsPerPage")
    if ("createdAfter" in query) == ("lastUpdatedAfter" in query):
        raise Refusal(400, "InvalidInput", "Exactly one of createdAfter and lastUpdatedAfter is needed")
    kind = "lastUpdated" if "lastUpdatedAfter" in query else "created"
    first = _moment(query, f"{kind}After", scene)
    last = _moment(query, f"{kind}Before", scene) or scene.now
    column = "modified_at" if kind == "lastUpdated" else "ordered_at"
    keys = amazon_rows.order_keys(scene.market, column, first or scene.now, last, scene.now)
    chosen, token = _paged(keys, query, "paginationToken", int(size))
    included = set(query.get("includedData", "").split(","))
    answer: dict[str, Any] = {"orders": amazon_rows.orders(scene.market, chosen, scene.now, included)}
    if token:
        answer["pagination"] = {"nextToken": token}
    return answer | {f"{kind}Before": amazon_rows.utc(last)}


def _get_reports(query: Mapping[str, str], scene: Scene) -> dict[str, Any]:
    token = query.get("nextToken")
    if token and len(query) > 1:
        raise Refusal(400, "InvalidInput", "nextToken must be the only parameter")
    if token:
        kept: dict[str, str] = json.loads(base64.b64decode(token))
        query = kept
    if query.get("reportTypes") != _TYPE:
        raise Refusal(400, "InvalidInput", "Invalid input in report types")
    first = _moment(query, "createdSince", scene) or scene.now - timedelta(days=90)
    last = _moment(query, "createdUntil", scene) or scene.now
    size = int(query.get("pageSize", "10"))
    rows = amazon_rows.settlements(scene.market, first, last, scene.now)
    start = int(query.get("_from", "0"))
    answer: dict[str, Any] = {"reports": [_report(row) for row in rows[start : start + size]]}
    if start + size < len(rows):
        following = dict(query) | {"_from": str(start + size)}
        answer["nextToken"] = base64.b64encode(json.dumps(following).encode()).decode()
    return answer


def _report(row: Mapping[str, Any]) -> dict[str, Any]:
    made = amazon_rows.utc(amazon_rows.made_at(row))
    return {
        "reportId": f"R{row['settlement_no']}",
        "reportType": _TYPE,
        "dataStartTime": amazon_rows.utc(datetime.combine(row["period_start"], time())),
        "dataEndTime": amazon_rows.utc(row["settled_at"]),
        "createdTime": made,
        "processingStatus": "DONE",
        "processingStartTime": made,
        "processingEndTime": made,
        "reportDocumentId": f"doc-{row['settlement_no']}",
    }


def _document(request: Request, scene: Scene, number: str) -> dict[str, Any]:
    settlement = number.removeprefix("doc-")
    if not amazon_rows.settlement(scene.market, settlement, scene.now):
        raise Refusal(404, "NotFound", "No such document")
    ends = str(int(scene.clock.timestamp()) + _LINK_SECONDS)
    signature = _stamp(scene, f"{settlement}.{ends}")
    url = f"{request.base_url}{_ROOT}/download/{settlement}?X-Amz-Expires={ends}&X-Amz-Signature={signature}"
    return {"reportDocumentId": number, "url": url, "compressionAlgorithm": "GZIP"}


def _download(request: Request, scene: Scene, settlement: str) -> Response:
    query = request.query
    ends = query.get("X-Amz-Expires", "")
    signature = query.get("X-Amz-Signature", "")
    if not ends.isdecimal() or not hmac.compare_digest(_stamp(scene, f"{settlement}.{ends}"), signature):
        return Response(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>", "application/xml")
    if int(ends) < scene.clock.timestamp():
        return Response(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")
    body = gzip.compress(amazon_rows.report(scene.market, settlement).encode(), mtime=0)
    return Response(200, body, "text/plain; charset=utf-8")


def _list_payouts(query: Mapping[str, str], scene: Scene) -> dict[str, Any]:
    if not query.get("marketplaceIds"):
        raise Refusal(400, "InvalidInput", "marketplaceIds is needed")
    first, last = _moment(query, "createdAfter", scene), _moment(query, "createdBefore", scene)
    if first is None:
        raise Refusal(400, "InvalidInput", "createdAfter is needed")
    rows = amazon_rows.payouts(scene.market, first, last or scene.now, scene.now)
    chosen, token = _paged(rows, query, "nextToken", 10)
    return {"payouts": chosen} | ({"nextToken": token} if token else {})


_CALLS: Mapping[str, Callable[[Mapping[str, str], Scene], dict[str, Any]]] = {
    "/orders/2026-01-01/orders": _search_orders,
    "/reports/2021-06-30/reports": _get_reports,
    "/finances/transfers/2024-06-01/payouts": _list_payouts,
}
API = Api(handle, limited, late)
