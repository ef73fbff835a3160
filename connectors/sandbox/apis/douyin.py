"""Douyin's open platform as far as a shop needs it: orders, after-sales tickets, settlement rows, account items.

On the wire everything is in fen and times of lists are epoch seconds; bills carry local text. A settlement row:
``total_goods_amount`` + ``post_amount`` - ``shop_coupon`` = what is due; ``refund_before_settle`` is what was taken off
before; ``platform_coupon`` is the platform's part; fees carry a minus; ``total_income`` + ``total_outcome`` =
``settle_amount``. A bill of a day appears on the next one.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.apis import douyin_rows
from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_TIME = "%Y-%m-%d %H:%M:%S"
_SKEW_SECONDS = 600
_MOST_ROWS = 50_000
_LIST_SIZE = 100
_ITEM_SIZE = 1000
_LONGEST = timedelta(days=7)


class Fault(Exception):  # noqa: N818 - the platform's own word for a refusal
    """A refusal in the platform's envelope."""

    def __init__(self, code: int, message: str, sub_code: str) -> None:
        super().__init__(message)
        self.envelope = {
            "code": code,
            "msg": message,
            "sub_code": sub_code,
            "sub_msg": message,
            "log_id": "2026SANDBOX",
        }


def handle(request: Request, scene: Scene) -> Response:
    """Answer one call."""
    method = request.path.removeprefix("/douyin/").replace("/", ".")
    try:
        parameters = _parameters(request)
        _check(request, parameters, scene, method)
        data = _METHODS[method](parameters, scene)
    except Fault as fault:
        return json_response(fault.envelope)
    return json_response(_enveloped(data))


def limited(scene: Scene) -> Response:
    """Too many calls."""
    del scene
    return json_response(Fault(80000, "too many calls", "isv.api-qps-limit").envelope)


def late(scene: Scene) -> Response:
    """A bill that is not made yet, in the inner envelope."""
    del scene
    return json_response(_enveloped({"code": "100001", "code_msg": "数据生成中，请稍后重试", "data": []}))


def failed(scene: Scene) -> Response:
    """The platform's own failure."""
    del scene
    return json_response(Fault(20000, "service unavailable", "isp.service-error").envelope)


def _enveloped(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "log_id": "2026SANDBOX", "data": data}


