"""Shouqianba's gateway as far as a query goes: one payment by its own or by the merchant's number.

Several payments with one merchant's number show the first: the gateway allows a number once.
"""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_ACCOUNT = "shouqianba_main"
_EPOCH = datetime(1970, 1, 1, 8)  # noqa: DTZ001 - the epoch on a Beijing clock
_LONGEST = 64


class Fault(Exception):  # noqa: N818 - the gateway's own word for a refusal
    """A refusal of the call itself."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.response = json_response({"result_code": "400", "error_code": code, "error_message": message})


def handle(request: Request, scene: Scene) -> Response:
    """Answer one call; verdicts come with HTTP 200."""
    try:
        column, number = _asked(request, scene)
    except Fault as fault:
        return fault.response
    return json_response({"result_code": "200", "biz_response": _told(scene, column, number)})


def _asked(request: Request, scene: Scene) -> tuple[str, str]:
    """By which number the call asks, once it is proven to come from the terminal."""
    if request.method != "POST" or request.path != "/shouqianba/upay/v2/query":
        raise Fault("INVALID_PARAMS", "不支持的接口")
    terminal, _, sign = request.header("Authorization").partition(" ")
    key = scene.keys["SHOUQIANBA_TERMINAL_KEY"]
    expected = hashlib.md5(request.body + key.encode(), usedforsecurity=False).hexdigest()
    if terminal != scene.keys["SHOUQIANBA_TERMINAL_SN"]:
        raise Fault("INVALID_TERMINAL", "终端错误")
    if not hmac.compare_digest(expected, sign):
        raise Fault("ILLEGAL_SIGN", "签名错误")
    try:
        asked = json.loads(request.body)
    except ValueError as error:
        raise Fault("INVALID_PARAMS", "参数错误") from error
    if not isinstance(asked, dict) or asked.get("terminal_sn") != terminal:
        raise Fault("INVALID_PARAMS", "terminal_sn参数错误")
    column = "transaction_no" if asked.get("sn") else "pay_no"
    number = asked.get("sn") or asked.get("client_sn")
    if not isinstance(number, str) or not 1 <= len(number) <= _LONGEST:
        raise Fault("INVALID_PARAMS", "sn与client_sn不能同时为空")
    return column, number


def limited(scene: Scene) -> Response:
    """Too many calls."""
    del scene
    return json_response({"result_code": "400", "error_code": "TOO_MANY_REQUESTS"}, 429, {"Retry-After": "1"})


def failed(scene: Scene) -> Response:
    """The gateway's own failure."""
    del scene
    return json_response({"result_code": "500", "error_code": "UNKNOWN_SYSTEM_ERROR", "error_message": "系统错误"})


def _told(scene: Scene, column: str, number: str) -> dict[str, Any]:
    scene.market.ensure(scene.now.date())
    rows = scene.market.records(
        f"select * from market.payments where account = ? and {column} = ? and type = 'payment' and happened_at <= ?"
        " order by happened_at, transaction_no limit 1",
        [_ACCOUNT, number, scene.now],
    )
    if not rows:
        return {"result_code": "FAIL", "error_code": "UPAY_ORDER_NOT_EXISTS", "error_message": "订单不存在"}
    refunds = scene.market.records(
        "select * from market.payments where account = ? and original_no = ? and type = 'refund' and happened_at <= ?"
        " order by happened_at",
        [_ACCOUNT, rows[0]["transaction_no"], scene.now],
    )
    return {"result_code": "SUCCESS", "data": _data(rows[0], refunds)}


def _milliseconds(moment: datetime) -> str:
    return str(int((moment - _EPOCH).total_seconds() * 1000))


def _data(row: dict[str, Any], refunds: list[dict[str, Any]]) -> dict[str, Any]:
    left = row["amount"] - sum(refund["amount"] for refund in refunds)
    last = refunds[-1]["happened_at"] if refunds else row["happened_at"]
    state = "PAID" if not refunds else "REFUNDED" if left == 0 else "PARTIAL_REFUNDED"
    return {
        "sn": row["transaction_no"],
        "client_sn": row["pay_no"],
        "client_tsn": refunds[-1]["merchant_refund_no"] if refunds else row["pay_no"],
        "ctime": _milliseconds(row["happened_at"]),
        "status": "SUCCESS",
        "payway": "3",
        "sub_payway": "1",
        "order_status": state,
        "payer_login": "***",
        "payer_uid": "***",
        "trade_no": f"42000{row['transaction_no'].removeprefix('TR')}",
        "total_amount": str(row["amount"]),
        "net_amount": str(left),
        "finish_time": _milliseconds(last),
        "channel_finish_time": _milliseconds(last.replace(microsecond=0)),
        "subject": "门店收款",
        "operator": "收银员",
        "payment_list": [{"type": "WALLET_WEIXIN", "amount_total": str(row["amount"])}],
    }


API = Api(handle, limited, failed, failed)
