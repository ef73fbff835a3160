"""UnionPay's file transfer: one signed form, one signed form back with the merchant's file of a settlement day.

The market settles by calendar days, and a day's file lies ready at eight on the next.
"""

import base64
import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from connectors.sandbox.apis.http import Request, Response
from connectors.sandbox.apis.scene import Api, Scene
from connectors.sandbox.keys import is_signed_rsa, sign_rsa

_ACCOUNT = "unionpay_main"
_READY = time(8)
_HORIZON = timedelta(days=16)
_NO_FILE = "98"
_WIDTHS = [
    3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13,
    13, 8, 32, 13, 13, 12, 2, 1, 32, 98,
]  # fmt: skip


def handle(request: Request, scene: Scene) -> Response:
    """Answer one call."""
    form, keys = request.parameters, scene.keys
    if form.get("txnType") != "76" or form.get("fileType") != "00" or form.get("txnSubType") != "01":
        return _answer(scene, {"respCode": "10", "respMsg": "报文格式错误"})
    if form.get("merId") != keys["UNIONPAY_MER_ID"] or form.get("certId") != keys["UNIONPAY_CERT_ID"]:
        return _answer(scene, {"respCode": "11", "respMsg": "商户号或证书未登记"})
    try:
        signature = base64.b64decode(form.get("signature", ""), validate=True)
    except ValueError:
        signature = b""
    if not is_signed_rsa(keys["_unionpay_merchant_public"], _digest(form), signature):
        return _answer(scene, {"respCode": "11", "respMsg": "验证签名失败"})
    day = _day(form.get("settleDate", ""), scene.now)
    if day is None:
        return _answer(scene, {"respCode": "10", "respMsg": "settleDate"})
    if datetime.combine(day + timedelta(days=1), _READY) > scene.now:
        return late(scene)
    name, content = _file(scene, day)
    return _answer(scene, {"respCode": "00", "respMsg": "成功", "fileName": name, "fileContent": content})


def limited(scene: Scene) -> Response:
    """Too many calls; the service says it by status."""
    del scene
    return Response(429, b"", "text/plain", {"Retry-After": "1"})


def late(scene: Scene) -> Response:
    """There is no file."""
    return _answer(scene, {"respCode": _NO_FILE, "respMsg": "文件不存在"})


def _digest(form: Mapping[str, str]) -> bytes:
    text = "&".join(f"{name}={value}" for name, value in sorted(form.items()) if name != "signature")
    return hashlib.sha256(text.encode()).hexdigest().encode()


def _answer(scene: Scene, fields: Mapping[str, str]) -> Response:
    whole = {"version": "5.1.0", "txnType": "76", "merId": scene.keys["UNIONPAY_MER_ID"], **fields}
    signature = sign_rsa(scene.keys["_unionpay_platform_private"], _digest(whole))
    whole["signature"] = base64.b64encode(signature).decode()
    return Response(
        200, "&".join(f"{name}={value}" for name, value in whole.items()).encode(), "text/html;charset=UTF-8"
    )


def _day(text: str, now: datetime) -> date | None:
    """The newest day of that name that is not in the future."""
    for year in (now.year, now.year - 1):
        try:
            day = datetime.strptime(f"{year}{text}", "%Y%m%d").date()  # noqa: DTZ007 - a day, no moment
        except ValueError:
            continue
        if day <= now.date():
            return day
    return None


def _file(scene: Scene, day: date) -> tuple[str, str]:
    merchant = scene.keys["UNIONPAY_MER_ID"]
    scene.market.ensure(day)
    rows = scene.market.records(
        "select * from market.payments where account = ? and day between ? and ? and happened_at::date = ?"
        " order by happened_at, transaction_no",
        [_ACCOUNT, day - _HORIZON, day, day],
    )
    lines = b"".join(_line(row, merchant) + b"\r\n" for row in rows)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"INN{day:%y%m%d}88ZM_{merchant}.txt", lines)
        archive.writestr(f"INN{day:%y%m%d}88ZME_{merchant}.txt", b"")
        archive.writestr(f"RD1013_{merchant}_{day:%Y%m%d}.txt", b"")
    return f"{merchant}_{day:%Y%m%d}.zip", base64.b64encode(zlib.compress(packed.getvalue())).decode()


def _line(row: Mapping[str, Any], merchant: str) -> bytes:
    is_return = row["type"] == "refund"
    fee, net = row["fee"], row["amount"] - abs(row["fee"])
    cells = {
        1: "S30" if is_return else "S22",
        2: "00010000",
        3: "00010000",
        4: row["transaction_no"][-6:],
        5: row["happened_at"].strftime("%m%d%H%M%S"),
        6: "622848******0018",
        7: f"{row['amount']:012d}",
        8: "5311",
        9: "08",
        10: row["transaction_no"],
        12: row["merchant_refund_no"] if is_return else row["pay_no"],
        13: "01",
        16: f"{'C' if fee < 0 else 'D'}{abs(fee):012d}",
        17: f"{'D' if is_return else 'C'}{net:012d}",
        20: "04" if is_return else "01",
        22: "000201",
        27: merchant,
        30: "示例门店",
        41: row["pay_no"] if is_return else "",
    }
    pieces = [str(cells.get(number) or "").encode("gbk").ljust(width) for number, width in enumerate(_WIDTHS, start=1)]
    return b" ".join(pieces)


API = Api(handle, limited, late)
