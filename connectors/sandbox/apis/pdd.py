"""Pinduoduo's open platform as far as a shop needs it: orders by change, refunds, the daily money file.

Amounts on the wire: orders in yuan as JSON numbers, refunds in yuan as text. ``pay_amount`` = ``goods_amount`` -
``discount_amount`` + ``postage``; the platform pays ``platform_discount``, the merchant ``seller_discount``. An order
nobody paid is no order here. The money file is GB18030 with its heading in line 5, ready at ten of the next day; its
address lives five minutes.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from connectors.sandbox.apis import pdd_rows
from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

READY_HOUR = 10
_PREFIX = "/pdd"
_SKEW_SECONDS = 600
_URL_SECONDS = 300
_MAX_PAGE = 100
_HALF_HOUR = 1800
_DAY = 86_400


class Fault(Exception):  # noqa: N818 - the platform's own word for a refusal
    """A refusal: error code, message, sub code."""

    def __init__(self, code: int, message: str, sub_code: str | None = None) -> None:
        super().__init__(code, message, sub_code)
        self.envelope = {
            "error_msg": message,
            "sub_msg": message if sub_code else "",
            "sub_code": sub_code,
            "error_code": code,
        }


def signature(parameters: Mapping[str, str], secret: str) -> str:
    """Upper hex MD5 over secret, sorted names and values, secret."""
    text = "".join(f"{name}{parameters[name]}" for name in sorted(parameters) if name != "sign")
    return hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def handle(request: Request, scene: Scene) -> Response:
    """Answer one call of the router, or hand out a money file; refusals come with HTTP 200."""
    if request.path == f"{_PREFIX}/bill/file":
        return _download(request, scene)
    parameters = request.parameters
    try:
        _check(request, parameters, scene)
        name, answer = _METHODS[parameters["type"]](parameters, scene, request.base_url)
    except Fault as fault:
        return _refused(fault, parameters)
    return json_response({name: answer | {"request_id": _request_id(parameters)}})


def _request_id(parameters: Mapping[str, str]) -> str:
    """The same question gets the same answer, byte for byte."""
    asked = [f"{name}={value}" for name, value in sorted(parameters.items()) if name not in {"timestamp", "sign"}]
    return str(int(hashlib.sha256("&".join(asked).encode()).hexdigest()[:13], 16))


def _refused(fault: Fault, parameters: Mapping[str, str]) -> Response:
    return json_response({"error_response": fault.envelope | {"request_id": _request_id(parameters)}})


def limited(scene: Scene) -> Response:
    """Too many calls."""
    del scene
    return _refused(Fault(70031, "调用过于频繁，请调整调用频率"), {})


def late(scene: Scene) -> Response:
    """The money file is still being made."""
    del scene
    return _refused(_not_ready(), {})


def _not_ready() -> Fault:
    return Fault(50001, "业务服务错误", "50001")


def _check(request: Request, parameters: Mapping[str, str], scene: Scene) -> None:
    keys = scene.keys
    if request.path != f"{_PREFIX}/api/router" or request.method != "POST":
        raise Fault(10000, "请求地址或方法错误")
    for name in ("type", "client_id", "timestamp", "sign"):
        if not parameters.get(name):
            raise Fault(10001, f"公共参数错误:{name}")
    if parameters["client_id"] != keys["PDD_CLIENT_ID"]:
        raise Fault(10001, "公共参数错误:client_id")
    if not parameters.get("access_token"):
        raise Fault(10016, "access_token不能为空")
    if not hmac.compare_digest(signature(parameters, keys["PDD_CLIENT_SECRET"]), parameters["sign"]):
        raise Fault(20004, "签名sign校验失败")
    stamp = parameters["timestamp"]
    if not stamp.isdecimal() or abs(scene.clock.timestamp() - int(stamp)) > _SKEW_SECONDS:
        raise Fault(10001, "公共参数错误:timestamp")
    if parameters["access_token"] != keys["PDD_ACCESS_TOKEN"]:
        raise Fault(10019, "access_token已过期")
    if parameters["type"] not in _METHODS or parameters.get("data_type", "JSON") != "JSON":
        raise Fault(10001, "公共参数错误:type")


def _whole(parameters: Mapping[str, str], name: str, least: int, most: int, default: str = "") -> int:
    text = parameters.get(name) or default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise Fault(50001, f"参数错误:{name}", "50001")
    return int(text)


def _window(parameters: Mapping[str, str], what: str, longest: int, scene: Scene) -> tuple[datetime, datetime]:
    start, end = (_whole(parameters, f"{side}_{what}", 10**9, 10**10) for side in ("start", "end"))
    if not start <= end <= start + longest:
        raise Fault(50001, f"时间跨度不能超过{longest // 60}分钟", "50001")
    zone = scene.world.config.timezone
    first, last = (datetime.fromtimestamp(moment, zone).replace(tzinfo=None) for moment in (start, end))
    return first, last


def _page(parameters: Mapping[str, str], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    number = _whole(parameters, "page", 1, 10**6, "1")
    size = _whole(parameters, "page_size", 1, _MAX_PAGE, "100")
    return found[(number - 1) * size : number * size]


def _chosen(parameters: Mapping[str, str], orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the asked states; 5 is all."""
    wanted = [(name, _whole(parameters, name, 1, 5)) for name in ("order_status", "refund_status")]
    return [order for order in orders if all(value in {5, order[name]} for name, value in wanted)]


