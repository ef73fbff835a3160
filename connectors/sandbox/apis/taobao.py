"""The Taobao Open Platform as far as a shop needs it: trades by increment, trade details, refunds.

Amounts on the wire, all yuan text: ``total_fee`` = price x num = goods; ``discount_fee`` = everything taken off the
trade; ``platform_subsidy_fee`` = the part the platform pays; ``post_fee`` = freight; ``payment`` = what the buyer paid
= total_fee - discount_fee + post_fee. Who bears a promotion is told by the prefix of its ``promotion_id``:
``shopbonus`` and ``mjs`` the merchant, ``tmallbonus`` the platform. A sub-order's ``part_mjz_discount`` is its share of
the merchant's discount, ``divide_order_fee`` its share of what the buyer paid without freight; what is missing to
``total_fee`` is the platform's share. ``modified`` moves with every event of the trade; nothing existing moves between
midnight and 10:45.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.apis import taobao_rows
from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene
from connectors.sandbox.world import World

_TIME = "%Y-%m-%d %H:%M:%S"
_MAX_PAGE = 100
_SKEW = timedelta(minutes=10)
_TYPES = {"guarantee_trade"}


class Fault(Exception):  # noqa: N818 - the platform's own word for a refusal
    """A refusal in the platform's envelope."""

    def __init__(self, code: int, message: str, sub_code: str = "", sub_message: str = "") -> None:
        super().__init__(message)
        self.envelope: dict[str, Any] = {"code": code, "msg": message}
        if sub_code:
            self.envelope |= {"sub_code": sub_code, "sub_msg": sub_message or sub_code}


def signature(parameters: Mapping[str, str], secret: str, method: str) -> str:
    """Upper hex digest over the sorted names and values."""
    text = "".join(f"{name}{parameters[name]}" for name in sorted(parameters) if name != "sign")
    if method == "md5":
        return hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False).hexdigest().upper()
    digest = {"hmac": "md5", "hmac-sha256": "sha256"}.get(method)
    if digest is None:
        raise Fault(41, "Invalid Arguments:sign_method", "isv.invalid-parameter:sign_method")
    return hmac.new(secret.encode(), text.encode(), digest).hexdigest().upper()


def handle(request: Request, scene: Scene) -> Response:
    """Answer one gateway call; refusals come with HTTP 200."""
    parameters = request.parameters
    request_id = _request_id(parameters, scene.now)
    try:
        _check(parameters, scene.keys, scene.local_clock)
        method = parameters["method"]
        answer = _METHODS[method](parameters, scene.world, scene.now)
    except Fault as fault:
        return json_response({"error_response": fault.envelope | {"request_id": request_id}})
    if parameters.get("simplify") == "true":
        answer = _simplified(answer)
    name = method.removeprefix("taobao.").replace(".", "_") + "_response"
    return json_response({name: answer | {"request_id": request_id}})


def _request_id(parameters: Mapping[str, str], now: datetime) -> str:
    """The same question at the same world time gets the same answer, byte for byte."""
    asked = [f"{name}={value}" for name, value in sorted(parameters.items()) if name not in {"timestamp", "sign"}]
    return hashlib.md5("&".join([str(now), *asked]).encode(), usedforsecurity=False).hexdigest()[:12]


def limited(scene: Scene) -> Response:
    """The platform's own answer to too many calls."""
    del scene
    fault = Fault(
        7, "App Call Limited", "accesscontrol.limited-by-api-access-count", "This ban will last for 1 more seconds"
    )
    return json_response({"error_response": fault.envelope})


def unavailable(scene: Scene) -> Response:
    """The platform's own answer when its back end is not there."""
    del scene
    fault = Fault(15, "Remote service error", "isp.top-remote-connection-timeout", "connection timeout")
    return json_response({"error_response": fault.envelope})


def _check(parameters: Mapping[str, str], keys: Mapping[str, str], clock: datetime) -> None:
    for name, code in (("method", 21), ("app_key", 28), ("session", 26), ("timestamp", 30), ("v", 33), ("sign", 24)):
        if not parameters.get(name):
            raise Fault(code, f"Missing {name}")
    if parameters["app_key"] != keys["TMALL_KEY"]:
        raise Fault(29, "Invalid app Key", "isv.appkey-not-exists")
    if parameters["session"] != keys["TMALL_SESSION"]:
        raise Fault(27, "Invalid session", "invalid-sessionkey")
    expected = signature(parameters, keys["TMALL_SECRET"], parameters.get("sign_method", "md5"))
    if not hmac.compare_digest(expected, parameters["sign"]):
        raise Fault(25, "Invalid signature", "isv.invalid-signature")
    if abs(_moment(parameters, "timestamp", 31) - clock) > _SKEW:
        raise Fault(31, "Invalid timestamp", "isv.invalid-parameter:timestamp")
    if parameters["method"] not in _METHODS:
        raise Fault(22, "Invalid method", "isv.method-not-exist")
    if parameters.get("format", "xml") != "json":
        raise Fault(23, "Invalid format", "isv.invalid-parameter:format", "this sandbox answers in json only")
    if not parameters.get("fields") or "*" in parameters["fields"]:
        raise Fault(40, "Missing required arguments:fields", "isv.missing-parameter:fields")


