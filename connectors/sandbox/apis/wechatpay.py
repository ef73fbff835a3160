"""WeChat Pay APIv3 bill download: signed request, hash over the uncompressed bill, token for five minutes.

The signature covers the request line's path and query as sent; the path without the sandbox's ``/wechatpay`` prefix is
accepted too, for clients that sign what the real host would see. Each row of the trade bill: 应结订单金额 is what the
buyer paid; 代金券金额 is a non-rechargeable coupon of the merchant, so 订单金额 is their sum.
"""

import base64
import gzip
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from connectors.sandbox.apis import wechatpay_bills
from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene
from connectors.sandbox.keys import is_signed_rsa, sign_rsa
from connectors.sandbox.world import World

READY_HOUR = 10
_PREFIX = "/wechatpay"
_SKEW_SECONDS = 300
_URL_SECONDS = 300
_TRADE_TYPES = ("ALL", "SUCCESS", "REFUND")
_ACCOUNTS = ("BASIC", "OPERATION", "FEES")
_SCHEMA = "WECHATPAY2-SHA256-RSA2048"
_PATHS = {"/v3/bill/tradebill": "trade", "/v3/bill/fundflowbill": "fund"}


class Fault(Exception):  # noqa: N818 - the service's own word for a refusal
    """A refusal: status, code, message."""


def handle(request: Request, scene: Scene) -> Response:
    """Answer a bill application or a download."""
    world, keys, now, clock = scene.world, scene.keys, scene.now, scene.clock
    path = request.path.removeprefix(_PREFIX)
    try:
        _check_signature(request, keys, clock)
        if path == "/v3/billdownload/file":
            return _download(request, world, keys, now, clock)
        kind, variant, day = _asked(request, path)
        _refuse_absent(world, kind, variant, day, now)
        bill = wechatpay_bills.bill(world, kind, variant, day, now)
        return _applied(request, keys, f"{kind}.{variant}.{day}", bill, clock)
    except Fault as fault:
        status, code, message = fault.args
        return refusal(status, code, message)


def refusal(status: int, code: str, message: str) -> Response:
    """The service's error body."""
    return json_response({"code": code, "message": message}, status)


def limited(scene: Scene) -> Response:
    """Too many calls."""
    del scene
    refused = refusal(429, "FREQUENCY_LIMITED", "频率超限")
    return Response(429, refused.body, refused.content_type, {"Retry-After": "1"})


def late(scene: Scene) -> Response:
    """The bill is still being made."""
    del scene
    return refusal(400, "STATEMENT_CREATING", "账单生成中")


def failed(scene: Scene) -> Response:
    """The service's own failure."""
    del scene
    return refusal(500, "SYSTEM_ERROR", "系统错误")


def with_wrong_hash(response: Response) -> Response:
    """An application answer whose hash belongs to other bytes."""
    body = re.sub(rb'"hash_value":"[0-9a-f]{40}"', b'"hash_value":"' + b"0" * 40 + b'"', response.body)
    return Response(response.status, body, response.content_type, response.headers)


def _check_signature(request: Request, keys: Mapping[str, str], clock: datetime) -> None:
    header = request.header("Authorization")
    schema, _, rest = header.partition(" ")
    parts = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    if schema != _SCHEMA or set(parts) < {"mchid", "nonce_str", "signature", "timestamp", "serial_no"}:
        raise Fault(401, "SIGN_ERROR", "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》")
    if parts["mchid"] != keys["WECHAT_MCH_ID"] or parts["serial_no"] != keys["WECHAT_SERIAL_NO"]:
        raise Fault(403, "NO_AUTH", "商户号或商户证书序列号无权限")
    if not parts["timestamp"].isdecimal() or abs(clock.timestamp() - int(parts["timestamp"])) > _SKEW_SECONDS:
        raise Fault(401, "SIGN_ERROR", "签名错误，请检查后再试：时间戳超过5分钟")
    try:
        signature = base64.b64decode(parts["signature"], validate=True)
    except ValueError as error:
        raise Fault(401, "SIGN_ERROR", "签名错误，请检查后再试") from error
    tail = f"\n{parts['timestamp']}\n{parts['nonce_str']}\n{request.body.decode()}\n"
    for target in (request.target, request.target.removeprefix(_PREFIX)):
        text = f"{request.method}\n{target}{tail}".encode()
        if is_signed_rsa(keys["_wechat_merchant_public"], text, signature):
            return
    raise Fault(401, "SIGN_ERROR", "签名错误，请检查后再试")


