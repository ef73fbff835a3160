"""China Merchants Bank's direct interface for the market's account: sealed messages, movements by breakpoint.

A form of UID, ALG, DATA and FUNCODE. DATA is base64 of SM4-CBC over a signed message; the vector, and the id inside
the signature, is the user id filled up with zeros. What fails before the message is read is said in plain text, all
else inside a sealed answer. Sweeps between accounts, which the bank hides by day, do not happen in the market.
"""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from connectors.sandbox import sm2
from connectors.sandbox.apis.http import Request, Response
from connectors.sandbox.apis.scene import Api, Scene

PAGE_SIZE = 200
QUIET_ACCOUNT = "755900000000002"
"""A second account of the same user: nothing ever moves on it."""
_MARKET_ACCOUNT = "cmb_9001"
_MOVEMENTS = "trsQryByBreakPoint"
_X1, _Y1, _Z1, _Z2 = (f"TRANSQUERYBYBREAKPOINT_{name}" for name in ("X1", "Y1", "Z1", "Z2"))
_BLANK_SIGNATURE = "__signature_sigdat__"
_CLOCK_LIMIT = timedelta(hours=1)
_KEPT = timedelta(days=396)
_STAMP, _DAY = "%Y%m%d%H%M%S", "%Y%m%d"
_STAMP_DIGITS, _LONGEST = 17, 51
_CHECK_FAILED, _NO_ACCOUNT = ("FABZ002", "业务条件检查失败"), ("FAAQ086", "户口不存在")


class Unread(Exception):  # noqa: N818 - the gateway's own refusal
    """A message that is refused before it is read."""


class Fault(Exception):  # noqa: N818 - the bank's own refusal
    """A message that is read and refused."""

    def __init__(self, verdict: tuple[str, str] = _CHECK_FAILED) -> None:
        super().__init__(verdict[0])
        self.code, self.message = verdict


def handle(request: Request, scene: Scene) -> Response:
    """Answer one message."""
    scene.market.ensure(scene.now.date())
    if request.path != "/cmb_direct/cdcserver/api/v2" or request.method != "POST":
        return Response(404, b"<html>404</html>", "text/html")
    try:
        asked, function = _read(request, scene)
    except Unread as refusal:
        return Response(200, f"CDCServer:{refusal}".encode(), "text/plain;charset=utf-8")
    head = {"bizcode": "", "funcode": function, "reqid": asked["head"]["reqid"], "resultcode": "SUC0000"}
    head |= {"resultmsg": "", "rspid": f"{scene.local_clock:{_STAMP}}-SB", "userid": scene.keys["CMB_USER_ID"]}
    try:
        body = _movements(asked, function, scene)
    except Fault as fault:
        body, head = {}, head | {"resultcode": fault.code, "resultmsg": fault.message}
    return _sealed({"response": {"body": body, "head": head}}, scene)


def limited(scene: Scene) -> Response:
    """More than the parallel calls that are allowed."""
    del scene
    return Response(429, b"Too Many Requests", "text/plain", {"Retry-After": "1"})


def late(scene: Scene) -> Response:
    """The bank closes its day."""
    del scene
    return Response(503, b"Service Unavailable", "text/plain")


def _vector(scene: Scene) -> bytes:
    return f"{scene.keys['CMB_USER_ID']:0<16}".encode()


