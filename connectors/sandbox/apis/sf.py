"""SF's open platform for the market's parcels: routes, newest first, and fees once a parcel is picked up.

A form to one address; the digest is over what Java's URLEncoder makes of question, time stamp and check word. The
result is JSON text inside JSON. An unknown waybill has no routes.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_CARRIER = "顺丰速运"
_MOST = 10
_SKEW_MILLIS = 15 * 60 * 1000
_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-*_"


def _outer(code: str, message: str = "", data: str = "") -> Response:
    return json_response(
        {"apiErrorMsg": message, "apiResponseID": "000186F7A7A7A33F", "apiResultCode": code, "apiResultData": data}
    )


def _result(data: Any, code: str = "S0000", message: str = "") -> Response:
    inner = {"success": code == "S0000", "errorCode": code, "errorMsg": message or None, "msgData": data}
    return _outer("A1000", "", json.dumps(inner, ensure_ascii=False))


def _java_encoded(text: str) -> str:
    pieces = (
        chr(byte) if byte in _UNRESERVED else "+" if byte == ord(" ") else f"%{byte:02X}" for byte in text.encode()
    )
    return "".join(pieces)


def handle(request: Request, scene: Scene) -> Response:
    """Answer one request."""
    scene.market.ensure(scene.now.date())
    if request.path != "/sf/std/service" or request.method != "POST":
        return Response(404, b"<html>404</html>", "text/html")
    form = request.parameters
    if not {"partnerID", "requestID", "serviceCode", "timestamp", "msgDigest", "msgData"} <= form.keys():
        return _outer("A1001", "必传参数不可为空")
    stamp = form["timestamp"]
    if not stamp.isdecimal() or abs(int(stamp) - scene.clock.timestamp() * 1000) > _SKEW_MILLIS:
        return _outer("A1002", "请求时效已过期")
    text = _java_encoded(form["msgData"] + stamp + scene.keys["SF_CHECK_WORD"])
    expected = base64.b64encode(hashlib.md5(text.encode(), usedforsecurity=False).digest())
    if form["partnerID"] != scene.keys["SF_PARTNER_ID"] or not hmac.compare_digest(
        expected, form["msgDigest"].encode()
    ):
        return _outer("A1006", "数字签名无效")
    try:
        question = json.loads(form["msgData"])
    except ValueError:
        question = None
    service = {"EXP_RECE_SEARCH_ROUTES": _routes, "EXP_RECE_QUERY_SFWAYBILL": _fee}.get(form["serviceCode"])
    if service is None:
        return _outer("A1004", "无对应服务权限")
    return service(question, scene) if isinstance(question, dict) else _result(None, "S0001", "非法的JSON格式")


def limited(scene: Scene) -> Response:
    """The flow is controlled."""
    del scene
    return _outer("A1005", "流量受控")


def late(scene: Scene) -> Response:
    """The service behind cannot be reached."""
    del scene
    return _outer("A1009", "目标服务异常或不可达")


def _parcels(numbers: list[str], scene: Scene) -> dict[str, dict[str, Any]]:
    marks = ", ".join("?" for _ in numbers)
    rows = scene.market.records(
        f"select * from market.orders where carrier = ? and shipped_at <= ? and waybill_no in ({marks})",
        [_CARRIER, scene.now, *numbers],
    )
    return {row["waybill_no"]: row for row in rows}


def _routes(question: dict[str, Any], scene: Scene) -> Response:
    numbers = question.get("trackingNumber")
    if question.get("trackingType") != "1" or not isinstance(numbers, list) or not 1 <= len(numbers) <= _MOST:
        return _result(None, "20002", "查询单号不合法")
    parcels = _parcels([str(number) for number in numbers], scene)
    found = [
        {"mailNo": number, "routes": _scans(parcels[number], scene.now) if number in parcels else []}
        for number in numbers
    ]
    return _result({"routeResps": found})


def _scans(parcel: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    picked_up, delivered = parcel["picked_up_at"], parcel["delivered_at"]
    scans = [
        (picked_up, "54", "深圳集散点", "顺丰速运 已收取快件", "已揽收"),
        (
            picked_up + timedelta(hours=2),
            "30",
            "深圳总集散中心",
            "快件在【深圳总集散中心】装车，已发往下一站",
            "运输中",
        ),
        (delivered - timedelta(hours=2), "44", "北京海淀营业点", "正在派送途中,请您准备签收", "派送中"),
        (delivered, "80", "北京海淀营业点", "已签收,感谢使用顺丰,期待再次为您服务", "已签收"),
        (
            delivered + timedelta(seconds=40),
            "8000",
            "北京海淀营业点",
            '在官网"运单资料&签收图",可查看签收人信息',
            "已签收",
        ),
    ]
    return [
        {
            "acceptTime": moment.strftime("%Y-%m-%d %H:%M:%S"),
            "acceptAddress": place,
            "remark": remark,
            "opCode": code,
            "firstStatusName": status,
            "secondaryStatusCode": "",
        }
        for moment, code, place, remark, status in sorted(scans, reverse=True)
        if moment <= now
    ]


def _fee(question: dict[str, Any], scene: Scene) -> Response:
    number = str(question.get("trackingNum") or "")
    if question.get("trackingType") != "2" or not number:
        return _result(None, "20002", "查询单号不合法")
    parcel = _parcels([number], scene).get(number)
    if parcel is None or parcel["picked_up_at"] > scene.now:
        return _result(None, "20011", "查询不到运单费用")
    account = "7550000001"
    common = {
        "paymentTypeCode": "1",
        "settlementTypeCode": "2",
        "serviceProdCode": "",
        "insuredValue": 0,
        "customerAcctCode": account,
    }
    yuan, more = divmod(freight(parcel), 100)
    return _result(
        {
            "waybillInfo": {"meterageWeightQty": "1.0", "realWeightQty": "0.8", "customerAcctCode": account},
            "waybillFeeList": [
                {"type": "1", "name": "主运费", "value": f"{yuan}.00", **common},
                {"type": "3", "name": "燃油附加费", "value": f"0.{more:02d}", **common},
            ],
        }
    )


def freight(parcel: dict[str, Any]) -> int:
    """What a parcel costs, in fen."""
    number = int(parcel["n"])
    return 1200 + 100 * (number % 7) + number % 97


API = Api(handle, limited, late)