def _asked(request: Request, path: str) -> tuple[str, str, date]:
    query, kind = request.query, _PATHS.get(path)
    if kind is None:
        raise Fault(404, "RESOURCE_NOT_EXISTS", "请求的资源不存在")
    allowed = _TRADE_TYPES if kind == "trade" else _ACCOUNTS
    variant = query.get("bill_type" if kind == "trade" else "account_type") or allowed[0]
    if variant not in allowed or query.get("tar_type", "GZIP") != "GZIP":
        raise Fault(400, "PARAM_ERROR", "参数错误")
    text = query.get("bill_date", "")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise Fault(400, "PARAM_ERROR", "账单日期格式错误")
    try:
        return kind, variant, date.fromisoformat(text)
    except ValueError as error:
        raise Fault(400, "PARAM_ERROR", "账单日期格式错误") from error


def _refuse_absent(world: World, kind: str, variant: str, day: date, now: datetime) -> None:
    midnight = datetime(day.year, day.month, day.day) + timedelta(days=1)  # noqa: DTZ001 - local time
    if now < midnight:
        raise Fault(400, "PARAM_ERROR", "账单日期必须早于今天")
    if now < midnight + timedelta(hours=READY_HOUR):
        raise Fault(400, "STATEMENT_CREATING", "账单生成中")
    if day < world.config.first_day or not wechatpay_bills.has_rows(world, kind, variant, day):
        raise Fault(400, "NO_STATEMENT_EXIST", "请求的账单文件不存在")


def _token(keys: Mapping[str, str], text: str) -> str:
    return hmac.new(keys["_wechat_platform_private"].encode(), text.encode(), "sha256").hexdigest()


def _applied(request: Request, keys: Mapping[str, str], name: str, bill: bytes, clock: datetime) -> Response:
    packed = "GZIP" if "tar_type" in request.query else "PLAIN"
    text = f"{name}.{packed}.{int(clock.timestamp())}"
    response = json_response(
        {
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(bill, usedforsecurity=False).hexdigest(),
            "download_url": f"{request.base_url}{_PREFIX}/v3/billdownload/file?token={text}.{_token(keys, text)}",
        }
    )
    stamp, nonce = str(int(clock.timestamp())), secrets.token_hex(16)
    signed = f"{stamp}\n{nonce}\n".encode() + response.body + b"\n"
    headers = {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": keys["WECHAT_PUBLIC_KEY_ID"],
        "Wechatpay-Signature": base64.b64encode(sign_rsa(keys["_wechat_platform_private"], signed)).decode(),
        "Wechatpay-Signature-Type": _SCHEMA,
        "Request-ID": secrets.token_hex(12),
    }
    return Response(200, response.body, response.content_type, headers)


def _download(request: Request, world: World, keys: Mapping[str, str], now: datetime, clock: datetime) -> Response:
    text, _, token = request.query.get("token", "").rpartition(".")
    if not text or not hmac.compare_digest(token, _token(keys, text)):
        raise Fault(403, "NO_AUTH", "下载令牌无效")
    kind, variant, day, packed, stamp = text.split(".")
    if clock.timestamp() - int(stamp) > _URL_SECONDS:
        raise Fault(403, "NO_AUTH", "下载令牌已过期")
    bill = wechatpay_bills.bill(world, kind, variant, date.fromisoformat(day), now)
    if packed == "GZIP":
        return Response(200, gzip.compress(bill, 1, mtime=0), "application/x-gzip")
    return Response(200, bill, "text/plain;charset=utf-8")


API = Api(handle, limited, late, failed, {"wrong_hash": with_wrong_hash})