def _moment(parameters: Mapping[str, str], name: str, code: int = 41) -> datetime:
    text = parameters.get(name, "")
    if not text:
        raise Fault(40, f"Missing required arguments:{name}", f"isv.missing-parameter:{name}")
    try:
        return datetime.strptime(text, _TIME)  # noqa: DTZ007 - the platform speaks local time
    except ValueError as error:
        raise Fault(code, f"Invalid arguments:{name}", f"isv.invalid-parameter:{name}") from error


def _number(parameters: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = parameters.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Fault(41, f"Invalid arguments:{name}", f"isv.invalid-parameter:{name}")
    return int(text)


def _window(parameters: Mapping[str, str], first: str, last: str) -> tuple[datetime, datetime]:
    start, end = _moment(parameters, first), _moment(parameters, last)
    if end < start or end - start > timedelta(days=1):
        raise Fault(41, f"Invalid arguments:{last}", f"isv.invalid-parameter:{last}", "at most one day")
    return start, end


def _paged(parameters: Mapping[str, str], keys: list[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], dict[str, Any]]:
    page = _number(parameters, "page_no", 1, 10**9)
    size = _number(parameters, "page_size", 40, _MAX_PAGE)
    chosen = keys[(page - 1) * size : page * size]
    if parameters.get("use_has_next") == "true":
        return chosen, {"has_next": page * size < len(keys)}
    return chosen, {"total_results": len(keys)}


def _wanted(parameters: Mapping[str, str]) -> set[str]:
    return {field.strip().partition(".")[0] for field in parameters["fields"].split(",")}


def _trades(keys: list[tuple[Any, ...]], parameters: Mapping[str, str], world: World, now: datetime) -> dict[str, Any]:
    types = parameters.get("type")
    if types is not None and not _TYPES & set(types.split(",")):
        keys = []
    chosen, about = _paged(parameters, keys)
    trades = taobao_rows.trades(world, chosen, now)
    wanted = _wanted(parameters) - {"promotion_details", "platform_subsidy_fee"}
    listed = [{name: value for name, value in trade.items() if name in wanted} for trade in trades]
    return ({"trades": {"trade": listed}} if listed else {}) | about


def _increment(parameters: Mapping[str, str], world: World, now: datetime) -> dict[str, Any]:
    start, end = _window(parameters, "start_modified", "end_modified")
    return _trades(taobao_rows.modified_keys(world, start, end, now), parameters, world, now)


def _sold(parameters: Mapping[str, str], world: World, now: datetime) -> dict[str, Any]:
    start = _moment(parameters, "start_created") if parameters.get("start_created") else now - timedelta(days=90)
    end = _moment(parameters, "end_created") if parameters.get("end_created") else now
    return _trades(taobao_rows.created_keys(world, start, end, now), parameters, world, now)


def _fullinfo(parameters: Mapping[str, str], world: World, now: datetime) -> dict[str, Any]:
    trades = taobao_rows.trades(world, taobao_rows.key_of(parameters.get("tid", "")), now)
    if not trades:
        raise Fault(15, "Remote service error", "isv.trade-not-exist", "交易不存在")
    wanted = _wanted(parameters)
    return {"trade": {name: value for name, value in trades[0].items() if name in wanted}}


def _refunds(parameters: Mapping[str, str], world: World, now: datetime) -> dict[str, Any]:
    start, end = _window(parameters, "start_modified", "end_modified")
    chosen, about = _paged(parameters, taobao_rows.refund_keys(world, start, end, now))
    wanted = _wanted(parameters)
    listed = [
        {name: value for name, value in refund.items() if name in wanted}
        for refund in taobao_rows.refunds(world, chosen, now)
    ]
    return ({"refunds": {"refund": listed}} if listed else {}) | about


def _simplified(answer: Mapping[str, Any]) -> dict[str, Any]:
    lists = {"trades": "trade", "refunds": "refund", "orders": "order", "promotion_details": "promotion_detail"}

    def flat(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: flat(inner[lists[name]]) if name in lists and isinstance(inner, dict) else flat(inner)
                for name, inner in value.items()
            }
        return [flat(item) for item in value] if isinstance(value, list) else value

    found: dict[str, Any] = flat(dict(answer))
    return found


_METHODS = {
    "taobao.trades.sold.increment.get": _increment,
    "taobao.trades.sold.get": _sold,
    "taobao.trade.fullinfo.get": _fullinfo,
    "taobao.refunds.receive.get": _refunds,
}
API = Api(handle, limited, unavailable)
