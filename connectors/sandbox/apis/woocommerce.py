"""The REST interface (v3) of the market's own site in Europe: orders and their refunds.

Over https a request brings key and secret (basic auth, or in the query); over plain http it is signed (OAuth 1.0a).
The site's clock is Berlin's; every time also comes as ``…_gmt``. Amounts are text with two decimals; in an order's
own list of refunds they are negative, in the list of refunds positive.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_PREFIX = "/woocommerce/wp-json/wc/v3"
_SHOP, _CURRENCY = "woo_eu", "EUR"
_BERLIN = ZoneInfo("Europe/Berlin")
_LOOKBACK = timedelta(days=17)
_SKEW_SECONDS = 15 * 60
_MOST = 100
_STATUSES = {
    "created": "pending",
    "cancelled": "cancelled",
    "paid": "processing",
    "shipped": "processing",
    "completed": "completed",
    "closed": "refunded",
}
_METHODS = {
    "stripe_eu": ("stripe", "Credit card"),
    "paypal_eu": ("ppcp-gateway", "PayPal"),
    "adyen_eu": ("adyen", "iDEAL"),
}


class Refusal(Exception):  # noqa: N818 - the site's answer, not a failure of ours
    """A refusal in WordPress' own shape."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.response = json_response({"code": code, "message": message, "data": {"status": status}}, status)


def handle(request: Request, scene: Scene) -> Response:
    """Answer one request."""
    scene.market.ensure(scene.now.date())
    try:
        _check(request, scene)
        if request.path == f"{_PREFIX}/orders":
            return _orders(request, scene)
        found = re.fullmatch(_PREFIX + r"/orders/([0-9]+)/refunds", request.path)
        if found:
            return _refunds(request, scene, found[1])
    except Refusal as refusal:
        return refusal.response
    message = "No route was found matching the URL and request method"
    return Refusal(404, "rest_no_route", message).response


def limited(scene: Scene) -> Response:
    """The site itself has no limit; its host has, and speaks HTML."""
    del scene
    return Response(429, b"<html><body>Too Many Requests</body></html>", "text/html", {"Retry-After": "1"})


def late(scene: Scene) -> Response:
    """The site is being updated."""
    del scene
    return Response(503, b"<html><body>Briefly unavailable for scheduled maintenance.</body></html>", "text/html")