def _changed(parameters: Mapping[str, str], scene: Scene, _base_url: str) -> tuple[str, dict[str, Any]]:
    _whole(parameters, "is_lucky_flag", 0, 2)
    start, end = _window(parameters, "updated_at", _HALF_HOUR, scene)
    found = _chosen(parameters, pdd_rows.orders(scene, start, end, "modified_at"))
    listed = [
        {name: order[name] for name in ("order_sn", "order_status", "refund_status", "updated_at", "is_lucky_flag")}
        for order in _page(parameters, found)
    ]
    return "order_sn_increment_get_response", {"order_sn_list": listed, "total_count": len(found)}


def _listed(parameters: Mapping[str, str], scene: Scene, _base_url: str) -> tuple[str, dict[str, Any]]:
    start, end = _window(parameters, "confirm_at", _DAY, scene)
    found = _chosen(parameters, pdd_rows.orders(scene, start, end, "paid_at"))
    return "order_list_get_response", {"order_list": _page(parameters, found), "total_count": len(found)}


def _detail(parameters: Mapping[str, str], scene: Scene, _base_url: str) -> tuple[str, dict[str, Any]]:
    order = pdd_rows.order(scene, parameters.get("order_sn", ""))
    if order is None:
        raise Fault(50001, "订单不存在", "50001")
    return "order_info_get_response", {"order_info": order}


def _refunds(parameters: Mapping[str, str], scene: Scene, _base_url: str) -> tuple[str, dict[str, Any]]:
    for name in ("after_sales_status", "after_sales_type"):
        _whole(parameters, name, 1, 33)
    start, end = _window(parameters, "updated_at", _HALF_HOUR, scene)
    found = pdd_rows.refunds(scene, start, end)
    return "refund_increment_get_response", {"total_count": len(found), "refund_list": _page(parameters, found)}


def _bill_address(parameters: Mapping[str, str], scene: Scene, base_url: str) -> tuple[str, dict[str, Any]]:
    try:
        day = date.fromisoformat(parameters.get("bill_date", ""))
    except ValueError:
        raise Fault(50001, "参数错误:bill_date", "50001") from None
    if scene.now < datetime.combine(day, datetime.min.time()) + timedelta(days=1, hours=READY_HOUR):
        raise _not_ready()
    text = f"{day}.{int(scene.clock.timestamp())}"
    url = f"{base_url}{_PREFIX}/bill/file?token={text}.{_token(scene.keys, text)}"
    return "finance_balance_daily_bill_url_get_response", {"download_url": url}


def _token(keys: Mapping[str, str], text: str) -> str:
    return hmac.new(keys["_pdd_download"].encode(), text.encode(), "sha256").hexdigest()


def _download(request: Request, scene: Scene) -> Response:
    text, _, token = request.query.get("token", "").rpartition(".")
    day, _, stamp = text.partition(".")
    if not text or not hmac.compare_digest(token, _token(scene.keys, text)):
        return Response(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")
    if scene.clock.timestamp() - int(stamp) > _URL_SECONDS:
        return Response(403, b"<Error><Code>AccessDenied</Code><Message>Expired</Message></Error>", "application/xml")
    body = pdd_rows.bill(scene, date.fromisoformat(day))
    return Response(200, body, "application/octet-stream")


_METHODS = {
    "pdd.order.number.list.increment.get": _changed,
    "pdd.order.list.get": _listed,
    "pdd.order.information.get": _detail,
    "pdd.refund.list.increment.get": _refunds,
    "pdd.finance.balance.daily.bill.url.get": _bill_address,
}
API = Api(handle, limited, late)
