"""The Alipay gateway's bill download: signed query, download URL for thirty seconds, zip of GB18030 files.

``trade`` holds the own shop's acquiring only; ``signcustomer`` every movement of the account, Taobao's included. A
bill of a day is there from ten o'clock of the next; before that, and for ever on a planted day, the gateway answers
``isv.invalid_arguments`` like the real one does.
"""

import base64
import hmac
import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from urllib.parse import quote

from connectors.sandbox.apis import alipay_bills
from connectors.sandbox.apis.http import Request, Response
from connectors.sandbox.apis.scene import Api, Scene
from connectors.sandbox.keys import ALIPAY_PID, is_signed_rsa, sign_rsa
from connectors.sandbox.world import World
from connectors.sandbox.world.plan import is_bill_missing

METHOD = "alipay.data.dataservice.bill.downloadurl.query"
READY_HOUR = 10
_KEY = "alipay_data_dataservice_bill_downloadurl_query_response"
_TIME = "%Y-%m-%d %H:%M:%S"
_SKEW = timedelta(minutes=10)
_URL_SECONDS = 30
_TYPES = {"trade": "trade", "signcustomer": "fndeveryday"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Fault(Exception):  # noqa: N818 - the gateway's own word for a refusal
    """A refusal: code, message, sub code, sub message."""


def signing_text(parameters: Mapping[str, str]) -> bytes:
    """What a request is signed over."""
    pairs = (f"{name}={parameters[name]}" for name in sorted(parameters) if name != "sign" and parameters[name])
    return "&".join(pairs).encode()


def handle(request: Request, scene: Scene) -> Response:
    """Answer a gateway call or a download."""
    world, keys, now, clock = scene.world, scene.keys, scene.now, scene.local_clock
    if request.path.endswith("/downloadBillFile.resource"):
        return _download(request, world, keys, clock)
    try:
        content = _checked(request.parameters, keys, clock)
        kind, day = _asked(content)
        _refuse_early(world, kind, day, now)
        url = _url(request, keys, kind, day, clock)
    except Fault as fault:
        code, message, sub_code, sub_message = fault.args
        return answer(keys, {"code": code, "msg": message, "sub_code": sub_code, "sub_msg": sub_message})
    return answer(keys, {"code": "10000", "msg": "Success", "bill_download_url": url})


def answer(keys: Mapping[str, str], content: Mapping[str, str]) -> Response:
    """A signed gateway answer; slashes are escaped, and the signature covers them escaped."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    sign = base64.b64encode(sign_rsa(keys["_alipay_platform_private"], text.encode())).decode().replace("/", "\\/")
    return Response(200, f'{{"{_KEY}":{text},"sign":"{sign}"}}'.encode(), "text/html;charset=utf-8")


def limited(scene: Scene) -> Response:
    """The gateway's own answer to too many calls."""
    refusal = {
        "code": "40005",
        "msg": "Call Limited",
        "sub_code": "isv.app-call-limited",
        "sub_msg": "应用调用次数超限",
    }
    return answer(scene.keys, refusal)


def unavailable(scene: Scene) -> Response:
    """The gateway's own answer when the bill is not there yet."""
    refusal = {"code": "40004", "msg": "Business Failed", "sub_code": "isv.invalid_arguments", "sub_msg": "入参不合法"}
    return answer(scene.keys, refusal)


def _checked(parameters: Mapping[str, str], keys: Mapping[str, str], clock: datetime) -> Mapping[str, object]:
    for name in ("app_id", "method", "charset", "sign_type", "sign", "timestamp", "version", "biz_content"):
        if not parameters.get(name):
            raise Fault(
                "40001", "Missing Required Arguments", f"isv.missing-{name.replace('_', '-')}", f"缺少参数{name}"
            )
    if parameters["app_id"] != keys["ALIPAY_APP_ID"]:
        raise Fault("40002", "Invalid Arguments", "isv.invalid-app-id", "无效的AppID参数")
    if parameters["sign_type"] != "RSA2":
        raise Fault("40002", "Invalid Arguments", "isv.invalid-signature-type", "无效的签名类型")
    try:
        signature = base64.b64decode(parameters["sign"], validate=True)
        stamp = datetime.strptime(parameters["timestamp"], _TIME)  # noqa: DTZ007 - the gateway speaks local time
    except ValueError as error:
        raise Fault("40002", "Invalid Arguments", "isv.invalid-signature", "无效签名或时间戳") from error
    if not is_signed_rsa(keys["_alipay_merchant_public"], signing_text(parameters), signature):
        raise Fault("40002", "Invalid Arguments", "isv.invalid-signature", "无效签名")
    if abs(stamp - clock) > _SKEW:
        raise Fault("40002", "Invalid Arguments", "isv.invalid-timestamp", "无效的时间戳参数")
    if parameters["method"] != METHOD:
        raise Fault("40002", "Invalid Arguments", "isv.invalid-method", "不存在的方法名")
    try:
        content = json.loads(parameters["biz_content"])
    except ValueError as error:
        raise Fault("40002", "Invalid Arguments", "isv.invalid-parameter", "参数无效") from error
    return content if isinstance(content, dict) else {}


def _asked(content: Mapping[str, object]) -> tuple[str, date]:
    kind, text = str(content.get("bill_type", "")), str(content.get("bill_date", ""))
    if kind not in _TYPES:
        raise Fault("40004", "Business Failed", "TYPE_NOT_SUPPORTED", "此账单类型不支持下载")
    if not _DAY.fullmatch(text):
        raise Fault("40004", "Business Failed", "isv.invalid_arguments", "入参不合法")
    try:
        return kind, date.fromisoformat(text)
    except ValueError as error:
        raise Fault("40004", "Business Failed", "isv.invalid_arguments", "入参不合法") from error


def _refuse_early(world: World, kind: str, day: date, now: datetime) -> None:
    ready = datetime(day.year, day.month, day.day, READY_HOUR) + timedelta(days=1)  # noqa: DTZ001 - local time
    is_never = kind == "trade" and is_bill_missing(world.config, day)
    if now < ready or day < world.config.first_day or is_never:
        raise Fault("40004", "Business Failed", "isv.invalid_arguments", "入参不合法")


def _token(keys: Mapping[str, str], kind: str, day: date, stamp: str) -> str:
    return hmac.new(keys["_alipay_platform_private"].encode(), f"{kind}|{day}|{stamp}".encode(), "sha256").hexdigest()[
        :32
    ]


def _url(request: Request, keys: Mapping[str, str], kind: str, day: date, clock: datetime) -> str:
    stamp = str(int(clock.timestamp() * 1000))
    name = quote(f"{ALIPAY_PID}0156_{day:%Y%m%d}.csv.zip")
    return (
        f"{request.base_url}/alipay/downloadBillFile.resource?bizType={_TYPES[kind]}&userId={ALIPAY_PID}0156"
        f"&fileType=csv.zip&downloadFileName={name}&timestamp={stamp}&token={_token(keys, kind, day, stamp)}"
    )


def _download(request: Request, world: World, keys: Mapping[str, str], clock: datetime) -> Response:
    query = request.query
    kind = next((name for name, biz in _TYPES.items() if biz == query.get("bizType")), "")
    found = re.search(r"_(\d{8})\.csv\.zip$", query.get("downloadFileName", ""))
    stamp = query.get("timestamp", "")
    if not kind or not found or not stamp.isdecimal():
        return Response(403, b"illegal request", "text/plain")
    day = date.fromisoformat(found.group(1))
    if not hmac.compare_digest(_token(keys, kind, day, stamp), query.get("token", "")):
        return Response(403, b"illegal token", "text/plain")
    if clock.timestamp() * 1000 - int(stamp) > _URL_SECONDS * 1000:
        return Response(403, b"download url expired", "text/plain")
    return Response(200, alipay_bills.archive(world, kind, day), "application/octet-stream")


API = Api(handle, limited, unavailable)
