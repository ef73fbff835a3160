"""JD's open platform as far as a shop needs it: the order list and the list of refund applications.

Orders carry yuan as text, refund applications fen as a number. ``orderTotalPrice`` is the goods at list price,
``sellerDiscount`` the merchant's part of what was taken off, ``orderSellerPrice`` what is left of the goods,
``orderPayment`` what the buyer pays. Orders nobody has paid yet are not listed. All refunds come as applications.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.apis import jd_rows
from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_TIME = "%Y-%m-%d %H:%M:%S"
_SKEW = timedelta(minutes=6)
_LONGEST = timedelta(days=31)
_ORDER_PAGES, _TICKET_PAGES, _SIZE = 300, 100, 50
_NEEDED = ("method", "app_key", "access_token", "timestamp", "v", "sign")


class Fault(Exception):  # noqa: N818 - the platform's own word for a refusal
    """A refusal of the gateway."""

    def __init__(self, code: str, chinese: str, english: str) -> None:
        super().__init__(english)
        self.envelope = {"error_response": {"code": code, "zh_desc": chinese, "en_desc": english}}


class Refusal(Exception):  # noqa: N818 - the platform's own word for a refusal
    """A refusal of the method behind the gateway."""


def handle(request: Request, scene: Scene) -> Response:
    """Answer one gateway call; refusals come with HTTP 200."""
    parameters = request.parameters
    try:
        _check(request, parameters, scene)
        method = parameters["method"]
        content = _METHODS[method](_asked(parameters), scene)
    except Fault as fault:
        return json_response(fault.envelope)
    return json_response({f"{method.replace('.', '_')}_responce": {"code": "0", **content}})


def limited(scene: Scene) -> Response:
    """Too many calls."""
    del scene
    return json_response(Fault("2", "限制时间内调用失败次数", "App call limited").envelope)


def failed(scene: Scene) -> Response:
    """The platform's own failure."""
    del scene
    return json_response(Fault("66", "平台连接后端服务不可用", "Service currently unavailable").envelope)


def _check(request: Request, parameters: Mapping[str, str], scene: Scene) -> None:
    if request.method != "POST" or request.path != "/jd/routerjson":
        raise Fault("3", "请求被禁止", "Forbidden request")
    for name in _NEEDED:
        if not parameters.get(name):
            raise Fault("9", f"缺少{name}参数", f"Missing {name}")
    if parameters["app_key"] != scene.keys["JD_APP_KEY"]:
        raise Fault("20", "app_key不存在", "Invalid app_key")
    if parameters["access_token"] != scene.keys["JD_ACCESS_TOKEN"]:
        raise Fault("19", "access_token已过期或不存在", "Invalid access_token")
    _check_sign(parameters, scene)
    if parameters["v"] != "2.0":
        raise Fault("5", "不支持的版本号", "Unsupported version")
    if parameters["method"] not in _METHODS:
        raise Fault("13", "不存在的方法名", "Invalid method")


def _check_sign(parameters: Mapping[str, str], scene: Scene) -> None:
    text = "".join(f"{name}{parameters[name]}" for name in sorted(parameters) if name != "sign")
    secret = scene.keys["JD_APP_SECRET"]
    sign = hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False).hexdigest().upper()
    if not hmac.compare_digest(sign, parameters["sign"]):
        raise Fault("10", "无效签名", "Invalid signature")
    try:
        stamp = datetime.strptime(parameters["timestamp"], _TIME)  # noqa: DTZ007 - the platform speaks local time
    except ValueError as error:
        raise Fault("8", "非法的时间戳参数", "Invalid timestamp") from error
    if abs(stamp - scene.local_clock) > _SKEW:
        raise Fault("8", "非法的时间戳参数", "Invalid timestamp")


def _asked(parameters: Mapping[str, str]) -> dict[str, Any]:
    try:
        found = json.loads(parameters.get("360buy_param_json") or "{}")
    except ValueError as error:
        raise Fault("11", "360buy_param_json格式错误", "360buy_param_json is no JSON") from error
    if not isinstance(found, dict):
        raise Fault("11", "360buy_param_json格式错误", "360buy_param_json is no object")
    return found


def _moment(asked: Mapping[str, Any], name: str) -> datetime:
    try:
        return datetime.strptime(str(asked.get(name)), _TIME)  # noqa: DTZ007 - the platform speaks local time
    except ValueError as error:
        raise Refusal(f"{name} 格式错误") from error


def _number(asked: Mapping[str, Any], name: str, most: int) -> int:
    text = str(asked.get(name, ""))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refusal(f"{name} 取值范围 1-{most}")
    return int(text)


def _orders(asked: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    try:
        result = _order_page(asked, scene)
    except Refusal as refusal:
        verdict = {"success": False, "chineseErrCode": str(refusal), "englishErrCode": "invalid", "numberCode": 400}
        return {"searchorderinfo_result": {"apiResult": verdict, "orderInfoList": [], "orderTotal": 0}}
    verdict = {"success": True, "chineseErrCode": "成功", "englishErrCode": "success", "numberCode": 0}
    return {"searchorderinfo_result": {"apiResult": verdict, **result}}


def _order_page(asked: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    start, end = _moment(asked, "start_date"), _moment(asked, "end_date")
    if end < start or end - start > _LONGEST:
        raise Refusal("开始时间和结束时间不得相差超过1个月")
    states = [state.strip() for state in str(asked.get("order_state") or "").split(",") if state.strip()]
    fields = {field.strip() for field in str(asked.get("optional_fields") or "").split(",") if field.strip()}
    if not states or not fields:
        raise Refusal("order_state 与 optional_fields 必填")
    page, size = _number(asked, "page", _ORDER_PAGES), _number(asked, "page_size", _SIZE)
    by_creation = str(asked.get("dateType", "")) == "1"
    found = jd_rows.listed(scene.market, start, end, scene.now, states=states, by_creation=by_creation)
    if str(asked.get("sortType", "")) == "1":
        found.reverse()
    chosen = jd_rows.orders(scene.market, found[(page - 1) * size : page * size], scene.now)
    shown = [{name: value for name, value in order.items() if name in fields} for order in chosen]
    return {"orderInfoList": shown, "orderTotal": len(found)}


def _tickets(asked: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    try:
        spans = {
            what: (_moment(asked, f"{what}TimeStart"), _moment(asked, f"{what}TimeEnd"))
            for what in ("apply", "check")
            if asked.get(f"{what}TimeStart") or asked.get(f"{what}TimeEnd")
        }
        page, size = _number(asked, "pageIndex", _TICKET_PAGES), _number(asked, "pageSize", _SIZE)
        if not spans:
            raise Refusal("缺少查询时间")  # noqa: TRY301 - one way out for every refusal
    except Refusal as refusal:
        return {"queryResult": {"success": False, "errorCode": "400", "chineseErrCode": str(refusal), "totalCount": 0}}
    found = jd_rows.applications(scene.market, spans, scene.now)
    chosen = found[(page - 1) * size : page * size]
    return {"queryResult": {"success": True, "errorCode": "", "result": chosen, "totalCount": len(found)}}


_METHODS: Mapping[str, Callable[[Mapping[str, Any], Scene], dict[str, Any]]] = {
    "jingdong.pop.order.search": _orders,
    "jingdong.pop.order.enSearch": _orders,
    "jingdong.pop.afs.soa.refundapply.queryPageList": _tickets,
}
API = Api(handle, limited, failed, failed)
