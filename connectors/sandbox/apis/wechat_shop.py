"""WeChat's shop API: a token, lists of numbers by cursor, one record at a time; all amounts in fen.

``order_price`` = ``product_price`` + ``freight`` - the merchant's discount - the platform's coupon. An order shows its
current state; a window returns those whose newest change lies in it. Movements of a day can be listed from ten of the
next (the real source says sixteen), and what is asked for earlier is left out without a word. Refusals come with
HTTP 200.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.apis import wechat_shop_rows
from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

READY_HOUR = 10
_PREFIX = "/wechat_shop"
_TOKEN_SECONDS = 7200
_WEEK, _DAY = 7 * 86_400, 86_400
_MAX_PAGE = 100


class Fault(Exception):  # noqa: N818 - the platform's own word for a refusal
    """A refusal: code and message."""


def handle(request: Request, scene: Scene) -> Response:
    """Answer one call; refusals come with HTTP 200."""
    try:
        path, asked = request.path.removeprefix(_PREFIX), _asked(request)
        if path == "/cgi-bin/stable_token":
            return json_response(_token_for(asked, scene))
        _check_token(request.query.get("access_token", ""), scene)
        answer = _METHODS.get(path, _unknown)(asked, scene)
    except Fault as fault:
        return _refused(fault, request)
    return json_response({"errcode": 0, "errmsg": "ok", **answer})


def _refused(fault: Fault, request: Request | None = None) -> Response:
    code, message = fault.args
    told = hashlib.sha256(request.body if request else b"").hexdigest()
    return json_response({"errcode": code, "errmsg": f"{message} rid: {told[:8]}-{told[8:16]}-{told[16:24]}"})


def limited(scene: Scene) -> Response:
    """Too many calls."""
    del scene
    return _refused(Fault(45011, "api minute-quota reach limit must slower retry next minute"))


def late(scene: Scene) -> Response:
    """Come back later."""
    del scene
    return _refused(Fault(-1, "system error"))


def _asked(request: Request) -> Mapping[str, Any]:
    if request.method != "POST":
        raise Fault(43002, "require POST method")
    try:
        found = json.loads(request.body)
    except ValueError:
        raise Fault(47001, "data format error") from None
    if not isinstance(found, dict):
        raise Fault(47001, "data format error")
    return found


def _sign(keys: Mapping[str, str], text: str) -> str:
    return hmac.new(keys["_wechat_shop_token"].encode(), text.encode(), "sha256").hexdigest()


def _token_for(asked: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    keys = scene.keys
    if asked.get("grant_type") != "client_credential":
        raise Fault(40002, "invalid grant_type")
    if asked.get("appid") != keys["WECHAT_SHOP_APP_ID"]:
        raise Fault(40013, "invalid appid")
    if asked.get("secret") != keys["WECHAT_SHOP_APP_SECRET"]:
        raise Fault(40125, "invalid appsecret")
    stamp = str(int(scene.clock.timestamp()))
    return {"access_token": f"{stamp}_{_sign(keys, stamp)}", "expires_in": _TOKEN_SECONDS}


def _check_token(token: str, scene: Scene) -> None:
    if not token:
        raise Fault(41001, "access_token missing")
    stamp, _, sign = token.partition("_")
    if not hmac.compare_digest(sign, _sign(scene.keys, stamp)):
        raise Fault(40001, "invalid credential, access_token is invalid or not latest")
    if scene.clock.timestamp() - int(stamp) > _TOKEN_SECONDS:
        raise Fault(42001, "access_token expired")


def _moment(value: Any, scene: Scene) -> datetime:
    if type(value) is not int or not 10**9 <= value < 10**10:
        raise Fault(40097, "invalid request body: time")
    return datetime.fromtimestamp(value, scene.world.config.timezone).replace(tzinfo=None)


def _window(start: Any, end: Any, longest: int, scene: Scene) -> tuple[datetime, datetime]:
    first, last = _moment(start, scene), _moment(end, scene)
    if last < first or last - first > timedelta(seconds=longest):
        raise Fault(40097, "invalid request body: time range too long")
    return first, last


def _page(found: list[str], size: Any, key: Any, name: str) -> dict[str, Any]:
    """One page after the cursor, which holds the place it stands at."""
    if type(size) is not int or not 1 <= size <= _MAX_PAGE:
        raise Fault(40097, "invalid request body: page_size")
    try:
        start = int(base64.b64decode(str(key or ""), validate=True) or 0)
    except ValueError:
        raise Fault(40097, "invalid request body: next_key") from None
    stop = start + size
    has_more = stop < len(found)
    cursor = base64.b64encode(str(stop).encode()).decode() if has_more else ""
    return {name: found[start:stop], "has_more": has_more, "next_key": cursor}


def _orders(asked: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    times = asked.get("update_time_range")
    if not isinstance(times, dict):
        raise Fault(40097, "invalid request body: time range")
    start, end = _window(times.get("start_time"), times.get("end_time"), _WEEK, scene)
    found = wechat_shop_rows.order_numbers(scene, start, end)
    return _page(found, asked.get("page_size"), asked.get("next_key"), "order_id_list")


def _order(asked: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    order = wechat_shop_rows.order(scene, str(asked.get("order_id", "")))
    if order is None:
        raise Fault(10020050, "order not exist")
    return {"order": order}


def _aftersales(asked: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    start, end = _window(asked.get("begin_update_time"), asked.get("end_update_time"), _DAY, scene)
    found = wechat_shop_rows.ticket_numbers(scene, start, end)
    return _page(found, 50, asked.get("next_key"), "after_sale_order_id_list")


def _aftersale(asked: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    ticket = wechat_shop_rows.ticket(scene, str(asked.get("after_sale_order_id", "")))
    if ticket is None:
        raise Fault(10020067, "aftersale order not exist")
    return {"after_sale_order": ticket}


def _flows(asked: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    start, end = _moment(asked.get("start_time"), scene), _moment(asked.get("end_time"), scene)
    midnight = datetime.combine(scene.now.date(), datetime.min.time())
    out_until = midnight if scene.now - midnight >= timedelta(hours=READY_HOUR) else midnight - timedelta(days=1)
    found = wechat_shop_rows.flow_numbers(scene, start, min(end, out_until))
    return _page(found, asked.get("page_size", 10), asked.get("next_key"), "flow_ids")


def _flow(asked: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    flow = wechat_shop_rows.flow(scene, str(asked.get("flow_id", "")))
    if flow is None:
        raise Fault(10024008, "flow not exist")
    return {"funds_flow": flow}


def _unknown(asked: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    del asked, scene
    raise Fault(40066, "invalid url")


_METHODS = {
    "/channels/ec/order/list/get": _orders,
    "/channels/ec/order/get": _order,
    "/channels/ec/aftersale/getaftersalelist": _aftersales,
    "/channels/ec/aftersale/getaftersaleorder": _aftersale,
    "/channels/ec/funds/getfundsflowlist": _flows,
    "/channels/ec/funds/getfundsflowdetail": _flow,
}
API = Api(handle, limited, late)
