"""Kuaidi100 for the market's parcels that YTO carries: one waybill a question, scans newest first.

A form of customer, sign and param; the sign is the upper MD5 over param, key and customer. Refusals are HTTP 200.
"""

import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_CARRIER, _CODE = "圆通速递", "yuantong"
_ASK_FOR_PHONE = ("shunfeng", "zhongtong")


def _refused(code: str, message: str) -> Response:
    return json_response({"result": False, "returnCode": code, "message": message})


def handle(request: Request, scene: Scene) -> Response:
    """Answer one request."""
    scene.market.ensure(scene.now.date())
    if request.path != "/kuaidi100/poll/query.do" or request.method != "POST":
        return Response(404, b"<html>404</html>", "text/html")
    form = request.parameters
    if not {"customer", "sign", "param"} <= form.keys():
        return _refused("400", "提交的数据不完整")
    text = form["param"] + scene.keys["KUAIDI100_KEY"] + scene.keys["KUAIDI100_CUSTOMER"]
    expected = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()
    if form["customer"] != scene.keys["KUAIDI100_CUSTOMER"] or not hmac.compare_digest(
        expected.encode(), form["sign"].encode()
    ):
        return _refused("503", "验证签名失败")
    try:
        question = json.loads(form["param"])
    except ValueError:
        question = None
    if not isinstance(question, dict) or not question.get("com") or not question.get("num"):
        return _refused("400", "提交的数据不完整")
    if question["com"] in _ASK_FOR_PHONE and not re.fullmatch("[0-9]{4,}", str(question.get("phone", ""))):
        return _refused("408", "验证码错误")
    return _tracked(str(question["com"]), str(question["num"]), scene)


def limited(scene: Scene) -> Response:
    """Too many questions at once."""
    del scene
    return Response(429, b"<html>Too Many Requests</html>", "text/html", {"Retry-After": "1"})


def late(scene: Scene) -> Response:
    """The carrier has not answered."""
    del scene
    return Response(503, b"<html>Service Unavailable</html>", "text/html")


def _tracked(code: str, number: str, scene: Scene) -> Response:
    rows = scene.market.records(
        "select * from market.orders where carrier = ? and waybill_no = ? and picked_up_at <= ?",
        [_CARRIER, number, scene.now],
    )
    if not rows or code != _CODE:
        return _refused("500", "查询无结果，请隔段时间再查")
    scans = _scans(rows[0], scene.now)
    is_signed = rows[0]["delivered_at"] is not None and rows[0]["delivered_at"] <= scene.now
    return json_response(
        {
            "message": "ok",
            "nu": number,
            "ischeck": "1" if is_signed else "0",
            "condition": "F00",
            "com": code,
            "status": "200",
            "state": "3" if is_signed else "0",
            "data": scans,
        }
    )


def _scans(parcel: dict[str, Any], now: datetime) -> list[dict[str, str]]:
    picked_up, delivered = parcel["picked_up_at"], parcel["delivered_at"]
    scans = [
        (picked_up, "深圳龙岗营业点-已收件"),
        (picked_up + timedelta(hours=3), "深圳转运中心-已发往-北京转运中心"),
    ]
    if delivered is not None:
        scans += [
            (delivered - timedelta(hours=2), "北京海淀公司-派件中"),
            (delivered, "前台签收-已签收"),
        ]
    seen = [(f"{moment:%Y-%m-%d %H:%M:%S}", text) for moment, text in sorted(scans, reverse=True) if moment <= now]
    return [{"time": time, "ftime": time, "context": text, "location": ""} for time, text in seen]


API = Api(handle, limited, late)