def _check(request: Request, scene: Scene) -> None:
    key, secret = scene.keys["WOO_CONSUMER_KEY"], scene.keys["WOO_CONSUMER_SECRET"]
    query = request.query
    if "oauth_signature" in query:
        _check_signature(request, scene, key, secret)
        return
    if not request.base_url.startswith("https:"):
        raise Refusal(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
    given = (query.get("consumer_key", ""), query.get("consumer_secret", ""))
    kind, _, text = request.header("Authorization").partition(" ")
    if kind == "Basic":
        try:
            user, _, word = base64.b64decode(text, validate=True).decode().partition(":")
        except ValueError:
            user, word = "", ""
        given = (user, word)
    if not all(hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(given, (key, secret), strict=True)):
        raise Refusal(401, "woocommerce_rest_authentication_error", "Consumer secret is invalid.")


def _check_signature(request: Request, scene: Scene, key: str, secret: str) -> None:
    raw = [pair.partition("=") for pair in request.target.partition("?")[2].split("&")]
    pairs = {unquote(name): unquote(value) for name, _, value in raw}
    signature = pairs.pop("oauth_signature")
    if pairs.get("oauth_consumer_key") != key:
        raise Refusal(401, "woocommerce_rest_authentication_error", "Consumer key is invalid.")
    if pairs.get("oauth_signature_method") != "HMAC-SHA256":
        raise Refusal(401, "woocommerce_rest_authentication_error", "Invalid signature - signature method is invalid.")
    stamp = pairs.get("oauth_timestamp", "")
    if not stamp.isdecimal() or abs(int(stamp) - scene.clock.timestamp()) > _SKEW_SECONDS:
        raise Refusal(401, "woocommerce_rest_authentication_error", "Invalid timestamp.")

    def written(text: str) -> str:
        return quote(text, safe="-._~")

    line = "&".join(f"{name}={value}" for name, value in sorted((written(a), written(b)) for a, b in pairs.items()))
    text = f"{request.method}&{written(request.base_url + request.path)}&{written(line)}"
    expected = base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(expected, signature):
        raise Refusal(
            401, "woocommerce_rest_authentication_error", "Invalid signature - provided signature does not match."
        )


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {name}")
    return int(text)


def _moment(query: Mapping[str, str], name: str, scene: Scene) -> datetime | None:
    """A moment on the world's clock."""
    text = query.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {name}") from None
    zone = UTC if query.get("dates_are_gmt") == "true" else _BERLIN
    return moment.replace(tzinfo=zone).astimezone(scene.world.config.timezone).replace(tzinfo=None)


def _paged(rows: list[Any], request: Request) -> tuple[list[Any], dict[str, str]]:
    query = request.query
    page, size = _number(query, "page", 1, 10**6), _number(query, "per_page", 10, _MOST)
    pages = -(-len(rows) // size)
    return rows[(page - 1) * size : page * size], {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(pages)}


def _orders(request: Request, scene: Scene) -> Response:
    query, now = request.query, scene.now
    after = _moment(query, "modified_after", scene) or datetime(2000, 1, 1)  # noqa: DTZ001 - the world's clock
    before = _moment(query, "modified_before", scene) or datetime(2100, 1, 1)  # noqa: DTZ001 - the world's clock
    if query.get("orderby", "date") not in {"id", "date"} or query.get("order", "desc") not in {"asc", "desc"}:
        raise Refusal(400, "rest_invalid_param", "Invalid parameter(s): orderby")
    first = max(after - _LOOKBACK, datetime(2000, 1, 1)).date()  # noqa: DTZ001 - the world's clock
    by = "order_no::bigint" if query.get("orderby") == "id" else "ordered_at"
    # both ends are left out, as a query by date does
    keys = scene.market.rows(
        "select day, n from market.orders_at(?, ?, ?) where shop = ? and modified_at > ? and modified_at < ?"
        f" order by {by} {'asc' if query.get('order') == 'asc' else 'desc'}, n",
        [now, first, now.date(), _SHOP, after, before],
    )
    chosen, headers = _paged(keys, request)
    return json_response(_read(scene, chosen), headers=headers)


def _read(scene: Scene, keys: list[tuple[date, int]]) -> list[dict[str, Any]]:
    if not keys:
        return []
    places = ", ".join(f"(date '{day}', {n})" for day, n in keys)
    days = [day for day, _ in keys]
    found = {
        (row["day"], row["n"]): row
        for row in scene.market.records(
            f"select * from market.orders_at(?, ?, ?) where shop = ? and (day, n) in ({places})",
            [scene.now, min(days), max(days), _SHOP],
        )
    }
    lines: dict[tuple[date, int], list[dict[str, Any]]] = {}
    for line in scene.market.records(
        f"select * from market.lines where shop = ? and (day, n) in ({places}) order by line_no", [_SHOP]
    ):
        lines.setdefault((line["day"], line["n"]), []).append(line)
    return [_order(found[key], lines[key], scene.now) for key in keys]


def _euro(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _times(name: str, moment: datetime | None, now: datetime) -> dict[str, str | None]:
    if moment is None or moment > now:
        return {name: None, f"{name}_gmt": None}
    aware = moment.replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    form = "%Y-%m-%dT%H:%M:%S"
    return {name: aware.astimezone(_BERLIN).strftime(form), f"{name}_gmt": aware.astimezone(UTC).strftime(form)}


def _order(row: dict[str, Any], lines: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    method, title = _METHODS[row["account"]]
    is_paid = row["paid_at"] is not None and row["paid_at"] <= now
    refunded = row["refunded_at"] is not None and row["refunded_at"] <= now
    number = int(row["order_no"])
    return {
        "id": number,
        "parent_id": 0,
        "number": str(number),
        "order_key": f"wc_order_{number:x}",
        "created_via": "checkout",
        "version": "9.3.3",
        "status": _STATUSES[row["status"]],
        "currency": _CURRENCY,
        **_times("date_created", row["ordered_at"], now),
        **_times("date_modified", row["modified_at"], now),
        "discount_total": _euro(row["merchant_discount"]),
        "discount_tax": "0.00",
        "shipping_total": _euro(row["freight"]),
        "shipping_tax": "0.00",
        "cart_tax": "0.00",
        "total": _euro(row["buyer_paid"]),
        "total_tax": "0.00",
        "prices_include_tax": False,
        "customer_id": int(str(row["buyer"])[1:]),
        "customer_ip_address": "",
        "customer_user_agent": "",
        "customer_note": "",
        "billing": {"first_name": "", "country": "DE"},
        "shipping": {"first_name": "", "country": "DE"},
        "payment_method": method,
        "payment_method_title": title,
        "transaction_id": row["pay_no"] if is_paid else "",
        **_times("date_paid", row["paid_at"], now),
        **_times("date_completed", row["confirmed_at"], now),
        "cart_hash": "",
        "meta_data": _tracking(row, now),
        "line_items": [_line(number, line) for line in lines],
        "tax_lines": [],
        "shipping_lines": [{"id": number * 10, "method_id": "flat_rate", "total": _euro(row["freight"])}],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [{"id": int(row["refund_no"]), "reason": "damaged", "total": _euro(-row["refund_amount"])}]
        if refunded
        else [],
        "_links": {"self": [{"href": f"https://shop.example{_PREFIX}/orders/{number}"}]},
    }


def _tracking(row: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    if not row["waybill_no"] or row["shipped_at"] > now:
        return []
    shipped = row["shipped_at"].replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    parcel = {
        "tracking_provider": row["carrier"],
        "tracking_number": row["waybill_no"],
        "date_shipped": str(int(shipped.timestamp())),
        "tracking_id": hashlib.md5(row["waybill_no"].encode(), usedforsecurity=False).hexdigest(),
    }
    return [{"id": int(row["order_no"]) * 10, "key": "_wc_shipment_tracking_items", "value": [parcel]}]


def _line(order: int, line: dict[str, Any]) -> dict[str, Any]:
    total = line["line_amount"] - line["merchant_share"]
    return {
        "id": order * 10 + line["line_no"],
        "name": f"Item {line['sku_no']}",
        "product_id": line["sku_no"],
        "variation_id": 0,
        "quantity": line["quantity"],
        "tax_class": "",
        "subtotal": _euro(line["line_amount"]),
        "subtotal_tax": "0.00",
        "total": _euro(total),
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [],
        "sku": f"SKU{line['sku_no']:04d}",
        "price": line["unit_price"] // 100,
    }


def _refunds(request: Request, scene: Scene, number: str) -> Response:
    rows = scene.market.records(
        "select * from market.orders where shop = ? and order_no = ? and ordered_at <= ?", [_SHOP, number, scene.now]
    )
    if not rows:
        raise Refusal(404, "woocommerce_rest_invalid_order_id", "Invalid order ID.")
    [row] = rows
    done = row["refunded_at"] is not None and row["refunded_at"] <= scene.now
    chosen, headers = _paged([_refund(row, scene.now)] if done else [], request)
    return json_response(chosen, headers=headers)


def _refund(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    order = f"https://shop.example{_PREFIX}/orders/{row['order_no']}"
    return {
        "id": int(row["refund_no"]),
        **_times("date_created", row["refunded_at"], now),
        "amount": _euro(row["refund_amount"]),
        "reason": "damaged",
        "refunded_by": 1,
        "refunded_payment": True,
        "meta_data": [{"id": 1, "key": "_refund_transaction_id", "value": row["merchant_refund_no"]}],
        "line_items": [],
        "_links": {
            "self": [{"href": f"{order}/refunds/{row['refund_no']}"}],
            "collection": [{"href": f"{order}/refunds"}],
            "up": [{"href": order}],
        },
    }


API = Api(handle, limited, late)