def _canonical(message: Any) -> bytes:
    return json.dumps(message, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _sealed(answer: dict[str, Any], scene: Scene) -> Response:
    message = answer | {"signature": {"sigdat": _BLANK_SIGNATURE, "sigtim": f"{scene.local_clock:{_STAMP}}"}}
    private = base64.b64decode(scene.keys["_cmb_bank_private"])
    mark = base64.b64encode(sm2.sign(_canonical(message), private, _vector(scene))).decode()
    text = _canonical(message).replace(_BLANK_SIGNATURE.encode(), mark.encode())
    padder, encryptor = PKCS7(128).padder(), _cipher(scene).encryptor()
    body = encryptor.update(padder.update(text) + padder.finalize()) + encryptor.finalize()
    return Response(200, base64.b64encode(body), "text/plain;charset=utf-8")


def _cipher(scene: Scene) -> Cipher[CBC]:
    return Cipher(SM4(scene.keys["CMB_SM4_KEY"].encode()), CBC(_vector(scene)))


def _opened(data: str, scene: Scene) -> dict[str, Any]:
    """The message inside DATA, whoever it may be from."""
    try:
        packed = base64.b64decode(data, validate=True)
        decryptor, unpadder = _cipher(scene).decryptor(), PKCS7(128).unpadder()
        plain = unpadder.update(decryptor.update(packed) + decryptor.finalize()) + unpadder.finalize()
        message = json.loads(plain)
    except (binascii.Error, ValueError) as error:
        raise Unread("解密失败") from error
    if not isinstance(message, dict) or message.keys() != {"request", "signature"}:
        raise Unread("报文格式错误")
    return message


def _read(request: Request, scene: Scene) -> tuple[dict[str, Any], str]:
    """(request, function) of a message that is proven to be the merchant's, new and of this hour."""
    form = request.parameters
    user = scene.keys["CMB_USER_ID"]
    if not {"UID", "ALG", "DATA", "FUNCODE"} <= form.keys() or form["ALG"] != "SM":
        raise Unread("请求参数不完整")
    if form["UID"] != user:
        raise Unread("用户不存在")
    message = _opened(form["DATA"], scene)
    asked, signature = message["request"], message["signature"]
    try:
        given = base64.b64decode(signature["sigdat"], validate=True)
        signed_at = datetime.strptime(signature["sigtim"], _STAMP)  # noqa: DTZ007 - the bank's own clock
        head = asked["head"]
        function, reqid = head["funcode"], head["reqid"]
        stamp = datetime.strptime(reqid[:14], _STAMP)  # noqa: DTZ007 - the bank's own clock
    except (KeyError, TypeError, ValueError) as error:
        raise Unread("报文格式错误") from error
    blank = message | {"signature": signature | {"sigdat": _BLANK_SIGNATURE}}
    public = base64.b64decode(scene.keys["_cmb_merchant_public"])
    if not sm2.is_signed(_canonical(blank), given, public, _vector(scene)):
        raise Unread("验签失败")
    if max(abs(scene.local_clock - signed_at), abs(scene.local_clock - stamp)) > _CLOCK_LIMIT:
        raise Unread("报文时间与银行时间相差超过一小时")
    if head["userid"] != user or function != form["FUNCODE"]:
        raise Unread("报文与请求参数不一致")
    if not (_STAMP_DIGITS < len(reqid) <= _LONGEST and reqid[:_STAMP_DIGITS].isdecimal()) or not _is_new(reqid, scene):
        raise Unread("请求唯一标识重复或格式错误")
    return asked, function


def _is_new(reqid: str, scene: Scene) -> bool:
    """Remember a request; False where it was made before."""
    return bool(
        scene.market.rows("insert into market.requests values (?) on conflict do nothing returning reqid", [reqid])
    )


def _movements(asked: dict[str, Any], function: str, scene: Scene) -> dict[str, Any]:
    if function != _MOVEMENTS:
        raise Fault
    try:
        body = asked["body"]
        [condition] = body[_X1]
        first, last = _day(condition["beginDate"]), _day(condition["endDate"])
        account = condition["cardNbr"]
    except (KeyError, TypeError, ValueError) as error:
        raise Fault from error
    if account not in {scene.keys["CMB_ACCOUNT_NO"], QUIET_ACCOUNT}:
        raise Fault(_NO_ACCOUNT)
    if not scene.now.date() - _KEPT <= first <= last <= scene.now.date():
        raise Fault
    rows = [
        row | {"place": place}
        for number in range((last - first).days + 1)
        for place, row in enumerate(_lines(account, first + timedelta(days=number), scene), 1)
    ]
    start = _start(condition, body.get(_Y1), scene)
    rows = [row for row in rows if (f"{row['day']:{_DAY}}", row["place"]) >= start]
    page, is_more = rows[:PAGE_SIZE], len(rows) > PAGE_SIZE
    cursor = _cursor(page, account, start, last)
    sides = {side: [row["amount"] for row in page if (row["amount"] > 0) is (side == "C")] for side in "CD"}
    control = {
        "ctnFlag": "Y" if is_more else "N",
        "queryAcctNbr": _token(cursor, account, scene) if is_more else "",
        "creditNums": str(len(sides["C"])), "creditAmount": _sum(sides["C"]),
        "debitNums": str(len(sides["D"])), "debitAmount": _sum(sides["D"]),
    }  # fmt: skip
    return {_Y1: cursor, _Z1: [control], _Z2: [_row(row) for row in page]}


def _day(text: str) -> date:
    return datetime.strptime(text, _DAY).date()  # noqa: DTZ007 - a day


def _lines(account: str, day: date, scene: Scene) -> list[dict[str, Any]]:
    """A day's movements that have happened: all an account has of them, by the order they were booked in."""
    if account == QUIET_ACCOUNT:
        return []
    lines = scene.market.records(
        "select * from market.bank_lines where bank = ? and day = ? order by line_no", [_MARKET_ACCOUNT, day]
    )
    return [line for line in lines if _booked_at(line) <= scene.now]


def _booked_at(line: dict[str, Any]) -> datetime:
    return datetime.combine(line["day"], datetime.min.time()) + timedelta(hours=10, seconds=20 * line["line_no"])


def _cursor(page: list[dict[str, Any]], account: str, start: tuple[str, int], last: date) -> list[dict[str, str]]:
    """Where the page ended, for each of the places the bank looks at: a sub-account first, then the account."""
    day, place = (f"{page[-1]['day']:{_DAY}}", page[-1]["place"] + 1) if page else start
    day = day or f"{last:{_DAY}}"
    return [
        {"acctNbr": f"{account}S1", "expectNextSequence": "1", "transDate": day},
        {"acctNbr": account, "expectNextSequence": str(max(place, 1)), "transDate": day},
    ]


def _token(cursor: list[dict[str, str]], account: str, scene: Scene) -> str:
    """``queryAcctNbr``: tied to the whole cursor, so that a part of it leads nowhere."""
    mark = hmac.new(scene.keys["_cmb_bank_private"].encode(), _canonical(cursor), hashlib.sha256).hexdigest()
    return f"{account}-{mark[:24]}"


def _start(condition: dict[str, Any], cursor: Any, scene: Scene) -> tuple[str, int]:
    """From which (day, place) on: the first, or where an earlier answer ended, of which all must come back."""
    token = condition.get("queryAcctNbr") or ""
    if not cursor:
        if token:
            raise Fault
        return "", 0
    try:
        if token and not hmac.compare_digest(_token(cursor, condition["cardNbr"], scene).encode(), token.encode()):
            raise Fault
        found = [item for item in cursor if item["acctNbr"] == condition["cardNbr"]]
        return found[0]["transDate"], int(found[0]["expectNextSequence"])
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Fault from error


def _row(line: dict[str, Any]) -> dict[str, str]:
    return {
        "acctOnlineBal": _yuan(line["balance"]),
        "businessName": "",
        "businessText": line["remark"],
        "ctpAcctName": line["counterparty"],
        "ctpAcctNbr": "",
        "currencyNbr": "10",
        "loanCode": "C" if line["amount"] > 0 else "D",
        "remarkTextClt": f"{line['remark']}   ",
        "reversalFlag": "N",
        "textCode": "NTRF",
        "transAmount": _yuan(line["amount"]),
        "transDate": f"{line['day']:{_DAY}}",
        "transSequenceIdn": line["reference"],
        "transTime": f"{_booked_at(line):%H%M%S}",
        "valueDate": f"{line['day']:{_DAY}}",
        "yurRef": "",
    }


def _sum(amounts: list[int]) -> str:
    return _yuan(sum(amounts)) if amounts else "0"


def _yuan(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


API = Api(handle, limited, late)