def _parameters(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(request.body or b"{}")
    except ValueError as error:
        raise Fault(40002, "param_json is no JSON", "isv.parameter-invalid") from error
    if not isinstance(found, dict):
        raise Fault(40002, "param_json is no object", "isv.parameter-invalid")
    return found


def _check(request: Request, parameters: Mapping[str, Any], scene: Scene, method: str) -> None:
    query, keys = request.query, scene.keys
    if method not in _METHODS:
        raise Fault(40001, "method not found", "isv.method-invalid")
    for name in ("app_key", "method", "timestamp", "v", "sign", "access_token"):
        if not query.get(name):
            raise Fault(40001, f"{name} is missing", f"isv.parameter-missing:{name}")
    if request.method != "POST" or query["method"] != method or query["v"] != "2":
        raise Fault(40001, "method or v is wrong", "isv.parameter-invalid")
    if query["app_key"] != keys["DOUYIN_APP_KEY"]:
        raise Fault(30001, "no such app", "isv.app-key-invalid")
    if query["access_token"] != keys["DOUYIN_ACCESS_TOKEN"]:
        raise Fault(30002, "access token is wrong", "isv.access-token-no-existed")
    if query.get("sign_method") != "hmac-sha256":
        raise Fault(30003, "sign_method must be hmac-sha256", "isv.sign-invalid")
    sorted_body = json.dumps(parameters, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    secret = keys["DOUYIN_APP_SECRET"]
    names = {"app_key": query["app_key"], "method": method, "param_json": sorted_body, "timestamp": query["timestamp"]}
    text = secret + "".join(f"{name}{value}" for name, value in names.items()) + "v2" + secret
    sign = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(sign, query["sign"]):
        raise Fault(30003, "sign is wrong", "isv.sign-invalid")
    if not query["timestamp"].isdecimal() or abs(int(query["timestamp"]) - scene.clock.timestamp()) > _SKEW_SECONDS:
        raise Fault(30004, "timestamp is off", "isv.timestamp-invalid")


def _number(parameters: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = parameters.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Fault(40003, f"{name} must be a whole number from {least} to {most}", f"isv.parameter-invalid:{name}")
    return value


def _epoch(parameters: Mapping[str, Any], name: str) -> datetime:
    return douyin_rows.EPOCH + timedelta(seconds=_number(parameters, name, 1, 10**11))


def _page(parameters: Mapping[str, Any], found: list[dict[str, Any]]) -> tuple[int, int, list[dict[str, Any]]]:
    page = _number(parameters, "page", 0, 10**6)
    size = _number(parameters, "size", 1, _LIST_SIZE)
    if page * size >= _MOST_ROWS:
        raise Fault(40004, "page * size is too deep", "isv.page-invalid")
    return page, size, found[page * size : (page + 1) * size]


def _orders(parameters: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    start, end = _epoch(parameters, "update_time_start"), _epoch(parameters, "update_time_end")
    found = douyin_rows.changed_orders(scene.market, start, end, scene.now)
    if not parameters.get("order_asc"):
        found.reverse()
    page, size, chosen = _page(parameters, found)
    orders = douyin_rows.orders(scene.market, chosen, scene.now)
    return {"page": page, "size": size, "total": len(found), "shop_order_list": orders}


def _tickets(parameters: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    start, end = _epoch(parameters, "update_start_time"), _epoch(parameters, "update_end_time")
    found = douyin_rows.changed_tickets(scene.market, start, end, scene.now)
    if parameters.get("order_by") != ["update_time asc"]:
        found.reverse()
    page, size, chosen = _page(parameters, found)
    items = [douyin_rows.ticket(row, scene.now) for row in chosen]
    more = (page + 1) * size < len(found)
    return {"page": page, "size": len(items), "total": len(found), "has_more": more, "items": items}


def _moment(parameters: Mapping[str, Any], name: str) -> datetime:
    try:
        return datetime.strptime(str(parameters.get(name)), _TIME)  # noqa: DTZ007 - the platform speaks local time
    except ValueError as error:
        raise Fault(40003, f"{name} must be yyyy-MM-dd HH:mm:ss", f"isv.parameter-invalid:{name}") from error


def _billed(
    parameters: Mapping[str, Any],
    scene: Scene,
    most: int,
    rows: Callable[[datetime, datetime], list[dict[str, Any]]],
    names: tuple[str, str],
) -> dict[str, Any]:
    size = _number(parameters, "size", 1, most)
    start, end = _moment(parameters, "start_time"), _moment(parameters, "end_time")
    if end < start or end - start > _LONGEST:
        raise Fault(40003, "end_time must be at most seven days after start_time", "isv.parameter-invalid:end_time")
    time_name, key_name = names
    today = scene.now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = rows(start, min(end, today - timedelta(seconds=1)))
    found.sort(key=lambda row: (row[time_name], row[key_name]))
    after = parameters.get("start_index")
    if after:
        found = [row for row in found if (row[time_name], row[key_name]) > (start.strftime(_TIME), after)]
    chosen = found[:size]
    return {
        "code": "100000",
        "code_msg": "success",
        "data": chosen,
        "size": size,
        "data_size": len(chosen),
        "next_start_index": chosen[-1][key_name] if chosen else "",
        "next_start_time": chosen[-1][time_name] if chosen else "",
        "is_end": 0 if len(found) > size else 1,
    }


def _settlements(parameters: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    return _billed(
        parameters, scene, _LIST_SIZE, lambda start, end: douyin_rows.settlements(scene.market, start, end),
        ("settle_time", "request_no"),
    )  # fmt: skip


def _items(parameters: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    return _billed(
        parameters, scene, _ITEM_SIZE, lambda start, end: douyin_rows.items(scene.market, start, end),
        ("bill_time", "account_trade_no"),
    )  # fmt: skip


_METHODS: Mapping[str, Callable[[Mapping[str, Any], Scene], dict[str, Any]]] = {
    "order.searchList": _orders,
    "afterSale.List": _tickets,
    "order.getSettleBillDetailV3": _settlements,
    "order.getShopAccountItem": _items,
}
API = Api(handle, limited, late, failed)
